import type { Hex64, Life, OwnerDigest, OwnerHeader, OwnerId } from '../wire/packet.js';
import { Status } from '../wire/packet.js';
import type { Link } from './contract.js';
import { FiredEvents } from './fired-events.js';
import { Log } from './log.js';
import type { Task } from './schedule.js';
import type { Transfer } from './staging.js';

/** The newest that is known about an owner's life. */
export interface Statement extends Life {
  incarnation: number;
  status: Status;
  /** When it died or left, in the core's time; 0 for a live one. */
  downAtMs: number;
}

/** A header with the bytes that it came in, and the life that it speaks of. */
export interface HeldHeader {
  life: Life;
  bytes: Uint8Array;
  content: OwnerHeader;
}

/** What one node knows of one owner; of itself too. */
export interface Owner {
  readonly id: OwnerId;
  statement: Statement;
  /** What is shown. Its life may be an earlier generation of the same log id. */
  log: Log;
  logLife: Life;
  header: HeldHeader | undefined;
  transfer: Transfer | undefined;
  /** Which of its events have fired, in all its lives. */
  fired: FiredEvents;
  /** Its log went over a limit: it is not asked for any more. */
  refused: boolean;
  /** `ip:port`; '' while unknown. */
  address: string;
  /** It takes no datagrams. */
  streamOnly: boolean;
  /** The newest direct contact with this life; undefined before the first. */
  contact: Contact | undefined;
  /** This node, as a watcher, misses an answer. */
  suspected: boolean;
  /** Whether `peerAlive` was the last that the application was told. */
  announcedAlive: boolean;
  collection: Task | undefined;
  /** It is not collected before: its log is on its way. */
  keptUntilMs: number;
  /** Hash of the canonical digest; undefined after a change. */
  hash: { high: number; low: number } | undefined;
}

/** An owner of whom only a statement is known. */
export function makeOwner(statement: Statement): Owner {
  const { owner, logId, generation } = statement;
  return {
    id: owner,
    statement,
    log: new Log(),
    logLife: { owner, logId, generation },
    header: undefined,
    transfer: undefined,
    fired: new FiredEvents(),
    refused: false,
    address: '',
    streamOnly: false,
    contact: undefined,
    suspected: false,
    announcedAlive: false,
    collection: undefined,
    keptUntilMs: Number.NEGATIVE_INFINITY,
    hash: undefined,
  };
}

/** What direct, fresh answers of a life have told. */
export interface Contact {
  logId: Hex64;
  /** When it last answered, in the core's time. */
  atMs: number;
  /** Smoothed round trip; undefined before the first measurement. */
  roundTripMs: number | undefined;
  /** A stream on which this life has answered. */
  stream: Link | undefined;
  /** A second stream with the node, which is to be closed once the first is in use. */
  spareStream: Link | undefined;
  /** Datagrams do not get through: use streams until then. */
  streamUntilMs: number;
}

/** Whether a generation or log id is newer; 0 if it is the same life. */
export function compareLives(a: Life, b: Life): number {
  return a.generation - b.generation || compareText(a.logId, b.logId);
}

/** The order of statements: life, incarnation, status. Positive: `a` wins. */
export function compareStatements(a: StatementRank, b: StatementRank): number {
  return compareLives(a, b) || a.incarnation - b.incarnation || a.status - b.status;
}

type StatementRank = Life & { incarnation: number; status: Status };

/** The version that is shown of the life that the statement speaks of. */
export function shownVersion(owner: Owner): number {
  return compareLives(owner.logLife, owner.statement) === 0 ? owner.log.version : 0;
}

/** The log, if it is of the life that the statement speaks of. */
export function currentLog(owner: Owner): Log | undefined {
  return compareLives(owner.logLife, owner.statement) === 0 ? owner.log : undefined;
}

export function isAlive(owner: Owner): boolean {
  return owner.statement.status === Status.alive;
}

/** The digest that this node sends of an owner. */
export function digestOf(owner: Owner, nowMs: number): OwnerDigest {
  const { statement } = owner;
  return {
    owner: owner.id,
    logId: statement.logId,
    generation: statement.generation,
    incarnation: statement.incarnation,
    status: statement.status,
    version: shownVersion(owner),
    floor: currentLog(owner)?.floor ?? 0,
    ageMs: statement.status === Status.alive ? 0 : Math.floor(nowMs - statement.downAtMs),
    refused: owner.refused,
  };
}

export function lifeOf(owner: Owner): Life {
  const { logId, generation } = owner.statement;
  return { owner: owner.id, logId, generation };
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
