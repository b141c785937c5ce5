/** Opens and reads envelopes, whoever sent them. */
import { decodePacket } from '../wire/codec.js';
import { PLAIN_KIND, PLAIN_OVERHEAD_BYTES, SEALED_KIND } from '../wire/envelope.js';
import { packetFields } from '../wire/fields.js';
import type { Item, Place, ProblemItem } from './item.js';
import type { KeySet } from './key-set.js';

/** Unlike a node it takes plain and sealed envelopes alike, of any cluster. */
export class Opener {
  /** Sealed envelopes that were seen, and those of them that a key has opened. */
  sealed = 0;
  opened = 0;
  /** Ids of keys that no key was there for. */
  readonly missingKeyIds = new Set<string>();

  constructor(private readonly keys: KeySet) {}

  /** Reads an envelope. No bytes make it throw. */
  read(envelope: Uint8Array, place: Place): Item {
    const problem = { kind: 'problem', place, envelope, bytes: envelope.length } as const;
    switch (envelope[0]) {
      case undefined:
        return { ...problem, layer: 'envelope', reason: 'empty' };
      case PLAIN_KIND:
        return readPacket(envelope.subarray(PLAIN_OVERHEAD_BYTES), { place, envelope });
      case SEALED_KIND:
        return this.#readSealed(envelope, place, problem);
      default:
        return { ...problem, layer: 'envelope', reason: 'unknown-kind', at: 0 };
    }
  }

  /** Whether bytes that seem to be an envelope are one; of one that no key opens the id counts. */
  isEnvelope(bytes: Uint8Array): boolean {
    if (bytes[0] === PLAIN_KIND) return decodePacket(bytes.subarray(PLAIN_OVERHEAD_BYTES)).ok;
    if (bytes[0] !== SEALED_KIND) return false;
    const unsealed = this.keys.open(bytes);
    if (unsealed.ok) return true;
    if (unsealed.reason !== 'unknown-key') return false;
    return this.missingKeyIds.size === 0 || this.missingKeyIds.has(unsealed.keyId as string);
  }

  #readSealed(
    envelope: Uint8Array,
    place: Place,
    problem: Pick<ProblemItem, 'kind' | 'place' | 'envelope' | 'bytes'>,
  ): Item {
    this.sealed += 1;
    const unsealed = this.keys.open(envelope);
    if (unsealed.ok) {
      this.opened += 1;
      return readPacket(unsealed.packetBytes, { place, envelope, keyId: unsealed.keyId });
    }
    const { reason, keyId } = unsealed;
    if (reason === 'unknown-key' && this.missingKeyIds.size < MISSING_KEYS_MAX) {
      this.missingKeyIds.add(keyId as string);
    }
    return { ...problem, layer: 'envelope', reason, ...(keyId === undefined ? {} : { keyId }) };
  }
}

const MISSING_KEYS_MAX = 64;

function readPacket(
  packetBytes: Uint8Array,
  opened: { place: Place; envelope: Uint8Array; keyId?: string },
): Item {
  const decoded = decodePacket(packetBytes);
  if (decoded.ok) return { kind: 'packet', ...opened, packetBytes, packet: decoded.packet };
  const { faultAt } = packetFields(packetBytes);
  return {
    kind: 'problem',
    ...opened,
    bytes: opened.envelope.length,
    layer: 'packet',
    reason: decoded.reason,
    ...(faultAt === undefined ? {} : { at: faultAt }),
  };
}
