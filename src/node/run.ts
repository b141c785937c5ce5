import type { ScheduledCall } from '../clock/clock.js';
import type { CoreEvent } from '../core/contract.js';
import { Core } from '../core/core.js';
import { writeKeyLog } from '../crypto/key-log.js';
import type { Keyring } from '../crypto/keyring.js';
import { cryptoReady } from '../crypto/secretbox.js';
import { TelepathineError } from '../error.js';
import type { Seed } from '../transport/address.js';
import { ipToBytes } from '../transport/ip.js';
import { ownerIdOf } from '../wire/owner-id.js';
import type { OwnerId } from '../wire/packet.js';
import type { Bound } from './core-options.js';
import {
  coreOptionsOf,
  headerOf,
  isWherePacketsComeFrom,
  nameOf,
  ownAddressesOf,
} from './core-options.js';
import { Deferred } from './deferred.js';
import { tellNode } from './diagnostics.js';
import type { Host } from './host.js';
import type { Command } from './node.js';
import { Node } from './node.js';
import type { NodeSettings } from './settings.js';

/** What a run is made of. */
export interface RunOptions {
  readonly settings: NodeSettings;
  readonly host: Host;
  /** What it is now; it may change. */
  readonly keyring: () => Keyring | undefined;
  /** Those that are known once the port is bound; later ones go to the node. */
  readonly seeds: () => readonly Seed[];
  /** Takes a fault of this program, which the node has survived. */
  readonly onInternalError: (error: unknown, message: string) => void;
  /** Must have resolved before the port is bound: the run before has closed it. */
  readonly previous: Promise<void>;
}

/** Who is told of a run. */
export interface RunOwner {
  /** The node takes part: it may be told what it owns. `started` resolves afterwards. */
  joined(run: Run): void;
  /** What the core says, from `joined` to `ended`. */
  event(event: CoreEvent): void;
  /** Everything is closed; `failure` tells why. `stopped` resolves afterwards. */
  ended(run: Run): void;
}

/** The core ends a goodbye within 2 s; this is for a core that is at fault. */
const LEAVE_TIMEOUT_MS = 3000;
/** It takes longer until a node is found dead. */
const LOOK_AT_IPS_EVERY_MS = 2000;

/** The time from one `start()` to the `stop()` that ends it: one core, one set of sockets. */
export class Run {
  /** The node takes part. Rejects with the reason if that does not come to be. */
  readonly started = new Deferred<void>();
  /** Everything is closed. */
  readonly stopped = new Deferred<void>();
  /** Somebody waits for `started`: a failure to start need not be told to anybody else. */
  isWatched = false;
  /** Why it ended, if nobody asked for it. */
  failure: TelepathineError | undefined;
  #phase: 'opening' | 'joining' | 'running' | 'leaving' | 'closing' | 'ended' = 'opening';
  #hasJoined = false;
  #node: Node<Core> | undefined;
  #bound: Bound | undefined;
  /** Asked for with every event; the port stays what it is. */
  #boundName: string | undefined;
  #leaveTimer: ScheduledCall | undefined;
  #ipsTimer: ScheduledCall | undefined;
  #ending = false;
  /** Why its start was called off, if it was. */
  #calledOff: { readonly reason: unknown } | undefined;
  #letProcessEnd: (() => void) | undefined;
  /** What the core said before it took part. */
  readonly #early: CoreEvent[] = [];

  constructor(
    private readonly options: RunOptions,
    private readonly owner: RunOwner,
  ) {
    this.#holdProcess();
    void this.#open();
  }

  /** The id that the node's name has on the wire. */
  get id(): OwnerId {
    return ownerIdOf(this.name);
  }

