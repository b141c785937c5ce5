/** Packets of IPv4 (RFC 791) and IPv6 (RFC 8200). */
import { ipFromBytes } from '../../wire/ip.js';

/** What an IP packet carries, and between whom. */
export interface IpPacket {
  readonly version: 4 | 6;
  /** 4 or 16 bytes each. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** UDP is 17, TCP 6. */
  readonly protocol: number;
  /** As much as was captured. */
  readonly payload: Uint8Array;
  /** The capture kept only a part of the packet. */
  readonly isCut: boolean;
  /** Present: the payload is a part of that of a larger packet. */
  readonly fragment?: Fragment;
}

/** Which part of which packet's payload a fragment is. */
export interface Fragment {
  readonly id: number;
  /** In bytes. */
  readonly offset: number;
  readonly isLast: boolean;
}

export const UDP = 17;
export const TCP = 6;

/** Reads the headers; undefined if they are malformed or cut. */
export function readIpPacket(bytes: Uint8Array): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >>> 4;
  if (version === 4) return readIpv4(bytes);
  return version === 6 ? readIpv6(bytes) : undefined;
}

/** An address and a port as text: `127.0.0.1:9000`, `[::1]:9000`. */
export function addressText(ip: Uint8Array, port: number): string {
  if (ip.length === 4) return `${ip[0]}.${ip[1]}.${ip[2]}.${ip[3]}:${port}`;
  const text = ipFromBytes(ip) as string;
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
}

function readIpv4(bytes: Uint8Array): IpPacket | undefined {
  const headerBytes = ((bytes[0] as number) & 15) * 4;
  if (headerBytes < 20 || bytes.length < headerBytes) return undefined;
  // 0: the network card was to cut it into segments and to fill in the length.
  const length = uint16(bytes, 2) || bytes.length;
  if (length < headerBytes) return undefined;
  const flags = uint16(bytes, 6);
  const offset = (flags & 0x1fff) * 8;
  const isLast = (flags & 0x2000) === 0;
  const packet = {
    version: 4,
    source: bytes.subarray(12, 16),
    destination: bytes.subarray(16, 20),
    protocol: bytes[9] as number,
    payload: bytes.subarray(headerBytes, length),
    isCut: length > bytes.length,
  } as const;
  if (offset === 0 && isLast) return packet;
  return { ...packet, fragment: { id: uint16(bytes, 4), offset, isLast } };
}

const IPV6_HEADER_BYTES = 40;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const EXTENSIONS = new Set([HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS]);

function readIpv6(bytes: Uint8Array): IpPacket | undefined {
  if (bytes.length < IPV6_HEADER_BYTES) return undefined;
  // 0: a jumbogram, or the network card was to fill it in.
  const length = uint16(bytes, 4) === 0 ? bytes.length : IPV6_HEADER_BYTES + uint16(bytes, 4);
  const inside = readExtensions(bytes, Math.min(length, bytes.length));
  if (inside === undefined) return undefined;
  const { protocol, payload, fragment } = inside;
  const packet = {
    version: 6,
    source: bytes.subarray(8, 24),
    destination: bytes.subarray(24, 40),
    protocol,
    payload,
    isCut: length > bytes.length,
  } as const;
  // An atomic fragment (RFC 6946) is whole.
  if (fragment === undefined || (fragment.offset === 0 && fragment.isLast)) return packet;
  return { ...packet, fragment };
}

interface BehindExtensions {
  protocol: number;
  payload: Uint8Array;
  fragment: Fragment | undefined;
}

function readExtensions(bytes: Uint8Array, end: number): BehindExtensions | undefined {
  let protocol = bytes[6] as number;
  let at = IPV6_HEADER_BYTES;
  let fragment: Fragment | undefined;
  // What follows in a fragment that is not the first is no header.
  while (EXTENSIONS.has(protocol) && (fragment?.offset ?? 0) === 0) {
    if (at + 8 > end) return undefined;
    const units = bytes[at + 1] as number;
    if (protocol === FRAGMENT) fragment = fragmentAt(bytes, at);
    const next = bytes[at] as number;
    if (protocol === FRAGMENT) at += 8;
    else at += protocol === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
    protocol = next;
  }
  return at > end ? undefined : { protocol, payload: bytes.subarray(at, end), fragment };
}

function fragmentAt(bytes: Uint8Array, at: number): Fragment {
  const flags = uint16(bytes, at + 2);
  const id = uint16(bytes, at + 4) * 65_536 + uint16(bytes, at + 6);
  return { id, offset: flags & 0xfff8, isLast: (flags & 1) === 0 };
}

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}
