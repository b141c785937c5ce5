import { createHash } from 'node:crypto';
import type { CoreEvent, CoreOptions, Link } from '../core/contract.js';
import { Random } from '../core/random.js';
import { Schedule } from '../core/schedule.js';
import { SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import type { Packet } from '../wire/packet.js';
import { shareTexts } from '../wire/shared-text.js';
import { Machine, type MachineWorld } from './machine.js';
import { Network, type NetworkSettings } from './network.js';
import { SimulatedClock } from './simulated-clock.js';
import { Tcp, type TcpWorld } from './tcp.js';

/** Who looks on: measures, invariants, plots. */
export interface Observer {
  /** A process has begun. */
  started?(machine: Machine): void;
  /** A process has ended, in whichever way. */
  ended?(machine: Machine): void;
  emitted?(machine: Machine, event: CoreEvent): void;
  /** A packet is sent: `bytes` is what an envelope holds, unsealed. */
  sent?(machine: Machine, kind: 'udp' | 'tcp', bytes: Uint8Array, packet: Packet): void;
  /** A call of a core is over. */
  stepped?(machine: Machine): void;
  /** A core has thrown, or packets cannot be read. */
  failed?(machine: Machine, error: unknown): void;
}

/** How the machines' clocks differ. */
export interface ClockSettings {
  /** Wall clocks are up to so far off, either way. */
  readonly skewMs: number;
  /** Monotonic clocks run up to so much fast or slow, in millionths. */
  readonly driftPpm: number;
}

export interface WorldSettings {
  readonly seed: number;
  readonly network: NetworkSettings;
  readonly clocks: ClockSettings;
}

const PORT = 9000;
/** Of datagrams kept for replaying. */
const RESERVOIR = 256;

/**
 * Machines and a network in virtual time. The same settings and commands give the same packets at the
 * same times, on any machine.
 */
export class World implements MachineWorld, TcpWorld {
  readonly machines: Machine[] = [];
  readonly network: Network;
  readonly random: Random;
  readonly #schedule = new Schedule();
  readonly #byAddress = new Map<string, Machine>();
  readonly #tcp: Tcp;
  readonly #wakes = new Map<Machine, number>();
  readonly #hash = createHash('sha256');
  readonly #observers: Observer[] = [];
  readonly #reservoir: { machine: Machine; from: string; bytes: Uint8Array }[] = [];
  #datagrams = 0;
  #nowMs = 0;

  constructor(private readonly settings: WorldSettings) {
    this.network = new Network(settings.network, this.#dice('network'));
    this.random = this.#dice('world');
    this.#tcp = new Tcp(this);
  }

  /** Virtual ms since the beginning. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** SHA-256 over all packets so far: when, from whom, how, which bytes. */
  traceHash(): string {
    return this.#hash.copy().digest('hex');
  }

  observe(observer: Observer): void {
    this.#observers.push(observer);
  }

  /** Adds a machine that runs nothing yet; names are n0, n1, … */
  addMachine(): Machine {
    const index = this.machines.length;
    const ip = [10, index >> 16, (index >> 8) & 255, index & 255];
    const { skewMs, driftPpm } = this.settings.clocks;
    const within = (bound: number) => (this.random.real() * 2 - 1) * bound;
    const clock = new SimulatedClock(
      this.random.real() * 1e9,
      1 + within(driftPpm) / 1e6,
      within(skewMs),
    );
    const station = {
      index,
      incomingLoss: 0,
      outgoingLoss: 0,
      outgoingFreeMs: 0,
      incomingFreeMs: 0,
    };
    const machine = new Machine(`n${index}`, `${ip.join('.')}:${PORT}`, station, clock, this);
    this.machines.push(machine);
    shareTexts(this.machines.length);
    this.#byAddress.set(machine.address, machine);
    return machine;
  }

  /** Starts a machine's process, or starts it again with nothing in memory. */
  start(
    machine: Machine,
    options: Omit<CoreOptions, 'name' | 'generation' | 'addresses'>,
    seeds: readonly Machine[],
  ): void {
    if (machine.isListening()) this.kill(machine);
    const seed = new Uint8Array(12);
    const view = new DataView(seed.buffer);
    view.setInt32(0, this.settings.seed);
    view.setInt32(4, machine.station.index);
    view.setInt32(8, machine.lives);
    const ip = Uint8Array.from((machine.address.split(':')[0] as string).split('.').map(Number));
    const addresses = (['udp', 'tcp'] as const).map(
      (transport) => ({ family: 4, ip, port: PORT, transport }) as const,
    );
    const generation = Math.floor(machine.clock.wall(this.#nowMs));
    const others = seeds.filter((other) => other !== machine).map(({ address }) => address);
    // Before it says anything: what it emits belongs to this life.
    for (const observer of this.#observers) observer.started?.(machine);
    machine.start({ ...options, name: machine.name, generation, addresses }, seed, others);
  }

  /** SIGKILL: the process is gone, and its kernel closes what it had. */
  kill(machine: Machine): void {
    this.#end(machine, 'idle');
  }

  /** The machine is gone without a word. */
  crash(machine: Machine): void {
    this.#end(machine, 'off');
  }

  /** Delivers an old datagram once more, to whom it was sent. */
  replay(): void {
    const [old] = this.random.sample(this.#reservoir, 1);
    old?.machine.datagram(old.from, old.bytes);
  }

  /**
   * Lets time pass, up to and including a time, while no more than `countMax` things happen.
   *
   * @returns whether the time has come.
   */
  runUntil(untilMs: number, countMax = Number.POSITIVE_INFINITY): boolean {
    for (let count = 0; count < countMax; count++) {
      const dueMs = this.#schedule.nextDueMs();
      if (dueMs === undefined || dueMs > untilMs) {
        this.#nowMs = untilMs;
        return true;
      }
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.#schedule.takeDue(dueMs)?.();
    }
    return false;
  }

  at(atMs: number, run: () => void): void {
    this.#schedule.at(atMs, run);
  }

  hostAt(address: string): Machine | undefined {
    return this.#byAddress.get(address);
  }

  send(machine: Machine, link: Link, bytes: Uint8Array, packet: Packet): void {
    const kind = link.startsWith('udp:') ? 'udp' : 'tcp';
    this.#hash.update(`${this.#nowMs} ${machine.station.index} ${link} ${bytes.length}\n`);
    this.#hash.update(bytes);
    for (const observer of this.#observers) observer.sent?.(machine, kind, bytes, packet);
    if (kind === 'tcp') this.#tcp.send(machine, link, bytes);
    else this.#sendDatagram(machine, link.slice('udp:'.length), bytes);
  }

  close(machine: Machine, link: Link): void {
    this.#tcp.close(machine, link);
  }

  trust(machine: Machine, link: Link): void {
    this.#tcp.trust(machine, link);
  }

  wakeAt(machine: Machine, atMs: number): void {
    const planned = this.#wakes.get(machine);
    if (planned !== undefined && planned <= atMs) return;
    const dueMs = Math.max(atMs, this.#nowMs);
    this.#wakes.set(machine, dueMs);
    this.at(dueMs, () => {
      if (this.#wakes.get(machine) !== dueMs) return;
      this.#wakes.delete(machine);
      machine.input({ type: 'wake' });
    });
  }

  emitted(machine: Machine, event: CoreEvent): void {
    if (event.type === 'left') machine.hasLeft = true;
    for (const observer of this.#observers) observer.emitted?.(machine, event);
    if (event.type !== 'left' && event.type !== 'nameTaken') return;
    // The host closes once the core has nothing more to say.
    this.at(this.#nowMs, () => this.kill(machine));
  }

  stepped(machine: Machine): void {
    for (const observer of this.#observers) observer.stepped?.(machine);
  }

  failed(machine: Machine, error: unknown): void {
    for (const observer of this.#observers) observer.failed?.(machine, error);
  }

  #end(machine: Machine, state: 'off' | 'idle'): void {
    const ran = machine.isListening();
    machine.end(state);
    this.#tcp.hostEnded(machine);
    this.#wakes.delete(machine);
    if (ran) for (const observer of this.#observers) observer.ended?.(machine);
  }

  #sendDatagram(machine: Machine, address: string, bytes: Uint8Array): void {
    const to = this.#byAddress.get(address);
    if (to === undefined) return;
    const sealedBytes = bytes.length + SEALED_OVERHEAD_BYTES;
    const { station } = machine;
    for (const arrivedMs of this.network.datagram(station, to.station, sealedBytes, this.#nowMs)) {
      this.at(arrivedMs, () => to.datagram(machine.address, bytes));
    }
    this.#datagrams += 1;
    const old = { machine: to, from: machine.address, bytes };
    if (this.#reservoir.length < RESERVOIR) this.#reservoir.push(old);
    else if (this.#datagrams % RESERVOIR === 0) {
      this.#reservoir[this.random.below(RESERVOIR)] = old;
    }
  }

  #dice(label: string): Random {
    const seed = new Uint8Array(4);
    new DataView(seed.buffer).setInt32(0, this.settings.seed);
    return new Random(seed, `simulation ${label}`);
  }
}
