import type { CancelablePromise, WaitForFilter, WaitForOptions } from 'eventemitter2';
import { checkBoolean, checkFunction, checkOptions, checkSignal } from './arguments.js';
import { invalidArgument } from './option-readers.js';

/** What a timer takes; EventEmitter2 passes on more, and it ends at once. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** What `waitFor` takes: the options of EventEmitter2, and a signal. */
export interface WaitOptions {
  /** Its abort rejects the promise with its reason. */
  signal?: AbortSignal;
  /** After so many milliseconds, up to 2^31 - 1, the promise is rejected. Default: 0, for ever. */
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
  if (typeof given === 'number') return waitOptions({ timeout: given });
  if (typeof given === 'function') return { filter: given };
  checkOptions(given);
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) check(name, value);
  }
  return given;
}

function check(name: string, value: unknown): void {
  const what = `${name} of waitFor`;
  if (name === 'signal') checkSignal(value);
  else if (name === 'timeout') checkTimeout(value, what);
  else if (name === 'filter' || name === 'Promise') checkFunction(value, what);
  else if (name === 'handleError' || name === 'overload') checkBoolean(value, what);
  else throw invalidArgument('options', name, 'the name of an option of waitFor');
}

function checkTimeout(given: unknown, what: string): void {
  if (typeof given === 'number' && given >= 0 && given <= TIMEOUT_MS_MAX) return;
  throw invalidArgument(what, given, `a number of milliseconds from 0 to ${TIMEOUT_MS_MAX}`);
}

/** Cancels with the signal's reason once it aborts, and forgets the signal when the wait is over. */
export function cancelBy(signal: AbortSignal, waiting: CancelablePromise<unknown>): void {
  const cancel = () => waiting.cancel(signal.reason);
  const settled = () => signal.removeEventListener('abort', cancel);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel);
  waiting.then(settled, settled);
}
