import { createHash } from 'node:crypto';
import type { TelepathineOptions } from '../../src/api/options.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import { HOST, type Host } from '../../src/node/host.js';
import { Telepathine } from '../../src/telepathine.js';
import { formatAddress } from '../../src/transport/address.js';
import { MemoryNetwork } from '../../src/transport/memory.js';
import { recordingLogger } from './recording-logger.js';

const STEP_MS = 20;

/** Nodes of the public class in one process, on a network in memory and in virtual time. */
export class TestMesh {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork(this.clock, 1, { latency: { minMs: 1, maxMs: 3 } });
  readonly logger = recordingLogger();
  #nodes = 0;

  /** A node that does not run yet, at 10.0.0.N:9000 with the name nN; its seed is the first node. */
  node<Values = Record<string, unknown>, Says = Record<string, unknown>>(
    options: TelepathineOptions = {},
  ): Telepathine<Values, Says> {
    const number = ++this.#nodes;
    return new Telepathine<Values, Says>({
      name: `n${number}`,
      address: `10.0.0.${number}:9000`,
      seeds: number === 1 ? [] : ['10.0.0.1:9000'],
      profile: 'lan',
      logger: this.logger,
      [HOST]: this.host(number),
      ...options,
    });
  }

  /** Nodes that have started and know each other. */
  async start(count: number, options: TelepathineOptions = {}): Promise<Telepathine[]> {
    const nodes = Array.from({ length: count }, () => this.node(options).start());
    await this.until(() => nodes.every((node) => node.livePeers().length === count - 1));
    return nodes;
  }

  /** Lets time pass, and between the steps whatever waits for promises. */
  async run(ms: number): Promise<void> {
    // Loading the cipher takes real time, which virtual time would not wait for.
    await cryptoReady();
    const endMs = this.clock.nowMs() + ms;
    await new Promise(setImmediate);
    while (this.clock.nowMs() < endMs) {
      this.clock.advance(Math.min(STEP_MS, endMs - this.clock.nowMs()));
      await new Promise(setImmediate);
    }
  }

  /** Lets time pass until a condition holds, for at most a minute. */
  async until(condition: () => boolean): Promise<void> {
    await cryptoReady();
    const endMs = this.clock.nowMs() + 60_000;
    await new Promise(setImmediate);
    while (!condition()) {
      if (this.clock.nowMs() >= endMs) throw new Error('it did not come to be within a minute');
      await this.run(STEP_MS);
    }
  }

  /** Lets time pass until a promise is settled. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.until(() => settled);
    return promise;
  }

  host(number: number): Host {
    let lives = 0;
    const newSeed = () => `seed ${number} of life ${++lives}`;
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
