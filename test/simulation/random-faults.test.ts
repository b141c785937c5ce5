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

test('a verdict that was on its way when all were equal for a moment is waited for', (t) => {
  const file = JSON.parse(readFileSync(FILE, 'utf8')) as object;
  const totals = simulate(readScenario({ ...file, nodes: 5, durationMs: 40_000, seed: 4049 }));
  t.deepEqual(totals.violations, []);
  // They were equal after 100 ms, and 300 ms later one was called dead for a while.
  t.true((totals.convergenceMs ?? 0) > 1000);
});
