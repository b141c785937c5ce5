/**
 * Ids between their bytes on the wire and the lower-case hex digits of the core. Table-driven: an
 * id takes some 30 ns each way (a part of what bench/packet.ts measures).
 */
import { TelepathineError } from '../error.js';
import type { Hex64 } from './packet.js';

/** The id or token of 8 zero bytes: no owner has it. */
export const ZERO_HEX64: Hex64 = '0000000000000000';

/** 8 bytes as 16 lower-case hex digits. The caller has checked that there are 8. */
export function hex64FromBytes(bytes: Uint8Array): Hex64 {
  // One call makes a flat string; adding up pairs makes a rope that each use as a map key flattens.
  return String.fromCharCode(
    HIGH[bytes[0]!]!,
    LOW[bytes[0]!]!,
    HIGH[bytes[1]!]!,
    LOW[bytes[1]!]!,
    HIGH[bytes[2]!]!,
    LOW[bytes[2]!]!,
    HIGH[bytes[3]!]!,
    LOW[bytes[3]!]!,
    HIGH[bytes[4]!]!,
    LOW[bytes[4]!]!,
    HIGH[bytes[5]!]!,
    LOW[bytes[5]!]!,
    HIGH[bytes[6]!]!,
    LOW[bytes[6]!]!,
    HIGH[bytes[7]!]!,
    LOW[bytes[7]!]!,
  );
}

/**
 * 16 lower-case hex digits as 8 bytes.
 *
 * @throws TelepathineError INVALID_ARGUMENT if the text is anything else.
 */
export function bytesFromHex64(hex: Hex64): Uint8Array {
  return bytesOf(hex, 8);
}

/** 4 bytes as 8 lower-case hex digits: the id of a key. The caller has checked that there are 4. */
export function hex32FromBytes(bytes: Uint8Array): string {
  let hex = '';
  for (let index = 0; index < 4; index++) {
    const byte = bytes[index]!;
    hex += String.fromCharCode(HIGH[byte]!, LOW[byte]!);
  }
  return hex;
}

/**
 * 8 lower-case hex digits as 4 bytes.
 *
 * @throws TelepathineError INVALID_ARGUMENT if the text is anything else.
 */
export function bytesFromHex32(hex: string): Uint8Array {
  return bytesOf(hex, 4);
}

function bytesOf(hex: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let seen = hex.length === length * 2 ? 0 : -1;
  for (let index = 0; index < length; index++) {
    const highCode = hex.charCodeAt(index * 2);
    const lowCode = hex.charCodeAt(index * 2 + 1);
    const value = ((DIGIT[highCode] ?? -1) << 4) | (DIGIT[lowCode] ?? -1);
    seen |= value;
    bytes[index] = value;
  }
  if (seen < 0) {
    throw new TelepathineError(
      'INVALID_ARGUMENT',
      `an id must be ${length * 2} lower-case hex digits`,
    );
  }
  return bytes;
}

const DIGITS = '0123456789abcdef';
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS.charCodeAt(byte >>> 4));
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS.charCodeAt(byte & 15));
const DIGIT = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) DIGIT[DIGITS.charCodeAt(value)] = value;
