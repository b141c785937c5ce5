/**
 * Who speaks in the vectors. Ids, tokens and times are fixed, so that the vectors are the same
 * whenever they are made. Keys and nonces are TEST ONLY.
 */
import { encodePacket } from '../../src/wire/codec.js';
import { PLAIN_KIND } from '../../src/wire/envelope.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import type { Life, Packet } from '../../src/wire/packet.js';
import { joined } from './hex.js';

/** A life of alice. */
export const ALICE: Life = {
  owner: ownerIdOf('alice'),
  logId: '0123456789abcdef',
  generation: 1_700_000_000_000,
};

/** A life of bob. */
export const BOB: Life = {
  owner: ownerIdOf('bob'),
  logId: 'fedcba9876543210',
  generation: 1_700_000_000_001,
};

/** A token that alice gives. */
export const ALICE_TOKEN = 'a1a2a3a4a5a6a7a8';

/** A token that bob gives. */
export const BOB_TOKEN = 'b1b2b3b4b5b6b7b8';

/** A packet of alice without parts, with some of its own. */
export function packetOf(parts: Partial<Packet> = {}): Packet {
  return {
    ...{ requiredFeatures: 0, protocol: 1, cluster: '', sender: ALICE, uptimeMs: 1500 },
    ...{ fingerprints: [], digests: [], wants: [], deltas: [] },
    ...{ probes: [], suspicions: [], votes: [] },
    ...parts,
  };
}

/** The bytes of a packet of alice, in a plain envelope. */
export function plainEnvelope(parts: Partial<Packet> = {}): Uint8Array {
  return joined(Uint8Array.of(PLAIN_KIND), encodePacket(packetOf(parts)));
}
