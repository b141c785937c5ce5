/** The vectors of what packets mean: digests, logs, liveness, tokens and whole exchanges. */
import type { Expectation, VectorBase } from './vector.js';

/** A value that protobuf's own mapping to JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** An object of that kind. */
export interface JsonObject {
  [name: string]: Json;
}

/**
 * Of these a peer computes what is claimed: `accept` if it finds the claim right, `reject` if it finds
 * something else. A wrong claim is what a peer with one mistake computes.
 */
export interface DigestVector extends VectorBase {
  readonly layer: 'digest';
  readonly given: HashClaim | FingerprintClaim | AgreementClaim | ListsPacket;
  readonly expect: Expectation;
}

/** The canonical bytes of an owner's digest, and their hash. */
export interface HashClaim {
  readonly kind: 'hash';
  /** An OwnerDigest as ProtoJSON. */
  readonly digest: JsonObject;
  readonly claim: { readonly canonical: string; readonly hash: string };
}

/** The fingerprint of a range, of all owners that are shared. */
export interface FingerprintClaim {
  readonly kind: 'fingerprint';
  /** OwnerDigests as ProtoJSON, by ascending id: those inside the range, and others. */
  readonly digests: readonly JsonObject[];
  readonly range: IdRange;
  readonly claim: { readonly count: number; readonly sum: string };
}

/** Two fingerprints of one range, of which it is claimed that they agree. */
export interface AgreementClaim {
  readonly kind: 'agreement';
  /** Fingerprints as ProtoJSON. */
  readonly mine: JsonObject;
  readonly theirs: JsonObject;
}

/** A packet whose lists and ranges are looked at before anything of it is taken. */
export interface ListsPacket {
  readonly kind: 'packet';
  /** As ProtoJSON. */
  readonly packet: JsonObject;
  /** The serialised packet. */
  readonly hex: string;
}

/** A range of owner ids, in hex; an end that is absent is open. */
export interface IdRange {
  readonly start?: string;
  readonly end?: string;
}

/** Who watches whom, and when. As with digests, a claim is right or wrong. */
export interface RingVector extends VectorBase {
  readonly layer: 'ring';
  readonly given: WatchersClaim | TurnClaim;
  readonly expect: Expectation;
}

/** The watchers of a node, or the nodes that it watches, in the order of the ring from it on. */
export interface WatchersClaim {
  readonly kind: 'watchers' | 'watched';
  /** The owner id that is asked about: for `watched`, that of the node itself. */
  readonly of: string;
  /** All owners that are known, by ascending id, the node itself included. */
  readonly owners: readonly RingOwner[];
  readonly claim: readonly string[];
}

/** An owner as far as the ring is concerned. */
export interface RingOwner {
  readonly id: string;
  readonly status: 'alive' | 'dead' | 'left';
  /** Its header is known. */
  readonly header: boolean;
  /** The node itself suspects it. */
  readonly suspected: boolean;
}

/** How long a watcher waits for its next turn. */
export interface TurnClaim {
  readonly kind: 'turn';
  readonly heartbeatIntervalMs: number;
  /** Watchers of the node, and the rank of this one among them. */
  readonly watchers: number;
  readonly rank: number;
  /** The uptime of the watched node just now, as its line tells. */
  readonly uptimeMs: number;
  readonly claim: { readonly untilMs: number };
}

/** Phi, and when an answer is overdue. As with digests, a claim is right or wrong. */
export interface PhiVector extends VectorBase {
  readonly layer: 'phi';
  readonly given: PhiClaim | OverdueClaim;
  readonly expect: Expectation;
}

/** Phi at a time after a ping, for a mean and a deviation that are given. */
export interface PhiClaim {
  readonly kind: 'phi';
  readonly elapsedMs: number;
  readonly meanMs: number;
  readonly deviationMs: number;
  /** Right if it differs by no more than `tolerance`, or that part of the phi that a peer finds. */
  readonly claim: { readonly phi: number; readonly tolerance: number };
}

/** Phi, and the overdue time, for the round trips of a watch. */
export interface OverdueClaim {
  readonly kind: 'overdue';
  /** By age, the oldest first. */
  readonly samplesMs: readonly number[];
  readonly phiThreshold: number;
  readonly phiDeviationMinMs: number;
  readonly phiToleranceMs: number;
  readonly elapsedMs: number;
  readonly claim: {
    readonly phi: number;
    readonly tolerance: number;
    /** The exact time: right if a peer finds it, or up to `overdueToleranceMs` more. */
    readonly overdueMs: number;
    readonly overdueToleranceMs: number;
  };
}

/**
 * A node, what happens to it in order, and what can be seen of it. Time is the node's own clock, which
 * begins at 0 when it starts.
 */
