import { hostname } from 'node:os';
import type { CoreOptions, HeaderOptions } from '../core/contract.js';
import type { Keyring } from '../crypto/keyring.js';
import { formatAddress, toHostAddress } from '../transport/address.js';
import { ipToBytes, isUnspecified } from '../transport/ip.js';
import { PLAIN_OVERHEAD_BYTES, SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import { DATAGRAM_BYTES_MAX } from '../wire/limits.js';
import type { HostAddress } from '../wire/packet.js';
import type { Settings } from './options.js';

/** What is known of a node once it is bound. */
export interface Bound {
  /** The address that was bound, without brackets. */
  readonly ip: string;
  readonly port: number;
  /** Absent: a public mesh. */
  readonly keyring: Keyring | undefined;
  /** Unix milliseconds. */
  readonly wallMs: number;
}

/** The settings of a core for one life of a node. */
export function coreOptionsOf(settings: Settings, bound: Bound): CoreOptions {
  const overheadBytes = bound.keyring ? SEALED_OVERHEAD_BYTES : PLAIN_OVERHEAD_BYTES;
  return {
    ...headerOf(settings, bound),
    name: nameOf(settings, bound.port),
    // In a private mesh the cluster's name is mixed into the keys.
    cluster: bound.keyring ? '' : settings.cluster,
    generation: Math.floor(bound.wallMs),
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
  };
}

/** What the node says of itself ahead of its entries. */
export function headerOf(settings: Settings, { ip, port, keyring }: Omit<Bound, 'wallMs'>) {
  const header: HeaderOptions = {
    addresses: addressesOf(ip, port, settings.udp),
    tags: { ...settings.tags },
    keyIds: keyring ? [...keyring.keyIds] : [],
  };
  return header;
}

/**
 * The node's name: as given, or its address and port. A node that listens on every address of its
 * machine takes the machine's name, because other machines' nodes listen so too.
 */
export function nameOf({ name, address }: Settings, port: number): string {
  if (name !== undefined) return name;
  const bytes = ipToBytes(address.host);
  return formatAddress(bytes && isUnspecified(bytes) ? hostname() : address.host, port);
}

/** Where others reach the node; without an IP address it is where its packets come from. */
function addressesOf(ip: string, port: number, udp: boolean): HostAddress[] {
  const kinds = udp ? (['udp', 'tcp'] as const) : (['tcp'] as const);
  return kinds.flatMap((transport) => {
    const address = toHostAddress(ip, port, transport);
    if (!address) return [];
    return isUnspecified(address.ip) ? { ...address, ip: new Uint8Array(0) } : address;
  });
}
