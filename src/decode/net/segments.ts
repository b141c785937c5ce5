/** Headers of UDP (RFC 768) and TCP (RFC 9293). */

/** A datagram. */
export interface Datagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** As much as was captured. */
  readonly payload: Uint8Array;
  readonly isCut: boolean;
}

/** A TCP segment. */
export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Undefined if the segment acknowledges nothing. */
  readonly acknowledged: number | undefined;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly isReset: boolean;
  /** As much as was captured. */
  readonly payload: Uint8Array;
}

/** Reads a datagram; undefined if its header is malformed or cut. */
export function readDatagram(bytes: Uint8Array): Datagram | undefined {
  if (bytes.length < UDP_HEADER_BYTES) return undefined;
  const length = uint16(bytes, 4) || bytes.length;
  if (length < UDP_HEADER_BYTES) return undefined;
  return {
    sourcePort: uint16(bytes, 0),
    destinationPort: uint16(bytes, 2),
    payload: bytes.subarray(UDP_HEADER_BYTES, length),
    isCut: length > bytes.length,
  };
}

/** Reads a segment; undefined if its header is malformed or cut. */
export function readSegment(bytes: Uint8Array): Segment | undefined {
  if (bytes.length < TCP_HEADER_BYTES) return undefined;
  const headerBytes = ((bytes[12] as number) >>> 4) * 4;
  if (headerBytes < TCP_HEADER_BYTES || headerBytes > bytes.length) return undefined;
  const flags = bytes[13] as number;
  return {
    sourcePort: uint16(bytes, 0),
    destinationPort: uint16(bytes, 2),
    sequence: uint32(bytes, 4),
    acknowledged: flags & ACKNOWLEDGES ? uint32(bytes, 8) : undefined,
    isFirst: (flags & FIRST) !== 0,
    isLast: (flags & LAST) !== 0,
    isReset: (flags & RESET) !== 0,
    payload: bytes.subarray(headerBytes),
  };
}

const UDP_HEADER_BYTES = 8;
const TCP_HEADER_BYTES = 20;
const LAST = 1;
const FIRST = 2;
const RESET = 4;
const ACKNOWLEDGES = 16;

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

function uint32(bytes: Uint8Array, offset: number): number {
  return uint16(bytes, offset) * 65_536 + uint16(bytes, offset + 2);
}
