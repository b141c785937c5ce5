import { readFileSync } from 'node:fs';
import test from 'ava';
import { readScenario, simulate } from '../../src/simulation/index.js';

const FILE = 'simulations/random-faults.json';
/** Small enough for many. */
const SMALL = {
  nodes: 5,
  durationMs: 30_000,

  random: { faults: 8, commands: 40 },
};
const SEEDS = 50;

test(`no invariant breaks in ${SEEDS} meshes with faults that a seed draws`, (t) => {
  const file = JSON.parse(readFileSync(FILE, 'utf8')) as object;
  let events = 0;
  let stops = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const totals = simulate(readScenario({ ...file, ...SMALL, seed }));
    const { violations, falseStops, newsMs, faultyStops } = totals;
    t.deepEqual(violations, [], `seed ${seed}`);
    t.is(falseStops, 0, `seed ${seed}`);
    if (newsMs !== undefined) events += 1;
    stops += faultyStops;
  }
  t.true(events > SEEDS / 2, 'events were heard');
  t.true(stops > SEEDS, 'and faults were noticed');
});

/** Meshes that were equal within 600 ms, and in which one was called dead for a while thereafter. */
const EQUAL_FOR_A_MOMENT = [301, 1258, 4693];

test('a verdict that was on its way when all were equal for a moment is waited for', (t) => {
  const file = JSON.parse(readFileSync(FILE, 'utf8')) as object;
  for (const seed of EQUAL_FOR_A_MOMENT) {
    const totals = simulate(readScenario({ ...file, nodes: 5, durationMs: 40_000, seed }));
    t.deepEqual(totals.violations, [], `seed ${seed}`);
    t.true((totals.convergenceMs ?? 0) > 1000, `seed ${seed} no longer has such a verdict`);
  }
});
