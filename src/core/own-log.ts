import { encodeEntryBody } from '../wire/entry-body.js';
import { PROTOCOL_VERSION } from '../wire/limits.js';
import {
  checkNameBytes,
  checkPayloadBytes,
  checkRemainingMs,
  checkRoomForEvent,
  checkRoomForValue,
  checkTypeNameBytes,
  entryBytesMax,
  type Held,
} from '../wire/own-limits.js';
import { encodeOwnerHeader } from '../wire/owner-header.js';
import type { EntryBody, OwnerHeader, Stamp } from '../wire/packet.js';
import type { HeaderOptions, SayInput, SetInput } from './contract.js';
import { Log, type LogEntry, makeEntry, sizeOf } from './log.js';
import type { CoreState } from './state.js';

const NOTHING = new Uint8Array(0);

/** What the own log tells its host. */
export interface OwnLogHost {
  /** A change took `version`; `urgent` ones are pushed. */
  changed(fromVersion: number, urgent: boolean): void;
  /** An own value or event is to end at its time. */
  scheduleEnd(log: Log, entry: LogEntry): void;
}

/** Writes this node's own log: each change takes the next version. */
export class OwnLog {
  #sequence = 0;

  constructor(
    private readonly state: CoreState,
    private readonly host: OwnLogHost,
  ) {}

  /** Sets a key. @throws TelepathineError INVALID_ARGUMENT, TOO_LARGE, LIMIT_REACHED. */
  set(input: SetInput): void {
    if (input.ttlMs !== undefined) checkRemainingMs(input.ttlMs, 'set');
    const bytes = checkedBytes(input.key, 'key', input);
    const replaced = this.#log.keys.get(input.key);
    checkRoomForValue(this.#held(), bytes, replaced && sizeOf(replaced));
    const { encoding, typeName, stamp } = input;
    const content = { kind: 'value', encoding, typeName, stamp } as const;
    this.#append({ version: this.#next(), name: input.key, content }, input.payload, input.ttlMs);
    this.host.changed(this.#log.version - 1, true);
  }

  /** Deletes a key; nothing if there is none. */
  delete(key: string, stamp: Stamp): void {
    if (this.#log.keys.get(key)?.kind !== 'value') return;
    const content = { kind: 'tombstone', stamp } as const;
    this.#append({ version: this.#next(), name: key, content }, NOTHING, undefined);
    this.host.changed(this.#log.version - 1, true);
  }

  /** Says an event. @throws TelepathineError INVALID_ARGUMENT, TOO_LARGE, LIMIT_REACHED. */
  say(input: SayInput): void {
    checkRemainingMs(input.durationMs, 'say');
    checkRoomForEvent(this.#held(), checkedBytes(input.event, 'event', input));
    this.#sequence += 1;
    const { encoding, typeName } = input;
    const content = { kind: 'say', sequence: this.#sequence, encoding, typeName } as const;
    const body = { version: this.#next(), name: input.event, content };
    this.#append(body, input.payload, input.durationMs);
    this.host.changed(this.#log.version - 1, !input.buffer);
  }

  /** Publishes the header; it takes a version. */
  setHeader(options: HeaderOptions): void {
    const content: OwnerHeader = {
      version: this.#next(),
      name: this.state.options.name,
      addresses: options.addresses,
      tags: options.tags,
      protocolMin: PROTOCOL_VERSION,
      protocolMax: PROTOCOL_VERSION,
      features: 0,
      keyIds: options.keyIds,
    };
    this.#log.version = content.version;
    this.state.self.setHeader(encodeOwnerHeader(content), content);
    this.host.changed(content.version - 1, true);
  }

  /**
   * Moves the floor over the tombstones that are older than the grace, if there are any. The move
   * takes a version, so that everybody notices.
   */
  collectTombstones(): void {
    const log = this.#log;
    const youngest = this.state.nowMs - this.state.options.tombstoneGraceMs;
    let floor = 0;
    let collectable = false;
    for (const entry of log.between(log.floor, log.version)) {
      if (entry.kind === 'tombstone') {
        if (entry.goneAtMs > youngest) break;
        collectable = true;
      }
      floor = entry.version;
    }
    if (!collectable) return;
    log.version = this.#next();
    log.raiseFloor(floor);
    this.host.changed(log.version - 1, false);
  }

  /** Writes all that lives again, from version 1, for a new generation of this life. */
  rewrite(): void {
    const { self, options } = this.state;
    const before = this.#log;
    before.release();
    self.setLog(new Log());
    this.setHeader(self.header ?? options);
    for (const entry of before.between(0, before.version)) this.#copy(entry);
  }

  get #log(): Log {
    return this.state.self.writableLog();
  }

  #copy(entry: LogEntry): void {
    if (entry.kind === 'tombstone' || entry.expiresAtMs <= this.state.nowMs) return;
    const { name, encoding, typeName, stamp, sequence } = entry;
    const content =
      entry.kind === 'event'
        ? ({ kind: 'say', sequence, encoding, typeName } as const)
        : ({ kind: 'value', encoding, typeName, stamp } as const);
    const remainingMs = Number.isFinite(entry.expiresAtMs)
      ? entry.expiresAtMs - this.state.nowMs
      : undefined;
    this.#append({ version: this.#next(), name, content }, entry.payload, remainingMs);
  }

  #append(body: EntryBody, payload: Uint8Array, ttlMs: number | undefined): void {
    const { nowMs } = this.state;
    const expiresAtMs = ttlMs === undefined ? Number.POSITIVE_INFINITY : nowMs + ttlMs;
    const entry = makeEntry(body, encodeEntryBody(body), payload, expiresAtMs, nowMs);
    this.#log.append(entry);
    this.host.scheduleEnd(this.#log, entry);
  }

  #next(): number {
    return this.#log.version + 1;
  }

  #held(): Held {
    const { keys, bytes, events, eventBytes } = this.#log;
    return { keys: keys.size, bytes, events, eventBytes };
  }
}

/** What an entry will count, once its parts are known to be of lawful size. */
function checkedBytes(
  name: string,
  what: 'key' | 'event',
  { payload, typeName }: Pick<SetInput, 'payload' | 'typeName'>,
): number {
  checkNameBytes(name, what);
  checkPayloadBytes(payload.length);
  checkTypeNameBytes(typeName);
  return entryBytesMax(name, typeName, payload.length);
}
