/** What half, and 99 of 100, of some values do not exceed, and the greatest of them. */
export interface Percentiles {
  /** Half are at or below it. */
  readonly p50: number;
  /** 99 of 100 are at or below it. */
  readonly p99: number;
  /** The greatest. */
  readonly max: number;
}

/** Each bucket ends so much above the one before. */
const GROWTH = 1.005;
/** Where the first bucket ends. */
const LEAST = 1e-3;

/**
 * How values are distributed, in memory that does not grow with their number: percentiles are half a
 * percent off at most, the maximum is exact. Values are not negative.
 */
export class Distribution {
  readonly #buckets: number[] = [];
  #count = 0;
  #max = 0;

  add(value: number): void {
    const index = value <= LEAST ? 0 : Math.ceil(Math.log(value / LEAST) / LOG_GROWTH);
    while (this.#buckets.length <= index) this.#buckets.push(0);
    this.#buckets[index] = (this.#buckets[index] as number) + 1;
    this.#count += 1;
    this.#max = Math.max(this.#max, value);
  }

  /** Undefined if there are no values. */
  percentiles(): Percentiles | undefined {
    if (this.#count === 0) return undefined;
    return { p50: this.#at(0.5), p99: this.#at(0.99), max: this.#max };
  }

  #at(share: number): number {
    let above = Math.ceil(share * this.#count);
    const index = this.#buckets.findIndex((count) => {
      above -= count;
      return above <= 0;
    });
    return Math.min(this.#max, LEAST * GROWTH ** index);
  }
}

const LOG_GROWTH = Math.log(GROWTH);
