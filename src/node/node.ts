/** The driver: carries packets, time and commands to a core, and its effects to the world. */

import type { Clock, ScheduledCall } from '../clock/clock.js';
import type { CoreEvent, CoreStats, Effect, Input, Link } from '../core/contract.js';
import type { Keyring } from '../crypto/keyring.js';
import { TelepathineError } from '../error.js';
import type { Seed } from '../transport/address.js';
import { resolveSeed } from '../transport/resolve.js';
import type { Transport, TransportReceiver } from '../transport/transport.js';
import { decodePacket, encodePacket } from '../wire/codec.js';
import { type OpenedEnvelope, readEnvelope, writeEnvelope } from '../wire/envelope.js';
import type { Packet } from '../wire/packet.js';
import type { TransportMaker } from './bind.js';
import { bindTransports } from './bind.js';
import { Diagnostics } from './diagnostics.js';
import { RefusalLog } from './refusal-log.js';
import { SeedList } from './seed-list.js';
import type { NodeStats } from './stats.js';
import { Counters } from './stats.js';

/** What a node drives: `Core`, or another state machine with the same contract. */
export interface Machine {
  handle(input: Input, nowMs: number): Effect[];
  nextDeadlineMs(): number | undefined;
  stats(): CoreStats;
}

/** What the application may tell a node. */
export type Command = Extract<
  Input,
  { type: 'set' | 'delete' | 'say' | 'leave' | 'header' | 'seeds' }
>;

/** What a node is made of. */
export interface NodeOptions<Core extends Machine> {
  /** Makes the core, once the port is known. Its seed comes from the system's randomness. */
  core: (port: number) => Core;
  /** Absent: a public mesh. `cryptoReady()` must have resolved before. */
  keyring?: Keyring | undefined;
  /** At most one of each kind; TCP first. */
  transports: readonly TransportMaker[];
  /** 0 to 65535; 0 takes a free one. */
  port: number;
  clock: Clock;
  /** What it is called where it tells of its doings, once the port is known. Default: ''. */
  name?: (port: number) => string;
  /** Default: the system's name service. */
  resolve?: (seed: Seed) => Promise<string[]>;
  /** Takes what the core tells the application, in order; may give commands to the node. */
  onEvent: (event: CoreEvent) => void;
  /** Takes a fault of this program, which the node has survived. */
  onInternalError: (error: unknown) => void;
  /** From the address that the core means to the one that is sent to. Default: the same. */
  mapOutgoing?: (address: string) => string;
  /** From the address that something came from to the one that the core is told. Default: the same. */
  mapIncoming?: (address: string) => string;
  /**
   * Addresses (`ip:port`, as they are sent to) that lead to this very node, once the port is known:
   * nothing is sent there, and they are no seeds. Default: none.
   */
  ownAddresses?: (port: number) => ReadonlySet<string>;
}

/** A core that fails when it is woken is not woken again sooner. */
const FAULT_PAUSE_MS = 1000;

/** A node of the mesh, without the comforts of the public class. */
export class Node<Core extends Machine = Machine> {
  /** For reading; what changes it goes through `apply`. */
  readonly core: Core;
  /** The port of all transports. */
  readonly port: number;
  readonly #options: NodeOptions<Core>;
  readonly #transports: ReadonlyMap<Transport['kind'], Transport>;
  readonly #seeds: SeedList;
  readonly #counters = new Counters();
  readonly #refusals = new RefusalLog();
  readonly #diagnostics: Diagnostics;
  readonly #mapOutgoing: (address: string) => string;
  readonly #mapIncoming: (address: string) => string;
  readonly #ownAddresses: ReadonlySet<string>;
  #keyring: Keyring | undefined;
  #timer: { atMs: number; call: ScheduledCall } | undefined;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #started = false;
  #closed: Promise<void> | undefined;
  /** News of transports that came while effects were carried out. */
  readonly #inputs: Input[] = [];
  readonly #events: CoreEvent[] = [];
  #performing = false;
  #delivering = false;

  /**
   * Binds the transports and makes the core. Nothing is taken in before `start()`.
   *
   * @throws TelepathineError ADDRESS_UNAVAILABLE, and what `options.core` throws; nothing stays open.
   */
  static async open<Core extends Machine>(options: NodeOptions<Core>): Promise<Node<Core>> {
    let node: Node<Core> | undefined;
    const { port, transports } = await bindTransports(
      options.transports,
      options.port,
      ({ kind }) => Node.#receiver(kind, () => node),
    );
    try {
      node = new Node(options, port, transports);
      return node;
    } catch (error) {
      await Promise.all(transports.map((transport) => transport.close()));
      throw error;
    }
  }