export interface NodeVector extends VectorBase {
  readonly given: {
    readonly node: NodeSetup;
    /** What brings the node into its state. */
    readonly before: readonly NodeStep[];
    /** What is looked at. */
    readonly steps: readonly NodeStep[];
  };
  /** `result`, `layer` and `error` are those of the last step but for `wait` and `close`. */
  readonly expect: Expectation & {
    /** What each of the steps brings about, until the next one. */
    readonly steps: readonly StepExpectation[];
    /** What the application can see at the end. */
    readonly view: NodeView;
  };
}

export interface DeltaVector extends NodeVector {
  readonly layer: 'delta';
}

export interface StatementsVector extends NodeVector {
  readonly layer: 'statements';
}

export interface TokensVector extends NodeVector {
  readonly layer: 'tokens';
}

export interface ExchangeVector extends NodeVector {
  readonly layer: 'exchange';
}

/** A vector that drives a node. */
export type AnyNodeVector = DeltaVector | StatementsVector | TokensVector | ExchangeVector;

/** The node under test: it takes datagrams and streams, in a public mesh. */
export interface NodeSetup {
  readonly name: string;
  /** Where it is reached. */
  readonly address: string;
  readonly cluster: string;
  readonly generation: number;
  /**
   * The log id of its life. A node that draws another puts that one in its place in all that is
   * given and expected: 8 bytes for 8 bytes.
   */
  readonly logId: string;
  readonly seeds: readonly string[];
  /** As PROTOCOL.md, section 17, names them; the others have their defaults. */
  readonly options: Readonly<Record<string, number>>;
}

export type NodeStep = PacketStep | CommandStep | CloseStep | WaitStep;

/** A packet comes. */
export interface PacketStep {
  readonly atMs: number;
  readonly do: 'packet';
  /** The link on which it comes: `udp:10.0.0.2:9000`. */
  readonly link: string;
  /** As ProtoJSON, but for what `echo` and `answer` add. */
  readonly packet: JsonObject;
  /** The same, serialised. What is added may simply be appended: protobuf merges it. */
  readonly hex: string;
  /** The packet's `echo` is the token that the node has last given on this link. */
  readonly echo?: string;
  /** The packet's `heartbeat.answer` is the number of the last ping that the node sent on this link. */
  readonly answer?: string;
}

/** The application asks for something; a value is JSON text. */
export interface CommandStep {
  readonly atMs: number;
  readonly do: 'start' | 'set' | 'delete' | 'say' | 'leave';
  /** The key, or the event. */
  readonly name?: string;
  readonly value?: string;
  /** For `set` and `say`: how long it lives. */
  readonly lifeMs?: number;
}

/** A stream is gone, or could not be opened. */
export interface CloseStep {
  readonly atMs: number;
  readonly do: 'close';
  readonly link: string;
}

/** Time passes. */
export interface WaitStep {
  readonly atMs: number;
  readonly do: 'wait';
}

export interface StepExpectation extends Omit<Expectation, 'connection'> {
  /** Of the packets that are sent, one holds at least what is told here, for each of these. */
  readonly sent?: readonly PacketPattern[];
  /** And none holds all that is told here. */
  readonly notSent?: readonly PacketPattern[];
  /** What is sent to this link, 45 bytes for each envelope beside the packet, is no more. */
  readonly bytesMax?: { readonly to: string; readonly bytes: number };
  /** What the application is told, all of it, in this order. */
  readonly events: readonly NodeEvent[];
}

/**
 * Packets to a link that hold at least these fields, as ProtoJSON. Of a list each member that is told
 * is there, in any order and among others. `null`: the field has its default, or is absent; `*`: it
 * is there, whatever it holds.
 */
export interface PacketPattern {
  readonly to: string;
  readonly packet: JsonObject;
}

/** What the application is told. */
export interface NodeEvent {
  readonly event:
    | 'joined'
    | 'left'
    | 'name-taken'
    | 'new'
    | 'alive'
    | 'down'
    | 'suspect'
    | 'forgotten'
    /** A node has answered a ping of this one. */
    | 'contact'
    | 'set'
    | 'deleted'
    | 'expired'
    | 'heard';
  /** The name of the node that it is about; the node itself is absent. */
  readonly peer?: string;
  /** The key, or the name of the event. */
  readonly name?: string;
  /** The payload, as text. */
  readonly value?: string;
}

export interface NodeView {
  readonly self: {
    readonly generation: number;
    readonly incarnation: number;
    readonly status: 'alive' | 'left';
  };
  /** By name; nobody else is known by name. */
  readonly peers: Readonly<Record<string, PeerState>>;
}

/** What is held of a peer. */
export interface PeerState {
  readonly logId: string;
  readonly generation: number;
  readonly incarnation: number;
  readonly status: 'alive' | 'dead' | 'left';
  /** Of the life that is held; 0 if none of it is shown. */
  readonly version: number;
  /** The values that can be read, as text. */
  readonly keys: Readonly<Record<string, string>>;
}
