import test from 'ava';
import fc from 'fast-check';
import { ORIGINAL_PACE, PROFILES } from '../../src/api/profiles.js';
import type { CoreOptions } from '../../src/core/contract.js';
import { PausingMesh } from '../support/pausing-mesh.js';
import { runs } from '../support/scenario.js';

/** The settings of the profiles as a core takes them. */
const PACES = Object.values({ default: ORIGINAL_PACE, ...PROFILES }).map(
  ({ gossipIntervalMS, heartbeatIntervalMS, ...others }): Partial<CoreOptions> => ({
    gossipIntervalMs: gossipIntervalMS,
    heartbeatIntervalMs: heartbeatIntervalMS,
    ...others,
  }),
);

const setting = fc.record({
  seed: fc.integer(),
  pace: fc.constantFrom(...PACES),
  count: fc.integer({ min: 2, max: 8 }),
  loss: fc.constantFrom(0, 0, 0.1),
  /** Which nodes stand still, how long, and how much later each one begins. */
  asleep: fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 8 }),
  forMs: fc.oneof(fc.integer({ min: 1000, max: 9900 }), fc.integer({ min: 10_000, max: 60_000 })),
  /** The last of eight wakes before the first, once awake, could have ended a burst at it. */
  stepMs: fc.constantFrom(0, 10, 200),
});

type Setting = typeof setting extends fc.Arbitrary<infer Value> ? Value : never;

/** A mesh that has run for a while; `down` names those that were taken for dead from then on. */
function settled({ seed, pace, count, loss }: Omit<Setting, 'asleep' | 'forMs' | 'stepMs'>) {
  const mesh = new PausingMesh(seed, { loss }, pace);
  const nodes = mesh.grow(count);
  mesh.run(10_000 + mesh.random.real() * 10_000);
  for (const node of nodes) node.events.length = 0;
  const down = () => {
    const events = nodes.flatMap((node) => node.events);
    return new Set(events.flatMap((event) => (event.type === 'peerDown' ? event.name : [])));
  };
  return { mesh, nodes, down };
}

/**
 * Meshes all of which slept, in which the answer of one that was doubted got lost: they find each
 * other in time only if whoever is in doubt is pinged more than once (PROTOCOL.md, 13.9.6).
 */
const ANSWER_LOST: Setting[] = [
  {
    seed: 1148878648,
    pace: PACES[0]!,
    count: 7,
    loss: 0.1,
    asleep: [6, 2, 3, 5, 1, 0, 7],
    forMs: 47_236,
    stepMs: 0,
  },
  {
    seed: -1797115195,
    pace: PACES[0]!,
    count: 7,
    loss: 0.1,
    asleep: [2, 5, 3, 7, 4, 6, 0],
    forMs: 37_447,
    stepMs: 200,
  },
];

test('who stood still calls nobody dead, nor is another taken for dead, and all see all again', (t) => {
  const settings = runs(60);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(setting, ({ asleep, forMs, stepMs, ...rest }) => {
      const { mesh, nodes, down } = settled(rest);
      const verdicts = new Map<string, number>();
      const sleepers = asleep.filter((i) => i < rest.count).map((i) => `n${i}`);
      for (const [index, name] of sleepers.entries()) {
        mesh.at(mesh.nowMs + index * stepMs, () => {
          mesh.pause(name, forMs);
          verdicts.set(name, mesh.node(name).core.stats().verdicts);
        });
      }
      mesh.run(sleepers.length * stepMs + forMs);
      const withinMs = 5000 + (rest.loss > 0 ? 3 * rest.pace.heartbeatIntervalMs! : 0);
      mesh.until(() => nodes.every((node) => mesh.live(node).length === rest.count - 1), withinMs);
      mesh.run(10_000);
      for (const [name, before] of verdicts) {
        const { verdicts: after } = mesh.node(name).core.stats();
        if (after > before) throw new Error(`${name} has called somebody dead`);
      }
      for (const name of down()) {
        if (!sleepers.includes(name)) throw new Error(`${name} was called dead`);
      }
    }),
    { ...settings, examples: ANSWER_LOST.map((one) => [one]), includeErrorInReport: true },
  );
  t.pass();
});

test('who stands still for no longer than phiToleranceMs and burstMs is not taken for dead', (t) => {
  const settings = runs(60);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  t.true(ORIGINAL_PACE.phiToleranceMs + ORIGINAL_PACE.burstMs >= 5000);
  const borne = fc.record({
    seed: fc.integer(),
    pace: fc.constantFrom(...PACES),
    count: fc.integer({ min: 2, max: 8 }),
  });
  fc.assert(
    fc.property(borne, ({ seed, count, pace }) => {
      const { mesh, down } = settled({ seed, count, pace, loss: 0 });
      mesh.pause('n1', pace.phiToleranceMs! + pace.burstMs!);
      mesh.run(20_000);
      for (const name of down()) throw new Error(`${name} was called dead`);
    }),
    { ...settings, includeErrorInReport: true },
  );
  t.pass();
});
