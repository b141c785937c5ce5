/** The bytes of vectors. */
import type { Bytes } from './vector.js';

/** The bytes that a vector means. */
export function bytesOf(bytes: Bytes): Uint8Array {
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'hex'));
  const runs = bytes.map(({ hex, times }) => ({ run: Buffer.from(hex, 'hex'), times }));
  const whole = new Uint8Array(runs.reduce((sum, { run, times }) => sum + run.length * times, 0));
  let at = 0;
  for (const { run, times } of runs) {
    whole.subarray(at, at + run.length * times).set(repeated(run, times));
    at += run.length * times;
  }
  return whole;
}

/**
 * The chunks that a chunking cuts a stream into.
 *
 * @param sizes as `Chunking.sizes`: the last one repeats, and must then be above 0.
 */
export function chunksOf(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; at < stream.length; index++) {
    const size = sizes[Math.min(index, sizes.length - 1)] as number;
    if (size === 0 && index >= sizes.length) throw new RangeError('the last size must be above 0');
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function repeated(run: Uint8Array, times: number): Uint8Array {
  return new Uint8Array(Buffer.alloc(run.length * times, run));
}
