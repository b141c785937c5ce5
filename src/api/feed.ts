import { checkCount, checkOptions, checkSignal } from './arguments.js';

/** Settings of `watch` and `listen`. */
export interface FeedOptions {
  /** Its abort ends the loop. */
  signal?: AbortSignal;
  /** Items that wait for a slow reader; above it the oldest go. 1 to 1,000,000. Default: 1000. */
  itemsMax?: number;
}

/** An item of a feed. */
export type Dropping<Item> = Item & {
  /** How many items were dropped just before this one because the reader was slow. */
  readonly dropped: number;
};

/**
 * A bounded queue from a handler to a `for await` loop. It takes items from its making on, until the
 * loop is left or the signal aborts; both end the loop without an error.
 */
export class Feed<Item extends object> implements AsyncIterableIterator<Dropping<Item>> {
  readonly #itemsMax: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#close();
  #items: Item[] = [];
  #dropped = 0;
  #readers: ((result: IteratorResult<Dropping<Item>, undefined>) => void)[] = [];
  #disconnect: (() => void) | undefined;

  /**
   * @param connect begins to call `push`, and returns what ends it.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  constructor(options: FeedOptions, connect: (push: (item: Item) => void) => () => void) {
    checkOptions(options);
    const { signal, itemsMax = 1000 } = options;
    checkCount(itemsMax, 'itemsMax', 1, ITEMS_MAX);
    checkSignal(signal);
    this.#itemsMax = itemsMax;
    this.#signal = signal;
    if (signal?.aborted) return;
    this.#disconnect = connect((item) => this.#push(item));
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Dropping<Item>, undefined>> {
    const item = this.#items.shift();
    if (item) return this.#result(item);
    if (!this.#disconnect) return { done: true, value: undefined };
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  async return(): Promise<IteratorResult<Dropping<Item>, undefined>> {
    this.#items = [];
    this.#close();
    return { done: true, value: undefined };
  }

  #push(item: Item): void {
    const reader = this.#readers.shift();
    if (reader) {
      reader(this.#result(item));
      return;
    }
    this.#items.push(item);
    if (this.#items.length <= this.#itemsMax) return;
    this.#items.shift();
    this.#dropped += 1;
  }

  #result(item: Item): IteratorResult<Dropping<Item>, undefined> {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return { done: false, value: { ...item, dropped } };
  }

  #close(): void {
    this.#disconnect?.();
    this.#disconnect = undefined;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }
}

const ITEMS_MAX = 1_000_000;
