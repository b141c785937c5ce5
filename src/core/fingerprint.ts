import { sha256 } from '@noble/hashes/sha2.js';
import { type Owner, shownFloor, shownVersion } from './owner.js';

const CANONICAL_BYTES = 45;

/**
 * The first 8 bytes of SHA-256 over an owner digest's canonical bytes (PROTOCOL.md, "Fingerprints"),
 * as two 32-bit halves: sums of 2^21 of them stay exact in a double.
 */
export function ownerHash(owner: Owner): { high: number; low: number } {
  const { statement } = owner;
  const bytes = new Uint8Array(CANONICAL_BYTES);
  const view = new DataView(bytes.buffer);
  setHex64(view, 0, owner.id);
  setHex64(view, 8, statement.logId);
  setUint64(view, 16, statement.generation);
  view.setUint32(24, statement.incarnation);
  view.setUint8(28, statement.status);
  setUint64(view, 29, shownVersion(owner));
  setUint64(view, 37, shownFloor(owner));
  const digest = sha256(bytes);
  const hash = new DataView(digest.buffer, digest.byteOffset, 8);
  return { high: hash.getUint32(0), low: hash.getUint32(4) };
}

function setHex64(view: DataView, offset: number, hex: string): void {
  view.setUint32(offset, Number.parseInt(hex.slice(0, 8), 16));
  view.setUint32(offset + 4, Number.parseInt(hex.slice(8), 16));
}

function setUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 4, value >>> 0);
}
