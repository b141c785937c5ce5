import type { Clock } from '../clock/clock.js';
import { REMAINING_MS_MAX } from '../wire/limits.js';
import { checkNameBytes } from '../wire/own-limits.js';
import { invalidArgument, isPlainObject, isSound } from './option-readers.js';

/**
 * Checks the name of a key or event that this node is about to set or say. Any text is a name, also
 * '' and what means something in a pattern.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no text, or holds half of a surrogate pair;
 * TOO_LARGE above 1 KiB of UTF-8.
 */
export function checkName(name: unknown, what: 'key' | 'event'): asserts name is string {
  if (!isSound(name)) {
    throw invalidArgument(what, name, 'text without half of a surrogate pair');
  }
  checkNameBytes(name, what);
}

/**
 * Checks a duration or delay.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no number from `minMs` to 2^48.
 */
export function checkMs(given: unknown, what: string, minMs: number): asserts given is number {
  if (typeof given === 'number' && given >= minMs && given <= REMAINING_MS_MAX) return;
  throw invalidArgument(what, given, `a number of milliseconds from ${minMs} to 2^48`);
}

/**
 * From `expiresAt` to the clock's time; undefined stays undefined.
 *
 * @param expiresAt Unix ms.
 * @throws TelepathineError INVALID_ARGUMENT for what is no finite number, or is past.
 */
export function readExpiry(expiresAt: unknown, clock: Clock): number | undefined {
  if (expiresAt === undefined) return undefined;
  const remainingMs = typeof expiresAt === 'number' ? expiresAt - clock.wallMs() : 0;
  if (remainingMs > 0 && remainingMs <= REMAINING_MS_MAX) return clock.nowMs() + remainingMs;
  throw invalidArgument('expiresAt', expiresAt, 'a time to come within 2^48 ms, in Unix ms');
}

/** Checks the function of a handler, callback or timer. @throws TelepathineError INVALID_ARGUMENT. */
export function checkFunction(given: unknown, what: string): void {
  if (typeof given !== 'function') throw invalidArgument(what, given, 'a function');
}

/** Checks what is to be a signal, if it is given. @throws TelepathineError INVALID_ARGUMENT. */
export function checkSignal(given: unknown): asserts given is AbortSignal | undefined {
  if (given === undefined) return;
  const { aborted, addEventListener } = Object(given) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return;
  throw invalidArgument('signal', given, 'an AbortSignal');
}

/** Checks the object of options of a call. @throws TelepathineError INVALID_ARGUMENT. */
export function checkOptions(given: unknown): void {
  if (!isPlainObject(given)) throw invalidArgument('options', given, 'an object of options');
}

/** Checks what is to be text: a pattern, a name to look for. @throws TelepathineError INVALID_ARGUMENT. */
export function checkText(given: unknown, what: string): asserts given is string {
  if (typeof given !== 'string') throw invalidArgument(what, given, 'text');
}

/** Checks what is to be true or false. @throws TelepathineError INVALID_ARGUMENT. */
export function checkBoolean(given: unknown, what: string): asserts given is boolean {
  if (typeof given !== 'boolean') throw invalidArgument(what, given, 'true or false');
}

/**
 * Checks a count.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no whole number from `min` to `max`.
 */
export function checkCount(given: unknown, what: string, min: number, max: number): void {
  if (Number.isInteger(given) && (given as number) >= min && (given as number) <= max) return;
  throw invalidArgument(what, given, `a whole number from ${min} to ${max}`);
}
