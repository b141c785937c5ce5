import { ipFromBytes } from '../wire/ip.js';
import type { OwnerHeader } from '../wire/packet.js';

/**
 * The first address of a header as `ip:port`, one for datagrams before others; '' if it has none.
 *
 * @param seenFrom `ip:port` from which the node's own packets come, for an address without an ip.
 */
export function addressOf(header: OwnerHeader | undefined, seenFrom = ''): string {
  const addresses = header?.addresses ?? [];
  const first = addresses.find((address) => address.transport === 'udp') ?? addresses[0];
  if (first === undefined) return '';
  if (first.ip.length === 0) {
    const ip = seenFrom.slice(0, Math.max(0, seenFrom.lastIndexOf(':')));
    return ip === '' ? '' : `${ip}:${first.port}`;
  }
  const text = ipFromBytes(first.ip);
  if (text === undefined) return '';
  return text.includes(':') ? `[${text}]:${first.port}` : `${text}:${first.port}`;
}

/** Whether a node listens for datagrams; else it is reached by streams alone. */
export function takesDatagrams(header: OwnerHeader): boolean {
  return header.addresses.some((address) => address.transport === 'udp');
}
