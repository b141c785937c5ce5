/**
 * Envelopes on a byte stream: each behind its length, 4 bytes, big-endian (PROTOCOL.md, "Framing").
 */
import { TelepathineError } from '../error.js';
import { FRAME_BYTES_MAX, UNTRUSTED_FRAME_BYTES_MAX } from './limits.js';
import type { FrameRefusalReason, Refusal } from './refusal.js';

/** Bytes that a frame takes beside its envelope. */
export const FRAME_PREFIX_BYTES = 4;

/**
 * An envelope as a frame.
 *
 * @throws TelepathineError TOO_LARGE above `FRAME_BYTES_MAX`, INVALID_ARGUMENT for no bytes at all.
 */
export function frame(envelope: Uint8Array): Uint8Array {
  const length = envelope.length;
  if (length === 0) throw new TelepathineError('INVALID_ARGUMENT', 'a frame needs an envelope');
  if (length > FRAME_BYTES_MAX) {
    throw new TelepathineError('TOO_LARGE', `a frame holds at most ${FRAME_BYTES_MAX} bytes`);
  }
  const bytes = new Uint8Array(FRAME_PREFIX_BYTES + length);
  bytes[0] = length >>> 24;
  bytes[1] = length >>> 16;
  bytes[2] = length >>> 8;
  bytes[3] = length;
  bytes.set(envelope, FRAME_PREFIX_BYTES);
  return bytes;
}

/**
 * Cuts a stream into envelopes, however it was cut into chunks on the way.
 *
 * It takes memory only for bytes that have come, at most twice as many, and copies each byte a
 * bounded number of times. An announced length is checked before anything is kept.
 */
export class FrameReader {
  #frameBytesMax = UNTRUSTED_FRAME_BYTES_MAX;
  #refusal: Refusal<FrameRefusalReason> | undefined;
  /** Bytes of the length prefix that have come: 4 while an envelope is being read. */
  #prefixBytes = 0;
  /** The prefix so far; the envelope's length once the prefix is complete. */
  #length = 0;
  #partial = NO_BYTES;
  #partialBytes = 0;

  /**
   * The longest envelope that is taken, in bytes; 1200 until it is raised. A change counts from the
   * next frame that begins.
   *
   * @throws TelepathineError INVALID_ARGUMENT outside 1 to `FRAME_BYTES_MAX`.
   */
  get frameBytesMax(): number {
    return this.#frameBytesMax;
  }

  set frameBytesMax(bytes: number) {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > FRAME_BYTES_MAX) {
      throw new TelepathineError(
        'INVALID_ARGUMENT',
        `frameBytesMax must be an integer from 1 to ${FRAME_BYTES_MAX}`,
      );
    }
    this.#frameBytesMax = bytes;
  }

  /** Bytes of a half-read frame that are kept, its prefix included. */
  get bufferedBytes(): number {
    return this.#prefixBytes + this.#partialBytes;
  }

  /**
   * Reads on and hands each complete envelope to `deliver` at once, so that what one envelope brings
   * about (a raised limit) holds for the next one of the same chunk. An envelope may be a view of
   * the chunk: whoever keeps it copies it.
   *
   * @returns a refusal if the stream cannot be read on; every later call returns it again.
   */
  push(
    chunk: Uint8Array,
    deliver: (envelope: Uint8Array) => void,
  ): Refusal<FrameRefusalReason> | undefined {
    let offset = 0;
    while (this.#refusal === undefined && offset < chunk.length) {
      if (this.#prefixBytes < FRAME_PREFIX_BYTES) {
        this.#readPrefixByte(chunk[offset++] as number);
      } else {
        offset = this.#readEnvelope(chunk, offset, deliver);
      }
    }
    return this.#refusal;
  }

  #readPrefixByte(byte: number): void {
    // Not `<<`: a length of 2^31 and more must stay positive.
    this.#length = this.#length * 256 + byte;
    this.#prefixBytes++;
    if (this.#prefixBytes < FRAME_PREFIX_BYTES) return;
    if (this.#length === 0) this.#refuse('empty-frame');
    else if (this.#length > this.#frameBytesMax) this.#refuse('frame-too-long');
  }

  #readEnvelope(
    chunk: Uint8Array,
    offset: number,
    deliver: (envelope: Uint8Array) => void,
  ): number {
    const end = offset + this.#length - this.#partialBytes;
    if (end > chunk.length) {
      this.#keep(chunk.subarray(offset));
      return chunk.length;
    }
    let envelope = chunk.subarray(offset, end);
    if (this.#partialBytes > 0) {
      this.#keep(envelope);
      envelope = this.#partial.subarray(0, this.#length);
    }
    this.#forget();
    deliver(envelope);
    return end;
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#partialBytes + bytes.length;
    if (needed > this.#partial.length) {
      // Doubling, so that a byte at a time costs no more than a few copies of each.
      const larger = new Uint8Array(
        Math.min(this.#length, Math.max(needed, this.#partial.length * 2)),
      );
      larger.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = larger;
    }
    this.#partial.set(bytes, this.#partialBytes);
    this.#partialBytes = needed;
  }

  #forget(): void {
    this.#prefixBytes = 0;
    this.#length = 0;
    this.#partial = NO_BYTES;
    this.#partialBytes = 0;
  }

  #refuse(reason: FrameRefusalReason): void {
    this.#forget();
    this.#refusal = { ok: false, reason };
  }
}

const NO_BYTES = new Uint8Array(0);
