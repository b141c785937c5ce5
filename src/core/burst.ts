import type { Hex64, Opinion, OwnerId } from '../wire/packet.js';
import type { Owner } from './owner.js';

/** A burst of probes at a node that did not answer. */
export interface Burst {
  readonly owner: Owner;
  readonly logId: Hex64;
  readonly incarnation: number;
  /** This node's own ping was not answered: it asks the other watchers. */
  readonly asks: boolean;
  probes: number;
  readonly startedAtMs: number;
  completeAtMs: number | undefined;
  /** The first answer has come. */
  answered: boolean;
  /** What others found out. */
  readonly opinions: Map<OwnerId, Opinion>;
  /** Those who want to know what this node finds out. */
  readonly askers: Set<OwnerId>;
  /** How often this node has asked others, each time with pings of its own. */
  questions: number;
  /** Those of them after which somebody has answered, before the next; and which was the last. */
  heardQuestions: number;
  lastHeard: number;
}

/** Every so many probes one goes over a stream. */
const OTHER_PROBE_EVERY = 10;

export function makeBurst(owner: Owner, asks: boolean, nowMs: number): Burst {
  return {
    owner,
    logId: owner.statement.logId,
    incarnation: owner.statement.incarnation,
    asks,
    probes: 0,
    startedAtMs: nowMs,
    completeAtMs: undefined,
    answered: false,
    opinions: new Map(),
    askers: new Set(),
    questions: 0,
    heardQuestions: 0,
    lastHeard: 0,
  };
}

/** Whether a probe tries what is not usual: in a short burst the first, before others are asked. */
export function isOtherProbe({ probes: probe, owner }: Burst, probes: number): boolean {
  if (isByStream(owner)) return probe % 2 === 1;
  const turn = probes <= OTHER_PROBE_EVERY ? 1 : OTHER_PROBE_EVERY / 2;
  return probe % OTHER_PROBE_EVERY === turn;
}

/**
 * A datagram is cheap, and does not wait for others that were lost: where streams are usual each
 * probe is one too.
 */
export function waysOfProbe({ owner }: Burst, isOther: boolean): ('usual' | 'other')[] {
  if (isOther) return ['other'];
  return isByStream(owner) ? ['usual', 'other'] : ['usual'];
}

function isByStream({ contact }: Owner): boolean {
  return contact?.byStream === true;
}
