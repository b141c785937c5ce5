import { TelepathineError } from '../error.js';

/** Checks what was given for an option and returns what the node uses. */
export type Reader<T> = (given: unknown, option: string) => T;

/** Reads true or false. */
export const boolean: Reader<boolean> = (given, option) => {
  if (typeof given !== 'boolean') throw invalidOption(option, given, 'true or false');
  return given;
};

/** Reads a whole number from `min` to `max`, both included. */
export function integer(min: number, max: number): Reader<number> {
  return (given, option) => {
    if (Number.isInteger(given) && inRange(given as number, min, max)) return given as number;
    throw invalidOption(option, given, `a whole number from ${min} to ${max}`);
  };
}

/** Reads a number from `min` to `max`, both included. */
export function number(min: number, max: number): Reader<number> {
  return (given, option) => {
    if (typeof given === 'number' && inRange(given, min, max)) return given;
    throw invalidOption(option, given, `a number from ${min} to ${max}`);
  };
}

/** Reads text of at least `bytesMin` and at most `bytesMax` bytes of UTF-8. */
export function text(bytesMin: number, bytesMax: number): Reader<string> {
  return (given, option) => {
    if (isSound(given) && inRange(Buffer.byteLength(given), bytesMin, bytesMax)) return given;
    throw invalidOption(option, given, `text of ${bytesMin} to ${bytesMax} bytes of UTF-8`);
  };
}

/** Reads one of a few words. */
export function oneOf<T extends string>(words: readonly T[]): Reader<T> {
  return (given, option) => {
    const word = words.find((each) => each === given);
    if (word !== undefined) return word;
    throw invalidOption(option, given, words.map((each) => `'${each}'`).join(', '));
  };
}

/** Reads an object that maps text to text and freezes a copy of it. */
export function textMap(
  entriesMax: number,
  nameBytesMax: number,
  valueBytesMax: number,
): Reader<Readonly<Record<string, string>>> {
  const readName = text(1, nameBytesMax);
  const readValue = text(0, valueBytesMax);
  return (given, option) => {
    if (!isPlainObject(given)) throw invalidOption(option, given, 'an object of text by name');
    const entries = Object.entries(given);
    if (entries.length > entriesMax) {
      throw invalidOption(option, `${entries.length} entries`, `at most ${entriesMax} entries`);
    }
    const read = entries.map(([name, value]) => [
      readName(name, `${option}, a name`),
      readValue(value, `${option}['${name}']`),
    ]);
    return Object.freeze(Object.fromEntries(read));
  };
}

/** Whether it is an object with named properties: not null, no array, no instance of a class. */
export function isPlainObject(given: unknown): given is Record<string, unknown> {
  if (typeof given !== 'object' || given === null) return false;
  const prototype = Object.getPrototypeOf(given);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether it is text that UTF-8 can express: half of a surrogate pair would come out changed. */
export function isSound(given: unknown): given is string {
  return typeof given === 'string' && !/\p{Surrogate}/u.test(given);
}

/**
 * The error that an option deserves.
 *
 * @param given what was given; secrets must not come here.
 * @param allowed what is allowed, to end a sentence with.
 */
export function invalidOption(option: string, given: unknown, allowed: string): TelepathineError {
  return invalidArgument(`option ${option}`, given, allowed);
}

/** As `invalidOption`, for what is no option: an argument of a method. */
export function invalidArgument(what: string, given: unknown, allowed: string): TelepathineError {
  return new TelepathineError(
    'INVALID_ARGUMENT',
    `${what}: ${show(given)} was given; allowed is ${allowed}`,
  );
}

const SHOWN_CHARACTERS_MAX = 60;

function show(given: unknown): string {
  if (typeof given === 'function') return 'a function';
  if (Array.isArray(given)) return 'an array';
  if (typeof given === 'object' && given !== null) return 'an object';
  const shown = typeof given === 'string' ? `'${given}'` : String(given);
  return shown.length > SHOWN_CHARACTERS_MAX ? `${shown.slice(0, SHOWN_CHARACTERS_MAX)}…` : shown;
}

function inRange(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
