/**
 * One simulation in a process of its own, for `simulation.ts`: so many idle nodes, for so many
 * virtual milliseconds after joining. Prints what the process used.
 */
import { readScenario, Simulation } from '../src/simulation/index.js';
import { residentBytesMax } from './resident.js';
import type { SimulationRun, UsedSeconds } from './simulation.js';

const { nodes, durationMs } = JSON.parse(process.argv[2] ?? '{}') as SimulationRun;
const began = used();
const simulation = new Simulation(readScenario({ nodes, durationMs, settleMs: 0 }));
let joined: UsedSeconds | undefined;
for (const _ of simulation.run()) {
  if (joined === undefined && simulation.sample().phase !== 'joining') joined = used();
}
const ended = used();
const { joinMs, simulatedMs, violations } = simulation.totals();
if (joined === undefined || joinMs === undefined) throw new Error('the nodes did not join');
if (violations.length > 0) throw new Error(`an invariant is broken: ${violations[0]?.text}`);
const figures = {
  simulated: (simulatedMs - joinMs) / 1000,
  joining: difference(joined, began),
  idle: difference(ended, joined),
  residentBytesMax: residentBytesMax(),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);

/** By now; of the processor all threads count, those of the garbage collector too. */
function used(): UsedSeconds {
  const { user, system } = process.cpuUsage();
  return { real: performance.now() / 1000, cpu: (user + system) / 1e6 };
}

function difference(later: UsedSeconds, earlier: UsedSeconds): UsedSeconds {
  return { real: later.real - earlier.real, cpu: later.cpu - earlier.cpu };
}
