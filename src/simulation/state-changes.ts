const WINDOW_MS = 600_000;

/** How often each pair's first node changed its mind about whether the second one lives. */
export class StateChanges {
  /** The most changes of a pair within ten minutes: both that a node is dead and that it lives. */
  perTenMinutesMax = 0;
  /** By pair, when its changes were; the first is a death. */
  readonly #timesMs = new Map<number, number[]>();

  /** A live node is taken for dead. */
  stopped(pair: number, nowMs: number): void {
    this.#add(pair, nowMs, this.#timesMs.get(pair) ?? []);
  }

  /** It is held alive again, if it was taken for dead. */
  returned(pair: number, nowMs: number): void {
    const timesMs = this.#timesMs.get(pair);
    if (timesMs !== undefined) this.#add(pair, nowMs, timesMs);
  }

  /** A new life begins. */
  forget(pair: number): void {
    this.#timesMs.delete(pair);
  }

  #add(pair: number, nowMs: number, timesMs: number[]): void {
    const kept = timesMs.filter((atMs) => atMs > nowMs - WINDOW_MS);
    kept.push(nowMs);
    this.#timesMs.set(pair, kept);
    this.perTenMinutesMax = Math.max(this.perTenMinutesMax, kept.length);
  }
}
