import type { Life, OwnerDigest, OwnerId, Packet } from '../wire/packet.js';
import { Status } from '../wire/packet.js';
import type { CoreEvent, CoreOptions, Effect, Link } from './contract.js';
import type { Directory } from './directory.js';
import { datagramsTo, streamTo } from './link.js';
import type { Owner } from './owner.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';

/** What all parts of a core share. Only the core sets the time. */
export interface CoreState {
  readonly options: CoreOptions;
  readonly random: Random;
  readonly schedule: Schedule;
  readonly directory: Directory;
  readonly self: Owner;
  readonly counts: Counts;
  readonly effects: Effect[];
  nowMs: number;
  /** When this life began, in the core's time. */
  startedAtMs: number;
  /** Of all answers, smoothed; undefined before the first. */
  roundTripMs: number | undefined;
  /** The own entry is shared: the name is known to be free, or nobody could be asked. */
  announced: boolean;
  /** Nothing is done any more. */
  stopped: boolean;
  /** After a long local pause: nobody is judged and nobody served before one exchange. */
  resuming: boolean;
  /** While a packet is taken: how it came, and from which known node. */
  source: { pushed: boolean; owner: OwnerId | undefined } | undefined;
}

/** Refusals by reason, and what the failure detector did. */
export interface Counts {
  refusals: Map<string, number>;
  suspicions: number;
  bursts: number;
  verdicts: number;
}

/** A packet that has come, and what is known of it. */
export interface Received {
  link: Link;
  packet: Packet;
  bytes: number;
  /** It echoes the token that this node gave for the link, and is not stale. */
  solicited: boolean;
  /** The owner that sent it, if this node knows that very life. */
  from: Owner | undefined;
}

export function refuse(state: CoreState, reason: string): void {
  state.counts.refusals.set(reason, (state.counts.refusals.get(reason) ?? 0) + 1);
}

export function emit(state: CoreState, event: CoreEvent): void {
  state.effects.push({ type: 'emit', event });
}

/** The name of an owner whose header is known; its id otherwise. */
export function nameOf(owner: Owner): string {
  return owner.hasHeader ? owner.name : owner.id;
}

/**
 * Whether an owner belongs to digests and fingerprints: it is known by name, not in doubt, and not
 * down for more than half its grace; half the dead's grace, or in doubt, if an event of its lives.
 */
export function isShared(state: CoreState, owner: Owner): boolean {
  return sharedUntilMs(state, owner) >= state.nowMs;
}

/** Until when an owner is shared, if nothing changes; -Infinity: it is not. */
export function sharedUntilMs(state: CoreState, owner: Owner): number {
  const [yes, no] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (owner === state.self) return state.announced ? yes : no;
  if (!owner.hasHeader) return no;
  const { lastEventEndMs } = owner;
  if (owner.doubt !== undefined) return lastEventEndMs > state.nowMs ? lastEventEndMs : no;
  if (owner.status === Status.alive) return yes;
  const { downAtMs } = owner.statement;
  const untilMs = downAtMs + graceMs(state, owner) / 2;
  if (lastEventEndMs <= state.nowMs) return untilMs;
  const longestMs = downAtMs + state.options.deadGraceMs / 2;
  return Math.max(untilMs, Math.min(lastEventEndMs, longestMs));
}

/** How long a node that is dead or left is kept. */
export function graceMs(state: CoreState, owner: Owner): number {
  return owner.statement.status === Status.left
    ? state.options.leftGraceMs
    : state.options.deadGraceMs;
}

/**
 * The link by which a node is reached; undefined while its address is unknown.
 *
 * @param prefer `other` is a stream where datagrams are usual, and a datagram where streams are.
 */
export function linkTo(
  state: CoreState,
  owner: Owner,
  prefer: 'usual' | 'other' | 'stream' = 'usual',
): Link | undefined {
  const { contact } = owner;
  const { address, streamOnly } = owner.reach;
  const usual = contact?.byStream === true;
  const stream =
    prefer === 'stream' ||
    !state.options.udp ||
    streamOnly ||
    (prefer === 'other' ? !usual : usual);
  if (stream && contact?.stream !== undefined) return contact.stream;
  if (address === '') return undefined;
  return stream ? streamTo(address) : owner.datagrams;
}

/** The link to a bare address. */
export function linkToAddress(state: CoreState, address: string): Link {
  return state.options.udp ? datagramsTo(address) : streamTo(address);
}

/** The other live nodes. */
export function livePeers(state: CoreState): readonly Owner[] {
  return state.directory.liveBeside(state.self);
}

export function sameLife(a: Life, b: Life): boolean {
  return a.owner === b.owner && a.logId === b.logId && a.generation === b.generation;
}

/** A digest without log claims, for a statement alone. */
export type StatementDigest = Pick<
  OwnerDigest,
  'owner' | 'logId' | 'generation' | 'incarnation' | 'status' | 'ageMs'
>;
