/**
 * What a simulated node costs in memory, what it holds of another one, and an entry at each node, at
 * the moment when it is most: `node --expose-gc dist/bench/simulation-memory.js`, some 2 minutes. The
 * constants of `src/cli/simulate/memory.ts` are from here.
 */
import { readScenario, Simulation } from '../src/simulation/index.js';

const FEW = 100;
const MANY = 300;
const KEYS = 10;
const VALUE_BYTES = 100;
/** Joining takes more for a moment than there is afterwards. */
const LOOK_EVERY = 8;

/** Held until the end: what one gives back would be taken off the next. */
const simulations: Simulation[] = [];

// The first one makes what all share.
usedBy({ nodes: 30, load: loadOf(0.5) });
const few = usedBy({ nodes: FEW });
const many = usedBy({ nodes: MANY });
// bytes = nodes × node + nodes² × pair, twice.
const pair = (many / MANY - few / FEW) / (MANY - FEW);
const node = few / FEW - pair * FEW;
process.stdout.write(`a node ${Math.round(node)} B, a pair ${Math.round(pair)} B\n`);

const loaded = usedBy({ nodes: FEW, load: loadOf(KEYS), durationMs: 1500 });
const entry = (loaded - few) / (FEW * FEW * KEYS) - VALUE_BYTES;
process.stdout.write(`an entry ${Math.round(entry)} B beside its bytes\n`);

/** Each node sets so many of its keys a second, all of them within the time that is measured. */
function loadOf(perSecond: number): object[] {
  return [{ kind: 'set', perSecond, keys: KEYS, bytes: VALUE_BYTES }];
}

function usedBy(fields: object): number {
  const before = usedBytes();
  const scenario = readScenario({ durationMs: 1000, settleMs: 0, ...fields });
  const simulation = new Simulation(scenario);
  let most = 0;
  let yields = 0;
  for (const isStep of simulation.run()) {
    yields += 1;
    if (isStep || yields % LOOK_EVERY === 0) most = Math.max(most, usedBytes() - before);
  }
  simulations.push(simulation);
  return most;
}

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
