import { announcementsOf, unixMs } from './api/announcements.js';
import { checkFunction, checkMs, checkOptions, checkSignal } from './api/arguments.js';
import type { Logger } from './api/logger.js';
import { MeshReader } from './api/mesh-reader.js';
import { MeshView } from './api/mesh-view.js';
import type { Settings, TelepathineOptions } from './api/options.js';
import { optionsFrom, readOptions } from './api/options.js';
import type { RemoteChange } from './api/own-commands.js';
import { OwnCommands, stampOf } from './api/own-commands.js';
import { OwnState } from './api/own-state.js';
import type { ReadyOptions } from './api/ready.js';
import { ready } from './api/ready.js';
import type { StartOptions } from './api/runs.js';
import { Runs } from './api/runs.js';
import type { TimerOptions } from './api/timers.js';
import { Timers } from './api/timers.js';
import type { EntryOf, KeyOf, SayArguments } from './api/type-maps.js';
import type { CoreEvent } from './core/contract.js';
import type { Network } from './crypto/derive.js';
import { TelepathineError } from './error.js';
import type { Host } from './node/host.js';
import { HOST, systemHost } from './node/host.js';
import type { Run } from './node/run.js';
import type { NodeStats } from './node/stats.js';
import { parseSeed } from './transport/address.js';

/** What `stats()` tells: what the node did since its last start. */
export interface TelepathineStats extends NodeStats {
  /**
   * Values and events of others that could not be read, since the last start: JSON that is none,
   * bytes that are no message of their registered type.
   */
  unreadable: number;
}

/**
 * A node of the mesh. It owns keys, which every other node can read, and says events, which every
 * other node hears. It notices who joins, leaves, dies and returns.
 *
 * @typeParam Values the types of the keys' values, of all nodes.
 * @typeParam Says the types of the events' data.
 */
export class Telepathine<
  Values = Record<string, unknown>,
  Says = Record<string, unknown>,
