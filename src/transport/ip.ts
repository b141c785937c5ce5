/**
 * IP addresses as text and as bytes. The text is canonical (RFC 5952 for IPv6: lower case, the
 * longest run of zeros shortened), so that equal addresses are equal strings; IPv4 mapped into IPv6
 * is IPv4.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { ipFromBytes, isMappedIpv4 } from '../wire/ip.js';

export { ipFromBytes };

/**
 * The bytes of an IP address.
 *
 * @param text IPv4 or IPv6, in any valid form, without brackets; a zone (`%eth0`) is left off.
 * @returns 4 bytes, or 16; 4 for an IPv4 address mapped into IPv6. Undefined if it is no address.
 */
export function ipToBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text)) return undefined;
  const bytes = ipv6Bytes(text.split('%', 1)[0] as string);
  return isMappedIpv4(bytes) ? bytes.subarray(12) : bytes;
}

/**
 * The canonical form of an IP address. The zone of a link-local IPv6 address (`fe80::1%eth0`) is
 * kept as given, because nothing can be sent there without it.
 *
 * @returns undefined if `text` is no IP address, or has a zone and is not link-local.
 */
export function canonicalIp(text: string): string | undefined {
  const bytes = ipToBytes(text);
  const canonical = bytes && ipFromBytes(bytes);
  const zoneAt = text.indexOf('%');
  if (!bytes || zoneAt === -1) return canonical;
  return isLinkLocal(bytes) ? `${canonical}${text.slice(zoneAt)}` : undefined;
}

/** Whether these are the bytes of 0.0.0.0 or `::`, which stand for every address of a machine. */
export function isUnspecified(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Whether these are the bytes of an IPv6 address of one link only, fe80::/10. */
export function isLinkLocal(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] as number) & 0xc0) === 0x80;
}

/** @param text a valid IPv6 address without a zone. */
function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::', 2);
  const before = ipv6Part(head);
  const after = tail === undefined ? [] : ipv6Part(tail);
  const bytes = new Uint8Array(16);
  bytes.set(before, 0);
  bytes.set(after, 16 - after.length);
  return bytes;
}

function ipv6Part(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
