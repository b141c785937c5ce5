import { randomBytes } from 'node:crypto';
import type { IpPort } from '../../transport/address.js';
import { ipToBytes } from '../../transport/ip.js';
import { encodeEntryBody } from '../../wire/entry-body.js';
import { encodeOwnerHeader } from '../../wire/owner-header.js';
import { ownerIdOf } from '../../wire/owner-id.js';
import {
  type Delta,
  Encoding,
  type EntryBody,
  type Life,
  type OwnerDigest,
  Status,
  type Want,
  type WireEntry,
} from '../../wire/packet.js';

/** An entry, and which version of the log it has. */
export interface MadeEntry extends WireEntry {
  readonly version: number;
  /** The key that it sets or deletes; undefined for an event. */
  readonly key: string | undefined;
}

/** Where an owner says that it is reached. */
export interface Home extends IpPort {
  readonly udp: boolean;
}

/** An owner whose log a case writes: it may say of it what it likes. */
export class MadeOwner {
  logId = randomBytes(8).toString('hex');
  generation = 1_700_000_000_000;
  incarnation = 0;
  status: Status = Status.alive;
  /** The header takes the first. */
  version = 1;
  floor = 0;
  entries: MadeEntry[] = [];
  /** Of the header; a case may put others in its place. */
  header: Uint8Array;
  #sequence = 0;
  #stampTime = 0;

  constructor(
    readonly name: string,
    home: Home,
  ) {
    this.header = headerOf(name, home);
  }

  get id(): string {
    return ownerIdOf(this.name);
  }

  get life(): Life {
    return { owner: this.id, logId: this.logId, generation: this.generation };
  }

  /** Sets a key: JSON text, unless a payload is given. */
  set(key: string, value: unknown, parts: Partial<WireEntry> = {}): this {
    this.#add(key, valueBody(this.#next(), key, ++this.#stampTime), {
      payload: json(value),
      ...parts,
    });
    return this;
  }

  delete(key: string): this {
    const stamp = { time: ++this.#stampTime };
    const body: EntryBody = {
      version: this.#next(),
      name: key,
      content: { kind: 'tombstone', stamp },
    };
    this.#add(key, body, {});
    return this;
  }

  say(event: string, data: unknown, parts: Partial<WireEntry> = {}): this {
    const sequence = ++this.#sequence;
    const content = { kind: 'say', sequence, encoding: Encoding.json, typeName: '' } as const;
    const body: EntryBody = { version: this.#next(), name: event, content };
    this.#add(undefined, body, { payload: json(data), remainingMs: 60_000, ...parts });
    return this;
  }

  /** A change that leaves no entry. */
  skip(versions = 1): this {
    this.version += versions;
    return this;
  }

  /** Begins a later life of the same process: what it holds goes to other versions. */
  raiseGeneration(by = 1): this {
    this.generation += by;
    return this;
  }

  /** What it says of itself, or what a case has somebody say of it. */
  digest(parts: Partial<OwnerDigest> = {}): OwnerDigest {
    const { incarnation, status, version, floor } = this;
    return {
      ...this.life,
      incarnation,
      status,
      version,
      floor,
      ageMs: 0,
      refused: false,
      ...parts,
    };
  }

  /** A part of its log: by default all of it. */
  delta(from = 0, to = this.version, parts: Partial<Delta> = {}): Delta {
    return {
      ...this.life,
      from,
      to,
      asOf: this.version,
      floor: this.floor,
      header: from === 0 ? this.header : NOTHING,
      entries: this.entries.filter(({ version }) => version > from && version <= to),
      requiredFeatures: 0,
      ...parts,
    };
  }

  /** The answer of an honest node to a want; undefined if there is nothing to tell. */
  answerTo(want: Want): Delta | undefined {
    const isHeld = want.logId === this.logId && want.generation === this.generation;
    if (!isHeld) return this.delta();
    const base = Math.max(want.version, want.stagedTo);
    if (base >= this.version) return undefined;
    return this.delta(want.version >= this.floor || want.stagedTo > 0 ? base : 0);
  }

  #next(): number {
    this.version += 1;
    return this.version;
  }

  #add(key: string | undefined, body: EntryBody, parts: Partial<WireEntry>): void {
    if (key !== undefined) this.entries = this.entries.filter((entry) => entry.key !== key);
    const { version } = body;
    this.entries.push({ version, key, body: encodeEntryBody(body), payload: NOTHING, ...parts });
  }
}

/** The body of a JSON value. */
export function valueBody(version: number, name: string, time = 1): EntryBody {
  return {
    version,
    name,
    content: { kind: 'value', encoding: Encoding.json, typeName: '', stamp: { time } },
  };
}

/** JSON text as bytes. */
export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

const NOTHING = new Uint8Array(0);

function headerOf(name: string, { ip, port, udp }: Home): Uint8Array {
  const bytes = ipToBytes(ip) ?? NOTHING;
  const family = bytes.length === 16 ? 6 : 4;
  const transports = udp ? (['udp', 'tcp'] as const) : (['tcp'] as const);
  return encodeOwnerHeader({
    version: 1,
    name,
    addresses: transports.map((transport) => ({ family, ip: bytes, port, transport })),
    tags: {},
    protocolMin: 1,
    protocolMax: 1,
    features: 0,
    keyIds: [],
  });
}
