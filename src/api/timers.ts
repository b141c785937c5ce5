import type { Clock, ScheduledCall } from '../clock/clock.js';

/** Settings of `after` and `every`. */
export interface TimerOptions {
  /** Its abort takes the timer back. */
  signal?: AbortSignal;
}

/** When a timer's function is to be called. */
interface Timer {
  readonly delayMs: number;
  readonly repeats: boolean;
  readonly call: () => void;
  readonly signal: AbortSignal | undefined;
  /** Takes it back when the signal aborts. */
  readonly onAbort: () => void;
  scheduled?: ScheduledCall | undefined;
}

/**
 * The timers of `after` and `every`: they run while the node runs. What has not been called when the
 * node stops begins anew at the next start.
 */
export class Timers {
  readonly #timers = new Set<Timer>();
  #running = false;

  constructor(private readonly clock: Clock) {}

  /**
   * Adds a timer.
   *
   * @param repeats false: it is called once in the life of this object.
   * @param signal its abort removes the timer.
   */
  add(delayMs: number, repeats: boolean, call: () => void, signal?: AbortSignal): void {
    if (signal?.aborted) return;
    const onAbort = () => this.#remove(timer);
    const timer: Timer = { delayMs, repeats, call, signal, onAbort };
    this.#timers.add(timer);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (this.#running) this.#schedule(timer);
  }

  /** The node runs. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    for (const timer of this.#timers) this.#schedule(timer);
  }

  /** The node stops. */
  stop(): void {
    this.#running = false;
    for (const timer of this.#timers) timer.scheduled?.cancel();
  }

  #schedule(timer: Timer): void {
    timer.scheduled = this.clock.schedule(this.clock.nowMs() + timer.delayMs, () => {
      // What was missed while the process was busy is left out, as by setInterval.
      if (timer.repeats) this.#schedule(timer);
      else this.#remove(timer);
      timer.call();
    });
  }

  #remove(timer: Timer): void {
    timer.scheduled?.cancel();
    timer.signal?.removeEventListener('abort', timer.onAbort);
    this.#timers.delete(timer);
  }
}
