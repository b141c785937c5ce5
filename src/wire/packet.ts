/**
 * The packet as the core sees it: the messages of `proto/telepathine/v1` with ids as hex text and
 * integers as numbers. `codec.ts` translates. What a field means, its unit and its range stand with
 * the field of the schema that has its name.
 */

/** An owner's id: the 16 hex digits of the first 8 bytes of SHA-256 over its name. */
export type OwnerId = string;

/** 8 bytes as 16 lower-case hex digits: log ids, tokens, sums. */
export type Hex64 = string;

/** Whether an owner takes part; the higher wins over the lower for one life and incarnation. */
export const Status = { alive: 1, dead: 2, left: 3 } as const;
/** A value of `Status`. */
export type Status = (typeof Status)[keyof typeof Status];

/** How a payload is encoded. */
export const Encoding = { json: 1, bytes: 2, protobuf: 3 } as const;
/** A value of `Encoding`. */
export type Encoding = (typeof Encoding)[keyof typeof Encoding];

/** What a voter found out about a suspect. */
export const Opinion = { probing: 1, alive: 2, dead: 3, abstain: 4 } as const;
/** A value of `Opinion`. */
export type Opinion = (typeof Opinion)[keyof typeof Opinion];

/** One life of an owner: the higher generation is the newer, then the higher log id. */
export interface Life {
  owner: OwnerId;
  logId: Hex64;
  generation: number;
}

/** What one node sends to another at once: any mixture of its parts. */
export interface Packet {
  requiredFeatures: number;
  protocol: number;
  /** The cluster's name in a public mesh; '' in a private one. */
  cluster: string;
  sender: Life;
  uptimeMs: number;
  token?: Hex64;
  echo?: Hex64;
  heartbeat?: Heartbeat;
  fingerprints: Fingerprint[];
  digests: Digest[];
  wants: Want[];
  deltas: Delta[];
  probes: Life[];
  suspicions: Suspicion[];
  votes: Vote[];
}

/** A ping, an answer to one, or both. */
export interface Heartbeat {
  /** 0: no ping. */
  ping: number;
  /** 0: no answer. */
  answer: number;
  /** 0: not known. */
  roundTripUs: number;
}

/** A range of owner ids: `start` belongs to it and `end` does not; undefined ends are open. */
export interface Range {
  start?: OwnerId;
  end?: OwnerId;
}

/** A sum over what the sender knows of the owners of a range, to be compared. */
export interface Fingerprint {
  range: Range;
  count: number;
  sum: Hex64;
}

/** What the sender knows of one owner: the newest statement about its life, and its log. */
export interface OwnerDigest extends Life {
  incarnation: number;
  status: Status;
  version: number;
  floor: number;
  ageMs: number;
  refused: boolean;
}

/** A list of what the sender knows of owners, by ascending id. */
export interface Digest {
  /** Present: the list names all owners of the range that the sender shares. */
  range?: Range;
  owners: OwnerDigest[];
}

/** A request for an owner's log. */
export interface Want {
  owner: OwnerId;
  logId?: Hex64;
  generation: number;
  version: number;
  stagedTo: number;
  asOf: number;
  floorMax: number;
}

/** A part of an owner's log: the sender's live entries with versions above `from`, up to `to`. */
export interface Delta extends Life {
  from: number;
  to: number;
  asOf: number;
  floor: number;
  /** A serialised OwnerHeader; empty when absent. */
  header: Uint8Array;
  entries: WireEntry[];
  requiredFeatures: number;
}

/** An entry of a log on its way: what the owner wrote, and what changes as it travels. */
export interface WireEntry {
  /** A serialised EntryBody; `entry-body.ts` reads it. */
  body: Uint8Array;
  payload: Uint8Array;
  /** Absent: the entry does not end. */
  remainingMs?: number;
}

/** A watcher has had no answer from a node. */
export interface Suspicion extends Life {
  incarnation: number;
}

/** What a node found out about a suspect by itself. */
export interface Vote extends Suspicion {
  opinion: Opinion;
}

/** What an owner wrote, as read from an entry's body. */
export interface EntryBody {
  version: number;
  name: string;
  content: ValueContent | TombstoneContent | SayContent;
}

/** A key was set to the payload of the entry. */
export interface ValueContent {
  kind: 'value';
  encoding: Encoding;
  typeName: string;
  stamp: Stamp;
}

/** A key was deleted. */
export interface TombstoneContent {
  kind: 'tombstone';
  stamp: Stamp;
}

/** An event was said; its data is the payload of the entry. */
export interface SayContent {
  kind: 'say';
  sequence: number;
  encoding: Encoding;
  typeName: string;
}

/** Lamport time; without an origin it is the owner's of the log. */
export interface Stamp {
  time: number;
  origin?: OwnerId;
}

/** What an owner says of itself, ahead of its entries. */
export interface OwnerHeader {
  version: number;
  name: string;
  addresses: HostAddress[];
  tags: Record<string, string>;
  protocolMin: number;
  protocolMax: number;
  features: number;
  /** 8 hex digits each. */
  keyIds: string[];
}

/** A place where a node listens. */
export interface HostAddress {
  family: 4 | 6;
  /** 4 or 16 bytes; empty: the address that the node's packets come from. */
  ip: Uint8Array;
  port: number;
  transport: 'udp' | 'tcp';
}