  /** It was not told to stop, and nothing else has ended it. */
  get isUp(): boolean {
    return ['opening', 'joining', 'running'].includes(this.#phase);
  }

  /** It takes part: it takes commands. */
  get isRunning(): boolean {
    return this.#phase === 'running';
  }

  /** There is a core that knows others. */
  get isOpen(): boolean {
    return ['joining', 'running', 'leaving'].includes(this.#phase);
  }

  /** Its start has failed, or was called off: `started` says why. */
  get isFailed(): boolean {
    return this.failure !== undefined || this.#calledOff !== undefined;
  }

  /** It took part once. */
  get hasJoined(): boolean {
    return this.#hasJoined;
  }

  /** The node, once its port is bound. */
  get node(): Node<Core> | undefined {
    return this.#node;
  }

  /** What is bound just now. */
  get bound(): Bound | undefined {
    return this.isOpen ? this.#bound : undefined;
  }

  /** The node's name; before its port is bound, with the port that was asked for. */
  get name(): string {
    const { settings } = this.options;
    if (this.#bound === undefined) return nameOf(settings, settings.port);
    this.#boundName ??= nameOf(settings, this.#bound.port);
    return this.#boundName;
  }

  /** The same as `stop()` of the public class. */
  stop(): Promise<void> {
    if (this.#phase === 'running') this.#leave();
    else if (this.#phase === 'joining') void this.#close();
    else if (this.#phase === 'opening') this.#phase = 'closing';
    return this.stopped.promise;
  }

  /** Stops a run that does not take part yet: `started` rejects with the reason. */
  callOff(reason: unknown): void {
    if (this.#hasJoined || !this.isUp) return;
    this.#calledOff = { reason };
    void this.stop();
  }

  /**
   * Gives the core a command; only while it runs.
   *
   * @throws TelepathineError as the core does; nothing was changed then.
   */
  apply(command: Command): void {
    this.#node?.apply(command);
  }

  /** Seals with the first key of the changed keyring, and tells the others which keys it holds. */
  keyringChanged(): void {
    if (this.isOpen) this.#useKeyring();
  }

  async #open(): Promise<void> {
    const { settings, host, previous } = this.options;
    try {
      await previous;
      if (this.options.keyring()) await cryptoReady();
      const ip = await this.#bindIp();
      if (this.#isClosing()) return await this.#close();
      const keyring = this.options.keyring();
      this.#logKeys(keyring);
      this.#node = await Node.open<Core>({
        core: (port) => {
          const machineIps = this.#machineIps(ip);
          this.#bound = { ip, port, machineIps, keyring, wallMs: host.clock.wallMs() };
          return new Core(coreOptionsOf(settings, this.#bound), host.seed());
        },
        keyring,
        transports: host.transports(ip, settings.udp, settings.tcp),
        port: settings.port,
        clock: host.clock,
        name: (port) => nameOf(settings, port),
        resolve: (seed) => host.resolve(seed),
        onEvent: (event) => this.#handle(event),
        onInternalError: (error) => this.options.onInternalError(error, 'internal error'),
        mapOutgoing: settings.addressMap.outgoing,
        mapIncoming: settings.addressMap.incoming,
        ownAddresses: (port) => ownAddressesOf(settings, ip, port),
      });
      if (this.#isClosing()) return await this.#close();
      this.#phase = 'joining';
      for (const seed of this.options.seeds()) this.#node.addSeed(seed);
      if (this.options.keyring() !== keyring) this.#useKeyring();
      this.#node.start();
      this.#watchMachineIps();
    } catch (error) {
      await this.#close(this.#isClosing() ? undefined : startFailure(error));
    }
  }

  #useKeyring(): void {
    const keyring = this.options.keyring();
    if (!this.#node || !this.#bound || !keyring) return;
    this.#logKeys(keyring);
    this.#node.setKeyring(keyring);
    this.#bound = { ...this.#bound, keyring };
    this.#publish();
  }

  /** A key log that cannot be written is no reason to stop. */
  #logKeys(keyring: Keyring | undefined): void {
    const { keyLogFile } = this.options.host;
    if (keyLogFile === undefined || keyring === undefined) return;
    try {
      writeKeyLog(keyLogFile, keyring);
    } catch (error) {
      this.options.onInternalError(error, 'the key log cannot be written');
    }
  }

  #publish(): void {
    if (!this.#node || !this.#bound) return;
    this.#node.apply({ type: 'header', header: headerOf(this.options.settings, this.#bound) });
  }

  #machineIps(boundIp: string): string[] {
    const { settings, host } = this.options;
    return isWherePacketsComeFrom(settings, boundIp) ? (host.ips?.() ?? []) : [];
  }

  /** Machines move to other networks: the others are told where the node may be now. */
  #watchMachineIps(): void {
    const bound = this.#bound;
    const { clock, ips } = this.options.host;
    if (
      !bound ||
      !this.isOpen ||
      !ips ||
      !isWherePacketsComeFrom(this.options.settings, bound.ip)
    ) {
      return;
    }
    this.#ipsTimer = clock.schedule(clock.nowMs() + LOOK_AT_IPS_EVERY_MS, () => {
      const machineIps = this.#machineIps(bound.ip);
      if (this.#bound && machineIps.join() !== this.#bound.machineIps.join()) {
        this.#bound = { ...this.#bound, machineIps };
        this.#publish();
      }
      this.#watchMachineIps();
    });
  }

  /** `stop()` may be called while something is awaited, which the compiler does not know. */
  #isClosing(): boolean {
    return this.#phase === 'closing';
  }

  async #bindIp(): Promise<string> {
    const { bindHost } = this.options.settings;
    if (ipToBytes(bindHost) !== undefined) return bindHost;
    try {
      return await this.options.host.lookup(bindHost);
    } catch (cause) {
      throw new TelepathineError('ADDRESS_UNAVAILABLE', `the address ${bindHost} is not known`, {
        cause,
        retryable: true,
      });
    }
  }

  #handle(event: CoreEvent): void {
    if (event.type === 'joined' && this.#phase === 'joining') {
      this.#phase = 'running';
      this.#hasJoined = true;
      this.#releaseProcess();
      this.#tell('start');
      this.owner.joined(this);
      this.started.resolve();
      for (const early of this.#early.splice(0)) this.owner.event(early);
    } else if (event.type === 'nameTaken') {
      void this.#close(nameTaken(this.name, event.address));
    } else if (event.type === 'left') {
      void this.#close();
    } else if (this.#phase === 'joining') {
      this.#early.push(event);
    } else {
      this.owner.event(event);
    }
  }

  #leave(): void {
    this.#phase = 'leaving';
    this.#holdProcess();
    const { clock } = this.options.host;
    this.#leaveTimer = clock.schedule(clock.nowMs() + LEAVE_TIMEOUT_MS, () => void this.#close());
    try {
      this.#node?.apply({ type: 'leave' });
    } catch (error) {
      this.options.onInternalError(error, 'the goodbye failed');
      void this.#close();
    }
  }

