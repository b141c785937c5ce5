import { sha256 } from '@noble/hashes/sha2.js';

/**
 * Deterministic randomness: SHA-256 over the seed, a label and a counter. Whoever does not know the
 * seed cannot predict it, so that tokens may be drawn from it as well as gossip partners.
 */
export class Random {
  readonly #input: Uint8Array;
  readonly #counter: DataView;
  #block = new DataView(new ArrayBuffer(0));
  #offset = 0;
  #blocks = 0;

  /** @param seed any bytes; the host takes 32 from the system's randomness. */
  constructor(seed: Uint8Array, label: string) {
    const labelBytes = new TextEncoder().encode(label);
    this.#input = new Uint8Array(8 + labelBytes.length + seed.length);
    this.#input.set(labelBytes, 8);
    this.#input.set(seed, 8 + labelBytes.length);
    this.#counter = new DataView(this.#input.buffer, 0, 8);
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#offset + 4 > this.#block.byteLength) this.#refill();
    const value = this.#block.getUint32(this.#offset);
    this.#offset += 4;
    return value;
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  real(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from 0 to `bound` - 1; 0 for a bound of 0. */
  below(bound: number): number {
    return Math.floor(this.real() * bound);
  }

  /** 8 bytes as 16 hex digits. */
  hex64(): string {
    return [this.uint32(), this.uint32()].map((n) => n.toString(16).padStart(8, '0')).join('');
  }

  bytes(length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let i = 0; i < length; i++) result[i] = this.uint32() & 0xff;
    return result;
  }

  /** Up to `count` distinct members, by a partial Fisher-Yates shuffle of a copy. */
  sample<T>(items: readonly T[], count: number): T[] {
    const size = Math.min(count, items.length);
    const chosen: T[] = [];
    // A shuffle of the first places that keeps what was swapped, and not a copy of all.
    const swapped = new Map<number, T>();
    const at = (index: number) => (swapped.has(index) ? swapped.get(index) : items[index]) as T;
    for (let i = 0; i < size; i++) {
      const j = i + this.below(items.length - i);
      chosen.push(at(j));
      swapped.set(j, at(i));
    }
    return chosen;
  }

  #refill(): void {
    this.#counter.setUint32(0, Math.floor(this.#blocks / 2 ** 32));
    this.#counter.setUint32(4, this.#blocks >>> 0);
    this.#blocks += 1;
    const digest = sha256(this.#input);
    this.#block = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    this.#offset = 0;
  }
}
