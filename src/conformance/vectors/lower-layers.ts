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
