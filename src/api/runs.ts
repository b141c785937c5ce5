import type { Network } from '../crypto/derive.js';
import { deriveKeyring } from '../crypto/derive.js';
import type { Keyring } from '../crypto/keyring.js';
import { TelepathineError } from '../error.js';
import { nameOf } from '../node/core-options.js';
import { Deferred } from '../node/deferred.js';
import type { Host } from '../node/host.js';
import type { RunOwner } from '../node/run.js';
import { Run } from '../node/run.js';
import type { Seed } from '../transport/address.js';
import { formatSeed } from '../transport/address.js';
import type { Settings } from './options.js';

/** Settings of a start. */
export interface StartOptions {
  /**
   * Its abort stops the node, if that does not take part yet; `started` rejects with the reason,
   * once everything is closed.
   */
  signal?: AbortSignal;
}

/** The runs of a node, one after the other, and what they share: seeds and keys. */
export class Runs {
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #owner: RunOwner;
  readonly #seeds: Map<string, Seed>;
  #keyring: Keyring | undefined;
  #latest: Run | undefined;
  /** What `started` gives while no start is under way. */
  #nextStart = new Deferred<void>();
  #nextStartIsWatched = false;

  constructor(settings: Settings, host: Host, owner: RunOwner) {
    this.#settings = settings;
    this.#host = host;
    this.#owner = owner;
    this.#seeds = new Map(settings.seeds.map((seed) => [formatSeed(seed), seed]));
    this.#keyring = settings.keyring;
  }

  /** The run that goes on, or else the last one; undefined before the first start. */
  get latest(): Run | undefined {
    return this.#latest;
  }

  /** The run that takes part: it takes commands. */
  get running(): Run | undefined {
    return this.#latest?.isRunning ? this.#latest : undefined;
  }

  /** The node's name; before its port is bound, with the port that was asked for. */
  get name(): string {
    return this.#latest?.name ?? nameOf(this.#settings, this.#settings.port);
  }

  /**
   * The run that is up, or a new one, which waits until the one before has closed its port.
   *
   * @param options.signal its abort stops the run, unless that takes part by then.
   */
  start({ signal }: StartOptions): Run {
    const run = this.#latest?.isUp ? this.#latest : this.#begin();
    if (signal?.aborted) run.callOff(signal.reason);
    else if (signal) callOffBy(signal, run);
    return run;
  }

  /** The same as `started` of the public class. */
  get started(): Promise<void> {
    const run = this.#latest;
    if (run?.isUp || run?.isFailed) {
      run.isWatched = true;
      return run.started.promise;
    }
    this.#nextStartIsWatched = true;
    return this.#nextStart.promise;
  }

  /** The same as `stop()` of the public class. */
  stop(): Promise<void> {
    return this.#latest?.stop() ?? Promise.resolve();
  }

  /** Looks for a node there, now and in every run. */
  addSeed(seed: Seed): void {
    this.#seeds.set(formatSeed(seed), seed);
    this.#latest?.node?.addSeed(seed);
  }

  /** The ids of the keys that are held, the sealing one first. */
  get keyIds(): readonly string[] {
    return this.#keyring?.keyIds ?? [];
  }

  /** @throws TelepathineError INVALID_ARGUMENT; WRONG_STATE in a public mesh. */
  rotateKeys(network: Network): void {
    if (!this.#keyring) {
      throw new TelepathineError('WRONG_STATE', 'without the option network there are no keys');
    }
    this.#keyring = deriveKeyring(network, this.#settings.cluster);
    this.#latest?.keyringChanged();
  }

  #begin(): Run {
    const nextStart = this.#nextStart;
    const run = new Run(
      {
        settings: this.#settings,
        host: this.#host,
        keyring: () => this.#keyring,
        seeds: () => [...this.#seeds.values()],
        onInternalError: (error, message) => this.#settings.logger.error({ err: error }, message),
        previous: this.#latest?.stopped.promise ?? Promise.resolve(),
      },
      this.#owner,
    );
    run.isWatched = this.#nextStartIsWatched;
    run.started.promise.then(
      () => nextStart.resolve(),
      (error: unknown) => nextStart.reject(error),
    );
    this.#nextStart = new Deferred();
    this.#nextStartIsWatched = false;
    this.#latest = run;
    return run;
  }
}

function callOffBy(signal: AbortSignal, run: Run): void {
  const callOff = () => run.callOff(signal.reason);
  const settled = () => signal.removeEventListener('abort', callOff);
  signal.addEventListener('abort', callOff);
  run.started.promise.then(settled, settled);
}
