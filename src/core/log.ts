import { Encoding, type EntryBody, type Stamp } from '../wire/packet.js';
import type { Task } from './schedule.js';

/** One entry of a log that is held. */
export interface LogEntry {
  readonly version: number;
  /** The key, or the event's name. */
  readonly name: string;
  kind: 'value' | 'tombstone' | 'event';
  /** The serialised EntryBody as the owner made it. */
  readonly body: Uint8Array;
  payload: Uint8Array;
  readonly encoding: Encoding;
  readonly typeName: string;
  readonly stamp: Stamp;
  /** An event's number in its owner's life; 0 for the others. */
  readonly sequence: number;
  /** In the core's time; Infinity: it stays. */
  expiresAtMs: number;
  /** When it became a tombstone here, in the core's time. */
  goneAtMs: number;
  /** False once it was overwritten, collected, or has ended. */
  held: boolean;
  expiry: Task | undefined;
}

/** A log, for reading. */
export type LogView = Readonly<
  Pick<
    Log,
    | 'version'
    | 'floor'
    | 'bytes'
    | 'events'
    | 'eventBytes'
    | 'lastEventEndMs'
    | 'entryCount'
    | 'between'
  >
> & { readonly keys: ReadonlyMap<string, LogEntry> };

/**
 * One life of one owner as it is held: the entries that are live at `version`, by ascending version.
 *
 * Invariant: for each key at most one entry is held, that of its highest version; tombstones at or
 * below the floor are not held; no held entry is above `version`.
 */
export class Log {
  version = 0;
  floor = 0;
  readonly keys = new Map<string, LogEntry>();
  bytes = 0;
  events = 0;
  eventBytes = 0;
  /** When the last of its events ends. */
  lastEventEndMs = Number.NEGATIVE_INFINITY;
  #entries: LogEntry[] = [];
  #heldCount = 0;

  /** How many entries are held. */
  get entryCount(): number {
    return this.#heldCount;
  }

  /** Adds an entry above all that are held; an older one of the same key goes. */
  append(entry: LogEntry): void {
    if (entry.kind === 'event') {
      this.events += 1;
      this.eventBytes += sizeOf(entry);
      this.lastEventEndMs = Math.max(this.lastEventEndMs, entry.expiresAtMs);
    } else {
      const older = this.keys.get(entry.name);
      if (older !== undefined) this.#drop(older);
      this.keys.set(entry.name, entry);
    }
    this.#entries.push(entry);
    this.#heldCount += 1;
    this.bytes += sizeOf(entry);
    this.version = Math.max(this.version, entry.version);
  }

  /** A value has ended: what stays is a tombstone at its version. An event goes. */
  end(entry: LogEntry, nowMs: number): void {
    if (entry.kind === 'event') {
      this.#drop(entry);
      return;
    }
    this.bytes -= entry.payload.length;
    entry.kind = 'tombstone';
    entry.payload = NOTHING;
    entry.goneAtMs = nowMs;
    if (entry.version <= this.floor) this.remove(entry);
  }

  /** Moves the floor up and forgets the tombstones at or below it. */
  raiseFloor(floor: number): void {
    if (floor <= this.floor) return;
    this.floor = floor;
    for (const entry of this.#entries) {
      if (entry.version > floor) break;
      if (entry.held && entry.kind === 'tombstone') this.remove(entry);
    }
  }

  /** Forgets an entry and, if it is the key's, the key. */
  remove(entry: LogEntry): void {
    if (this.keys.get(entry.name) === entry) this.keys.delete(entry.name);
    this.#drop(entry);
  }

  /** The held entries with versions in (from, to], ascending. */
  *between(from: number, to: number): Generator<LogEntry> {
    const entries = this.#entries;
    for (let i = firstAbove(entries, from); i < entries.length; i++) {
      const entry = entries[i] as LogEntry;
      if (entry.version > to) return;
      if (entry.held) yield entry;
    }
  }

  /** Cancels what is scheduled for its entries; the log is about to be dropped. */
  release(): void {
    for (const entry of this.#entries) entry.expiry?.cancel();
  }

  #drop(entry: LogEntry): void {
    if (!entry.held) return;
    entry.held = false;
    entry.expiry?.cancel();
    this.bytes -= sizeOf(entry);
    if (entry.kind === 'event') {
      this.events -= 1;
      this.eventBytes -= sizeOf(entry);
    }
    this.#heldCount -= 1;
    if (this.#entries.length > 32 && this.#heldCount < this.#entries.length / 2) {
      this.#entries = this.#entries.filter((kept) => kept.held);
    }
  }
}

/**
 * An entry out of what its owner wrote.
 *
 * @param expiresAtMs in the core's time; Infinity: it stays. A value that has ended is a tombstone.
 */
export function makeEntry(
  body: EntryBody,
  bytes: Uint8Array,
  payload: Uint8Array,
  expiresAtMs: number,
  nowMs: number,
): LogEntry {
  const { version, name, content } = body;
  const isEvent = content.kind === 'say';
  const isGone = content.kind === 'tombstone' || (!isEvent && expiresAtMs <= nowMs);
  // One literal: an object put together by spreading takes twice the memory.
  return {
    version,
    name,
    kind: isEvent ? 'event' : isGone ? 'tombstone' : 'value',
    body: bytes,
    payload: isGone ? NOTHING : payload,
    encoding: isGone ? Encoding.bytes : content.encoding,
    typeName: isGone ? '' : content.typeName,
    stamp: isEvent ? NO_STAMP : content.stamp,
    sequence: isEvent ? content.sequence : 0,
    expiresAtMs,
    goneAtMs: nowMs,
    held: true,
    expiry: undefined,
  };
}

/** Bytes that an entry counts for the limits of an owner. */
export function sizeOf(entry: LogEntry): number {
  return entry.body.length + entry.payload.length;
}

/** Whether a value can be read at this time. */
export function isReadable(entry: LogEntry | undefined, nowMs: number): entry is LogEntry {
  return entry !== undefined && entry.kind === 'value' && entry.expiresAtMs > nowMs;
}

const NOTHING = new Uint8Array(0);
/** Events are not adopted. */
const NO_STAMP: Stamp = { time: 0 };

function firstAbove(entries: readonly LogEntry[], version: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as LogEntry).version <= version) low = middle + 1;
    else high = middle;
  }
  return low;
}
