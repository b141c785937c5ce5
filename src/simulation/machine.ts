import type { CoreEvent, CoreOptions, Effect, Input, Link } from '../core/contract.js';
import { Core } from '../core/core.js';
import { TelepathineError } from '../error.js';
import { decodePacket, encodePacket } from '../wire/codec.js';
import { SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import { DATAGRAM_BYTES_MAX } from '../wire/limits.js';
import type { Packet } from '../wire/packet.js';
import type { Station } from './network.js';
import type { SimulatedClock } from './simulated-clock.js';
import type { TcpHost } from './tcp.js';

/**
 * - `off`: the machine is gone; it takes nothing and says nothing.
 * - `idle`: it is on, and no process runs.
 * - `running`, or `paused`: the process does not compute, while packets queue and clocks run.
 */
export type MachineState = 'off' | 'idle' | 'running' | 'paused';

/** What a machine does to the world. */
export interface MachineWorld {
  nowMs(): number;
  /** Sends a packet; `bytes` is what an envelope holds, unsealed. */
  send(machine: Machine, link: Link, bytes: Uint8Array, packet: Packet): void;
  close(machine: Machine, link: Link): void;
  trust(machine: Machine, link: Link): void;
  /** The process is to be called at this time. */
  wakeAt(machine: Machine, atMs: number): void;
  emitted(machine: Machine, event: CoreEvent): void;
  /** A call of the core is over, and its effects are carried out. */
  stepped(machine: Machine): void;
  /** A core has thrown, which it never may. */
  failed(machine: Machine, error: unknown): void;
}

/** What a kernel keeps of datagrams for a process that does not read them (Linux's default). */
const RECEIVE_BUFFER_BYTES = 212_992;
/** A small datagram takes more of it than it holds. */
const RECEIVE_OVERHEAD_BYTES = 768;

/** A simulated machine that runs one node: the real core, with packets encoded and decoded. */
export class Machine implements TcpHost {
  state: MachineState = 'idle';
  /** The core of the present, or last, life. */
  core: Core | undefined;
  /** How often a process was started. */
  lives = 0;
  startedAtMs = 0;
  /** When it last stopped computing, or ended a pause. */
  pausedAtMs = Number.NEGATIVE_INFINITY;
  resumedAtMs = Number.NEGATIVE_INFINITY;
  /** It has said goodbye. */
  hasLeft = false;
  readonly #waiting: Input[] = [];
  #waitingBytes = 0;

  constructor(
    readonly name: string,
    readonly address: string,
    readonly station: Station,
    readonly clock: SimulatedClock,
    private readonly world: MachineWorld,
  ) {}

  isOn(): boolean {
    return this.state !== 'off';
  }

  isListening(): boolean {
    return this.state === 'running' || this.state === 'paused';
  }

  /** Starts the process with nothing in memory. */
  start(options: CoreOptions, seed: Uint8Array, seeds: string[]): void {
    this.state = 'running';
    this.lives += 1;
    this.startedAtMs = this.world.nowMs();
    this.hasLeft = false;
    this.#waiting.length = 0;
    this.core = new Core(options, seed);
    this.input({ type: 'seeds', addresses: seeds });
    this.input({ type: 'start' });
  }

  /** The process is gone; `off`: the machine with it. */
  end(state: 'off' | 'idle'): void {
    this.state = state;
    this.#waiting.length = 0;
  }

  pause(): void {
    if (this.state !== 'running') return;
    this.state = 'paused';
    this.pausedAtMs = this.world.nowMs();
    this.#waitingBytes = 0;
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    this.resumedAtMs = this.world.nowMs();
    // Timers run before what has queued is read, as in an event loop.
    this.input({ type: 'wake' });
    for (const input of this.#waiting.splice(0)) this.input(input);
  }

  /** A datagram has come. */
  datagram(from: string, bytes: Uint8Array): void {
    this.#packet(`udp:${from}`, bytes);
  }

  frame(link: Link, bytes: Uint8Array): void {
    this.#packet(link, bytes);
  }

  linkDown(link: Link): void {
    this.input({ type: 'linkDown', link });
  }

  /**
   * Gives the core an input, once the process computes.
   *
   * @returns false: it is a command that the core has refused.
   */
  input(input: Input): boolean {
    const { core } = this;
    if (core === undefined || !this.isListening()) return true;
    if (this.state === 'paused') {
      this.#queue(input);
      return true;
    }
    let effects: Effect[];
    try {
      effects = core.handle(input, this.localMs());
    } catch (error) {
      if (isRefusal(input, error)) return false;
      this.world.failed(this, error);
      return true;
    }
    for (const effect of effects) this.#carryOut(effect);
    this.world.stepped(this);
    const dueMs = core.nextDeadlineMs();
    if (dueMs !== undefined) this.world.wakeAt(this, this.clock.world(dueMs));
    return true;
  }

  /** The core's time. */
  localMs(): number {
    return this.clock.local(this.world.nowMs());
  }

  #packet(link: Link, bytes: Uint8Array): void {
    if (!this.isListening()) return;
    const decoded = decodePacket(bytes);
    if (!decoded.ok) {
      this.world.failed(this, new Error(`a packet cannot be read: ${decoded.reason}`));
      return;
    }
    const envelopeBytes = bytes.length + SEALED_OVERHEAD_BYTES;
    this.input({ type: 'packet', link, packet: decoded.packet, bytes: envelopeBytes });
  }

  #queue(input: Input): void {
    if (input.type === 'wake') return;
    if (input.type === 'packet' && input.link.startsWith('udp:')) {
      const bytes = input.bytes + RECEIVE_OVERHEAD_BYTES;
      if (this.#waitingBytes + bytes > RECEIVE_BUFFER_BYTES) return;
      this.#waitingBytes += bytes;
    }
    this.#waiting.push(input);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'emit':
        this.world.emitted(this, effect.event);
        return;
      case 'close':
        this.world.close(this, effect.link);
        return;
      case 'trust':
        this.world.trust(this, effect.link);
        return;
      case 'send':
        this.#send(effect.links, effect.packet);
        return;
    }
  }

  #send(links: readonly Link[], packet: Packet): void {
    const bytes = encodePacket(packet);
    for (const link of links) {
      const isDatagram = link.startsWith('udp:');
      if (isDatagram && bytes.length + SEALED_OVERHEAD_BYTES > DATAGRAM_BYTES_MAX) {
        this.world.failed(this, new Error(`a datagram of ${bytes.length} bytes is too large`));
      } else this.world.send(this, link, bytes, packet);
    }
  }
}

/** Commands beyond a limit may throw (`Core.handle`); nothing else may. */
function isRefusal({ type }: Input, error: unknown): boolean {
  const isCommand = type === 'set' || type === 'say' || type === 'delete';
  return isCommand && error instanceof TelepathineError;
}
