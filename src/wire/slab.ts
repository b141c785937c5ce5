/** Together no more than what two pieces of memory of their own cost beside their bytes. */
const SLAB_BYTES = 1024;

/**
 * Copies small parts of a frame, several to one piece of memory: each in its own would take the
 * collector of garbage longer than all else. A view would keep the whole frame for as long as the
 * core keeps one small entry; a copy keeps at most SLAB_BYTES of others.
 */
export class Slab {
  #memory = new Uint8Array(0);
  #used = 0;

  /** @param left how many bytes are still to be copied, these included. */
  copyOf(view: Uint8Array, left: number): Uint8Array {
    const { length } = view;
    if (length > SLAB_BYTES / 2) return new Uint8Array(view);
    if (this.#used + length > this.#memory.length) {
      this.#memory = new Uint8Array(Math.max(length, Math.min(left, SLAB_BYTES)));
      this.#used = 0;
    }
    const copy = this.#memory.subarray(this.#used, this.#used + length);
    copy.set(view);
    this.#used += length;
    return copy;
  }
}
