/** Makes IP packets with right lengths and checksums (RFC 1071). */

/** What a packet is made of; addresses have 4 or 16 bytes, both the same. */
export interface PacketParts {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** UDP is 17, TCP 6. */
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/** Bytes that the payload of an IPv4 packet may have. */
export const IP_PAYLOAD_BYTES_MAX = 65_515;

/** A packet of IPv4 or IPv6, by the length of its addresses. */
export function makeIpPacket({ source, destination, protocol, payload }: PacketParts): Uint8Array {
  const isV4 = source.length === 4;
  const headerBytes = isV4 ? 20 : 40;
  const bytes = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(bytes.buffer);
  if (isV4) {
    view.setUint8(0, 0x45);
    view.setUint16(2, bytes.length);
    view.setUint8(8, HOPS);
    view.setUint8(9, protocol);
  } else {
    view.setUint8(0, 0x60);
    view.setUint16(4, payload.length);
    view.setUint8(6, protocol);
    view.setUint8(7, HOPS);
  }
  bytes.set(source, headerBytes - source.length * 2);
  bytes.set(destination, headerBytes - source.length);
  if (isV4) view.setUint16(10, foldedComplement(sumOf(bytes.subarray(0, headerBytes))));
  bytes.set(payload, headerBytes);
  return bytes;
}

/** The payload of an IP packet that is a datagram. */
export function makeDatagram(
  ends: Pick<PacketParts, 'source' | 'destination'>,
  [sourcePort, destinationPort]: readonly [number, number],
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, bytes.length);
  bytes.set(payload, 8);
  // 0 would mean that there is no checksum.
  view.setUint16(6, checksum(ends, 17, bytes) || 0xffff);
  return bytes;
}

/** The payload of an IP packet that is a TCP segment with nothing but data. */
export function makeSegment(
  ends: Pick<PacketParts, 'source' | 'destination'>,
  [sourcePort, destinationPort]: readonly [number, number],
  sequence: number,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(20 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint32(4, sequence);
  view.setUint16(12, 0x5018);
  view.setUint16(14, 0xffff);
  bytes.set(payload, 20);
  view.setUint16(16, checksum(ends, 6, bytes));
  return bytes;
}

const HOPS = 64;

function checksum(
  { source, destination }: Pick<PacketParts, 'source' | 'destination'>,
  protocol: number,
  bytes: Uint8Array,
): number {
  const pseudoHeader = sumOf(source) + sumOf(destination) + protocol + bytes.length;
  return foldedComplement(pseudoHeader + sumOf(bytes));
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
  }
  return sum;
}

function foldedComplement(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 65_536);
  return ~folded & 0xffff;
}
