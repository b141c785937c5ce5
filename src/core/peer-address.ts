import { ipFromBytes } from '../wire/ip.js';
import type { OwnerHeader } from '../wire/packet.js';

/**
 * The first address of a header as `ip:port`; '' if it has none.
 *
 * @param seenFrom `ip:port` from which the node's packets come, for an address that leaves its ip out.
 */
export function addressOf(header: OwnerHeader | undefined, seenFrom = ''): string {
  const first = header?.addresses[0];
  if (first === undefined) return '';
  if (first.ip.length === 0) {
    const ip = seenFrom.slice(0, Math.max(0, seenFrom.lastIndexOf(':')));
    return ip === '' ? '' : `${ip}:${first.port}`;
  }
  const text = ipFromBytes(first.ip);
  if (text === undefined) return '';
  return text.includes(':') ? `[${text}]:${first.port}` : `${text}:${first.port}`;
}
