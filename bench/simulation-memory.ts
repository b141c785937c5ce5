/**
 * What a simulated node costs in memory, what it holds of another one, and an entry at each node:
 * `node --expose-gc dist/bench/simulation-memory.js`. The constants of `src/cli/simulate/memory.ts`
 * are from here.
 */
import { readScenario, Simulation } from '../src/simulation/index.js';

const FEW = 60;
const MANY = 160;
const KEYS = 10;
const VALUE_BYTES = 100;

/** Held until the end: what one gives back would be taken off the next. */
const simulations: Simulation[] = [];

const few = usedBy({ nodes: FEW });
const many = usedBy({ nodes: MANY });
// bytes = nodes × node + nodes² × pair, twice.
const pair = (many / MANY - few / FEW) / (MANY - FEW);
const node = few / FEW - pair * FEW;
process.stdout.write(`a node ${Math.round(node)} B, a pair ${Math.round(pair)} B\n`);

const load = [{ kind: 'set', perSecond: 5, keys: KEYS, bytes: VALUE_BYTES }];
const loaded = usedBy({ nodes: FEW, load, durationMs: 3000 });
const entry = (loaded - few) / (FEW * FEW * KEYS) - VALUE_BYTES;
process.stdout.write(`an entry ${Math.round(entry)} B beside its bytes\n`);

function usedBy(fields: object): number {
  const before = usedBytes();
  const scenario = readScenario({ durationMs: 1000, settleMs: 0, ...fields });
  const simulation = new Simulation(scenario);
  for (const _ of simulation.run());
  simulations.push(simulation);
  return usedBytes() - before;
}

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
