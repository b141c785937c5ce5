import test from 'ava';
import { readScenario, Simulation, simulate } from '../../src/simulation/index.js';

const SMALL = {
  nodes: 4,
  durationMs: 10_000,
  settleMs: 5000,
  network: { latency: { minMs: 1, maxMs: 30 }, loss: 0.1, duplication: 0.1, reordering: 0.1 },
  clocks: { skewMs: 1e9, driftPpm: 200 },
  load: [{ kind: 'set', perSecond: 1, bytes: 2000 }],
  random: { faults: 3, commands: 10 },
};
/** Of SMALL. A change of what nodes send, or when, changes it; any other may not. */
const SMALL_HASH = 'a096aebdba51d3de661cac3f313043b364b385d9be7c79b6a9b91b3d8e4bbf29';

test('the same scenario and seed give the same packets, and another seed others', (t) => {
  const first = simulate(readScenario(SMALL));
  t.deepEqual(simulate(readScenario(SMALL)), first);
  t.not(simulate(readScenario({ ...SMALL, seed: 2 })).traceHash, first.traceHash);
});

test('the packets are the same on every machine and in every release', (t) => {
  t.is(simulate(readScenario(SMALL)).traceHash, SMALL_HASH);
});

test('who looks on, and in how many pieces it is run, changes nothing', (t) => {
  const scenario = readScenario(SMALL);
  let samples = 0;
  const watched = simulate(scenario, {
    onSample: ({ atMs, progress }) => {
      samples += 1;
      t.is(atMs % 100, 0);
      t.true(progress >= 0 && progress <= 1);
      return true;
    },
  });
  t.is(watched.traceHash, simulate(scenario).traceHash);
  t.true(samples >= 150);
});

test('a simulation may be ended early, and tells what it has seen', (t) => {
  const scenario = readScenario({ ...SMALL, random: undefined });
  const totals = simulate(scenario, { onSample: ({ atMs }) => atMs < 5000 });
  t.false(totals.complete);
  t.is(totals.simulatedMs, 5000);
  t.is(totals.convergenceMs, undefined);
  t.true(totals.bytesPerNodePerSecond > 0);
  const whole = simulate(scenario);
  t.true(whole.complete);
  t.is(whole.simulatedMs, (whole.joinMs as number) + 15_000);
});

test('much that happens at once comes in pieces, so that there is time for something else', (t) => {
  const simulation = new Simulation(readScenario({ nodes: 60, durationMs: 0, settleMs: 0 }));
  const steps = [...simulation.run()];
  t.true(steps.includes(true) && steps.includes(false));
  t.true(simulation.totals().complete);
});

test('samples tell the phases in their order, and what is sent', (t) => {
  const phases: string[] = [];
  let bytes = 0;
  const totals = simulate(readScenario(SMALL), {
    onSample: ({ phase, bytesPerSecond, atMs }) => {
      if (phases.at(-1) !== phase) phases.push(phase);
      t.true(bytesPerSecond >= 0);
      if (phase === 'running' && atMs > 0) bytes += bytesPerSecond / 10;
      return true;
    },
  });
  t.deepEqual(phases, ['joining', 'running', 'settling']);
  const sent = totals.bytesPerNodePerSecond * 4 * 10;
  t.true(Math.abs(bytes / sent - 1) < 0.1, `${bytes} and ${sent}`);
});
