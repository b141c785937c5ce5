import { ipFromBytes } from '../wire/ip.js';
import type { HostAddress, OwnerHeader } from '../wire/packet.js';

/** How a node is reached. */
export interface Reach {
  /** `ip:port`; '' while unknown. */
  readonly address: string;
  /** It takes no datagrams. */
  readonly streamOnly: boolean;
  /** Its port, if its header names no ip: it is where its packets come from. 0: it names one. */
  readonly unnamedPort: number;
}

/** @param seen where its packets come from, if that is known and its header names no ip. */
export function reachOf(header: OwnerHeader | undefined, seen: string | undefined): Reach {
  const streamOnly = header !== undefined && !takesDatagrams(header);
  return { address: seen ?? addressOf(header), streamOnly, unnamedPort: unnamedPort(header) };
}

/**
 * The first address of a header as `ip:port`, one for datagrams before others; '' if it has none. If
 * the first has no ip, the next with one of that kind: there its node may be (PROTOCOL.md, "Header").
 */
export function addressOf(header: OwnerHeader | undefined): string {
  const first = firstOf(header);
  if (first === undefined) return '';
  const told = header?.addresses.find(
    ({ ip, transport }) => ip.length > 0 && transport === first.transport,
  );
  const text = told && ipFromBytes(told.ip);
  if (told === undefined || text === undefined) return '';
  return [text.includes(':') ? `[${text}]` : text, told.port].join(':');
}

/** The port of a node that names no ip, at the ip of `ip:port`, from where a packet of it has come. */
export function addressSeen(from: string, port: number): string {
  const ip = /^(?:\[[^\]]*\]|[^:]*)/.exec(from)?.[0] ?? '';
  return ip === '' ? '' : `${ip}:${port}`;
}

/** Whether a node listens for datagrams; else it is reached by streams alone. */
export function takesDatagrams(header: OwnerHeader): boolean {
  return header.addresses.some((address) => address.transport === 'udp');
}

function unnamedPort(header: OwnerHeader | undefined): number {
  const first = firstOf(header);
  return first?.ip.length === 0 ? first.port : 0;
}

function firstOf(header: OwnerHeader | undefined): HostAddress | undefined {
  const addresses = header?.addresses ?? [];
  return addresses.find((address) => address.transport === 'udp') ?? addresses[0];
}
