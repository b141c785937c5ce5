/**
 * The envelope, the same in a datagram and in a frame (PROTOCOL.md, "Envelope"): a byte of kind and
 * version, then the packet as it is, or sealed behind the key's id and a nonce.
 */
import { KEY_ID_BYTES, type Keyring } from '../crypto/keyring.js';
import { NONCE_BYTES, writeNonce } from '../crypto/nonce.js';
import { MAC_BYTES, openBox, sealBox } from '../crypto/secretbox.js';
import type { EnvelopeRefusalReason, Refusal } from './refusal.js';

/** First byte of a plain packet, version 1. */
export const PLAIN_KIND = 0x11;

/** First byte of a sealed packet, version 1. */
export const SEALED_KIND = 0x21;

/** Bytes that the envelope of a plain packet adds. */
export const PLAIN_OVERHEAD_BYTES = 1;

/** Bytes that the envelope of a sealed packet adds: kind, key id, nonce and MAC. */
export const SEALED_OVERHEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + MAC_BYTES;

/** What an envelope held. */
export interface OpenedEnvelope {
  ok: true;
  /** The serialised packet; of a plain envelope a view of it. */
  packetBytes: Uint8Array;
  /** The id of the key that sealed it, 8 hex digits; absent if it came in the clear. */
  keyId?: string;
}

/**
 * Puts a serialised packet into an envelope: sealed by the keyring's first key, or plain without a
 * keyring.
 *
 * @throws TelepathineError INVALID_ARGUMENT if there is a keyring and `cryptoReady()` has not
 * resolved.
 */
export function writeEnvelope(packetBytes: Uint8Array, keyring: Keyring | undefined): Uint8Array {
  if (keyring === undefined) {
    const plain = memoryFor(PLAIN_OVERHEAD_BYTES + packetBytes.length);
    plain[0] = PLAIN_KIND;
    plain.set(packetBytes, PLAIN_OVERHEAD_BYTES);
    return plain;
  }
  const { idBytes, bytes } = keyring.sealing;
  const sealed = memoryFor(SEALED_OVERHEAD_BYTES + packetBytes.length);
  sealed[0] = SEALED_KIND;
  sealed.set(idBytes, KEY_ID_OFFSET);
  writeNonce(sealed, NONCE_OFFSET);
  const nonce = sealed.subarray(NONCE_OFFSET, BOX_OFFSET);
  sealed.set(sealBox(packetBytes, nonce, bytes), BOX_OFFSET);
  return sealed;
}

/**
 * Takes the packet out of an envelope. A node with a keyring takes sealed envelopes only, one
 * without plain ones only. No bytes make it throw.
 *
 * @throws TelepathineError INVALID_ARGUMENT if there is a keyring and `cryptoReady()` has not
 * resolved.
 */
export function readEnvelope(
  bytes: Uint8Array,
  keyring: Keyring | undefined,
): OpenedEnvelope | Refusal<EnvelopeRefusalReason> {
  switch (bytes[0]) {
    case undefined:
      return { ok: false, reason: 'empty' };
    case PLAIN_KIND:
      if (keyring !== undefined) return { ok: false, reason: 'plain-in-private' };
      return { ok: true, packetBytes: bytes.subarray(PLAIN_OVERHEAD_BYTES) };
    case SEALED_KIND:
      if (keyring === undefined) return { ok: false, reason: 'sealed-in-public' };
      return openSealed(bytes, keyring);
    default:
      return { ok: false, reason: 'unknown-kind' };
  }
}

const KEY_ID_OFFSET = 1;
const NONCE_OFFSET = KEY_ID_OFFSET + KEY_ID_BYTES;
const BOX_OFFSET = NONCE_OFFSET + NONCE_BYTES;

/**
 * Memory for an envelope, cut from a slab: above 64 bytes V8 takes each array from the system's heap,
 * which costs a third of sealing a small packet. A slab is never used twice.
 */
function memoryFor(bytes: number): Uint8Array {
  if (bytes > SLAB_BYTES / 8) return new Uint8Array(bytes);
  if (slabUsed + bytes > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  slabUsed += bytes;
  return new Uint8Array(slab, slabUsed - bytes, bytes);
}

const SLAB_BYTES = 16 * 1024;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsed = 0;

function openSealed(
  bytes: Uint8Array,
  keyring: Keyring,
): OpenedEnvelope | Refusal<EnvelopeRefusalReason> {
  if (bytes.length < SEALED_OVERHEAD_BYTES) return { ok: false, reason: 'truncated' };
  const key = keyring.find(bytes, KEY_ID_OFFSET);
  if (key === undefined) return { ok: false, reason: 'unknown-key' };
  const nonce = bytes.subarray(NONCE_OFFSET, BOX_OFFSET);
  const packetBytes = openBox(bytes.subarray(BOX_OFFSET), nonce, key.bytes);
  if (packetBytes === undefined) return { ok: false, reason: 'not-authentic' };
  return { ok: true, packetBytes, keyId: key.id };
}
