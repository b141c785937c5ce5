import { networkInterfaces } from 'node:os';
import { ipToBytes, isLinkLocal } from '../transport/ip.js';

/**
 * The IP addresses at which other machines may reach this one, in the system's order, IPv4 first. Of
 * a machine without a network: those at which its own processes do.
 */
export function machineIps(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !isOfOneLink(address));
  const ips = (outside.length > 0 ? outside : all).map(({ address }) => address);
  return ips.sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
}

/** RFC 3927 and RFC 4291: other machines have the same. */
function isOfOneLink(ip: string): boolean {
  const bytes = ipToBytes(ip);
  return ip.startsWith('169.254.') || bytes === undefined || isLinkLocal(bytes);
}
