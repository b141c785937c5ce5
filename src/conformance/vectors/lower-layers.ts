/** The vectors of the layers below the packet's meaning: from keys to frames. */
import type { Bytes, Expectation, VectorBase } from './vector.js';

/** Frames of a stream. */
export interface FramingVector extends VectorBase {
  readonly layer: 'framing';
  readonly given: {
    /** All that comes on the stream. */
    readonly stream: Bytes;
    /** How it is cut on the way. Each of them gives the same result. */
    readonly chunkings: readonly Chunking[];
    /** With this frame the receiver begins to trust the stream; 0: it does already. Absent: never. */
    readonly trustedAfterFrames?: number;
  };
  readonly expect: Expectation & {
    /** The envelopes that are delivered, also before a refusal. */
    readonly frames: readonly Bytes[];
    /** Bytes of a frame that is half read at the end, its prefix included. */
    readonly halfReadBytes: number;
  };
}

/** A way to cut a stream. */
export interface Chunking {
  readonly name: string;
  /** Bytes of each chunk. The last one repeats until the stream is used up. */
  readonly sizes: readonly number[];
}

/** From the option `network` to keys. */
export interface KeysVector extends VectorBase {
  readonly layer: 'keys';
  readonly given: {
    /** Passphrases and typed keys, the first seals. TEST ONLY. */
    readonly network: readonly string[];
    readonly cluster: string;
  };
  readonly expect: Expectation & {
    /** Each once, the sealing one first. Absent if it is rejected. */
    readonly keys?: readonly DerivedKey[];
  };
}

/** A key with what it was made from, in hex. TEST ONLY. */
export interface DerivedKey {
  /** A typed key's bytes, or what scrypt gives. */
  readonly secret: string;
  readonly key: string;
  readonly id: string;
}

/** A packet in its envelope. */
export interface EnvelopeVector extends VectorBase {
  readonly layer: 'envelope';
  readonly given: {
    readonly envelope: Bytes;
    /** Those that the receiver holds, in hex, TEST ONLY. None: it is in a public mesh. */
    readonly keys: readonly { readonly id: string; readonly key: string }[];
    /** It comes as a datagram. Absent: as either. */
    readonly datagram?: { readonly sourcePort: number };
  };
  readonly expect: Expectation & {
    /** The serialised packet. Absent if it is rejected. */
    readonly packet?: Bytes;
    /** The key that sealed it. Absent: it came in the clear. */
    readonly keyId?: string;
  };
}

/** A serialised message. */
export interface ProtobufVector extends VectorBase {
  readonly layer: 'protobuf';
  readonly given: {
    /** What the bytes are: a packet, or what is inside one as bytes. */
    readonly message: 'Packet' | 'EntryBody' | 'OwnerHeader';
    readonly bytes: Bytes;
    /** The constant of PROTOCOL.md whose size is tested, and how far above it this is. */
    readonly limit?: { readonly name: string; readonly above: number };
    /** Who gets the packet, where that matters: a node that knows nobody. */
    readonly receiver?: {
      readonly name: string;
      /** Of its life, in hex. */
      readonly logId: string;
      readonly cluster: string;
    };
  };
  readonly expect: Expectation & {
    /**
     * What a receiver takes, as ProtoJSON, without unknown fields and addresses. Absent of what is
     * rejected, and where it would be long.
     */
    readonly meaning?: object;
    /** An encoder that is given this meaning should write exactly these bytes. */
    readonly sameBytes?: true;
    /** Of a header: the id of its owner. */
    readonly ownerId?: string;
  };
}
