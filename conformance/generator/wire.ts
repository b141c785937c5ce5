/** Protobuf's binary form by hand: also what no encoder writes. */
import { fromHex, joined } from './hex.js';

/** A varint, filled up with zero bits to so many bytes. */
export function varint(value: number | bigint, bytesMin = 1): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 0x7fn));
    rest >>= 7n;
  } while (rest > 0n || bytes.length < bytesMin);
  return Uint8Array.from(bytes, (byte, index) => (index < bytes.length - 1 ? byte | 0x80 : byte));
}

/** Of a field: its number and wire type. */
export function tag(field: number, wireType: number, bytesMin = 1): Uint8Array {
  return varint(BigInt(field) * 8n + BigInt(wireType), bytesMin);
}

/** A field of wire type 0. */
export function num(field: number, value: number | bigint, bytesMin = 1): Uint8Array {
  return joined(tag(field, 0), varint(value, bytesMin));
}

/** A field of wire type 2: text, bytes or a message, of these parts. */
export function len(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(...parts);
  return joined(tag(field, 2), varint(content.length), content);
}

/** A field of wire type 2 with 8 bytes, or as many as there are digits for. */
export function id(field: number, hex: string): Uint8Array {
  return len(field, fromHex(hex));
}

/** A group: what stands between its two tags. */
export function group(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return joined(tag(field, 3), ...parts, tag(field, 4));
}

/** So many groups inside each other. */
export function groups(field: number, depth: number): Uint8Array {
  const tags = (wireType: number) => Array.from({ length: depth }, () => tag(field, wireType));
  return joined(...tags(3), ...tags(4));
}
