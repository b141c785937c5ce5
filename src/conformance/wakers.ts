/** Those that wait for something new, each until a time of its own. */
export class Wakers {
  readonly #wakers = new Set<() => void>();

  /** Ends when `wakeAll` is called, or after a time. */
  wait(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#wakers.add(wake);
    });
  }

  wakeAll(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
