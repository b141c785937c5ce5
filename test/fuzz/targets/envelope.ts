import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { Keyring } from '../../../src/crypto/keyring.js';
import { NONCE_BYTES } from '../../../src/crypto/nonce.js';
import { cryptoReady, KEY_BYTES, sealBox } from '../../../src/crypto/secretbox.js';
import { decodePacket } from '../../../src/wire/codec.js';
import { readEnvelope, SEALED_KIND } from '../../../src/wire/envelope.js';
import { joined } from '../bytes.js';
import { BYTE_MUTATIONS } from '../mutations.js';
import type { Target } from '../target.js';

await cryptoReady();

const IDS = ['00000001', 'a0635d21'];

/** The keys that the sealed envelopes of the corpus were made with. */
export const KEYRING = new Keyring(
  IDS.map((id, index) => {
    const bytes = new Uint8Array(KEY_BYTES).fill(index + 1);
    return { id, idBytes: new Uint8Array(Buffer.from(id, 'hex')), bytes };
  }),
);

/**
 * Envelopes: a box opens only if it is exactly what its key makes of its nonce and content; one that
 * was changed in any bit does not.
 */
export const envelopeTarget: Target = {
  name: 'envelope',
  inputBytesMax: 1400,
  cpuMsMax: 500,
  batch: 500,
  mutations: BYTE_MUTATIONS,
  run(input) {
    const plain = readEnvelope(input, undefined);
    const sealed = readEnvelope(input, KEYRING);
    if (sealed.ok) checkAuthentic(input, sealed.packetBytes, sealed.keyId);
    if (plain.ok) deepStrictEqual(plain.packetBytes, input.subarray(1));
    checkSealing(input);
    return [plain, sealed].map((each) => (each.ok ? inside(each.packetBytes) : each.reason)).join();
  },
};

/** A sealed envelope. The nonce is given: a run must be the same each time. */
export function sealedBy(keyring: Keyring, nonce: Uint8Array, packetBytes: Uint8Array): Uint8Array {
  const { idBytes, bytes } = keyring.sealing;
  const box = sealBox(packetBytes, nonce, bytes);
  return joined([Uint8Array.of(SEALED_KIND), idBytes, nonce, box]);
}

function inside(packetBytes: Uint8Array): string {
  const decoded = decodePacket(packetBytes);
  return decoded.ok ? 'packet' : decoded.reason;
}

function checkAuthentic(input: Uint8Array, packetBytes: Uint8Array, keyId?: string): void {
  const keys = IDS.map((id) => KEYRING.find(Buffer.from(id, 'hex'), 0));
  const key = keys.find((each) => each?.id === keyId);
  ok(key !== undefined, 'a key that is not held');
  const again = sealedBy(new Keyring([key]), input.subarray(5, 5 + NONCE_BYTES), packetBytes);
  deepStrictEqual(input, again);
}

/** Seals the input itself, opens that, and changes a bit of it. */
function checkSealing(input: Uint8Array): void {
  const nonce = new Uint8Array(NONCE_BYTES).fill(input.length);
  const envelope = sealedBy(KEYRING, nonce, input);
  const opened = readEnvelope(envelope, KEYRING);
  ok(opened.ok, 'what was sealed does not open');
  deepStrictEqual(opened.packetBytes, input);
  const at = 1 + (((input[0] ?? 0) * 251 + (input.at(-1) ?? 0)) % (envelope.length - 1));
  envelope[at] = (envelope[at] as number) ^ (1 << (input.length % 8));
  equal(readEnvelope(envelope, KEYRING).ok, false, `it opens with another byte ${at}`);
}
