/**
 * Addresses as people write them (`host:port` in its forms) and as transports know them (canonical
 * `ip:port`, IPv6 in brackets).
 */
import { isIP } from 'node:net';
import { TelepathineError } from '../error.js';
import type { HostAddress } from '../wire/packet.js';
import { canonicalIp, ipToBytes, isUnspecified } from './ip.js';

/** Where a first contact may be found. */
export type Seed =
  /** `ip` is canonical. */
  | { kind: 'address'; ip: string; port: number }
  /** A host name, to be resolved to A and AAAA records. */
  | { kind: 'name'; name: string; port: number }
  /** The name of an SRV record, which gives hosts and ports. */
  | { kind: 'service'; name: string };

/** An IP address and a port. */
export interface IpPort {
  /** Canonical, without brackets. */
  ip: string;
  /** 0 to 65535. */
  port: number;
}

/** A host, by address or by name, perhaps with a port. */
export interface HostPort {
  /** A canonical IP address without brackets, or a host name in lower case. */
  host: string;
  /** Absent: none was given. */
  port?: number;
}

const SEED_FORMS =
  "'a.b.c.d:port', '[ipv6]:port', 'name:port', ':port', 'srv:name' or a port (1 to 65535)";
const HOST_FORMS = "'a.b.c.d', 'ipv6' or 'name', also with ':port' ('[ipv6]:port')";
const NAME_LENGTH_MAX = 253;
/** Letters, digits, hyphens and underscores in labels of up to 63; the last one not all digits. */
const NAME_PATTERN = /^(?!.*(^|\.)\d+\.?$)(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i;

/**
 * Reads a seed: `a.b.c.d:port`, `[ipv6]:port`, `name:port`, `srv:name`, or, on this machine, `:port`
 * and `port` (127.0.0.1). IPv4 may stand in brackets too, as on the original's page.
 *
 * @param given text, or a port as a number.
 * @param option what the error calls it.
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function parseSeed(given: unknown, option = 'seed'): Seed {
  const refuse = (why: string) => invalid(option, given, `${why}; allowed are ${SEED_FORMS}`);
  if (typeof given === 'number') return localSeed(String(given), refuse);
  if (typeof given !== 'string') throw refuse('is neither text nor a number');
  const text = given.trim();
  if (/^srv:/i.test(text)) return serviceSeed(text.slice(4), refuse);
  if (/^:?\d+$/.test(text)) return localSeed(text.replace(':', ''), refuse);
  const { host, port } = splitHost(text, refuse);
  if (port === undefined) throw refuse('has no port');
  if (port === 0) throw refuse('has port 0');
  const bytes = ipToBytes(host);
  if (!bytes) return { kind: 'name', name: host, port };
  if (isUnspecified(bytes)) throw refuse('is an address that nothing can be sent to');
  return { kind: 'address', ip: host, port };
}

/**
 * Reads a host for an option such as `bindAddress`: an IP address or a name, perhaps with a port (0
 * to 65535).
 *
 * @param option what the error calls it.
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function parseHost(given: unknown, option: string): HostPort {
  const refuse = (why: string) => invalid(option, given, `${why}; allowed are ${HOST_FORMS}`);
  if (typeof given !== 'string') throw refuse('is no text');
  return splitHost(given.trim(), refuse);
}

/** The text of a seed; `parseSeed` reads it again. */
export function formatSeed(seed: Seed): string {
  if (seed.kind === 'service') return `srv:${seed.name}`;
  return seed.kind === 'name' ? `${seed.name}:${seed.port}` : formatAddress(seed.ip, seed.port);
}

/**
 * Reads `ip:port` in any valid form; no names.
 *
 * @returns undefined if it is not of that form.
 */
export function parseAddress(text: string): IpPort | undefined {
  const colon = text.lastIndexOf(':');
  const portText = text.slice(colon + 1);
  if (colon < 1 || !/^\d{1,5}$/.test(portText)) return undefined;
  const bracketed = text.startsWith('[');
  if (bracketed && text[colon - 1] !== ']') return undefined;
  const ipText = bracketed ? text.slice(1, colon - 1) : text.slice(0, colon);
  if (isIP(ipText) !== (bracketed ? 6 : 4)) return undefined;
  const ip = canonicalIp(ipText);
  const port = Number(portText);
  return ip !== undefined && port <= 65535 ? { ip, port } : undefined;
}

/**
 * The canonical text of an address: `127.0.0.1:9000`, `[::1]:9000`.
 *
 * @param ip any valid form, without brackets; IPv4 mapped into IPv6 becomes IPv4.
 */
export function formatAddress(ip: string, port: number): string {
  const canonical = canonicalIp(ip) ?? ip;
  return canonical.includes(':') ? `[${canonical}]:${port}` : `${canonical}:${port}`;
}

/**
 * An address as it travels in an owner's header. A zone does not travel.
 *
 * @param ip any valid form, without brackets.
 * @returns undefined if `ip` is no IP address.
 */
export function toHostAddress(
  ip: string,
  port: number,
  transport: HostAddress['transport'],
): HostAddress | undefined {
  const bytes = ipToBytes(ip);
  return bytes && { family: bytes.length === 4 ? 4 : 6, ip: bytes, port, transport };
}

type Refuse = (why: string) => TelepathineError;

function invalid(option: string, given: unknown, why: string): TelepathineError {
  const shown = typeof given === 'string' ? `'${given}'` : String(given);
  return new TelepathineError('INVALID_ARGUMENT', `${option} ${shown} ${why}`);
}

function localSeed(portText: string, refuse: Refuse): Seed {
  const port = readPort(portText, refuse);
  if (port === 0) throw refuse('has port 0');
  return { kind: 'address', ip: '127.0.0.1', port };
}

function serviceSeed(name: string, refuse: Refuse): Seed {
  return { kind: 'service', name: readName(name, refuse) };
}

function splitHost(text: string, refuse: Refuse): HostPort {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) {
    const [, inside = '', portText] = bracketed;
    if (isIP(inside) === 0) throw refuse('has no IP address in its brackets');
    return withPort(readIp(inside, refuse), portText, refuse);
  }
  if (isIP(text) !== 0) return { host: readIp(text, refuse) };
  const parts = text.split(':');
  if (parts.length > 2) throw refuse('is no address (IPv6 with a port is written in brackets)');
  const [host = '', portText] = parts;
  const name = isIP(host) === 4 ? host : readName(host, refuse);
  return withPort(name, portText, refuse);
}

function withPort(host: string, portText: string | undefined, refuse: Refuse): HostPort {
  return portText === undefined ? { host } : { host, port: readPort(portText, refuse) };
}

function readIp(text: string, refuse: Refuse): string {
  const ip = canonicalIp(text);
  if (ip === undefined) throw refuse('has a zone, which only a link-local address (fe80::) may');
  return ip;
}

function readName(text: string, refuse: Refuse): string {
  if (text === '') throw refuse('has no host');
  if (text.length > NAME_LENGTH_MAX || !NAME_PATTERN.test(text)) {
    throw refuse('has neither an IP address nor a valid host name');
  }
  return text.toLowerCase();
}

function readPort(text: string, refuse: Refuse): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535)) throw refuse('has no valid port');
  return port;
}
