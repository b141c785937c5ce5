import type { NetworkSettings } from './network.js';
import type { ClockSettings } from './world.js';

/**
 * What happens in a simulation. Files in `simulations/` hold one as JSON; `scenario.schema.json`
 * there describes every field with its unit, range and default.
 */
export interface Scenario {
  readonly description: string;
  /** Decides every chance: the same scenario and seed give the same packets. */
  readonly seed: number;
  readonly nodes: number;
  /** The first so many nodes are the seeds of all. */
  readonly seeds: number;
  /** All nodes start within this time. */
  readonly startWithinMs: number;
  /** From the moment at which all nodes see all; faults and load count from there. */
  readonly durationMs: number;
  /** After that all faults end, and within this time all nodes must hold the same. */
  readonly settleMs: number;
  readonly node: NodeSettings;
  readonly network: NetworkSettings;
  readonly clocks: ClockSettings;
  readonly load: readonly Load[];
  readonly faults: readonly Fault[];
  /** Faults and load drawn by the seed, beside those that are listed. */
  readonly random: RandomFaults | undefined;
}

/** The options of the nodes that matter here, as in docs/OPTIONS.md. */
export interface NodeSettings {
  readonly gossipIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  readonly udp: boolean;
  readonly phiThreshold: number;
  readonly phiDeviationMinMs: number;
  readonly phiToleranceMs: number;
  readonly burstProbes: number;
  readonly burstMs: number;
  readonly deadGraceMs: number;
  readonly leftGraceMs: number;
  readonly tombstoneGraceMs: number;
}

/** What the nodes' applications do. */
export interface Load {
  readonly kind: 'set' | 'delete' | 'say';
  /** Of each node that takes part. */
  readonly perSecond: number;
  /** `set`, `say`: bytes of a value, or of an event's data. */
  readonly bytes: number;
  /** `set`, `delete`: so many keys in turn. */
  readonly keys: number;
  /** `say`: how long an event lives. */
  readonly eventDurationMs: number;
  readonly nodes: Selection;
  readonly fromMs: number;
  readonly forMs: number;
}

/**
 * Which nodes: a number of them, a share, which is one node at least if it is not 0, or by name; the
 * first two are drawn by the seed.
 */
export type Selection =
  | { readonly count: number }
  | { readonly share: number }
  | { readonly names: readonly string[] };

/** When a fault begins, how long it lasts, and whether it comes again. */
export interface Timing {
  readonly atMs: number;
  /** `crash`, `kill`, `leave`: the node starts again after it; Infinity: it does not. */
  readonly forMs: number;
  /** Lasts up to so much longer, drawn anew each time. */
  readonly forMsMore: number;
  /** It comes again so often after `atMs`; Infinity: it does not. */
  readonly everyMs: number;
}

/**
 * `crash`: the machine is gone. `kill`: its process is. `leave`: it says goodbye. `restart`: killed and
 * started again at once. `pause`: it does not compute while its clock runs.
 */
export interface NodeFault extends Timing {
  readonly kind: 'crash' | 'kill' | 'leave' | 'restart' | 'pause';
  readonly nodes: Selection;
  /** One after another, so far apart. */
  readonly spacingMs: number;
  /** Other nodes are drawn each time it comes. */
  readonly anew: boolean;
}

/** Nothing passes between parts of the mesh. */
export interface PartitionFault extends Timing {
  readonly kind: 'partition';
  /** The parts' shares of the nodes. */
  readonly shares: readonly number[];
  /** Only what the first part sends is lost. */
  readonly oneWay: boolean;
}

/** The nodes' own lines lose packets. */
export interface LossyFault extends Timing {
  readonly kind: 'lossy';
  readonly nodes: Selection;
  readonly incoming: number;
  readonly outgoing: number;
}

/** Old datagrams come again. */
export interface ReplayFault extends Timing {
  readonly kind: 'replay';
  readonly datagrams: number;
}

export type Fault = NodeFault | PartitionFault | LossyFault | ReplayFault;

/** How many of what a seed draws. */
export interface RandomFaults {
  readonly faults: number;
  readonly commands: number;
}
