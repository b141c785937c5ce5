import test from 'ava';
import { tableOf } from '../../bench/evaluate/document.js';
import type { Run } from '../../bench/evaluate/kept.js';
import type { Row } from '../../bench/evaluate/row.js';
import { ROWS } from '../../bench/evaluate/rows.js';
import { benchSimulation, type SimulationFigures } from '../../bench/simulation.js';
import { simulationText } from '../../bench/text.js';

const GIBIBYTE = 2 ** 30;

const GOOD: SimulationFigures = {
  nodes: 1000,
  simulated: 60,
  joining: { real: 70, cpu: 80 },
  idle: { real: 59, cpu: 60 },
  residentBytesMax: 7.5 * GIBIBYTE,
};

test('small simulations are measured, joining and idling by themselves', async (t) => {
  const { speed, memory } = await benchSimulation({
    speed: { nodes: 40, durationMs: 3000 },
    memory: { nodes: 5, durationMs: 500 },
  });
  t.like(speed, { nodes: 40, simulated: 3 });
  t.like(memory, { nodes: 5, simulated: 0.5 });
  for (const { real, cpu } of [speed.joining, speed.idle, memory.joining, memory.idle]) {
    t.true(real > 0 && real < 60 && cpu > 0 && cpu < 60, `${real} ${cpu}`);
  }
  t.true(speed.idle.cpu > memory.idle.cpu);
  for (const { residentBytesMax } of [speed, memory]) {
    t.true(residentBytesMax > 30e6 && residentBytesMax < 600e6, `${residentBytesMax}`);
  }
  const text = simulationText({ speed, memory });
  t.regex(text, /^40 simulated nodes, idle for 3 virtual seconds after joining:\n/);
  t.regex(text, /\n5 simulated nodes, idle for 0.5 virtual seconds/);
});

test('the most memory that a process had is its own, not that of who started it', async (t) => {
  const held = Buffer.alloc(300e6, 1);
  const small = { nodes: 2, durationMs: 100 };
  const { speed } = await benchSimulation({ speed: small, memory: small });
  const isOwn = speed.residentBytesMax < held.length;
  if (process.platform === 'linux') t.true(isOwn, `${speed.residentBytesMax}`);
  else t.true(speed.residentBytesMax > 0);
});

test('the simulator meets its target of time by the clock and by the processor', (t) => {
  const row = rowOf('simulator-speed');
  const { measured, met } = row.judge([{ simulation: { speed: GOOD } }]);
  t.is(measured, '59.00 s; 60.00 s of all cores; joining before took 70.00 s');
  t.true(met);
  for (const idle of [{ real: 60.1, cpu: 50 }, { real: 50, cpu: 60.1 }, undefined]) {
    t.false(row.judge([{ simulation: { speed: { ...GOOD, idle } } }]).met);
  }
});

test('the simulator’s memory is judged by the run that measures its time', (t) => {
  const row = rowOf('simulator-memory');
  const runOf = (gibibytes: number): Run => {
    const simulation = { memory: { ...GOOD, residentBytesMax: gibibytes * GIBIBYTE } };
    const where = { commit: 'abc1234', date: '2000-01-01', wallSeconds: 1, machine: 'a machine' };
    return { row: 'simulator-speed', seed: 1, ...where, output: { simulation } };
  };
  t.regex(tableOf([row], []), /not yet run/);
  t.regex(tableOf([row], [runOf(7.5)]), /\| at most 7\.5 GiB \| yes \|/);
  t.regex(tableOf([row], [runOf(8.1)]), /\| at most 8\.1 GiB \| \*\*no\*\* \|/);
});

function rowOf(name: string): Row {
  return ROWS.find((row) => row.name === name) as Row;
}
