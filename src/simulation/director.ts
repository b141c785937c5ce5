import type { Input } from '../core/contract.js';
import type { Random } from '../core/random.js';
import { Encoding } from '../wire/packet.js';
import type { History } from './history.js';
import type { Machine } from './machine.js';
import type {
  Fault,
  Load,
  LossyFault,
  NodeFault,
  PartitionFault,
  Scenario,
  Selection,
} from './scenario.js';
import type { Sightings } from './sightings.js';
import type { World } from './world.js';

/** What a node's application does once. */
export type Command =
  | { readonly kind: 'set'; readonly key: string; readonly bytes: number; readonly ttlMs?: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'say'; readonly bytes: number; readonly durationMs: number };

/** Makes happen what a scenario says. */
export class Director {
  readonly #random: Random;
  /** Ends of the faults that last. */
  readonly #endings = new Set<() => void>();
  #number = 0;
  #over = false;

  constructor(
    private readonly scenario: Scenario,
    private readonly world: World,
    private readonly sightings: Sightings,
    private readonly history: History,
  ) {
    this.#random = world.random;
  }

  /** Starts all nodes, within the time that the scenario gives. */
  startAll(): void {
    const { machines } = this.world;
    machines.forEach((machine, index) => {
      const atMs = (this.scenario.startWithinMs * index) / machines.length;
      this.world.at(atMs, () => this.#start(machine));
    });
  }

  /** Plans load and faults from now on. */
  begin(load: readonly Load[], faults: readonly Fault[]): void {
    for (const each of load) this.#plan(each);
    for (const fault of faults) {
      const nodes = 'nodes' in fault ? this.#choose(fault.nodes) : [];
      this.#after(fault.atMs, () => this.#occur(fault, nodes));
    }
  }

  /** No more faults and load; what was down starts again, and the network is well. */
  end(): void {
    this.#over = true;
    for (const ending of this.#endings) ending();
    this.#endings.clear();
  }

  /** Carries out one command, if the node runs. */
  command(machine: Machine, command: Command): void {
    if (machine.state !== 'running' || machine.hasLeft) return;
    this.#number += 1;
    machine.input(this.#input(machine, command));
  }

  #input(machine: Machine, command: Command): Input {
    const stamp = { time: this.#number };
    if (command.kind === 'delete') return { type: 'delete', key: command.key, stamp };
    const text = JSON.stringify(String(this.#number).padEnd(Math.max(0, command.bytes - 2), '.'));
    const payload = new TextEncoder().encode(text);
    const form = { payload, encoding: Encoding.json, typeName: '' };
    if (command.kind === 'set') {
      const { key, ttlMs } = command;
      return { type: 'set', key, ...form, stamp, ...(ttlMs === undefined ? {} : { ttlMs }) };
    }
    const { durationMs } = command;
    this.history.said(machine, this.#number, durationMs);
    return { type: 'say', event: 'e', ...form, durationMs, buffer: false };
  }

  #plan(load: Load): void {
    if (load.perSecond === 0) return;
    const everyMs = 1000 / load.perSecond;
    for (const machine of this.#choose(load.nodes)) {
      const fromMs = load.fromMs + this.#random.real() * everyMs;
      const untilMs = this.world.nowMs() + load.fromMs + load.forMs;
      let count = 0;
      const next = () => {
        if (this.#over || this.world.nowMs() >= untilMs) return;
        const { bytes, eventDurationMs } = load;
        const key = `key${count % load.keys}`;
        count += 1;
        const command: Command =
          load.kind === 'set'
            ? { kind: 'set', key, bytes }
            : { kind: 'say', bytes, durationMs: eventDurationMs };
        this.command(machine, command);
        this.#after(everyMs, next);
      };
      this.#after(fromMs, next);
    }
  }

  /** A fault comes, and comes again if it is to. */
  #occur(fault: Fault, nodes: readonly Machine[]): void {
    if (this.#over) return;
    const drawn = 'anew' in fault && fault.anew ? this.#choose(fault.nodes) : nodes;
    this.#cause(fault, drawn);
    if (fault.everyMs !== Number.POSITIVE_INFINITY) {
      this.#after(fault.everyMs, () => this.#occur(fault, nodes));
    }
  }

  #cause(fault: Fault, nodes: readonly Machine[]): void {
    switch (fault.kind) {
      case 'partition':
        this.#until(fault, this.#partition(fault));
        return;
      case 'lossy':
        for (const machine of nodes) this.#until(fault, this.#lossy(fault, machine));
        return;
      case 'replay':
        for (let count = 0; count < fault.datagrams; count++) this.world.replay();
        return;
      default:
        nodes.forEach((machine, index) => {
          this.#after(index * fault.spacingMs, () => this.#strike(fault, machine));
        });
    }
  }

  #strike(fault: NodeFault, machine: Machine): void {
    if (this.#over || machine.state !== 'running') return;
    const restart = () => this.#start(machine);
    switch (fault.kind) {
      case 'crash':
        this.world.crash(machine);
        this.#until(fault, restart);
        return;
      case 'kill':
        this.world.kill(machine);
        this.#until(fault, restart);
        return;
      case 'leave':
        machine.hasLeft = true;
        machine.input({ type: 'leave' });
        this.#until(fault, restart);
        return;
      case 'restart':
        this.world.kill(machine);
        restart();
        return;
      case 'pause':
        this.sightings.markBad(machine);
        machine.pause();
        this.#until(fault, () => {
          machine.resume();
          this.sightings.markGood(machine);
        });
        return;
    }
  }

  #partition({ shares, oneWay }: PartitionFault): () => void {
    const { machines } = this.world;
    const shuffled = this.#random.sample(machines, machines.length);
    const part = new Uint8Array(machines.length);
    let first = 0;
    shares.forEach((share, number) => {
      const size = Math.round(share * machines.length);
      for (const { station } of shuffled.slice(first, first + size)) part[station.index] = number;
      first += size;
    });
    const heal = this.world.network.cut((from, to) =>
      oneWay ? part[from] === 0 && part[to] !== 0 : part[from] !== part[to],
    );
    for (const machine of machines) this.sightings.markBad(machine);
    return () => {
      heal();
      for (const machine of machines) this.sightings.markGood(machine);
    };
  }

  #lossy({ incoming, outgoing }: LossyFault, machine: Machine): () => void {
    const { station } = machine;
    station.incomingLoss = incoming;
    station.outgoingLoss = outgoing;
    this.sightings.markBad(machine);
    return () => {
      station.incomingLoss = 0;
      station.outgoingLoss = 0;
      this.sightings.markGood(machine);
    };
  }

  /** Ends a fault when its time is over, or when all faults end. */
  #until({ forMs, forMsMore }: Fault, end: () => void): void {
    const once = () => {
      if (this.#endings.delete(once)) end();
    };
    this.#endings.add(once);
    if (forMs === Number.POSITIVE_INFINITY) return;
    this.#after(forMs + this.#random.real() * forMsMore, once);
  }

  #start(machine: Machine): void {
    if (machine.isListening()) {
      // A goodbye that nobody has heard yet: the process is ended for it.
      this.world.kill(machine);
    }
    const { seeds, node } = this.scenario;
    const { machines } = this.world;
    this.world.start(machine, { ...CORE_OPTIONS, ...node }, machines.slice(0, seeds));
  }

  #choose(selection: Selection): Machine[] {
    const { machines } = this.world;
    if ('names' in selection) {
      return machines.filter(({ name }) => selection.names.includes(name));
    }
    const count =
      'count' in selection ? selection.count : Math.round(selection.share * machines.length);
    return count >= machines.length ? machines : this.#random.sample(machines, count);
  }

  #after(delayMs: number, run: () => void): void {
    this.world.at(this.world.nowMs() + delayMs, run);
  }
}

/** What scenarios do not vary. */
const CORE_OPTIONS = {
  cluster: '',
  tags: {},
  keyIds: [],
  datagramPacketBytesMax: 1155,
  joinTimeoutMs: 500,
  ownersMax: 20_000,
  heldBytesMax: 2 ** 40,
};
