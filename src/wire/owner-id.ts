/** An owner's id on the wire. Pure: the core imports it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { hex64FromBytes } from './hex.js';
import type { OwnerId } from './packet.js';
import { TextCache } from './shared-text.js';

/**
 * The id of the owner with this name: the first 8 bytes of SHA-256 over its UTF-8. 8 zero bytes mean
 * nobody: a name with that hash gets the id 0000000000000001.
 */
export function ownerIdOf(name: string): OwnerId {
  const known = idsByName.get(name);
  if (known !== undefined) return known;
  const id = idFromHash(sha256(encoder.encode(name)));
  idsByName.set(name, id);
  return id;
}

const idsByName = new TextCache<OwnerId>();

/** The id that a hash stands for, apart from `ownerIdOf` because no name with a zero hash is known. */
export function idFromHash(hash: Uint8Array): OwnerId {
  const id = hash.slice(0, 8);
  if (id.every((byte) => byte === 0)) id[7] = 1;
  return hex64FromBytes(id);
}

const encoder = new TextEncoder();
