import type { Clock, ScheduledCall } from './clock.js';

/**
 * Time that stands still until it is told to move: for tests and the simulator. Calls run by their
 * time, those of one time in the order in which they were scheduled, so that the same program always
 * runs in the same way.
 */
export class VirtualClock implements Clock {
  readonly #calls = new CallHeap();
  #nowMs: number;
  #wallOffsetMs: number;
  #sequence = 0;

  /**
   * @param startMs what `nowMs()` begins with.
   * @param wallStartMs what `wallMs()` begins with; 2020-01-01 by default.
   */
  constructor(startMs = 0, wallStartMs = Date.UTC(2020)) {
    this.#nowMs = startMs;
    this.#wallOffsetMs = wallStartMs - startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  /** Sets the wall clock; from there it goes on at the pace of `nowMs()`. */
  setWall(wallMs: number): void {
    this.#wallOffsetMs = wallMs - this.#nowMs;
  }

  /**
   * A clock on the same time line with a wall clock of its own: for nodes whose wall clocks differ.
   *
   * @param wallOffsetMs how far its wall clock is ahead of this one's now.
   * @param wallRate how fast its wall clock runs; 1 is the pace of `nowMs()`.
   */
  skewed(wallOffsetMs: number, wallRate = 1): Clock {
    const startMs = this.#nowMs;
    const wallStartMs = this.wallMs() + wallOffsetMs;
    return {
      nowMs: () => this.#nowMs,
      wallMs: () => wallStartMs + (this.#nowMs - startMs) * wallRate,
      schedule: (atMs, callback) => this.schedule(atMs, callback),
    };
  }

  /** A time that is past is as now: the call comes with the next `advance` or `runUntil`. */
  schedule(atMs: number, callback: () => void): ScheduledCall {
    const call = new Call(Math.max(atMs, this.#nowMs), this.#sequence++, callback);
    this.#calls.push(call);
    return call;
  }

  /** Moves time on by `ms` and makes all calls that are due until then, new ones included. */
  advance(ms: number): void {
    this.runUntil(this.#nowMs + ms);
  }

  /** As `advance`, up to a time of `nowMs()`. Time does not go back. */
  runUntil(atMs: number): void {
    for (let next = this.#calls.first(); next && next.atMs <= atMs; next = this.#calls.first()) {
      this.#calls.shift();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** When the next call is due; undefined if none is. */
  nextCallMs(): number | undefined {
    return this.#calls.first()?.atMs;
  }
}

class Call implements ScheduledCall {
  readonly atMs: number;
  readonly sequence: number;
  #callback: (() => void) | undefined;

  constructor(atMs: number, sequence: number, callback: () => void) {
    this.atMs = atMs;
    this.sequence = sequence;
    this.#callback = callback;
  }

  get cancelled(): boolean {
    return this.#callback === undefined;
  }

  cancel(): void {
    this.#callback = undefined;
  }

  run(): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  }

  isBefore(other: Call): boolean {
    return this.atMs < other.atMs || (this.atMs === other.atMs && this.sequence < other.sequence);
  }
}

/** A binary heap. Cancelled calls stay until they are at the top. */
class CallHeap {
  readonly #calls: Call[] = [];

  first(): Call | undefined {
    while (this.#calls[0]?.cancelled) this.shift();
    return this.#calls[0];
  }

  push(call: Call): void {
    const calls = this.#calls;
    let at = calls.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = calls[parentAt] as Call;
      if (!call.isBefore(parent)) break;
      calls[at] = parent;
      at = parentAt;
    }
    calls[at] = call;
  }

  shift(): void {
    const last = this.#calls.pop();
    if (last && this.#calls.length > 0) this.#sink(last);
  }

  /** Puts `call` at the top and lets it down to where it belongs. */
  #sink(call: Call): void {
    const calls = this.#calls;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      const left = calls[childAt];
      const right = calls[childAt + 1];
      if (!left) break;
      if (right?.isBefore(left)) childAt += 1;
      const child = calls[childAt] as Call;
      if (!child.isBefore(call)) break;
      calls[at] = child;
      at = childAt;
    }
    calls[at] = call;
  }
}
