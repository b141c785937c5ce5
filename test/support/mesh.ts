import type { CoreEvent, CoreOptions, Effect, Input, Link } from '../../src/core/contract.js';
import { Core } from '../../src/core/core.js';
import { Random } from '../../src/core/random.js';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import { Encoding, type Packet } from '../../src/wire/packet.js';

/** What the network does to packets. */
export interface Weather {
  /** Probability that a datagram is lost. */
  loss: number;
  /** Probability that a datagram comes twice. */
  doubling: number;
  latencyMinMs: number;
  latencyMaxMs: number;
}

export const FAIR_WEATHER: Weather = { loss: 0, doubling: 0, latencyMinMs: 1, latencyMaxMs: 2 };

/** One packet on its way. */
export interface Flight {
  from: string;
  to: string;
  kind: 'udp' | 'tcp';
  bytes: Uint8Array;
  /** The ephemeral port of a stream that the sender opened; '' for datagrams. */
  stream: string;
}

export interface MeshNode {
  readonly name: string;
  /** Where its packets come from, and where it is reached; a test may move it. */
  address: string;
  core: Core;
  readonly events: CoreEvent[];
  up: boolean;
  /** What this life has heard, as `event=data`. */
  heard: string[];
}

interface Timed {
  atMs: number;
  order: number;
  run: () => void;
}

/**
 * Cores joined by a network in virtual time. Every packet is encoded and decoded on its way. Streams
 * are in order and lossless while both ends can reach each other.
 */
export class Mesh {
  readonly nodes = new Map<string, MeshNode>();
  readonly random: Random;
  readonly sent: Flight[] = [];
  weather: Weather;
  /** Whether a packet may pass; partitions set it. */
  mayPass: (from: string, to: string, kind: Flight['kind']) => boolean = () => true;
  /** Connections that are dead without either end being told, as `dialler#acceptor`. */
  readonly deadStreams = new Set<string>();
  /** Makes the core of a node that starts; a test may put in its own. */
  makeCore: (options: CoreOptions, seed: Uint8Array) => Core = (options, seed) =>
    new Core(options, seed);
  /** Called after each call of a core. */
  onStep: (node: MeshNode) => void = () => undefined;
  nowMs = 0;
  packets = 0;
  bytes = 0;
  /** Keeps what was sent, for replays. */
  recording = false;
  #queue: Timed[] = [];
  #order = 0;
  #wakes = new Map<Core, number>();
  #starts = 0;
  #stamps = 0;

  constructor(
    readonly seed: number,
    weather: Partial<Weather> = {},
    readonly options: Partial<CoreOptions> = {},
  ) {
    this.random = new Random(new Uint8Array(new Int32Array([seed]).buffer), 'mesh');
    this.weather = { ...FAIR_WEATHER, ...weather };
  }

