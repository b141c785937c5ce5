import { debugLog } from '../debug.js';

const debug = debugLog('telepathine:refused');

const QUIET_MS = 60_000;
const ROWS_MAX = 1000;

/**
 * Says what was refused: once for an address and a reason in a minute, and at most 1,000 times a
 * minute in all, so that a flood from invented addresses fills neither the memory nor the log.
 */
export class RefusalLog {
  readonly #saidAtMs = new Map<string, number>();
  readonly #write: (address: string, reason: string) => void;

  /** @param write says it; `DEBUG=telepathine:refused` by default. */
  constructor(write = (address: string, reason: string) => debug('%s: %s', address, reason)) {
    this.#write = write;
  }

  /** @param nowMs of a clock that only grows. */
  note(address: string, reason: string, nowMs: number): void {
    const key = `${address} ${reason}`;
    this.#forget(nowMs);
    if (this.#saidAtMs.has(key) || this.#saidAtMs.size >= ROWS_MAX) return;
    this.#saidAtMs.set(key, nowMs);
    this.#write(address, reason);
  }

  /** The oldest stand first. */
  #forget(nowMs: number): void {
    for (const [key, saidAtMs] of this.#saidAtMs) {
      if (nowMs - saidAtMs < QUIET_MS) return;
      this.#saidAtMs.delete(key);
    }
  }
}
