import type { CancelablePromise, WaitForFilter, WaitForOptions } from 'eventemitter2';
import { checkOptions, checkSignal } from './arguments.js';

/** What `waitFor` takes: the options of EventEmitter2, and a signal. */
export interface WaitOptions {
  /** Its abort rejects the promise with its reason. */
  signal?: AbortSignal;
  /** After so many milliseconds the promise is rejected. Default: 0, it waits for ever. */
  timeout?: number;
  /** Gets the arguments of an event; those of which it says false are passed over. */
  filter?: WaitForFilter;
  /** The first argument is an error, with which the promise is rejected, or null. Default: false. */
  handleError?: boolean;
  /** The class of the promise. Default: Promise. */
  Promise?: WaitForOptions['Promise'];
  /** Puts EventEmitter2's `cancel` in the place of that of such a class. Default: false. */
  overload?: boolean;
}

/**
 * The options of all forms that EventEmitter2 takes: a time-out in ms, a filter, an object.
 *
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function waitOptions(given: number | WaitForFilter | WaitOptions = {}): WaitOptions {
  if (typeof given === 'number') return { timeout: given };
  if (typeof given === 'function') return { filter: given };
  checkOptions(given);
  checkSignal(given.signal);
  return given;
}

/** Cancels with the signal's reason once it aborts, and forgets the signal when the wait is over. */
export function cancelBy(signal: AbortSignal, waiting: CancelablePromise<unknown>): void {
  const cancel = () => waiting.cancel(signal.reason);
  const settled = () => signal.removeEventListener('abort', cancel);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel);
  waiting.then(settled, settled);
}