> extends MeshView<Values, Says> {
  /** @internal */
  protected readonly logger: Logger;
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #own: OwnState;
  readonly #commands: OwnCommands;
  readonly #timers: Timers;
  readonly #runs: Runs;
  /** @internal */
  protected readonly mesh: MeshReader;

  /**
   * A node that does not run yet: `new Telepathine(9000, ['host:9001'], options)`, or all in one
   * object, `new Telepathine({ port: 9000, seeds: ['host:9001'] })`.
   *
   * @throws TelepathineError INVALID_ARGUMENT, which names the option and what is allowed.
   */
  constructor(port?: number, seeds?: TelepathineOptions['seeds'], options?: TelepathineOptions);
  constructor(options: TelepathineOptions);
  constructor(...given: unknown[]) {
    super();
    const options = optionsFrom(given);
    this.#settings = readOptions(options);
    this.#host = options[HOST] ?? systemHost();
    this.logger = this.#settings.logger;
    this.#runs = new Runs(this.#settings, this.#host, {
      joined: (run) => this.#joined(run),
      event: (event) => this.#tell(event),
      ended: (run) => this.#ended(run),
    });
    this.#own = new OwnState(this.#settings.tombstoneGraceMs);
    const { schemas } = this.#settings;
    const { clock } = this.#host;
    this.#commands = new OwnCommands(this.#own, schemas, clock, () => this.#runs.running);
    this.#timers = new Timers(clock);
    this.mesh = new MeshReader(
      () => (this.#runs.latest?.isOpen ? this.#runs.latest.node?.core : undefined),
      schemas,
      clock,
      (peer, name) => this.logger.warn({ peer, name }, 'a payload cannot be read'),
    );
  }

  /**
   * Makes a node, starts it, and waits until it takes part.
   *
   * @param startOptions.signal its abort stops the node.
   * @throws TelepathineError as the constructor and `started`; the reason of the signal.
   */
  static async start<Values = Record<string, unknown>, Says = Record<string, unknown>>(
    options: TelepathineOptions = {},
    startOptions: StartOptions = {},
  ): Promise<Telepathine<Values, Says>> {
    const node = new Telepathine<Values, Says>(options);
    await node.start(undefined, startOptions).started;
    return node;
  }

  /**
   * Starts the node, or does nothing if it runs or is starting. While it is stopping, it starts again
   * when it has stopped. What was set before is announced; handlers stay and do not double.
   *
   * @param callback is called once the node takes part, or with the error if it cannot: STOPPED,
   * with the signal's reason as its cause, if that was aborted.
   * @param options.signal its abort stops the node, if that does not take part yet.
   * @throws TelepathineError INVALID_ARGUMENT if the callback is no function, or the signal none.
   */
  start(
    callback?: (this: this, error?: TelepathineError) => void,
    options: StartOptions = {},
  ): this {
    if (callback !== undefined) checkFunction(callback, 'the callback of start()');
    checkOptions(options);
    checkSignal(options.signal);
    const run = this.#runs.start(options);
    if (callback) {
      run.isWatched = true;
      const call = (args: [TelepathineError?]) =>
        this.callGuarded(callback, 'the callback of start()', args);
      run.started.promise.then(
        () => call([]),
        (cause: unknown) => call([startError(cause)]),
      );
    }
    return this;
  }

  /**
   * Resolves when the node takes part in the mesh: after the `start` event. Rejects with
   * ADDRESS_UNAVAILABLE, NAME_TAKEN, STOPPED if `stop()` came first, or the reason of the signal of
   * `start()`. Before `start()`, and after `stop()`, it belongs to the next start.
   */
  get started(): Promise<void> {
    return this.#runs.started;
  }

  /**
   * Says goodbye, waits until others have heard it (at most 2 s), and closes everything. May be called
   * again and again. Own values stay, and are announced at the next start.
   */
  stop(): Promise<void> {
    this.#timers.stop();
    return this.#runs.stop();
  }

  /**
   * Lets a program that has nothing else to do end while this node runs: its sockets and timers,
   * also those of `after` and `every`, no longer keep the process alive; nor does who waits in
   * `ready`, `watch` or `listen`. A start or stop that has begun does until it is done. May be
   * called at any time. Such an end says no goodbye, unless somebody stops the node:
   * `process.once('beforeExit', () => node.stop())`.
   */
  unref(): this {
    this.#host.handles?.unref();
    return this;
  }

  /** Takes `unref()` back: the running node keeps the process alive, as it does by default. */
  ref(): this {
    this.#host.handles?.ref();
    return this;
  }

  /** The same as `stop()`: `await using node = await Telepathine.start({ … })`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The node's name. Without the option `name` it holds the port, once that is bound. */
  get peer_name(): string {
    return this.#runs.name;
  }

  /** The IP address that is bound while the node runs, without brackets; '' while it does not. */
  get address(): string {
    return this.#runs.latest?.bound?.ip ?? '';
  }

  /** The port that is bound while the node runs, for TCP and UDP; 0 while it does not. */
  get port(): number {
    return this.#runs.latest?.bound?.port ?? 0;
  }

  /**
   * Sets an own key for all to see. May be called before the start and while the node is stopped.
   *
   * @param value what JSON can express, a `Uint8Array`, a protobuf message of a type in the option
   * `schemas`, or a `ProtobufValue`. Of JSON, properties that are undefined are left out.
   * @param expiresAt Unix ms; the value stays if it is left out. What remains is reckoned now: a
   * wall clock that is set later changes nothing.
   * @throws TelepathineError INVALID_ARGUMENT, NOT_SERIALIZABLE, TOO_LARGE (1 KiB for the key, 1 MiB
   * for the encoded value), LIMIT_REACHED. Nothing is changed then.
   */
  set<Key extends KeyOf<Values>>(
    key: Key,
    value: Exclude<Values[Key], undefined>,
    expiresAt?: number,
  ): this {
    this.#commands.set(key, value, expiresAt);
    return this;
  }

  /** An own value, as a copy; undefined if it is not set or has expired. @throws INVALID_ARGUMENT. */
  get<Key extends KeyOf<Values>>(key: Key): Values[Key] | undefined {
    return this.#commands.get(key) as Values[Key] | undefined;
  }

  /** Deletes an own key, here and everywhere; false if there was none. @throws INVALID_ARGUMENT. */
  delete(key: KeyOf<Values>): boolean {
    return this.#commands.delete(key);
  }

  /** The own keys, in the order in which they were set. */
  keys(): KeyOf<Values>[] {
    return this.#commands.keys() as KeyOf<Values>[];
  }

  /** The own keys and values: `new Map(node.entries())`. */
  entries(): EntryOf<Values>[] {
    return this.#commands.entries() as EntryOf<Values>[];
  }

  /**
   * Looks for a node at an address, in the forms of a seed, now and after every start.
   *
   * @returns true.
   * @throws TelepathineError INVALID_ARGUMENT if it is none of these forms.
   */
  addPeer(address: string | number): true {
    this.#runs.addSeed(parseSeed(address, 'address'));
    return true;
  }

  /**
   * Says an event to all other nodes. While this node does not run, the event waits for the start.
   *
   * @param data as a value of `set`; left out, the others hear null.
   * @param eventDurationMS how long it is passed on to nodes that have not heard it, 1 to 2^48 ms.
   * Default: 20,000.
   * @param buffer wait for the next exchange, which costs fewer packets. Default: false.
   * @throws TelepathineError INVALID_ARGUMENT, NOT_SERIALIZABLE, TOO_LARGE, LIMIT_REACHED.
   */
  say<Event extends KeyOf<Says>>(event: Event, ...rest: SayArguments<Says[Event]>): this {
    const [data, eventDurationMS = 20_000, buffer = false] = rest;
    this.#commands.say(event, data, eventDurationMS, buffer);
    return this;
  }

  /**
   * Calls a function once: so many milliseconds after the node has started, or from now if it runs. If
   * the node stops before that, after the next start.
   *
   * @param delayMS 0 to 2^48 ms.
   * @param options.signal its abort takes the call back.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  after(delayMS: number, callback: (this: this) => unknown, options?: TimerOptions): this {
    return this.#addTimer(delayMS, false, callback, options);
  }

  /**
   * Calls a function again and again while the node runs, from each start on.
   *
   * @param intervalMS 1 to 2^48 ms; the first call is after so long.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  every(intervalMS: number, callback: (this: this) => unknown, options?: TimerOptions): this {
    return this.#addTimer(intervalMS, true, callback, options);
  }

  /**
   * Resolves when this node takes part and sees enough live nodes.
   *
   * @throws TelepathineError INVALID_ARGUMENT, STOPPED, TIMED_OUT; as `started`; the reason of the
   * signal.
   */
  ready(options: ReadyOptions = {}): Promise<void> {
    return ready(
      {
        isRunning: () => this.#runs.running !== undefined,
        started: () => this.#runs.started,
        livePeers: () => this.livePeers(),
        observe: (observer) => this.observe(observer),
      },
      this.#host.clock,
      options,
    );
  }

  /**
   * Changes the keys of a private mesh while it runs; see the option `network`. Add the new key
   * everywhere, then put it first everywhere, then drop the old one.
   *
   * @throws TelepathineError INVALID_ARGUMENT; WRONG_STATE in a public mesh, which has no keys.
   */
  rotateKeys(network: Network): this {
    this.#runs.rotateKeys(network);
    return this;
  }

  /** The ids of the keys that this node holds, the sealing one first; none in a public mesh. */
  get keyIds(): readonly string[] {
    return this.#runs.keyIds;
  }

  /** Counts since the last start, readable after `stop()` too; undefined until a port is bound. */
  stats(): TelepathineStats | undefined {
    const stats = this.#runs.latest?.node?.stats();
    return stats && { ...stats, unreadable: this.mesh.unreadable };
  }

  #joined(run: Run): void {
    this.mesh.unreadable = 0;
    for (const command of this.#own.takeCommands(this.#host.clock.nowMs())) {
      try {
        run.apply(command);
      } catch (error) {
        this.report(error as TelepathineError);
      }
    }
    this.#timers.start();
    this.logger.info({ node: run.name }, 'started');
    this.announce({ event: 'start', args: [this] });
  }

  #ended(run: Run): void {
    if (run === this.#runs.latest) this.#timers.stop();
    if (run.failure && (run.hasJoined || !run.isWatched)) this.report(run.failure);
    if (!run.hasJoined) return;
    this.logger.info({ node: run.name }, 'stopped');
    this.announce({ event: 'stop', args: [this] });
  }

  #tell(event: CoreEvent): void {
    if (event.type === 'set' || event.type === 'deleted') this.#believe(event);
    if (event.type !== 'heartbeat') {
      this.logger.debug(
        { node: this.peer_name, peer: 'name' in event ? event.name : '' },
        event.type,
      );
    }
    const { clock } = this.#host;
    const { emitValueOnHeartBeat } = this.#settings;
    for (const each of announcementsOf(event, this.mesh, clock, emitValueOnHeartBeat)) {
      this.announce(each);
    }
  }

  /** Before others are told, so that their handlers see what was adopted. */
  #believe(change: RemoteChange): void {
    this.#own.saw(stampOf(change));
    if (!this.isBelieved(change.key)) return;
    try {
      if (!this.#commands.adopt(change)) return;
    } catch (error) {
      this.report(error as TelepathineError);
      return;
    }
    const { clock } = this.#host;
    const expiresAtMs = change.type === 'set' ? change.value.expiresAtMs : undefined;
    const value = this.#commands.get(change.key);
    const expiresAt = unixMs(expiresAtMs, clock);
    this.fireBelieved(change.key, [change.name, change.key, value, expiresAt]);
  }

  #addTimer(
    delayMs: number,
    repeats: boolean,
    callback: (this: this) => unknown,
    options: TimerOptions = {},
  ): this {
    const name = repeats ? 'every()' : 'after()';
    checkMs(delayMs, `the time of ${name}`, repeats ? 1 : 0);
    checkFunction(callback, `the callback of ${name}`);
    checkOptions(options);
    checkSignal(options.signal);
    const call = () => this.callGuarded(callback, `the callback of ${name}`, []);
    this.#timers.add(delayMs, repeats, call, options.signal);
    return this;
  }
}

/** What a callback of `start` is told of the reason why the node does not take part. */
function startError(cause: unknown): TelepathineError {
  if (cause instanceof TelepathineError) return cause;
  return new TelepathineError('STOPPED', 'the start was aborted', { cause });
}
