/** What one small entry may keep in memory at the most. */
const SLAB_BYTES = 1024;
const NOTHING = new Uint8Array(0);

/** How many bytes of these parts go to slabs: a large part is alone. */
export function slabBytes(one: Uint8Array, other: Uint8Array): number {
  return (isLarge(one) ? 0 : one.length) + (isLarge(other) ? 0 : other.length);
}

/**
 * Copies small parts of a frame, several to one piece of memory: fewer pieces are less work for the
 * collector of garbage. A view would keep the whole frame for as long as the
 * core keeps one small entry; the two parts of one keep at most SLAB_BYTES.
 */
export class Slab {
  #memory = NOTHING;
  #used = 0;

  /** @param left the `slabBytes` of all that is to be copied. */
  constructor(private left: number) {}

  /** Copies two parts that are kept together. */
  copiesOf(one: Uint8Array, other: Uint8Array): [Uint8Array, Uint8Array] {
    const bytes = slabBytes(one, other);
    if (this.#used + bytes > this.#memory.length) {
      this.#memory = new Uint8Array(Math.min(this.left, SLAB_BYTES));
      this.#used = 0;
    }
    this.left -= bytes;
    return [this.#copyOf(one), this.#copyOf(other)];
  }

  #copyOf(view: Uint8Array): Uint8Array {
    const { length } = view;
    if (length === 0) return NOTHING;
    if (isLarge(view)) return new Uint8Array(view);
    const copy = this.#memory.subarray(this.#used, this.#used + length);
    copy.set(view);
    this.#used += length;
    return copy;
  }
}

function isLarge({ length }: Uint8Array): boolean {
  return length > SLAB_BYTES / 2;
}