  /** What comes before the node is there is dropped. */
  static #receiver(kind: Transport['kind'], find: () => Node | undefined): TransportReceiver {
    const withNode = (act: (node: Node) => void) => {
      const node = find();
      if (node) act(node);
    };
    return {
      envelope: (address, envelope) => withNode((node) => node.#receive(kind, address, envelope)),
      linkUp: (address, isOwn) =>
        withNode((node) => node.#diagnostics.connection(address, isOwn ? 'dialled' : 'accepted')),
      linkDown: (address) => withNode((node) => node.#linkDown(kind, address)),
      refused: (address, reason) => withNode((node) => node.#refuse(kind, address, reason)),
    };
  }

  private constructor(options: NodeOptions<Core>, port: number, transports: readonly Transport[]) {
    this.#options = options;
    this.port = port;
    this.#transports = new Map(transports.map((transport) => [transport.kind, transport]));
    this.#keyring = options.keyring;
    this.#diagnostics = new Diagnostics(options.name?.(port) ?? '');
    this.#mapOutgoing = options.mapOutgoing ?? ((address) => address);
    this.#mapIncoming = options.mapIncoming ?? ((address) => address);
    this.#ownAddresses = options.ownAddresses?.(port) ?? new Set();
    this.core = options.core(port);
    this.#seeds = new SeedList({
      clock: options.clock,
      resolve: options.resolve ?? resolveSeed,
      onAddresses: (addresses) => this.#takeSeeds(addresses),
    });
  }

  /**
   * Begins to take part; if seeds are names, when they are resolved, or after 2 s. The first events
   * may come before this returns. Idempotent.
   */
  start(): void {
    if (!this.#closed) this.#seeds.start();
  }

  /**
   * Gives the core a command. Its events may come before this returns, unless it is called from a
   * handler of an event: then they come after that one.
   *
   * @throws TelepathineError STOPPED after `close()`; what the core throws at this command, which
   *   then has changed nothing.
   */
  apply(command: Command): void {
    if (this.#closed) throw new TelepathineError('STOPPED', 'the node is closed');
    this.#handle(command);
  }

  /** Looks for first contacts there too. */
  addSeed(seed: Seed): void {
    this.#seeds.add(seed);
  }

  /** Seals with the first key of this ring from now on, and opens with all of them. */
  setKeyring(keyring: Keyring): void {
    this.#keyring = keyring;
  }

  /** A copy of all counts. */
  stats(): NodeStats {
    return this.#counters.snapshot(this.core.stats());
  }

  /** Closes the transports without a goodbye; no event comes afterwards. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    this.#timer?.call.cancel();
    this.#seeds.stop();
    this.#inputs.length = 0;
    this.#events.length = 0;
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  /** A seed may be given by the address at which it is reached: its answers come mapped. */
  #takeSeeds(found: string[]): void {
    const isFirst = !this.#started;
    this.#started = true;
    const known = [...new Set(found.map((each) => this.#mapIncoming(each)))];
    const addresses = known.filter((each) => !this.#ownAddresses.has(this.#mapOutgoing(each)));
    this.#feed({ type: 'seeds', addresses });
    if (isFirst) this.#feed({ type: 'start' });
  }

  #receive(kind: Transport['kind'], address: string, envelope: Uint8Array): void {
    if (!this.#started || this.#closed) return;
    this.#counters.countReceived(kind, envelope.length);
    const opened = readEnvelope(envelope, this.#keyring);
    if (!opened.ok) return this.#unread(kind, address, envelope, opened.reason);
    if (opened.keyId !== undefined) this.#counters.countKey(opened.keyId);
    const decoded = decodePacket(opened.packetBytes);
    if (!decoded.ok) return this.#unread(kind, address, envelope, decoded.reason, opened);
    const { packet } = decoded;
    if (this.#diagnostics.hasPacketListeners) {
      this.#diagnostics.received(kind, address, envelope, { ...openedOf(opened), packet });
    }
    this.#counters.countRead(packet, envelope.length);
    const link = this.#link(kind, address);
    this.#feed({ type: 'packet', link, packet, bytes: envelope.length });
  }

  #unread(
    kind: Transport['kind'],
    address: string,
    envelope: Uint8Array,
    refusal: string,
    opened?: OpenedEnvelope,
  ): void {
    if (this.#diagnostics.hasPacketListeners) {
      this.#diagnostics.received(kind, address, envelope, { ...openedOf(opened), refusal });
    }
    this.#refuse(kind, address, refusal);
  }

  #refuse(kind: Transport['kind'], address: string, reason: string): void {
    this.#counters.countRefusal(reason);
    this.#refusals.note(address, reason, this.#options.clock.nowMs());
    this.#diagnostics.refused(kind, address, reason);
  }

  #linkDown(kind: Transport['kind'], address: string): void {
    this.#diagnostics.connection(address, 'lost');
    this.#feed({ type: 'linkDown', link: this.#link(kind, address) });
  }

  #link(kind: Transport['kind'], address: string): Link {
    return `${kind}:${this.#mapIncoming(address)}`;
  }

  /** An input that nobody waits for: a fault is reported, and the node goes on. */
  #feed(input: Input): void {
    if (!this.#started || this.#closed) return;
    if (this.#performing) {
      this.#inputs.push(input);
      return;
    }
    try {
      this.#handle(input);
    } catch (error) {
      if (input.type === 'wake') this.#notBeforeMs = this.#options.clock.nowMs() + FAULT_PAUSE_MS;
      this.#reportFault(error);
      this.#armTimer();
    }
  }

  #handle(input: Input): void {
    const effects = this.#ask(input);
    this.#performing = true;
    for (const effect of effects) {
      try {
        this.#perform(effect);
      } catch (error) {
        this.#reportFault(error);
      }
    }
    this.#performing = false;
    this.#armTimer();
    for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#feed(next);
    this.#deliverEvents();
  }

  /** The core counts what it refuses: whoever listens is told which count has grown. */
  #ask(input: Input): Effect[] {
    const nowMs = this.#options.clock.nowMs();
    if (input.type !== 'packet' || !this.#diagnostics.hasRefusalListeners) {
      return this.core.handle(input, nowMs);
    }
    const before = this.core.stats().refusals;
    const effects = this.core.handle(input, nowMs);
    const kind = input.link.startsWith('udp:') ? 'udp' : 'tcp';
    for (const [reason, count] of Object.entries(this.core.stats().refusals)) {
      const isNew = count > (before[reason] ?? 0);
      if (isNew) this.#diagnostics.refused(kind, this.#mapOutgoing(input.link.slice(4)), reason);
    }
    return effects;
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.links, effect.packet);
      case 'close':
        return this.#onLink(effect.link, (transport, address) => {
          this.#diagnostics.connection(address, 'closed');
          transport.closeLink(address);
        });
      case 'trust':
        return this.#onLink(effect.link, (transport, address) => {
          this.#diagnostics.connection(address, 'trusted');
          transport.trustLink(address);
        });
      case 'emit':
        this.#diagnostics.event(effect.event);
        this.#events.push(effect.event);
    }
  }

  /** Encodes and seals once for all. */
  #send(links: readonly Link[], packet: Packet): void {
    const packetBytes = encodePacket(packet);
    const envelope = writeEnvelope(packetBytes, this.#keyring);
    const keyId = this.#keyring?.sealing.id;
    for (const link of links) {
      this.#onLink(link, (transport, address) => {
        this.#counters.countSent(transport.kind, packet, envelope.length);
        this.#diagnostics.sent(transport.kind, address, envelope, packetBytes, packet, keyId);
        transport.send(address, envelope);
      });
    }
  }

  /** A link of a transport that this node does not have, or to itself, is passed over. */
  #onLink(link: Link, act: (transport: Transport, address: string) => void): void {
    const transport = this.#transports.get(link.startsWith('udp:') ? 'udp' : 'tcp');
    const address = this.#mapOutgoing(link.slice(4));
    if (transport && !this.#ownAddresses.has(address)) act(transport, address);
  }

  /** A handler may give commands, which bring more events: one loop delivers them all in order. */
  #deliverEvents(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let event = this.#events.shift(); event; event = this.#events.shift()) {
      try {
        this.#options.onEvent(event);
      } catch (error) {
        this.#reportFault(error);
      }
    }
    this.#delivering = false;
  }

  /** One timer; one that comes too early looks again. */
  #armTimer(): void {
    const deadlineMs = this.core.nextDeadlineMs();
    if (deadlineMs === undefined || this.#closed || !this.#started) return;
    const atMs = Math.max(deadlineMs, this.#notBeforeMs);
    if (this.#timer && this.#timer.atMs <= atMs) return;
    this.#timer?.call.cancel();
    this.#timer = { atMs, call: this.#options.clock.schedule(atMs, () => this.#wake()) };
  }

  #wake(): void {
    this.#timer = undefined;
    const deadlineMs = this.core.nextDeadlineMs();
    const due = deadlineMs !== undefined && deadlineMs <= this.#options.clock.nowMs();
    if (due) this.#feed({ type: 'wake' });
    else this.#armTimer();
  }

  #reportFault(error: unknown): void {
    this.#counters.countRefusal('internal-error');
    this.#options.onInternalError(error);
  }
}

function openedOf(
  opened: OpenedEnvelope | undefined,
): Pick<OpenedEnvelope, 'keyId'> & { packetBytes?: Uint8Array } {
  if (opened === undefined) return {};
  const { keyId, packetBytes } = opened;
  return keyId === undefined ? { packetBytes } : { keyId, packetBytes };
}
