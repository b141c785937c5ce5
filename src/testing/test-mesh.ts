import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { TelepathineOptions } from '../api/options.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { cryptoReady } from '../crypto/secretbox.js';
import { TelepathineError } from '../error.js';
import type { Host } from '../node/host.js';
import { HOST } from '../node/host.js';
import { Telepathine } from '../telepathine.js';
import { formatAddress } from '../transport/address.js';
import { MemoryNetwork } from '../transport/memory.js';

/** What happens to packets between the nodes. */
export interface MeshConditions {
  /** Milliseconds on the way, evenly spread; a spread reorders datagrams. Default: 1 to 3. */
  latency?: { minMs: number; maxMs: number };
  /** Share of datagrams that are lost, 0 to 1; streams send them again. Default: 0. */
  lossRate?: number;
  /** Share of datagrams that come twice, 0 to 1. Default: 0. */
  doublingRate?: number;
}

/** How a mesh begins. */
export interface TestMeshOptions extends MeshConditions {
  /** 32 bits from which all chance is drawn: the same seed gives the same run. Default: 1. */
  seed?: number;
  /**
   * What the nodes' wall clocks show first, in Unix ms. Default: the year 2020, so that runs are alike.
   * `Date.now()` suits an application that takes the time for `expiresAt` from there.
   */
  wallMs?: number;
}

const STEP_MS = 20;

/**
 * Nodes in one process, on a network in memory and in virtual time, which passes only in `run`,
 * `until` and `settled`. There is nothing to close.
 */
export class TestMesh {
  /** @internal */
  readonly clock: VirtualClock;
  /** @internal */
  readonly network: MemoryNetwork;
  readonly #seed: number;
  #nodes = 0;

  constructor({ seed = 1, wallMs = Date.UTC(2020), ...conditions }: TestMeshOptions = {}) {
    this.#seed = seed;
    this.clock = new VirtualClock(0, wallMs);
    this.network = new MemoryNetwork(this.clock, seed, {
      latency: { minMs: 1, maxMs: 3 },
      ...conditions,
    });
  }

  /** The nodes' wall clock in Unix ms: `node.set(key, value, mesh.wallMs + 5000)`. */
  get wallMs(): number {
    return this.clock.wallMs();
  }

  /** A node that does not run yet: `new Telepathine(mesh.options(options))`. */
  node<Values = Record<string, unknown>, Says = Record<string, unknown>>(
    options: TelepathineOptions = {},
  ): Telepathine<Values, Says> {
    return new Telepathine<Values, Says>(this.options(options));
  }

  /**
   * Options that make the next node one of this mesh, however it is made. Without others it is the
   * node nN at 10.0.0.N:9000 with the profile `lan`, and its seed is the first one. Seeds are found by
   * address, not by host name.
   */
  options(options: TelepathineOptions = {}): TelepathineOptions {
    const number = ++this.#nodes;
    return {
      name: `n${number}`,
      address: `10.0.0.${number}:9000`,
      seeds: number === 1 ? [] : ['10.0.0.1:9000'],
      profile: 'lan',
      [HOST]: this.host(number),
      ...options,
    };
  }

  /** Nodes that have started and know each other. */
  async start(count: number, options: TelepathineOptions = {}): Promise<Telepathine[]> {
    const nodes = Array.from({ length: count }, () => this.node(options).start());
    await this.until(() => nodes.every((node) => node.livePeers().length === count - 1));
    return nodes;
  }

  /** Lets time pass, and between the steps of 20 ms whatever waits for promises. */
  async run(ms: number): Promise<void> {
    // Loading the cipher takes real time, which virtual time would not wait for.
    await cryptoReady();
    const endMs = this.clock.nowMs() + ms;
    await turn();
    while (this.clock.nowMs() < endMs) {
      this.clock.advance(Math.min(STEP_MS, endMs - this.clock.nowMs()));
      await turn();
    }
  }

  /**
   * Lets time pass until a condition holds.
   *
   * @throws TelepathineError TIMED_OUT if it does not within `timeoutMs`.
   */
  async until(condition: () => boolean, timeoutMs = 60_000): Promise<void> {
    await cryptoReady();
    const endMs = this.clock.nowMs() + timeoutMs;
    await turn();
    while (!condition()) {
      if (this.clock.nowMs() >= endMs) {
        throw new TelepathineError('TIMED_OUT', `it did not come to be within ${timeoutMs} ms`);
      }
      await this.run(STEP_MS);
    }
  }

  /**
   * Lets time pass until a promise is settled, and gives what it gives: `mesh.settled(node.stop())`.
   *
   * @throws TelepathineError TIMED_OUT if it is not within a minute.
   */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.until(() => settled);
    return promise;
  }

  /** Changes what happens to the packets that are sent from now on. */
  change(conditions: MeshConditions): void {
    this.network.change(conditions);
  }

  /**
   * Cuts the mesh into groups of running nodes, between which nothing passes until `heal`. All other
   * nodes are one more group: `partition([node])` isolates one. Replaces an earlier partition.
   *
   * @throws TelepathineError INVALID_ARGUMENT if a node does not run.
   */
  partition(...groups: readonly (readonly Pick<Telepathine, 'address' | 'port'>[])[]): void {
    this.network.partition(groups.map((nodes) => nodes.map(addressOf)));
  }

  /** Ends the partition. */
  heal(): void {
    this.network.heal();
  }

  /** @internal The world of one node. */
  host(number: number): Host {
    let lives = 0;
    const newSeed = () => `seed ${this.#seed}, life ${++lives} of node ${number}`;
    return {
      clock: this.clock,
      transports: (ip, udp) => [
        (port) => this.network.tcp(formatAddress(ip, port)),
        ...(udp ? [(port: number) => this.network.udp(formatAddress(ip, port))] : []),
      ],
      seed: () => new Uint8Array(createHash('sha256').update(newSeed()).digest()),
      lookup: async (name) => Promise.reject(new Error(`${name} is not known`)),
      resolve: async () => [],
    };
  }
}

function addressOf(node: Pick<Telepathine, 'address' | 'port'>): string {
  if (node.port !== 0) return formatAddress(node.address, node.port);
  throw new TelepathineError(
    'INVALID_ARGUMENT',
    'partition: a node does not run; allowed are running nodes',
  );
}
