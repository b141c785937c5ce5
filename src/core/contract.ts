/**
 * The contract between the core and its host: what goes in, what comes out.
 *
 * The host calls `Core.handle(input, nowMs)` for each input and carries out the effects it returns,
 * in order; and calls it with `{ type: 'wake' }` once `Core.nextDeadlineMs()` has come. Time is
 * milliseconds of a clock that only grows. The same options, seed and inputs give the same effects.
 */
import type { Encoding, Hex64, HostAddress, Life, OwnerId, Packet, Stamp } from '../wire/packet.js';

/** A way to a node: `udp:127.0.0.1:9000` or `tcp:[::1]:9000`. */
export type Link = string;

export type Input =
  /** Begin to take part: ask the seeds for the own name, then announce it. */
  | { type: 'start' }
  /** A packet has come. `bytes` is the envelope's length. */
  | { type: 'packet'; link: Link; packet: Packet; bytes: number }
  /** A stream is gone, or could not be opened. */
  | { type: 'linkDown'; link: Link }
  /** Nothing happened but time. */
  | { type: 'wake' }
  /** The seeds' addresses (`ip:port`), as resolved now; replaces the earlier ones. */
  | { type: 'seeds'; addresses: string[] }
  | SetInput
  | { type: 'delete'; key: string; stamp: Stamp }
  | SayInput
  /** Say goodbye; the effect `left` tells when the host may close. */
  | { type: 'leave' }
  /** The own addresses, tags or keys have changed. */
  | { type: 'header'; header: HeaderOptions };

export interface SetInput {
  type: 'set';
  key: string;
  payload: Uint8Array;
  encoding: Encoding;
  typeName: string;
  /** Absent: the value stays. */
  ttlMs?: number;
  /** The host's next Lamport time, or the stamp of a value adopted from another owner. */
  stamp: Stamp;
}

export interface SayInput {
  type: 'say';
  event: string;
  payload: Uint8Array;
  encoding: Encoding;
  typeName: string;
  durationMs: number;
  /** Wait for the next exchange in place of a push. */
  buffer: boolean;
}

export interface HeaderOptions {
  addresses: HostAddress[];
  tags: Record<string, string>;
  /** 8 hex digits each; empty in a public mesh. */
  keyIds: string[];
}

export type Effect =
  /** Encode and seal the packet once and send it to each link. */
  | { type: 'send'; links: Link[]; packet: Packet }
  /** Close this stream. */
  | { type: 'close'; link: Link }
  /** This stream's other end has echoed a token: allow it frames of full size. */
  | { type: 'trust'; link: Link }
  /** Tell the application. */
  | { type: 'emit'; event: CoreEvent };

/** Names are nodes' names; `owner` is the id. */
export type CoreEvent =
  /** The node takes part: its name is its own, as far as the seeds that answered know. */
  | { type: 'joined' }
  /** Goodbye has been said and heard, or nobody answered in time. */
  | { type: 'left' }
  /** Another living node had this name first; the core has stopped. */
  | { type: 'nameTaken'; address: string }
  /** A node is known for the first time. */
  | { type: 'peerNew'; name: string; owner: OwnerId }
  | { type: 'peerAlive'; name: string; owner: OwnerId }
  | { type: 'peerDown'; name: string; owner: OwnerId; left: boolean }
  /** This node, as a watcher, misses an answer. */
  | { type: 'peerSuspect'; name: string; owner: OwnerId }
  /** A node that was long dead or left is forgotten. */
  | { type: 'peerForgotten'; name: string; owner: OwnerId }
  /** A node was heard from directly. */
  | { type: 'heartbeat'; name: string; owner: OwnerId }
  | { type: 'set'; name: string; owner: OwnerId; key: string; value: RemoteValue }
  | { type: 'deleted'; name: string; owner: OwnerId; key: string; stamp: Stamp; existed: boolean }
  /** Own keys too. */
  | { type: 'expired'; name: string; owner: OwnerId; key: string; value: RemoteValue }
  | { type: 'heard'; name: string; owner: OwnerId; event: string; payload: Payload };

/** Bytes and how to read them. */
export interface Payload {
  bytes: Uint8Array;
  encoding: Encoding;
  typeName: string;
}

/** A value with its life. */
export interface RemoteValue {
  payload: Payload;
  /** In the core's time; absent: it stays. */
  expiresAtMs?: number;
  /** Always with its origin. */
  stamp: Required<Stamp>;
}

/** A node as another sees it. */
export interface PeerView {
  name: string;
  owner: OwnerId;
  /** `ip:port`, or '' while unknown. */
  address: string;
  status: 'alive' | 'dead' | 'left';
  /** This node, as a watcher, misses its answers just now. */
  suspected: boolean;
  /** The life that is known: the higher generation is the newer, then the higher log id. */
  logId: Hex64;
  generation: number;
  incarnation: number;
  /** The version of its log that is shown. */
  version: number;
  tags: Record<string, string>;
  /** The ids of its keys, the sealing one first; empty in a public mesh. */
  keyIds: string[];
  /** Smoothed; absent before the first direct answer. */
  roundTripMs?: number;
  /** Of the oldest unanswered ping; 0 when none is due. */
  phi: number;
}

/** What is known of a node's life, without what costs time to read. */
export interface Position extends Life {
  incarnation: number;
  status: 'alive' | 'dead' | 'left';
  /** The version of its log that is shown: 0 if that is of an earlier life. */
  version: number;
  /** This node alone takes it for dead, and may be deaf itself. */
  doubted: boolean;
}

/** What the core did with packets, for `stats()`. */
export interface CoreStats {
  /** Refusals by reason, since the core began. */
  refusals: Record<string, number>;
  /** Nodes that are known just now, this one included, dead ones too. */
  owners: number;
  /** Those of them that seem alive, this one included. */
  live: number;
  /** Times that this node began to suspect another. */
  suspicions: number;
  /** Times that it found another dead, be it a doubt of its own. */
  verdicts: number;
  /** Bursts of probes that it began, for others' suspicions too. */
  bursts: number;
}

/** The settings of a core; all are required, `options.ts` of the public class fills the defaults. */
export interface CoreOptions extends HeaderOptions {
  name: string;
  /** The cluster's name for a public mesh's packets; '' in a private mesh. */
  cluster: string;
  /** First guess of the generation: wall-clock milliseconds. */
  generation: number;
  /** Datagrams are allowed; else everything goes over streams. */
  udp: boolean;
  /** Bytes of an encoded packet that fit a datagram: 1200 less the envelope. */
  datagramPacketBytesMax: number;
  gossipIntervalMs: number;
  heartbeatIntervalMs: number;
  phiThreshold: number;
  phiDeviationMinMs: number;
  phiToleranceMs: number;
  /** Probes in a burst, and the milliseconds that it lasts. */
  burstProbes: number;
  burstMs: number;
  deadGraceMs: number;
  leftGraceMs: number;
  tombstoneGraceMs: number;
  joinTimeoutMs: number;
  ownersMax: number;
  /** Bytes of all the others' logs together, what an entry costs beside its bytes included. */
  heldBytesMax: number;
}
