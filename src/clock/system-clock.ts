import { uptime } from 'node:os';
import type { Clock, ScheduledCall } from './clock.js';

/** Where a system clock reads the machine's time; tests give their own. */
export interface TimeSources {
  /** Milliseconds that only grow, perhaps without the time in which the machine was suspended. */
  monotonicMs(): number;
  /** Unix milliseconds. */
  wallMs(): number;
  /** Milliseconds since the machine was started, suspended time included; may be coarse (1 s). */
  uptimeMs(): number;
}

/** Is told of timers as they come and go. */
export interface TimerHolder {
  add(timer: NodeJS.Timeout): void;
  delete(timer: NodeJS.Timeout): void;
}

/** Settings of a `SystemClock`. */
export interface SystemClockOptions {
  /** May unref the timers, which keep the process alive otherwise. Default: nobody is told. */
  timers?: TimerHolder;
  /** Default: the machine's own. */
  sources?: TimeSources;
}

/** Longer than a coarse uptime can mislead: what is above is sleep. */
const SLEEP_MIN_MS = 3000;
/** A wall clock that ran away from the monotonic one this far is reason to look for sleep. */
const WALL_DRIFT_MS = 1000;
/** In any case sleep is looked for this often. */
const SAMPLE_INTERVAL_MS = 10_000;
/** The longest delay that `setTimeout` takes. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

const machine: TimeSources = {
  monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  wallMs: () => Date.now(),
  uptimeMs: () => uptime() * 1000,
};

/**
 * The machine's clock. Where the monotonic clock stands still while the machine sleeps (Linux), the
 * sleep is added from the uptime, if it was longer than 3 s.
 */
export class SystemClock implements Clock {
  readonly #timers: TimerHolder | undefined;
  readonly #sources: TimeSources;
  #sample: { monotonicMs: number; wallMs: number; uptimeMs: number };
  #sleptMs = 0;

  constructor(options: SystemClockOptions = {}) {
    this.#timers = options.timers;
    this.#sources = options.sources ?? machine;
    this.#sample = this.#takeSample();
  }

  nowMs(): number {
    const monotonicMs = this.#sources.monotonicMs();
    const sinceMs = monotonicMs - this.#sample.monotonicMs;
    const wallDriftMs = this.#sources.wallMs() - this.#sample.wallMs - sinceMs;
    if (sinceMs >= SAMPLE_INTERVAL_MS || Math.abs(wallDriftMs) >= WALL_DRIFT_MS) this.#addSleep();
    return monotonicMs + this.#sleptMs;
  }

  wallMs(): number {
    return this.#sources.wallMs();
  }

  schedule(atMs: number, callback: () => void): ScheduledCall {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const delayMs = Math.ceil(Math.max(0, atMs - this.nowMs()));
      timer = setTimeout(fire, Math.min(delayMs, TIMEOUT_MAX_MS));
      this.#timers?.add(timer);
    };
    // A timer may come a moment early, and one of weeks comes in pieces.
    const fire = () => {
      this.#timers?.delete(timer);
      if (this.nowMs() < atMs) arm();
      else callback();
    };
    const cancel = () => {
      this.#timers?.delete(timer);
      clearTimeout(timer);
    };
    arm();
    return { cancel };
  }

  #addSleep(): void {
    const before = this.#sample;
    const after = this.#takeSample();
    const awakeMs = after.monotonicMs - before.monotonicMs;
    const sleptMs = after.uptimeMs - before.uptimeMs - awakeMs;
    if (sleptMs > SLEEP_MIN_MS) this.#sleptMs += sleptMs;
    this.#sample = after;
  }

  #takeSample() {
    const { monotonicMs, wallMs, uptimeMs } = this.#sources;
    return { monotonicMs: monotonicMs(), wallMs: wallMs(), uptimeMs: uptimeMs() };
  }
}