  /** Starts a node, or starts it again with nothing in memory. */
  start(name: string, seeds: string[] = [], options: Partial<CoreOptions> = {}): MeshNode {
    const address = this.nodes.get(name)?.address ?? `10.0.0.${this.nodes.size + 1}:9000`;
    this.#starts += 1;
    const seed = new Uint8Array(8);
    new DataView(seed.buffer).setInt32(0, this.seed);
    new DataView(seed.buffer).setInt32(4, this.#starts);
    const port = 9000;
    const ip = Uint8Array.from((address.split(':')[0] as string).split('.').map(Number));
    const core = this.makeCore(
      {
        ...DEFAULT_CORE_OPTIONS,
        name,
        generation: 1000 + this.#starts,
        addresses: [
          { family: 4, ip, port, transport: 'udp' },
          { family: 4, ip, port, transport: 'tcp' },
        ],
        ...this.options,
        ...options,
      },
      seed,
    );
    const node: MeshNode = { name, address, core, events: [], up: true, heard: [] };
    this.nodes.set(name, node);
    this.input(node, { type: 'seeds', addresses: seeds.map((seed) => this.address(seed)) });
    this.input(node, { type: 'start' });
    return node;
  }

  /** Starts nodes n0, n1, … all from the first, and waits until they know each other. */
  grow(count: number, options: Partial<CoreOptions> = {}): MeshNode[] {
    const nodes = Array.from({ length: count }, (_, i) =>
      this.start(`n${i}`, i === 0 ? [] : ['n0'], options),
    );
    this.until(() => nodes.every((node) => this.live(node).length === count - 1), 30_000);
    return nodes;
  }

  /** The address of a node, or the one it will have. */
  address(name: string): string {
    return this.nodes.get(name)?.address ?? name;
  }

  node(name: string): MeshNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  /** SIGKILL: it neither says nor hears anything any more. */
  kill(name: string): void {
    this.node(name).up = false;
  }

  set(name: string, key: string, value: unknown, ttlMs?: number): void {
    const payload = new TextEncoder().encode(JSON.stringify(value));
    this.#stamps += 1;
    const common = { encoding: Encoding.json, typeName: '', stamp: { time: this.#stamps } };
    const input: Input = { type: 'set', key, payload, ...common };
    if (ttlMs !== undefined) input.ttlMs = ttlMs;
    this.input(this.node(name), input);
  }

  delete(name: string, key: string): void {
    this.#stamps += 1;
    this.input(this.node(name), { type: 'delete', key, stamp: { time: this.#stamps } });
  }

  say(name: string, event: string, data: unknown, durationMs = 20_000, buffer = false): void {
    const payload = new TextEncoder().encode(JSON.stringify(data));
    const encoding = Encoding.json;
    const input = {
      type: 'say',
      event,
      payload,
      encoding,
      typeName: '',
      durationMs,
      buffer,
    } as const;
    this.input(this.node(name), input);
  }

  input(node: MeshNode, input: Input): void {
    if (node.up) this.#carryOut(node, node.core.handle(input, this.nowMs));
  }

  /** Delivers bytes as if they came from an address. */
  inject(flight: Flight): void {
    this.#deliver(flight);
  }

  run(forMs: number): void {
    const end = this.nowMs + forMs;
    while (this.#queue.length > 0 && (this.#queue[0] as Timed).atMs <= end) this.#step();
    this.nowMs = end;
  }

  /** Runs until something holds. Throws if it does not within the time. */
  until(holds: () => boolean, withinMs: number): number {
    const start = this.nowMs;
    while (!holds()) {
      if (this.nowMs - start > withinMs)
        throw new Error(`not within ${withinMs} ms (seed ${this.seed})`);
      this.run(5);
    }
    return this.nowMs - start;
  }

  /** The names of the live peers that a node sees. */
  live(node: MeshNode): string[] {
    const peers = node.core.peers(this.nowMs).filter((peer) => peer.status === 'alive');
    return peers.map((peer) => peer.name).sort();
  }

  /** What a node shows of an owner (of itself too), as `key=value` by key; long values cut. */
  shows(node: MeshNode, owner: string): string[] {
    const { core } = node;
    const own = node.name === owner;
    const keys = own ? core.keys(this.nowMs) : core.remoteKeys(owner, this.nowMs);
    return keys.sort().map((key) => {
      const value = own ? core.get(key, this.nowMs) : core.remoteGet(owner, key, this.nowMs);
      return `${key}=${TEXT.decode(value?.payload.bytes.subarray(0, SHOWN_BYTES))}`;
    });
  }

  at(atMs: number, run: () => void): void {
    this.#order += 1;
    const timed = { atMs, order: this.#order, run };
    const queue = this.#queue;
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((queue[middle] as Timed).atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, timed);
  }

  #step(): void {
    const timed = this.#queue.shift() as Timed;
    this.nowMs = Math.max(this.nowMs, timed.atMs);
    timed.run();
  }

  #carryOut(node: MeshNode, effects: Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'emit') this.#record(node, effect.event);
      else if (effect.type === 'send') {
        const bytes = encodePacket(effect.packet);
        for (const link of effect.links) this.#send(node, link, bytes);
      } else if (effect.type === 'close') this.#closed(node, effect.link);
    }
    this.onStep(node);
    this.#planWake(node);
  }

  /** A stream was closed in order: the other end is told. */
  #closed(node: MeshNode, link: Link): void {
    const address = link.slice(4);
    const [dialler, acceptor] = address.includes('#')
      ? address.split('#')
      : [node.address, address];
    const dialled = dialler === node.address;
    if (this.deadStreams.delete(`${dialler}#${acceptor}`)) return;
    const other = [...this.nodes.values()].find(
      (each) => each.address === (dialled ? acceptor : dialler),
    );
    const otherLink: Link = dialled ? `tcp:${node.address}#${acceptor}` : `tcp:${node.address}`;
    this.at(this.nowMs + this.weather.latencyMaxMs, () => {
      if (other?.up) this.input(other, { type: 'linkDown', link: otherLink });
    });
  }

  #record(node: MeshNode, event: CoreEvent): void {
    node.events.push(event);
    if (event.type !== 'heard') return;
    node.heard.push(
      `${event.name}:${event.event}=${new TextDecoder().decode(event.payload.bytes)}`,
    );
  }

  #planWake(node: MeshNode): void {
    const { core } = node;
    const dueMs = core.nextDeadlineMs();
    const planned = this.#wakes.get(core);
    if (dueMs === undefined || (planned !== undefined && planned <= dueMs)) return;
    const atMs = Math.max(dueMs, this.nowMs);
    this.#wakes.set(core, atMs);
    this.at(atMs, () => {
      if (this.#wakes.get(core) === atMs) this.#wakes.delete(core);
      if (node.up && node.core === core) this.input(node, { type: 'wake' });
    });
  }

  #send(node: MeshNode, link: Link, bytes: Uint8Array): void {
    const kind = link.slice(0, 3) as 'udp' | 'tcp';
    const address = link.slice(4);
    this.packets += 1;
    this.bytes += bytes.length;
    const accepted = address.includes('#');
    const to = accepted ? (address.split('#')[0] as string) : address;
    const stream = kind === 'udp' ? '' : accepted ? address : `${node.address}#${to}`;
    const flight: Flight = { from: node.address, to, kind, bytes, stream };
    if (this.recording) this.sent.push(flight);
    if (this.deadStreams.has(stream)) return;
    if (kind === 'tcp') {
      this.#fly(flight, this.weather.latencyMaxMs);
      return;
    }
    if (this.random.real() < this.weather.loss) return;
    this.#fly(flight, this.#latencyMs());
    if (this.random.real() < this.weather.doubling) this.#fly(flight, this.#latencyMs());
  }

  #latencyMs(): number {
    const { latencyMinMs, latencyMaxMs } = this.weather;
    return latencyMinMs + this.random.real() * (latencyMaxMs - latencyMinMs);
  }

  #fly(flight: Flight, latencyMs: number): void {
    this.at(this.nowMs + latencyMs, () => this.#deliver(flight));
  }

  #deliver(flight: Flight): void {
    const node = [...this.nodes.values()].find((each) => each.address === flight.to);
    const passes = this.mayPass(flight.from, flight.to, flight.kind);
    if (!node?.up || !passes) {
      if (flight.kind === 'tcp') this.#streamFailed(flight);
      return;
    }
    const decoded = decodePacket(flight.bytes);
    if (!decoded.ok) throw new Error(`a node sent what cannot be decoded: ${decoded.reason}`);
    const source = this.#sourceLink(flight);
    const packet: Packet = decoded.packet;
    this.input(node, { type: 'packet', link: source, packet, bytes: flight.bytes.length + 45 });
  }

