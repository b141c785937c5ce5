import type { Payload, SayInput, SetInput } from '../core/contract.js';
import type { Command } from '../node/node.js';
import { INTEGER_MAX } from '../wire/limits.js';
import type { Held } from '../wire/own-limits.js';
import { checkRoomForEvent, checkRoomForValue, entryBytesMax } from '../wire/own-limits.js';
import type { OwnerId, Stamp } from '../wire/packet.js';

/** An own value as it is held over all starts of the node. */
export interface OwnValue {
  readonly payload: Payload;
  /** In the clock's time; undefined: it stays. */
  readonly expiresAtMs: number | undefined;
  readonly stamp: Stamp;
}

/** One absurd stamp must not use up all the times there are. */
const LAMPORT_STEP_MAX = 2 ** 32;

/**
 * What the node says of itself, whether it runs or not: its values, and the events that wait for the
 * next start. A start writes it all into a new core, in the order in which it was set and said.
 *
 * Every change gets a stamp: Lamport time, above all that was seen (Lamport 1978). It settles which
 * of two nodes' values a believer takes.
 */
export class OwnState {
  readonly #values = new Map<string, OwnValue & Placed>();
  readonly #deletions = new Map<string, { stamp: Stamp; untilMs: number }>();
  #waiting: (Placed & { readonly input: SayInput })[] = [];
  #order = 0;
  #lamport = 0;
  #valueBytes = 0;
  #waitingBytes = 0;

  /** @param deletionGraceMs how long a deletion keeps older values from being believed. */
  constructor(private readonly deletionGraceMs: number) {}

  /** A stamp above all that were seen. */
  nextStamp(): Stamp {
    return { time: Math.min(this.#lamport + 1, INTEGER_MAX) };
  }

  /** Takes note of a stamp that exists. */
  saw(stamp: Stamp): void {
    this.#lamport = Math.max(this.#lamport, Math.min(stamp.time, this.#lamport + LAMPORT_STEP_MAX));
  }

  /** The value of a key, if it has not expired. */
  get(key: string, nowMs: number): OwnValue | undefined {
    const value = this.#values.get(key);
    if (value?.expiresAtMs === undefined || value.expiresAtMs > nowMs) return value;
    // What has expired keeps older values away, as what was deleted.
    this.delete(key, value.stamp, nowMs);
    return undefined;
  }

  /** All values that have not expired, in the order in which they were set. */
  entries(nowMs: number): [string, OwnValue][] {
    for (const key of [...this.#values.keys()]) this.get(key, nowMs);
    return [...this.#values];
  }

  /**
   * Keeps a value. It goes behind all others.
   *
   * @returns takes it back, as long as nothing else was changed.
   */
  set(key: string, value: OwnValue): () => void {
    const before = this.#values.get(key);
    const deletion = this.#deletions.get(key);
    this.#deletions.delete(key);
    this.#put(key, { ...value, order: this.#order++ });
    this.saw(value.stamp);
    return () => {
      if (before) this.#put(key, before);
      else this.#remove(key);
      if (deletion) this.#deletions.set(key, deletion);
    };
  }

  /** Forgets a value, and remembers for a while that it was deleted. */
  delete(key: string, stamp: Stamp, nowMs: number): void {
    for (const [deleted, { untilMs }] of this.#deletions) {
      if (untilMs > nowMs) break;
      this.#deletions.delete(deleted);
    }
    this.#remove(key);
    this.#deletions.delete(key);
    this.#deletions.set(key, { stamp, untilMs: nowMs + this.deletionGraceMs });
    this.saw(stamp);
  }

  /** Whether another node's stamp for a key is above the own one, its deletion's included. */
  isNewer(key: string, stamp: Required<Stamp>, self: OwnerId, nowMs: number): boolean {
    const own = this.get(key, nowMs)?.stamp ?? this.#deletions.get(key)?.stamp;
    if (own === undefined || own.time !== stamp.time) return stamp.time > (own?.time ?? 0);
    return stamp.origin > (own.origin ?? self);
  }

  /** Keeps an event for the next start. */
  wait(say: SayInput): void {
    this.#waiting.push({ input: say, order: this.#order++ });
    this.#waitingBytes += sizeOf(say.event, say.typeName, say.payload);
  }

  /**
   * Checks that a value may be kept while there is no core to ask.
   *
   * @throws TelepathineError LIMIT_REACHED
   */
  checkRoomForValue(key: string, { bytes, typeName }: Payload): void {
    const before = this.#values.get(key);
    checkRoomForValue(
      this.#held(),
      sizeOf(key, typeName, bytes),
      before && sizeOf(key, before.payload.typeName, before.payload.bytes),
    );
  }

  /**
   * Checks that one more event may wait.
   *
   * @throws TelepathineError LIMIT_REACHED
   */
  checkRoomForEvent({ event, typeName, payload }: SayInput): void {
    checkRoomForEvent(this.#held(), sizeOf(event, typeName, payload));
  }

  /** What a new core has to be told, in order. The waiting events are handed over. */
  takeCommands(nowMs: number): Command[] {
    this.entries(nowMs);
    const placed: { order: number; input: Command }[] = [...this.#waiting];
    for (const [key, value] of this.#values) {
      placed.push({ order: value.order, input: setCommand(key, value, nowMs) });
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    return placed.sort((a, b) => a.order - b.order).map(({ input }) => input);
  }

  #held(): Held {
    return {
      keys: this.#values.size,
      bytes: this.#valueBytes + this.#waitingBytes,
      events: this.#waiting.length,
      eventBytes: this.#waitingBytes,
    };
  }

  #put(key: string, value: OwnValue & Placed): void {
    this.#remove(key);
    this.#values.set(key, value);
    this.#valueBytes += sizeOf(key, value.payload.typeName, value.payload.bytes);
  }

  #remove(key: string): void {
    const value = this.#values.get(key);
    if (!value) return;
    this.#values.delete(key);
    this.#valueBytes -= sizeOf(key, value.payload.typeName, value.payload.bytes);
  }
}

/** The command that sets a key to a held value. */
export function setCommand(key: string, value: OwnValue, nowMs: number): SetInput {
  const { payload, expiresAtMs, stamp } = value;
  return {
    type: 'set',
    key,
    payload: payload.bytes,
    encoding: payload.encoding,
    typeName: payload.typeName,
    ...(expiresAtMs === undefined ? {} : { ttlMs: expiresAtMs - nowMs }),
    stamp,
  };
}

/** Its place in the order of all that was set and said. */
interface Placed {
  readonly order: number;
}

function sizeOf(name: string, typeName: string, payload: Uint8Array): number {
  return entryBytesMax(name, typeName, payload.length);
}
