import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How much memory is in use after a collection: when this was made, and at most since. */
export class MemoryLevel {
  readonly #collect: () => void;
  readonly startBytes: number;
  /** 0 before the first look. */
  mostBytes = 0;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
    this.startBytes = this.#usedBytes();
  }

  get grownBytes(): number {
    return this.mostBytes - this.startBytes;
  }

  look(): void {
    this.mostBytes = Math.max(this.mostBytes, this.#usedBytes());
  }

  /** The heap, and what lies outside of it. */
  #usedBytes(): number {
    // What the first lets go of may hold memory outside of the heap, which the second one frees.
    this.#collect();
    this.#collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  }
}
