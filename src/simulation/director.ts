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

/** What befell the mesh: that a fault came, or that it ended. */
export interface Happening {
  /** In virtual ms since the beginning. */
  readonly atMs: number;
  /** For people: `n3 crashes`. */
  readonly text: string;
}

/** More are not kept: the oldest go. */
const HAPPENINGS_MAX = 1000;

/** Makes happen what a scenario says. */
export class Director {
  readonly happenings: Happening[] = [];
  /** Commands that went beyond a limit of the protocol. */
  refused = 0;
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
    for (const ending of [...this.#endings]) ending();
    this.#tell('all faults are over');
  }

  /** Carries out one command, if the node runs. */
  command(machine: Machine, command: Command): void {
    if (machine.state !== 'running' || machine.hasLeft) return;
    this.#number += 1;
    if (!machine.input(this.#input(command))) this.refused += 1;
    else if (command.kind === 'say') this.history.said(machine, this.#number, command.durationMs);
    else if (command.kind === 'set') this.history.set(this.#number);
  }

  #input(command: Command): Input {
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
        this.command(machine, commandOf(load, count));
        count += 1;
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
        this.#until(fault, 'the mesh is whole again', this.#partition(fault));
        return;
      case 'lossy':
        for (const machine of nodes) {
          this.#until(fault, `${machine.name}'s line is well again`, this.#lossy(fault, machine));
        }
        return;
      case 'replay':
        this.#tell(`${fault.datagrams} old datagrams come again`);
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
    const { name } = machine;
    const restart = () => this.#start(machine);
    this.#tell(`${name} ${STRUCK[fault.kind]}`);
    switch (fault.kind) {
      case 'crash':
        this.world.crash(machine);
        this.#until(fault, `${name} starts again`, restart);
        return;
      case 'kill':
        this.world.kill(machine);
        this.#until(fault, `${name} starts again`, restart);
        return;
      case 'leave':
        machine.hasLeft = true;
        machine.input({ type: 'leave' });
        this.#until(fault, `${name} starts again`, restart);
        return;
      case 'restart':
        this.world.kill(machine);
        restart();
        return;
      case 'pause':
        this.sightings.markBad(machine);
        machine.pause();
        this.#until(fault, `${name} goes on`, () => {
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
    const sizes = shares.map((_, number) => part.filter((each) => each === number).length);
    this.#tell(
      oneWay
        ? `${sizes[0]} nodes do not reach the others`
        : `the mesh is cut into ${sizes.join(' and ')} nodes`,
    );
    return () => {
      heal();
      for (const machine of machines) this.sightings.markGood(machine);
    };
  }

  #lossy({ incoming, outgoing }: LossyFault, machine: Machine): () => void {
    const { station } = machine;
    station.incomingLoss = incoming;
    station.outgoingLoss = outgoing;
    this.#tell(`${machine.name} loses ${percent(incoming)} in, ${percent(outgoing)} out`);
    this.sightings.markBad(machine);
    return () => {
      station.incomingLoss = 0;
      station.outgoingLoss = 0;
      this.sightings.markGood(machine);
    };
  }

  /** Ends a fault when its time is over, or when all faults end. */
  #until({ forMs, forMsMore }: Fault, text: string, end: () => void): void {
    const once = () => {
      if (!this.#endings.delete(once)) return;
      this.#tell(text);
      end();
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
    const count = 'count' in selection ? selection.count : partOf(selection.share, machines.length);
    return count >= machines.length ? machines : this.#random.sample(machines, count);
  }

  #after(delayMs: number, run: () => void): void {
    this.world.at(this.world.nowMs() + delayMs, run);
  }

  #tell(text: string): void {
    this.happenings.push({ atMs: this.world.nowMs(), text });
    if (this.happenings.length > HAPPENINGS_MAX) this.happenings.shift();
  }
}

/** What is told of a node that a fault befalls. */
const STRUCK: Record<NodeFault['kind'], string> = {
  crash: 'crashes',
  kill: 'is killed',
  leave: 'leaves',
  restart: 'restarts',
  pause: 'stands still',
};

function commandOf({ kind, keys, bytes, eventDurationMs }: Load, count: number): Command {
  if (kind === 'say') return { kind, bytes, durationMs: eventDurationMs };
  const key = `key${count % keys}`;
  return kind === 'set' ? { kind, key, bytes } : { kind, key };
}

/** A share that is not 0 is one node at least. */
function partOf(share: number, nodes: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round(share * nodes));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
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
