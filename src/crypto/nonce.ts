/** Nonces of sealed packets. */
import { randomFillSync } from 'node:crypto';

/** Bytes of a nonce of XSalsa20-Poly1305. */
export const NONCE_BYTES = 24;

/**
 * Writes a fresh random nonce into `target` at `offset`. Of 192 random bits, 2^64 packets under one
 * key collide with a probability of 2^-65.
 *
 * The bytes come from a pool: a call of the system's generator for each nonce makes sealing a small
 * packet three times slower. They are copied at once, because the pool is overwritten when it is
 * used up.
 */
export function writeNonce(target: Uint8Array, offset: number): void {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  for (let index = 0; index < NONCE_BYTES; index++) {
    target[offset + index] = pool[used + index] as number;
  }
  used += NONCE_BYTES;
}

/** 341 nonces: the refill is then a few percent of the cost of sealing. */
const POOL_BYTES = 341 * NONCE_BYTES;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;
