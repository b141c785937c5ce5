/** Nodes that speak in the vectors, and what they write. Ids and times are fixed. */
import { encodeEntryBody } from '../../../src/wire/entry-body.js';
import { encodeOwnerHeader } from '../../../src/wire/owner-header.js';
import { ownerIdOf } from '../../../src/wire/owner-id.js';
import {
  type Delta,
  Encoding,
  type EntryBody,
  type Hex64,
  type Life,
  type OwnerDigest,
  type OwnerHeader,
  type Stamp,
  Status,
  type WireEntry,
} from '../../../src/wire/packet.js';
import { fromHex, utf8 } from '../hex.js';

/** A node beside the one under test. */
export class Peer {
  readonly life: Life;
  /** The token that it gives. */
  readonly token: Hex64;
  /** Its link, for datagrams and as a stream. */
  readonly link: string;
  readonly stream: string;
  /** How long it has been up when the node under test starts. */
  readonly uptimeMs = 100_000;

  /**
   * @param number below 256; tells its address and its ids.
   * @param again how often it has started before.
   */
  constructor(
    readonly name: string,
    readonly number: number,
    readonly again = 0,
  ) {
    const digits = number.toString(16).padStart(2, '0');
    this.life = {
      owner: ownerIdOf(name),
      logId: `${digits}${again}`.padEnd(16, '0'),
      generation: 1_700_000_000_000 + number + 1000 * again,
    };
    this.token = digits.repeat(8);
    this.link = `udp:10.0.0.${number}:9000`;
    this.stream = `tcp:10.0.0.${number}:9000`;
  }

  /** A statement: alive at version 1 of its log. */
  digest(parts: Partial<OwnerDigest> = {}): OwnerDigest {
    const nothing = { incarnation: 0, floor: 0, ageMs: 0, refused: false };
    return { ...this.life, ...nothing, status: Status.alive, version: 1, ...parts };
  }

  /** A delta without entries that needs none; its header took version 1. */
  delta(parts: Partial<Delta> = {}): Delta {
    const nothing = { floor: 0, header: NOTHING, entries: [], requiredFeatures: 0 };
    return { ...this.life, from: 0, to: 1, asOf: 1, ...nothing, ...parts };
  }

  /** The whole log: the header, and entries that ascend from version 2 on. */
  log(entries: readonly WireEntry[] = [], parts: Partial<Delta> = {}): Delta {
    const to = 1 + entries.length;
    return this.delta({ to, asOf: to, header: this.header(), entries: [...entries], ...parts });
  }

  /** A serialised header that names the address. */
  header(parts: Partial<OwnerHeader> = {}): Uint8Array {
    const ip = Uint8Array.of(10, 0, 0, this.number);
    return encodeOwnerHeader({
      version: 1,
      name: this.name,
      addresses: [
        { family: 4, ip, port: 9000, transport: 'udp' },
        { family: 4, ip, port: 9000, transport: 'tcp' },
      ],
      tags: {},
      protocolMin: 1,
      protocolMax: 1,
      features: 0,
      keyIds: [],
      ...parts,
    });
  }
}

export const BOB = new Peer('bob', 2);
export const CAROL = new Peer('carol', 3);
export const DAVE = new Peer('dave', 4);

/** A value as JSON text. */
export function value(
  version: number,
  name: string,
  text: string,
  parts: Partial<WireEntry> = {},
  stamp: Stamp = { time: version },
): WireEntry {
  const content = { kind: 'value', encoding: Encoding.json, typeName: '', stamp } as const;
  return {
    ...entry({ version, name, content }),
    payload: utf8(text),
    ...parts,
  };
}

/** A deletion. */
export function tombstone(version: number, name: string): WireEntry {
  return entry({ version, name, content: { kind: 'tombstone', stamp: { time: version } } });
}

/** An event that lives a minute. */
export function said(
  version: number,
  name: string,
  sequence: number,
  text = 'null',
  remainingMs = 60_000,
): WireEntry {
  const content = { kind: 'say', sequence, encoding: Encoding.json, typeName: '' } as const;
  return { ...entry({ version, name, content }), payload: utf8(text), remainingMs };
}

/** An entry without payload whose body is made of these bytes, in hex. */
export function rawEntry(bodyHex: string, payload = ''): WireEntry {
  return { body: fromHex(bodyHex), payload: utf8(payload) };
}

function entry(body: EntryBody): WireEntry {
  return { body: encodeEntryBody(body), payload: NOTHING };
}

export const NOTHING = new Uint8Array(0);
