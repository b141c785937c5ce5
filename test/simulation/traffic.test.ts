import test from 'ava';
import { readScenario, simulate } from '../../src/simulation/index.js';

const QUIET = { nodes: 6, seeds: 2, durationMs: 20_000, settleMs: 0 };

test('what seeds send and what the others send make up what all send', (t) => {
  const totals = simulate(readScenario(QUIET));
  const { bytesPerNodePerSecond, othersBytesPerSecond, seedBytesPerSecondMax } = totals;
  const ofSeeds = 6 * bytesPerNodePerSecond - 4 * (othersBytesPerSecond as number);
  t.true(seedBytesPerSecondMax >= ofSeeds / 2 && seedBytesPerSecondMax < ofSeeds);
  t.true((totals.othersPacketsPerSecond as number) > 1);
  t.is(totals.copiesPerReceiver, undefined, 'nothing was set or said');
});

test('where all are seeds there are no others', (t) => {
  const totals = simulate(readScenario({ ...QUIET, seeds: 6, durationMs: 1000 }));
  t.is(totals.othersBytesPerSecond, undefined);
  t.is(totals.othersPacketsPerSecond, undefined);
});

test('in a small mesh the origin sends each key and event once to each receiver', (t) => {
  const load = ['set', 'say'].map((kind) => ({ kind, perSecond: 0.2, nodes: { count: 1 } }));
  const totals = simulate(readScenario({ ...QUIET, load }));
  t.is(totals.copiesPerReceiver, 1);
});

test('measuring begins once the calm is over', (t) => {
  const busy = simulate(readScenario({ ...QUIET, durationMs: 2000 }));
  const calm = simulate(readScenario({ ...QUIET, durationMs: 2000, calmMs: 30_000 }));
  t.is(calm.joinMs, busy.joinMs);
  t.is(calm.simulatedMs, busy.simulatedMs + 30_000);
  t.true(calm.bytesPerNodePerSecond < busy.bytesPerNodePerSecond / 2);
});
