/** A timer, server or socket of Node's: while one is ref'd the process does not end by itself. */
export interface Handle {
  ref(): unknown;
  unref(): unknown;
}

/** The handles of one node, which all keep the process alive, or all do not. */
export class Handles {
  readonly #handles = new Set<Handle>();
  #wanted = true;
  #holds = 0;

  /** Takes a handle among the others until it is closed. */
  add(handle: Handle): void {
    this.#handles.add(handle);
    if (!this.#keepAlive) handle.unref();
  }

  /** The handle is closed. */
  delete(handle: Handle): void {
    this.#handles.delete(handle);
  }

  /** They keep the process alive, those that come later too; this is how it begins. */
  ref(): void {
    this.#change(() => {
      this.#wanted = true;
    });
  }

  /** They do not, but while something is under way that has an end: see `hold`. */
  unref(): void {
    this.#change(() => {
      this.#wanted = false;
    });
  }

  /**
   * They keep the process alive whatever is wanted.
   *
   * @returns ends it; once for each call.
   */
  hold(): () => void {
    this.#change(() => {
      this.#holds += 1;
    });
    return () =>
      this.#change(() => {
        this.#holds -= 1;
      });
  }

  get #keepAlive(): boolean {
    return this.#wanted || this.#holds > 0;
  }

  #change(change: () => void): void {
    const before = this.#keepAlive;
    change();
    if (this.#keepAlive === before) return;
    for (const handle of this.#handles) {
      if (before) handle.unref();
      else handle.ref();
    }
  }
}
