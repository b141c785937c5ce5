import type { Random } from '../../src/core/random.js';

/** Makes another input out of one; `other` is a second one, to take from. */
export type Mutation = (input: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Something that takes bytes from outside, and what it promises about them. */
export interface Target {
  /** Also the name of its file in `test/fuzz/corpus`. */
  readonly name: string;
  /** Bytes of the longest input that is made. */
  readonly inputBytesMax: number;
  /** Milliseconds of the processor that an execution may take. */
  readonly cpuMsMax: number;
  /**
   * Bytes by which the memory in use may grow over a run, what the fuzzer keeps included; undefined:
   * nobody looks.
   */
  readonly grownBytesMax?: number;
  /** Executions between two looks at what was covered; a look takes about a millisecond. */
  readonly batch: number;
  readonly mutations: readonly Mutation[];
  /** Inputs that lack a part of this one, the largest parts first, for a finding to be made small. */
  readonly smaller?: (input: Uint8Array) => Iterable<Uint8Array>;
  /**
   * Runs an input. Keeps nothing: the same input gives the same each time.
   *
   * @returns what came of it, in words by which outcomes are told apart: a new one is worth keeping.
   * @throws if a promise is broken.
   */
  run(input: Uint8Array): string;
}

/** A count as one of a few words, so that not every count is an outcome of its own. */
export function countWord(count: number): string {
  return count < 3 ? `${count}` : `${2 ** Math.floor(Math.log2(count))}+`;
}

/** Parts of a packet, or of anything with lists, as one word each: `digests2`, `wants4+`. */
export function listWords(lists: Readonly<Record<string, readonly unknown[]>>): string {
  return Object.entries(lists)
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name}${countWord(list.length)}`)
    .join(' ');
}
