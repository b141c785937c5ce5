import { TelepathineError } from '../error.js';
import type { HostPort } from './address.js';
import { formatAddress, parseAddress, parseHost } from './address.js';
import { ipToBytes } from './ip.js';

/** Manual network address translation, both ways. */
export interface AddressMap {
  /** From an address as the mesh knows it to the one that is sent to. */
  outgoing(address: string): string;
  /** From the address that something came from to the one as the mesh knows it. */
  incoming(address: string): string;
}

/**
 * Reads the option `addressMap`: from an address as the mesh knows it to the one under which this
 * node reaches it. Both have a port (`ip:port`), or neither has; then all ports stay as they are.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no IP address, a port on one side only, or two
 * addresses that stand for the same.
 */
export function readAddressMap(given: Readonly<Record<string, string>>): AddressMap {
  const outgoing = new Map<string, string>();
  const incoming = new Map<string, string>();
  for (const [from, to] of Object.entries(given)) {
    const known = readSide(from);
    const reached = readSide(to);
    if ((known.port === undefined) !== (reached.port === undefined)) {
      throw invalid(`'${from}' to '${to}' was given; allowed is a port in both or in neither`);
    }
    if (outgoing.has(keyOf(known)) || incoming.has(keyOf(reached))) {
      throw invalid(`'${from}' or '${to}' was given twice; allowed is once`);
    }
    outgoing.set(keyOf(known), keyOf(reached));
    incoming.set(keyOf(reached), keyOf(known));
  }
  return {
    outgoing: (address) => translate(outgoing, address),
    incoming: (address) => translate(incoming, address),
  };
}

function translate(map: ReadonlyMap<string, string>, address: string): string {
  if (map.size === 0) return address;
  const exact = map.get(address);
  if (exact !== undefined) return exact;
  const place = parseAddress(address);
  const ip = place && map.get(place.ip);
  return ip === undefined ? address : formatAddress(ip, place!.port);
}

function readSide(text: string): HostPort {
  const side = parseHost(text, 'option addressMap:');
  if (ipToBytes(side.host) === undefined)
    throw invalid(`'${text}' was given; allowed is an IP address, also with a port`);
  return side;
}

function keyOf({ host, port }: HostPort): string {
  return port === undefined ? host : formatAddress(host, port);
}

function invalid(what: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', `option addressMap: ${what}`);
}
