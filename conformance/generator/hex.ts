/** Bytes for vectors, and from them. */
import type { Bytes, Run } from '../../src/conformance/vectors/vector.js';

/** Lower-case hex digits. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The bytes of hex digits; spaces between them are for the eye. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

/** UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The parts, one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** An integer of 4 bytes, big-endian. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** The bytes `count` times `byte`, as a run between what stands before and behind. */
export function filled(before: Uint8Array, byte: number, count: number, behind = NOTHING): Bytes {
  const runs: Run[] = [
    { hex: hexOf(before), times: 1 },
    { hex: hexOf(Uint8Array.of(byte)), times: count },
    { hex: hexOf(behind), times: 1 },
  ];
  return runs.filter(({ hex }) => hex !== '');
}

const NOTHING = new Uint8Array(0);
