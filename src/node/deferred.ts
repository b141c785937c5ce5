/** A promise that is settled from outside. That nobody awaits its rejection is no fault. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  #resolve: (value: T) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => undefined);
  }

  /** Only the first settlement counts. */
  resolve(value: T): void {
    this.#resolve(value);
  }

  /** Only the first settlement counts. */
  reject(reason: unknown): void {
    this.#reject(reason);
  }
}

/** Whether a value is a promise, of whatever make. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined | null)?.then === 'function';
}
