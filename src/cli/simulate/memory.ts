import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { TelepathineError } from '../../error.js';
import type { Load, Scenario, Selection } from '../../simulation/index.js';

/** Of one node, of what it holds of another one, and of an entry beside its bytes, each at each node. */
const NODE_BYTES = 43_000;
const PAIR_BYTES = 450;
const ENTRY_BYTES = 1100;
/** With less the garbage collector takes more time than all else: 300 nodes need 90 MB so. */
const HEADROOM = 2;

/** What this process may use. */
export interface Memory {
  /** Of JavaScript's heap. */
  readonly heapBytes: number;
  /** Of the machine, or of the container. */
  readonly totalBytes: number;
}

/**
 * Refuses a scenario that this process cannot hold: it would grind for long before it died.
 *
 * @throws TelepathineError INVALID_ARGUMENT, which tells how much it needs.
 */
export function checkMemory(scenario: Scenario, memory: Memory = availableMemory()): void {
  const needed = neededBytes(scenario);
  const { heapBytes, totalBytes } = memory;
  if (needed <= Math.min(heapBytes, totalBytes)) return;
  const subject = `scenario.nodes: ${scenario.nodes} nodes need some ${gibibytes(needed)} of memory`;
  const remedy = `NODE_OPTIONS=--max-old-space-size=${Math.ceil(needed / 2 ** 20)} allows it`;
  throw new TelepathineError(
    'INVALID_ARGUMENT',
    needed > totalBytes
      ? `${subject}; there are ${gibibytes(totalBytes)}`
      : `${subject}; Node takes at most ${gibibytes(heapBytes)} (${remedy})`,
  );
}

/** What a scenario takes at its largest (bench/simulation-memory.ts measures the constants). */
export function neededBytes({ nodes, load, durationMs }: Scenario): number {
  const entries = load.map((each) => entryBytes(each, nodes, durationMs));
  const held = entries.reduce((total, bytes) => total + bytes, 0);
  return HEADROOM * nodes * (NODE_BYTES + nodes * PAIR_BYTES + held);
}

/** What one node holds because of a load. */
function entryBytes(load: Load, nodes: number, durationMs: number): number {
  if (load.kind === 'delete') return 0;
  const livesMs = Math.min(
    durationMs - load.fromMs,
    load.forMs,
    load.kind === 'say' ? load.eventDurationMs : Number.POSITIVE_INFINITY,
  );
  const made = (Math.max(0, livesMs) / 1000) * load.perSecond;
  const live = load.kind === 'say' ? made : Math.min(made, load.keys);
  return countOf(load.nodes, nodes) * live * (ENTRY_BYTES + load.bytes);
}

function countOf(selection: Selection, nodes: number): number {
  if ('names' in selection) return selection.names.length;
  return 'count' in selection ? Math.min(selection.count, nodes) : selection.share * nodes;
}

function availableMemory(): Memory {
  const { heap_size_limit: heapBytes } = getHeapStatistics();
  // Without a container it is 0, or more than there is.
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return { heapBytes, totalBytes: Math.min(totalmem(), constrained) };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
