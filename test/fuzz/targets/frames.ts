import { deepStrictEqual, ok } from 'node:assert/strict';
import { FRAME_PREFIX_BYTES, FrameReader } from '../../../src/wire/framing.js';
import { FRAME_BYTES_MAX, UNTRUSTED_FRAME_BYTES_MAX } from '../../../src/wire/limits.js';
import { BYTE_MUTATIONS } from '../mutations.js';
import { countWord, type Target } from '../target.js';

/** What the first bytes of an input say: how the stream is cut, and when the limit is raised. */
const CONTROL_BYTES = 3;
const RAISED = [UNTRUSTED_FRAME_BYTES_MAX, 1, 2000, FRAME_BYTES_MAX];

interface Read {
  envelopes: Uint8Array[];
  reason: string | undefined;
}

/**
 * Streams of frames, in chunks of any sizes: the same envelopes come as a reader finds who sees all
 * of the stream at once, and no more is kept than the frame that is being read.
 */
export const framesTarget: Target = {
  name: 'frames',
  inputBytesMax: 8192,
  cpuMsMax: 500,
  batch: 1000,
  mutations: BYTE_MUTATIONS,
  run(input) {
    const [seed = 0, raisedAfter = 0, raised = 0] = input;
    const stream = input.subarray(CONTROL_BYTES);
    const limits = { raisedAfter, raisedTo: RAISED[raised % RAISED.length] as number };
    const read = readInChunks(stream, seed, limits);
    deepStrictEqual(read, readAtOnce(stream, limits));
    return `${countWord(read.envelopes.length)} ${read.reason ?? ''}`;
  },
};

interface Limits {
  raisedAfter: number;
  raisedTo: number;
}

function readInChunks(stream: Uint8Array, seed: number, limits: Limits): Read {
  const reader = new FrameReader();
  const envelopes: Uint8Array[] = [];
  let reason: string | undefined;
  let state = seed;
  for (let at = 0; at < stream.length; ) {
    // A linear congruential generator (Numerical Recipes): chunks of 1 to 256 bytes, often small ones.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const length = 1 + ((state >>> 24) >> (state & 7));
    const chunk = stream.slice(at, at + length);
    at += length;
    const before = envelopes.length;
    const refusal = reader.push(chunk, (envelope) => {
      envelopes.push(envelope.slice());
      if (envelopes.length === limits.raisedAfter) reader.frameBytesMax = limits.raisedTo;
    });
    // What was kept must not be a view of the chunk.
    chunk.fill(0xa5);
    ok(reason === undefined || reason === refusal?.reason, 'a refusal was taken back');
    ok(reason === undefined || envelopes.length === before, 'read on after a refusal');
    reason = refusal?.reason;
    ok(reader.bufferedBytes <= Math.min(at, reader.frameBytesMax + FRAME_PREFIX_BYTES + 1200));
  }
  return { envelopes, reason };
}

function readAtOnce(stream: Uint8Array, { raisedAfter, raisedTo }: Limits): Read {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const envelopes: Uint8Array[] = [];
  let longest = UNTRUSTED_FRAME_BYTES_MAX;
  for (let at = 0; at + FRAME_PREFIX_BYTES <= stream.length; ) {
    const length = view.getUint32(at);
    if (length === 0) return { envelopes, reason: 'empty-frame' };
    if (length > longest) return { envelopes, reason: 'frame-too-long' };
    at += FRAME_PREFIX_BYTES;
    if (at + length > stream.length) break;
    envelopes.push(stream.slice(at, at + length));
    at += length;
    if (envelopes.length === raisedAfter) longest = raisedTo;
  }
  return { envelopes, reason: undefined };
}
