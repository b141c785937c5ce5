import type { Clock } from '../clock/clock.js';
import { TelepathineError } from '../error.js';
import { checkNameBytes } from '../wire/own-limits.js';
import { isSound } from './option-readers.js';

/**
 * Checks the name of a key or event that this node is about to set or say. Any text is a name, also
 * '' and what means something in a pattern.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no text, or holds half of a surrogate pair;
 * TOO_LARGE above 1 KiB of UTF-8.
 */
export function checkName(name: unknown, what: 'key' | 'event'): asserts name is string {
  if (!isSound(name)) {
    const given = typeof name === 'string' ? 'text with half of a surrogate pair' : typeof name;
    throw new TelepathineError('INVALID_ARGUMENT', `The ${what} must be text, not ${given}.`);
  }
  checkNameBytes(name, what);
}

/**
 * Checks a duration or delay.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no finite number of at least `minMs`.
 */
export function checkMs(given: unknown, what: string, minMs: number): asserts given is number {
  if (Number.isFinite(given) && (given as number) >= minMs) return;
  throw new TelepathineError(
    'INVALID_ARGUMENT',
    `${what} must be a number of milliseconds of at least ${minMs}, not ${String(given)}.`,
  );
}

/**
 * From `expiresAt` to the clock's time; undefined stays undefined.
 *
 * @param expiresAt Unix ms.
 * @throws TelepathineError INVALID_ARGUMENT for what is no finite number, or is past.
 */
export function readExpiry(expiresAt: unknown, clock: Clock): number | undefined {
  if (expiresAt === undefined) return undefined;
  const remainingMs = Number.isFinite(expiresAt) ? (expiresAt as number) - clock.wallMs() : 0;
  if (remainingMs > 0) return clock.nowMs() + remainingMs;
  throw new TelepathineError(
    'INVALID_ARGUMENT',
    `expiresAt must be a time to come in Unix milliseconds, not ${String(expiresAt)}.`,
  );
}

/** Checks the function of a handler or timer. @throws TelepathineError INVALID_ARGUMENT. */
export function checkFunction(given: unknown, what: string): void {
  if (typeof given === 'function') return;
  throw new TelepathineError(
    'INVALID_ARGUMENT',
    `${what} must be a function, not ${typeof given}.`,
  );
}
