import { createHash } from 'node:crypto';
import { Random } from '../../src/core/random.js';
import { seedOf } from '../support/core-state.js';
import type { Coverage } from './coverage.js';
import { within } from './deadline.js';
import { MemoryLevel } from './memory-level.js';
import { minimise } from './minimise.js';
import type { Mutation, Target } from './target.js';

/** How a target is fuzzed. The same seed, corpus and number of executions take the same course. */
export interface Course {
  seed: number;
  executions: number;
  /** Of `performance.now`; what is running then is ended by it, too early for the executions. */
  untilMs?: number;
  /** Inputs that reach new code are kept too, not only those with a new outcome. */
  coverage?: Coverage | undefined;
}

/** An input that breaks a promise. */
export interface Finding {
  /** The smallest that was found. */
  input: Uint8Array;
  error: Error;
  /** At which execution the promise was broken first, counted from 1; 0: by the corpus. */
  execution: number;
}

export interface Fuzzed {
  executions: number;
  /** Inputs to mutate, in the end. */
  inputs: number;
  outcomes: number;
  /** A hash of those inputs: equal courses have equal ones. */
  digest: string;
  finding: Finding | undefined;
  /** Of targets that have a limit for it. */
  memory: MemoryLevel | undefined;
}

/** What has not ended after so long, on a machine that has other things to do, never will. */
const ENDLESS_MS = 120_000;
/** Beyond this, only inputs that reach new code are kept. */
const INPUTS_MAX = 4000;
/** Executions between two looks at the memory; a look collects garbage. */
const MEMORY_EVERY = 5000;
/** Half of the inputs that are mutated are among so many that were kept last. */
const NEWEST = 32;
const MINIMISE_MS = 20_000;

/** Fuzzes a target, beginning with the inputs of its corpus, until something breaks or all is done. */
export function fuzz(target: Target, corpus: readonly Uint8Array[], course: Course): Fuzzed {
  return new Fuzzer(target, corpus, course).run();
}

/**
 * What a target throws at an input, or that it does not end, or that it takes too much time three
 * times in a row; undefined if all is well.
 */
export function faultOf(target: Target, input: Uint8Array): Error | undefined {
  let cpuMs = Number.POSITIVE_INFINITY;
  try {
    within(ENDLESS_MS, () => {
      for (let runs = 0; runs < 3 && cpuMs > target.cpuMsMax; runs++) {
        const before = process.cpuUsage();
        target.run(new Uint8Array(input));
        const { user, system } = process.cpuUsage(before);
        cpuMs = Math.min(cpuMs, (user + system) / 1000);
      }
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  return cpuMs > target.cpuMsMax ? new Error(`it takes ${cpuMs} ms`) : undefined;
}

class Fuzzer {
  readonly #random: Random;
  readonly #inputs: Uint8Array[] = [];
  readonly #outcomes = new Set<string>();
  #executions = 0;
  /** Since when nobody has looked at the memory. */
  #lookedAt = 0;
  #current: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly target: Target,
    private readonly corpus: readonly Uint8Array[],
    private readonly course: Course,
  ) {
    this.#random = new Random(seedOf(course.seed), target.name);
  }

  run(): Fuzzed {
    const { executions, untilMs = Number.POSITIVE_INFINITY } = this.course;
    let finding = this.#tryAll(() => this.#takeCorpus());
    const memory = this.target.grownBytesMax === undefined ? undefined : new MemoryLevel();
    while (finding === undefined && this.#executions < executions && performance.now() < untilMs) {
      const count = Math.min(this.target.batch, executions - this.#executions);
      finding = this.#tryAll(() => this.#batch(count));
      if (this.#executions - this.#lookedAt < MEMORY_EVERY) continue;
      memory?.look();
      this.#lookedAt = this.#executions;
      if (isAbove(memory, this.target)) break;
    }
    memory?.look();
    return {
      memory,
      executions: this.#executions,
      inputs: this.#inputs.length,
      outcomes: this.#outcomes.size,
      digest: digestOf(this.#inputs),
      finding,
    };
  }

  #takeCorpus(): void {
    for (const input of this.corpus) {
      this.#inputs.push(input);
      this.#execute(input);
    }
    this.course.coverage?.look();
  }

  #batch(count: number): void {
    const tried: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const input = this.#next();
      this.#executions += 1;
      if (this.#execute(input) && this.#inputs.length < INPUTS_MAX) this.#inputs.push(input);
      tried.push(input);
    }
    if (this.course.coverage?.look()) this.#keepReaching(tried);
  }

  /** Finds out, by halves, which of these inputs reached what the last look found. */
  #keepReaching(tried: readonly Uint8Array[]): void {
    const coverage = this.course.coverage as Coverage;
    if (tried.length === 1) {
      this.#inputs.push(...tried);
      return;
    }
    coverage.forgetLatest();
    const middle = Math.ceil(tried.length / 2);
    for (const half of [tried.slice(0, middle), tried.slice(middle)]) {
      for (const input of half) this.#execute(input);
      if (coverage.look()) this.#keepReaching(half);
    }
  }

  /** @returns whether the outcome is a new one. */
  #execute(input: Uint8Array): boolean {
    this.#current = input;
    const beganMs = performance.now();
    // A copy: nothing that a target does to its input may change what is kept.
    const outcome = this.target.run(new Uint8Array(input));
    if (performance.now() - beganMs > this.target.cpuMsMax) {
      const fault = faultOf(this.target, input);
      if (fault !== undefined) throw fault;
    }
    if (this.#outcomes.has(outcome)) return false;
    this.#outcomes.add(outcome);
    return true;
  }

  #next(): Uint8Array {
    const random = this.#random;
    let input = this.#pick();
    do {
      const { mutations } = this.target;
      const mutation = mutations[random.below(mutations.length)] as Mutation;
      input = mutation(input, random, this.#pick());
    } while (random.real() < 0.5);
    return input.length > this.target.inputBytesMax
      ? input.slice(0, this.target.inputBytesMax)
      : input;
  }

  #pick(): Uint8Array {
    const inputs = this.#inputs;
    const among = this.#random.real() < 0.5 ? Math.min(NEWEST, inputs.length) : inputs.length;
    return inputs[inputs.length - 1 - this.#random.below(among)] as Uint8Array;
  }

  #tryAll(work: () => void): Finding | undefined {
    try {
      within(ENDLESS_MS, work);
      return undefined;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const untilMs = performance.now() + MINIMISE_MS;
      const fails = (input: Uint8Array) => faultOf(this.target, input) !== undefined;
      const input = minimise(this.#current, this.target, fails, untilMs);
      return { input, error: faultOf(this.target, input) ?? error, execution: this.#executions };
    }
  }
}

function isAbove(memory: MemoryLevel | undefined, { grownBytesMax }: Target): boolean {
  return memory !== undefined && memory.grownBytes > (grownBytesMax as number);
}

function digestOf(inputs: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(`${input.length} `).update(input);
  return hash.digest('hex').slice(0, 16);
}