  #stopReason(): unknown {
    if (this.#calledOff) return this.#calledOff.reason;
    return new TelepathineError('STOPPED', 'the node was stopped');
  }

  async #close(failure?: TelepathineError): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#phase = 'closing';
    this.#holdProcess();
    this.failure = failure;
    this.#leaveTimer?.cancel();
    this.#ipsTimer?.cancel();
    await this.#node?.close();
    this.#phase = 'ended';
    if (this.#hasJoined) this.#tell('stop');
    this.started.reject(failure ?? this.#stopReason());
    this.owner.ended(this);
    this.stopped.resolve();
    this.#releaseProcess();
  }

  #tell(change: 'start' | 'stop'): void {
    const { ip: address = '', port = 0 } = this.#bound ?? {};
    tellNode({ node: this.name, change, address, port });
  }

  /** What was begun is brought to its end: whoever waits for a start or a stop is answered. */
  #holdProcess(): void {
    this.#letProcessEnd ??= this.options.host.handles?.hold();
  }

  #releaseProcess(): void {
    this.#letProcessEnd?.();
    this.#letProcessEnd = undefined;
  }
}

function startFailure(error: unknown): TelepathineError {
  if (error instanceof TelepathineError) return error;
  return new TelepathineError('ADDRESS_UNAVAILABLE', 'the node could not start', { cause: error });
}

function nameTaken(name: string, address: string): TelepathineError {
  return new TelepathineError(
    'NAME_TAKEN',
    `another living node has the name '${name}', at ${address}; this one has stopped`,
  );
}
