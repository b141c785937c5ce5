import { performance } from 'node:perf_hooks';
import { Random } from '../../core/random.js';
import type { Conditions } from './conditions.js';

/** What is done to an envelope. */
export interface Fate {
  readonly lost: 'lost' | 'cut' | 'capped' | undefined;
  readonly twice: boolean;
  readonly overtaken: boolean;
  /** The bit that is flipped. */
  readonly flippedBit: number | undefined;
  /** What it is late, all in all. */
  readonly lateMs: number;
}

/** What a lane needs. */
export interface LaneOptions {
  /** Of the whole proxy. */
  readonly seed: number;
  /** Names the lane: the same seed and name give the same decisions, envelope by envelope. */
  readonly name: string;
  readonly conditions: () => Conditions;
  /** Whether what comes first leaves first, but for what is to be overtaken. */
  readonly inOrder: boolean;
  readonly deliver: (envelope: Uint8Array) => void;
}

/** An envelope that is to be overtaken waits for so long. */
const OVERTAKEN_MS = 100;
/** What would wait longer for a limited rate is lost. */
const CAPPED_AFTER_MS = 1000;
/** What Node's timers take, 24 days; above it they fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** One direction between two ends: decides what happens to each envelope, and does it. */
export class Lane {
  readonly #random: Random;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What waits and leaves in the order in which it came. */
  readonly #queue: Uint8Array[] = [];
  #waitingBytes = 0;
  #freeAtMs = 0;
  #lastDueMs = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(private readonly options: LaneOptions) {
    this.#random = new Random(new TextEncoder().encode(`${options.seed}`), options.name);
  }

  /** @param envelope may be overwritten afterwards. */
  take(envelope: Uint8Array): Fate {
    const conditions = this.options.conditions();
    const nowMs = performance.now();
    const drawn = this.#draw(conditions, envelope.length * 8);
    const waitMs =
      conditions.cut || drawn.lost ? 0 : this.#waitForRate(conditions, nowMs, envelope);
    const lost = conditions.cut ? 'cut' : (drawn.lost ?? (waitMs < 0 ? 'capped' : undefined));
    if (lost !== undefined) return { ...drawn, lost, lateMs: 0 };
    const lateMs = waitMs + drawn.lateMs + (drawn.overtaken ? OVERTAKEN_MS : 0);
    const sent = envelope.slice();
    if (drawn.flippedBit !== undefined) flip(sent, drawn.flippedBit);
    const dueMs = this.#dueMs(nowMs + lateMs, drawn.overtaken);
    for (let copy = 0; copy < (drawn.twice ? 2 : 1); copy++) {
      this.#at(dueMs - nowMs, sent, drawn.overtaken);
    }
    return { ...drawn, lateMs: dueMs - nowMs };
  }

  /** Bytes that are late, and not delivered yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Calls back once all that waits has been delivered. */
  whenEmpty(call: () => void): void {
    this.#whenEmpty = call;
    if (this.#timers.size === 0) call();
  }

  /** What waits is dropped. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Always as many numbers, so that a change of conditions does not shift what comes later. */
  #draw({ loss, double, reorder, corrupt, delay }: Conditions, bits: number): Fate {
    const drawn = Array.from({ length: 6 }, () => this.#random.real());
    const [lost = 0, twice = 0, overtaken = 0, corrupted = 0, bit = 0, late = 0] = drawn;
    return {
      lost: lost < loss ? 'lost' : undefined,
      twice: twice < double,
      overtaken: overtaken < reorder,
      flippedBit: corrupted < corrupt && bits > 0 ? Math.floor(bit * bits) : undefined,
      lateMs: delay.minMs + late * (delay.maxMs - delay.minMs),
    };
  }

  /** @returns below 0 if it would wait too long. */
  #waitForRate({ rate }: Conditions, nowMs: number, envelope: Uint8Array): number {
    if (!Number.isFinite(rate)) return 0;
    const fromMs = Math.max(nowMs, this.#freeAtMs);
    const doneMs = fromMs + (envelope.length / rate) * 1000;
    // The first always passes, however slow the rate is; on a stream its sender is made to wait.
    const mayLose = !this.options.inOrder && fromMs > nowMs;
    if (mayLose && doneMs - nowMs > CAPPED_AFTER_MS) return -1;
    this.#freeAtMs = doneMs;
    return doneMs - nowMs;
  }

  #dueMs(dueMs: number, isOvertaken: boolean): number {
    if (!this.options.inOrder || isOvertaken) return dueMs;
    this.#lastDueMs = Math.max(this.#lastDueMs, dueMs);
    return this.#lastDueMs;
  }

  /** What is not late is delivered at once, unless something before it waits. */
  #at(afterMs: number, envelope: Uint8Array, isOvertaken: boolean): void {
    const { inOrder, deliver } = this.options;
    if (afterMs <= 0 && (this.#queue.length === 0 || !inOrder)) return deliver(envelope);
    const isQueued = inOrder && !isOvertaken;
    if (isQueued) this.#queue.push(envelope);
    this.#waitingBytes += envelope.length;
    const timerMs = Math.min(afterMs, TIMER_MS_MAX);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // Timers of one time may fire in any order: each delivers what is first.
      const first = isQueued ? this.#queue.shift() : envelope;
      if (first === undefined) return;
      this.#waitingBytes -= first.length;
      deliver(first);
      if (this.#timers.size === 0) this.#whenEmpty?.();
    }, timerMs);
    this.#timers.add(timer);
  }
}

function flip(bytes: Uint8Array, bit: number): void {
  const at = bit >> 3;
  bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
}
