/** Sealed envelopes for vectors, and what is wrong with some. */
import { deriveSealingKey } from '../../../src/crypto/derive.js';
import type { SealingKey } from '../../../src/crypto/keyring.js';
import { cryptoReady, sealBox } from '../../../src/crypto/secretbox.js';
import { encodePacket } from '../../../src/wire/codec.js';
import { encodeEntryBody } from '../../../src/wire/entry-body.js';
import { Encoding, type Want } from '../../../src/wire/packet.js';
import { joined } from '../hex.js';
import { ALICE, packetOf } from '../samples.js';

await cryptoReady();

/** TEST ONLY, as all keys here. */
export const KEY = deriveSealingKey('correct horse battery staple', 'production');
export const OTHER_CLUSTER_KEY = deriveSealingKey('correct horse battery staple', 'staging');
export const SECOND_KEY = deriveSealingKey(
  'telepathine-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
  'production',
);
export const THIRD_KEY = deriveSealingKey(
  'telepathine-key-v1:__________________________________________8',
  'production',
);
/** TEST ONLY: 0, 1, 2 and so on. A nonce is random everywhere else. */
export const NONCE = Uint8Array.from({ length: 24 }, (_, index) => index);

export function seal(packet: Uint8Array, key: SealingKey, nonce: Uint8Array = NONCE): Uint8Array {
  const box = sealBox(packet, nonce, key.bytes);
  return joined(Uint8Array.of(0x21), key.idBytes, nonce, box);
}

export function starting(kind: number, bytes: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(kind), bytes.subarray(1));
}

export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

export function reversed(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const turned = bytes.slice(from, to).reverse();
  return joined(bytes.subarray(0, from), turned, bytes.subarray(to));
}

export function wantOf(number: number): Want {
  const owner = number.toString(16).padStart(16, '0');
  return { owner, generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
}

/** A packet of so many bytes: its last part is an entry with as much payload as that takes. */
export function packetOfBytes(length: number): Uint8Array {
  const body = encodeEntryBody({
    ...{ version: 1, name: 'filler' },
    content: { kind: 'value', encoding: Encoding.bytes, typeName: '', stamp: { time: 1 } },
  });
  const rest = {
    from: 0,
    to: 1,
    asOf: 1,
    floor: 0,
    header: new Uint8Array(0),
    requiredFeatures: 0,
  };
  for (let bytes = length; bytes > 0; bytes--) {
    const payload = new Uint8Array(bytes).fill(0x61);
    const delta = { ...ALICE, ...rest, entries: [{ body, payload }] };
    const packet = encodePacket(packetOf({ deltas: [delta] }));
    if (packet.length === length) return packet;
  }
  throw new Error(`no packet has ${length} bytes`);
}
