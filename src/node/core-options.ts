import { hostname } from 'node:os';
import type { CoreOptions, HeaderOptions } from '../core/contract.js';
import type { Keyring } from '../crypto/keyring.js';
import type { HostPort } from '../transport/address.js';
import { formatAddress, toHostAddress } from '../transport/address.js';
import { ipToBytes, isUnspecified } from '../transport/ip.js';
import { PLAIN_OVERHEAD_BYTES, SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import { DATAGRAM_BYTES_MAX, GENERATION_MAX } from '../wire/limits.js';
import type { HostAddress } from '../wire/packet.js';
import type { NodeSettings } from './settings.js';

/** What is known of a node once it is bound. */
export interface Bound {
  /** The address that was bound, without brackets. */
  readonly ip: string;
  readonly port: number;
  /** Where the node may be reached, if it listens on every address of its machine; else none. */
  readonly machineIps: readonly string[];
  /** Absent: a public mesh. */
  readonly keyring: Keyring | undefined;
  /** Unix milliseconds. */
  readonly wallMs: number;
}

/** The settings of a core for one run of a node. */
export function coreOptionsOf(settings: NodeSettings, bound: Bound): CoreOptions {
  const overheadBytes = bound.keyring ? SEALED_OVERHEAD_BYTES : PLAIN_OVERHEAD_BYTES;
  return {
    ...headerOf(settings, bound),
    name: nameOf(settings, bound.port),
    // In a private mesh the cluster's name is mixed into the keys.
    cluster: bound.keyring ? '' : settings.cluster,
    generation: Math.min(Math.max(1, Math.floor(bound.wallMs)), GENERATION_MAX),
    udp: settings.udp,
    datagramPacketBytesMax: DATAGRAM_BYTES_MAX - overheadBytes,
    gossipIntervalMs: settings.gossipIntervalMS,
    heartbeatIntervalMs: settings.heartbeatIntervalMS,
    phiThreshold: settings.phiThreshold,
    phiDeviationMinMs: settings.phiDeviationMinMs,
    phiToleranceMs: settings.phiToleranceMs,
    burstProbes: settings.burstProbes,
    burstMs: settings.burstMs,
    deadGraceMs: settings.deadGraceMs,
    leftGraceMs: settings.leftGraceMs,
    tombstoneGraceMs: settings.tombstoneGraceMs,
    joinTimeoutMs: settings.joinTimeoutMs,
    ownersMax: settings.ownersMax,
    heldBytesMax: settings.heldBytesMax,
  };
}

/** What the node says of itself ahead of its entries. */
export function headerOf(settings: NodeSettings, bound: Omit<Bound, 'wallMs'>): HeaderOptions {
  return {
    addresses: addressesOf(settings, bound),
    tags: { ...settings.tags },
    keyIds: bound.keyring ? [...bound.keyring.keyIds] : [],
  };
}

/**
 * Whether the node is where its packets come from: it listens on every address of its machine, and
 * was not told which of them the others use.
 */
export function isWherePacketsComeFrom({ advertise }: NodeSettings, ip: string): boolean {
  const bytes = advertise === undefined ? ipToBytes(ip) : undefined;
  return bytes !== undefined && isUnspecified(bytes);
}

/**
 * The node's name: as given, or the address and port that the others are told. A node that listens on
 * every address of its machine takes the machine's name, because other machines' nodes listen so too.
 */
export function nameOf({ name, advertise, bindHost }: NodeSettings, port: number): string {
  if (name !== undefined) return name;
  if (advertise) return formatAddress(advertise.host, advertise.port ?? port);
  const bytes = ipToBytes(bindHost);
  return formatAddress(bytes && isUnspecified(bytes) ? hostname() : bindHost, port);
}

/** The addresses (`ip:port`) that lead to the node itself. */
export function ownAddressesOf(
  { advertise, addressAlias }: NodeSettings,
  ip: string,
  port: number,
): ReadonlySet<string> {
  const places: HostPort[] = [{ host: ip }, ...(advertise ? [advertise] : []), ...addressAlias];
  return new Set(places.map((place) => formatAddress(place.host, place.port ?? port)));
}

/**
 * Where others reach the node. The first address has no IP where the node is where its packets come
 * from; the next one is where it may be, for those who have not had a packet yet.
 */
function addressesOf(settings: NodeSettings, bound: Omit<Bound, 'wallMs'>): HostAddress[] {
  const { advertise, udp } = settings;
  const kinds = udp ? (['udp', 'tcp'] as const) : (['tcp'] as const);
  const ip = advertise?.host ?? bound.ip;
  const port = advertise?.port ?? bound.port;
  const isV4 = ipToBytes(bound.ip)?.length === 4;
  const suggested = bound.machineIps.find((each) => !isV4 || ipToBytes(each)?.length === 4);
  return [ip, ...(suggested === undefined ? [] : [suggested])].flatMap((each) =>
    kinds.flatMap((transport) => {
      const address = toHostAddress(each, port, transport);
      if (!address) return [];
      return isUnspecified(address.ip) ? { ...address, ip: new Uint8Array(0) } : address;
    }),
  );
}
