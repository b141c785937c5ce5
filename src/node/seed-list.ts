import type { Clock, ScheduledCall } from '../clock/clock.js';
import type { Seed } from '../transport/address.js';
import { formatAddress, formatSeed } from '../transport/address.js';

/** What a seed list works with. */
export interface SeedListOptions {
  clock: Clock;
  /** The addresses of a seed just now; does not reject. */
  resolve: (seed: Seed) => Promise<string[]>;
  /**
   * Takes the addresses of all seeds, without doubles: once when the names were asked for the first
   * time, also if there are none, and whenever they have changed.
   */
  onAddresses: (addresses: string[]) => void;
}

/** Between two questions for the seeds' names. */
const RESOLVE_INTERVAL_MS = 30_000;
/** The same while a name has never had an answer, then twice as long each time: it may yet come. */
const RETRY_MS = 1000;
/** So long the first addresses wait for names without an answer. */
const FIRST_ANSWERS_MAX_MS = 2000;

/**
 * The seeds and their addresses. Names are resolved again and again, sooner while one is unknown; one
 * that has no answer just now keeps the addresses that it had.
 */
export class SeedList {
  readonly #options: SeedListOptions;
  /** By the text of the seed. */
  readonly #seeds = new Map<string, Seed>();
  readonly #addresses = new Map<string, string[]>();
  #told: string | undefined;
  #timer: ScheduledCall | undefined;
  #retryMs = RETRY_MS;
  #patience: ScheduledCall | undefined;
  #running = false;
  #begun = false;

  constructor(options: SeedListOptions) {
    this.#options = options;
  }

  /** Without names among the seeds it tells their addresses at once. Idempotent. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    const answers = this.#resolveAll();
    if (answers.length === 0) return this.#begin();
    const { clock } = this.#options;
    this.#patience = clock.schedule(clock.nowMs() + FIRST_ANSWERS_MAX_MS, () => this.#begin());
    void Promise.all(answers).then(() => this.#begin());
  }

  /** One more seed; one that is there already changes nothing. */
  add(seed: Seed): void {
    if (!this.#put(seed) || !this.#running) return;
    this.#tell();
    if (seed.kind === 'address') return;
    this.#retryMs = RETRY_MS;
    void this.#resolve(seed);
    this.#armTimer();
  }

  stop(): void {
    this.#running = false;
    this.#begun = false;
    this.#timer?.cancel();
    this.#patience?.cancel();
  }

  #put(seed: Seed): boolean {
    const key = formatSeed(seed);
    if (this.#seeds.has(key)) return false;
    this.#seeds.set(key, seed);
    if (seed.kind === 'address') this.#addresses.set(key, [formatAddress(seed.ip, seed.port)]);
    return true;
  }

  #begin(): void {
    if (!this.#running || this.#begun) return;
    this.#patience?.cancel();
    this.#begun = true;
    this.#tell();
  }

  #resolveAll(): Promise<void>[] {
    this.#armTimer();
    this.#retryMs = Math.min(2 * this.#retryMs, RESOLVE_INTERVAL_MS);
    return this.#names().map((seed) => this.#resolve(seed));
  }

  #armTimer(): void {
    this.#timer?.cancel();
    if (this.#names().length === 0) return;
    const { clock } = this.#options;
    const atMs = clock.nowMs() + (this.#lacksAnswers ? this.#retryMs : RESOLVE_INTERVAL_MS);
    this.#timer = clock.schedule(atMs, () => this.#resolveAll());
  }

  async #resolve(seed: Seed): Promise<void> {
    const addresses = await this.#options.resolve(seed);
    if (!this.#running || addresses.length === 0) return;
    const lackedAnswers = this.#lacksAnswers;
    this.#addresses.set(formatSeed(seed), addresses);
    if (lackedAnswers && !this.#lacksAnswers) this.#armTimer();
    this.#tell();
  }

  #tell(): void {
    if (!this.#begun) return;
    const addresses = [...new Set([...this.#addresses.values()].flat())];
    const text = addresses.join(' ');
    if (text === this.#told) return;
    this.#told = text;
    this.#options.onAddresses(addresses);
  }

  /** A name has never had an answer. */
  get #lacksAnswers(): boolean {
    return this.#names().some((seed) => !this.#addresses.has(formatSeed(seed)));
  }

  #names(): Seed[] {
    return [...this.#seeds.values()].filter((seed) => seed.kind !== 'address');
  }
}
