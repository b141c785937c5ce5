/** XSalsa20-Poly1305 (NaCl's secretbox) by libsodium. */
import type Sodium from 'libsodium-wrappers';
import { TelepathineError } from '../error.js';
import { DATAGRAM_BYTES_MAX } from '../wire/limits.js';
import { NONCE_BYTES } from './nonce.js';

/** Bytes of a sealing key. */
export const KEY_BYTES = 32;

/** Bytes that a box is longer than what it holds. */
export const MAC_BYTES = 16;

/**
 * Resolves when `sealBox` and `openBox` may be called. The first call loads libsodium, which takes
 * some milliseconds and 4 MB: a process without a private mesh does without it.
 */
export function cryptoReady(): Promise<void> {
  loading ??= load();
  return loading;
}

/**
 * Seals `message`.
 *
 * What fits a datagram is sealed in memory of libsodium that is taken once: the wrapper takes and
 * gives back five pieces in each call, a fifth of sending a packet (measured by bench/packet.ts).
 *
 * @returns 16 bytes of MAC and the ciphertext; they may be overwritten by the next call.
 * @throws TelepathineError WRONG_STATE before `cryptoReady()` has resolved.
 */
export function sealBox(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  const sodium = loadedSodium();
  if (message.length > DATAGRAM_BYTES_MAX) return sodium.crypto_secretbox_easy(message, nonce, key);
  const { libsodium } = sodium as unknown as { libsodium: Libsodium };
  scratch ??= libsodium._malloc(KEY_BYTES + NONCE_BYTES + MAC_BYTES + DATAGRAM_BYTES_MAX);
  const keyAt = scratch;
  const nonceAt = keyAt + KEY_BYTES;
  const boxAt = nonceAt + NONCE_BYTES;
  const messageAt = boxAt + MAC_BYTES;
  // Read at each call: it is another array once libsodium's memory has grown.
  const heap = libsodium.HEAPU8;
  heap.set(key, keyAt);
  heap.set(nonce, nonceAt);
  heap.set(message, messageAt);
  // The length is a 64-bit integer in two halves. The ciphertext takes the message's place.
  libsodium._crypto_secretbox_easy(boxAt, messageAt, message.length, 0, nonceAt, keyAt);
  return heap.subarray(boxAt, messageAt + message.length);
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
  const sodium = loadedSodium();
  try {
    return sodium.crypto_secretbox_open_easy(box, nonce, key);
  } catch {
    return undefined;
  }
}

/** What is used of libsodium below its wrapper, which does not describe it. */
interface Libsodium {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _crypto_secretbox_easy(
    box: number,
    message: number,
    messageBytesLow: number,
    messageBytesHigh: number,
    nonce: number,
    key: number,
  ): number;
}

let loading: Promise<void> | undefined;
let loaded: typeof Sodium | undefined;

async function load(): Promise<void> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  loaded = sodium;
}

/** Where libsodium's memory for a key, a nonce and a box begins. */
let scratch: number | undefined;

function loadedSodium(): typeof Sodium {
  if (loaded) return loaded;
  throw new TelepathineError(
    'WRONG_STATE',
    'libsodium is not loaded yet: await cryptoReady() before the first packet',
  );
}
