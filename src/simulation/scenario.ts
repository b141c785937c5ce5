import type { NetworkSettings } from './network.js';
import type { ClockSettings } from './world.js';

/**
 * What happens in a simulation. Files in `simulations/` hold one as JSON; `scenario.schema.json`
 * there describes every field with its unit, range and default.
 */
export interface Scenario {
  /** One sentence for people. */
  readonly description: string;
  /** Decides every chance: the same scenario and seed give the same packets. */
  readonly seed: number;
  /** How many: 1 to 5000. They are named n0, n1 and so on. */
  readonly nodes: number;
  /** The first so many nodes are the seeds of all. */
  readonly seeds: number;
  /** All nodes start within this time. */
  readonly startWithinMs: number;
  /** After all nodes see all so much time passes before load, faults and measuring begin. */
  readonly calmMs: number;
  /** How long load and faults go on; their times count from when it begins. */
  readonly durationMs: number;
  /** After that all faults end, and within this time all nodes must hold the same. */
  readonly settleMs: number;
  /** Options of all nodes. */
  readonly node: NodeSettings;
  /** What happens to all that passes. */
  readonly network: NetworkSettings;
  /** How the machines' clocks differ. */
  readonly clocks: ClockSettings;
  /** What the nodes' applications do meanwhile. */
  readonly load: readonly Load[];
  /** What goes wrong meanwhile. */
  readonly faults: readonly Fault[];
  /** Faults and load drawn by the seed, beside those that are listed. */
  readonly random: RandomFaults | undefined;
}

/**
 * Options of the nodes, as in docs/OPTIONS.md; the defaults are those of the profile `lan`. Times are
 * milliseconds.
 */
export interface NodeSettings {
  /** The unit of pacing: 1000. */
  readonly gossipIntervalMs: number;
  /** How often a node is pinged: 1000. */
  readonly heartbeatIntervalMs: number;
  /** Datagrams are used: true. */
  readonly udp: boolean;
  /** The least phi that raises suspicion: 8. */
  readonly phiThreshold: number;
  /** The least standard deviation of round trips that phi assumes: 50. */
  readonly phiDeviationMinMs: number;
  /** By how much answers may be late: 150. */
  readonly phiToleranceMs: number;
  /** Probes before a verdict: 40. */
  readonly burstProbes: number;
  /** How long those take: 2000. */
  readonly burstMs: number;
  /** How long a dead node is kept: a day. */
  readonly deadGraceMs: number;
  /** How long a node that left is remembered: 60,000. */
  readonly leftGraceMs: number;
  /** How long a deleted key leaves a tombstone: 600,000. */
  readonly tombstoneGraceMs: number;
}

/** What the nodes' applications do. */
export interface Load {
  /** What is done again and again. */
  readonly kind: 'set' | 'delete' | 'say';
  /** Of each node that takes part. */
  readonly perSecond: number;
  /** `set`, `say`: bytes of a value, or of an event's data. */
  readonly bytes: number;
  /** `set`, `delete`: so many keys in turn. */
  readonly keys: number;
  /** `say`: how long an event lives. */
  readonly eventDurationMs: number;
  /** Who takes part. */
  readonly nodes: Selection;
  /** When it begins, in ms after all nodes saw all. */
  readonly fromMs: number;
  /** How long it goes on; Infinity: to the end of the duration. */
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
  /** In ms after all nodes saw all. */
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
  /** What happens to each of the nodes. */
  readonly kind: 'crash' | 'kill' | 'leave' | 'restart' | 'pause';
  /** Whom it befalls. */
  readonly nodes: Selection;
  /** One after another, so far apart. */
  readonly spacingMs: number;
  /** Other nodes are drawn each time it comes. */
  readonly anew: boolean;
}

/** Nothing passes between parts of the mesh. */
export interface PartitionFault extends Timing {
  /** Tells it from the others. */
  readonly kind: 'partition';
  /** The parts' shares of the nodes; what they leave belongs to the first. */
  readonly shares: readonly number[];
  /** Only what the first part sends is lost. */
  readonly oneWay: boolean;
}

/** The nodes' own lines lose packets. */
export interface LossyFault extends Timing {
  /** Tells it from the others. */
  readonly kind: 'lossy';
  /** Whose lines. */
  readonly nodes: Selection;
  /** Probability that what is sent to them is lost. */
  readonly incoming: number;
  /** Probability that what they send is lost. */
  readonly outgoing: number;
}

/** Old datagrams come again. */
export interface ReplayFault extends Timing {
  /** Tells it from the others. */
  readonly kind: 'replay';
  /** How many. */
  readonly datagrams: number;
}

/** Something that goes wrong. */
export type Fault = NodeFault | PartitionFault | LossyFault | ReplayFault;

/** How many of what a seed draws. */
export interface RandomFaults {
  /** Of up to 20 s each. */
  readonly faults: number;
  /** Keys set or deleted and events said, by all nodes together. */
  readonly commands: number;
}
