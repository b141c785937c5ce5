/** The scenarios of simulations/ with few nodes: what the mesh is to reach at every size. */
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { readScenario, simulate, type Totals } from '../../src/simulation/index.js';

/** A death is known to all within this; and the death of half of them, where watchers die too. */
const DETECTION_MS_MAX = 5000;
const HALF_DETECTION_MS_MAX = 12_000;
/** After a partition all hold the same within this. */
const CONVERGENCE_MS_MAX = 10_000;

for (const nodes of [3, 20]) {
  for (const [file, mostMs] of [
    ['crash-one', DETECTION_MS_MAX],
    ['crash-tenth', DETECTION_MS_MAX],
    ['crash-half', HALF_DETECTION_MS_MAX],
  ] as const) {
    test(`${file}: ${nodes} nodes know it within ${mostMs / 1000} s`, (t) => {
      const totals = run(t, file, { nodes });
      const { detectionMs, undetected } = totals;
      t.is(undetected, 0);
      t.true((detectionMs?.p99 as number) <= mostMs, `${detectionMs?.p99} ms`);
      t.is(totals.falseStops, 0);
    });
  }
}

test('loss-30: nobody is called dead', (t) => {
  const totals = run(t, 'loss-30', { nodes: 20, durationMs: 120_000, settleMs: 5000 });
  t.is(totals.falseStops + totals.faultyStops, 0);
});

for (const [file, durationMs] of [
  ['rapid-lossy', 60_000],
  ['rapid-one-way', 60_000],
  ['rapid-flip-flop', 300_000],
] as const) {
  test(`${file}: only the bad node is called dead, and once`, (t) => {
    const totals = run(t, file, { nodes: 30, durationMs, settleMs: 0 });
    t.is(totals.falseStops, 0);
    t.true(totals.changesMax <= 1, `${totals.changesMax} times`);
  });
}

test('rapid-one-way: a deaf node that hears again has nobody called dead', (t) => {
  const totals = run(t, 'rapid-one-way', { nodes: 30, durationMs: 75_000, settleMs: 5000 });
  t.is(totals.falseStops, 0);
});

for (const file of ['lifeguard-5', 'lifeguard-20', 'lifeguard-50']) {
  test(`${file}: nodes that stand still have nobody else called dead`, (t) => {
    const totals = run(t, file, { nodes: 20, durationMs: 75_000 });
    t.is(totals.falseStops, 0);
  });
}

for (const file of ['partition-60-40', 'partition-50-50']) {
  test(`${file}: both parts become one, and no deleted key returns`, (t) => {
    const totals = run(t, file, { nodes: 30, durationMs: 60_000, settleMs: 15_000 });
    t.true(totals.faultyStops >= 2 * 12 * 18, 'each part has called the other one dead');
    t.true((totals.convergenceMs as number) <= CONVERGENCE_MS_MAX, `${totals.convergenceMs} ms`);
  });
}

test('mass-start: 60 nodes with three seeds see each other within 5 s', (t) => {
  const totals = run(t, 'mass-start', { nodes: 60, durationMs: 2000, settleMs: 1000 });
  t.true((totals.joinMs as number) <= 5000, `${totals.joinMs} ms`);
});

test('rolling-restart: no goodbye is taken for a death, and nobody is missed at the end', (t) => {
  const totals = run(t, 'rolling-restart', { nodes: 12, durationMs: 50_000, settleMs: 5000 });
  t.is(totals.falseStops, 0);
  t.is(totals.undetected, 0);
});

test('churn: who is killed is noticed, and who comes back is seen', (t) => {
  const totals = run(t, 'churn', { nodes: 12, durationMs: 130_000, settleMs: 5000 });
  t.is(totals.falseStops, 0);
  t.true((totals.detectionMs?.p99 as number) <= DETECTION_MS_MAX);
});

test('idle: a node sends as much among 40 as among 20', (t) => {
  const sent = [20, 40].map((nodes) => {
    const totals = run(t, 'idle', { nodes, durationMs: 30_000, settleMs: 0 });
    t.is(totals.falseStops, 0);
    return totals.bytesPerNodePerSecond;
  }) as [number, number];
  t.true(sent[1] < 1.2 * sent[0], `${sent[0]} and ${sent[1]} B/s`);
});

/** Runs a file's scenario with some changes; no invariant may break. */
function run(t: ExecutionContext, file: string, changes: object): Totals {
  const given = JSON.parse(readFileSync(`simulations/${file}.json`, 'utf8')) as object;
  const scenario = readScenario({ ...given, ...changes });
  const totals = simulate(scenario);
  t.deepEqual(totals.violations, []);
  t.is(typeof totals.joinMs, 'number');
  if (scenario.settleMs > 0) t.is(typeof totals.convergenceMs, 'number');
  return totals;
}
