/** The keys with which captures are opened: any number of them. */
import type { SealingKey } from '../crypto/keyring.js';
import { KEY_ID_BYTES } from '../crypto/keyring.js';
import { NONCE_BYTES } from '../crypto/nonce.js';
import { openBox } from '../crypto/secretbox.js';
import { SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import { hex32FromBytes } from '../wire/hex.js';
import type { EnvelopeRefusalReason } from '../wire/refusal.js';

/** What a sealed envelope held, or why it stays closed. */
export type Unsealed =
  | { readonly ok: true; readonly keyId: string; readonly packetBytes: Uint8Array }
  | { readonly ok: false; readonly reason: EnvelopeRefusalReason; readonly keyId?: string };

/** Unlike the keyring of a node it holds keys of several meshes, also with equal ids. */
export class KeySet {
  readonly #keys = new Map<number, SealingKey[]>();

  constructor(keys: readonly SealingKey[] = []) {
    for (const key of keys) {
      const id = idNumber(key.idBytes, 0);
      this.#keys.set(id, [...(this.#keys.get(id) ?? []), key]);
    }
  }

  /** Whether there is no key. */
  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  /** The first key with an id of 8 hex digits. */
  find(keyId: string): SealingKey | undefined {
    return this.#keys.get(Number.parseInt(keyId, 16) | 0)?.[0];
  }

  /** @throws TelepathineError WRONG_STATE if `cryptoReady()` has not resolved. */
  open(envelope: Uint8Array): Unsealed {
    if (envelope.length < SEALED_OVERHEAD_BYTES) return { ok: false, reason: 'truncated' };
    const keys = this.#keys.get(idNumber(envelope, ID_AT));
    if (keys === undefined) return { ok: false, reason: 'unknown-key', keyId: keyIdOf(envelope) };
    const nonce = envelope.subarray(NONCE_AT, BOX_AT);
    const box = envelope.subarray(BOX_AT);
    for (const { id, bytes } of keys) {
      const packetBytes = openBox(box, nonce, bytes);
      if (packetBytes !== undefined) return { ok: true, keyId: id, packetBytes };
    }
    return { ok: false, reason: 'not-authentic', keyId: keyIdOf(envelope) };
  }
}

/** The nonce of a sealed envelope. */
export function nonceOf(envelope: Uint8Array): Uint8Array {
  return envelope.subarray(NONCE_AT, BOX_AT);
}

const ID_AT = 1;
const NONCE_AT = ID_AT + KEY_ID_BYTES;
const BOX_AT = NONCE_AT + NONCE_BYTES;

function keyIdOf(envelope: Uint8Array): string {
  return hex32FromBytes(envelope.subarray(ID_AT, NONCE_AT));
}

function idNumber(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  return (high << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}
