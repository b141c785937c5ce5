import { decodeEntryBody } from '../../wire/entry-body.js';
import { BYTES_PER_OWNER_MAX, EVENT_BYTES_PER_OWNER_MAX } from '../../wire/limits.js';
import { decodeOwnerHeader } from '../../wire/owner-header.js';
import type { Delta, EntryBody, WireEntry } from '../../wire/packet.js';

/** A key as a node holds it. */
export interface HeldValue {
  /** Of the entry. */
  readonly version: number;
  readonly encoding: number;
  readonly typeName: string;
  readonly payload: Uint8Array;
}

/** An owner's log as a node shows it. */
export interface OwnerLog {
  /** Undefined if its header was not told, or cannot be read. */
  readonly name: string | undefined;
  /** By key; what was deleted or has ended is left out. */
  readonly values: ReadonlyMap<string, HeldValue>;
}

/** Joins the parts of a log that a node tells (PROTOCOL.md, "Staging"). */
export class LogCopy {
  /** All up to here has come. */
  to = 0;
  /** How far it reaches. */
  asOf = 0;
  /** A part with a higher floor begins anew. */
  floor = 0;
  #life: string | undefined;
  #header: Uint8Array = NOTHING;
  #entries: { body: EntryBody; entry: WireEntry }[] = [];
  #bytes = 0;

  get isComplete(): boolean {
    return this.#life !== undefined && this.to >= this.asOf;
  }

  /** What does not follow what is there is passed over. */
  take(delta: Delta): void {
    const life = `${delta.logId} ${delta.generation}`;
    const isOther = life !== this.#life || delta.floor > this.floor;
    if (isOther && delta.from > 0) return;
    if (isOther) this.#begin(life, delta.floor);
    if (delta.from > this.to || this.#bytes > BYTES_MAX) return;
    if (delta.header.length > 0) this.#header = delta.header;
    for (const entry of delta.entries) {
      const body = decodeEntryBody(entry.body);
      this.#bytes += entry.body.length + entry.payload.length;
      if (body !== undefined && body.version > this.to) this.#entries.push({ body, entry });
    }
    this.to = Math.max(this.to, delta.to);
    this.asOf = Math.max(this.asOf, delta.asOf);
  }

  read(): OwnerLog {
    const values = new Map<string, HeldValue>();
    for (const { body, entry } of this.#entries) {
      const { version, name, content } = body;
      if (content.kind === 'say') continue;
      if (content.kind === 'tombstone' || entry.remainingMs === 0) {
        values.delete(name);
        continue;
      }
      const { encoding, typeName } = content;
      values.set(name, { version, encoding, typeName, payload: entry.payload });
    }
    return { name: decodeOwnerHeader(this.#header)?.name, values };
  }

  #begin(life: string, floor: number): void {
    this.#life = life;
    this.floor = floor;
    this.to = 0;
    this.asOf = 0;
    this.#header = NOTHING;
    this.#entries = [];
    this.#bytes = 0;
  }
}

/** An owner may hold no more: what is longer is not read to its end. */
const BYTES_MAX = BYTES_PER_OWNER_MAX + EVENT_BYTES_PER_OWNER_MAX;
const NOTHING = new Uint8Array(0);
