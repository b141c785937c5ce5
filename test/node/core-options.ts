import type { CoreOptions } from '../../src/core/contract.js';
import { SEALED_OVERHEAD_BYTES } from '../../src/wire/envelope.js';
import { DATAGRAM_BYTES_MAX } from '../../src/wire/limits.js';
import type { HostAddress } from '../../src/wire/packet.js';

/** Settings of a quick core. */
export function coreOptions(name: string, addresses: HostAddress[]): CoreOptions {
  return {
    name,
    addresses,
    tags: {},
    keyIds: [],
    cluster: '',
    generation: 1000,
    udp: true,
    datagramPacketBytesMax: DATAGRAM_BYTES_MAX - SEALED_OVERHEAD_BYTES,
    gossipIntervalMs: 500,
    heartbeatIntervalMs: 500,
    phiThreshold: 8,
    phiDeviationMinMs: 100,
    phiToleranceMs: 200,
    burstProbes: 40,
    burstMs: 2000,
    deadGraceMs: 3_600_000,
    leftGraceMs: 600_000,
    tombstoneGraceMs: 3_600_000,
    joinTimeoutMs: 1000,
    ownersMax: 100,
    heldBytesMax: 2 ** 30,
  };
}