  /** The accepting end knows a stream by `dialler#acceptor`, the dialling one by the address. */
  #sourceLink(flight: Flight): Link {
    if (flight.kind === 'udp') return `udp:${flight.from}`;
    const [dialler] = flight.stream.split('#');
    return dialler === flight.from ? `tcp:${flight.stream}` : `tcp:${flight.from}`;
  }

  #streamFailed(flight: Flight): void {
    const sender = [...this.nodes.values()].find((each) => each.address === flight.from);
    const [dialler] = flight.stream.split('#');
    const link: Link = dialler === flight.from ? `tcp:${flight.to}` : `tcp:${flight.stream}`;
    this.at(this.nowMs + 500, () => {
      if (sender?.up) this.input(sender, { type: 'linkDown', link });
    });
  }
}

const TEXT = new TextDecoder();
const SHOWN_BYTES = 12;

export const DEFAULT_CORE_OPTIONS: Omit<CoreOptions, 'name' | 'generation' | 'addresses'> = {
  cluster: '',
  tags: {},
  keyIds: [],
  udp: true,
  datagramPacketBytesMax: 1155,
  gossipIntervalMs: 1000,
  heartbeatIntervalMs: 1000,
  phiThreshold: 8,
  phiDeviationMinMs: 50,
  phiToleranceMs: 150,
  burstProbes: 40,
  burstMs: 2000,
  deadGraceMs: 24 * 3_600_000,
  leftGraceMs: 60_000,
  tombstoneGraceMs: 600_000,
  joinTimeoutMs: 500,
  ownersMax: 20_000,
  heldBytesMax: 2 ** 30,
};
