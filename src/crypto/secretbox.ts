/** XSalsa20-Poly1305 (NaCl's secretbox) by libsodium. */
import sodium from 'libsodium-wrappers';
import { TelepathineError } from '../error.js';

/** Bytes of a sealing key. */
export const KEY_BYTES = 32;

/** Bytes that a box is longer than what it holds. */
export const MAC_BYTES = 16;

/** Resolves when `sealBox` and `openBox` may be called. Loading takes some milliseconds, once. */
export function cryptoReady(): Promise<void> {
  return sodium.ready;
}

/**
 * Seals `message`.
 *
 * @returns 16 bytes of MAC and the ciphertext.
 * @throws TelepathineError WRONG_STATE before `cryptoReady()` has resolved.
 */
export function sealBox(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  requireReady();
  return sodium.crypto_secretbox_easy(message, nonce, key);
}

/**
 * Opens a box.
 *
 * @returns what was sealed, in memory of its own; undefined if the MAC does not fit.
 * @throws TelepathineError WRONG_STATE before `cryptoReady()` has resolved.
 */
export function openBox(
  box: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
): Uint8Array | undefined {
  requireReady();
  try {
    return sodium.crypto_secretbox_open_easy(box, nonce, key);
  } catch {
    return undefined;
  }
}

function requireReady(): void {
  if (sodium.crypto_secretbox_easy === undefined) {
    throw new TelepathineError(
      'WRONG_STATE',
      'libsodium is not loaded yet: await cryptoReady() before the first packet',
    );
  }
}
