import { Random } from '../../src/core/random.js';
import { Schedule } from '../../src/core/schedule.js';
import type { NetworkSettings } from '../../src/simulation/network.js';
import { Network } from '../../src/simulation/network.js';
import { Tcp, type TcpHost, type TcpWorld } from '../../src/simulation/tcp.js';

/** A machine that writes down what its connections do. */
export class RecordingHost implements TcpHost {
  on = true;
  listening = true;
  readonly frames: { atMs: number; link: string; bytes: Uint8Array }[] = [];
  readonly downs: { atMs: number; link: string }[] = [];
  readonly station;
  readonly address: string;

  constructor(
    index: number,
    private readonly world: TcpWorld,
  ) {
    this.station = {
      index,
      incomingLoss: 0,
      outgoingLoss: 0,
      outgoingFreeMs: 0,
      incomingFreeMs: 0,
    };
    this.address = `10.0.0.${index}:9000`;
  }

  /** Where others dial it. */
  get link(): string {
    return `tcp:${this.address}`;
  }

  isOn(): boolean {
    return this.on;
  }

  isListening(): boolean {
    return this.listening;
  }

  frame(link: string, bytes: Uint8Array): void {
    this.frames.push({ atMs: this.world.nowMs(), link, bytes });
  }

  linkDown(link: string): void {
    this.downs.push({ atMs: this.world.nowMs(), link });
  }
}

/** Machines that only speak TCP, 10 ms apart. */
export class TcpBench implements TcpWorld {
  readonly network: Network;
  readonly tcp: Tcp;
  readonly hosts: RecordingHost[] = [];
  readonly #schedule = new Schedule();
  #nowMs = 0;

  constructor(settings: Partial<NetworkSettings> = {}, seed = 1) {
    this.network = new Network(
      {
        latency: { minMs: 10, maxMs: 10 },
        loss: 0,
        duplication: 0,
        reordering: 0,
        mtuBytes: 1500,
        bandwidthBytesPerSecond: Number.POSITIVE_INFINITY,
        ...settings,
      },
      new Random(Uint8Array.of(seed), 'bench'),
    );
    this.tcp = new Tcp(this);
  }

  /** Two machines; the first is to dial the second. */
  pair(): [RecordingHost, RecordingHost] {
    for (const index of [1, 2]) this.hosts.push(new RecordingHost(index, this));
    return this.hosts as [RecordingHost, RecordingHost];
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): void {
    this.#schedule.at(atMs, run);
  }

  hostAt(address: string): RecordingHost | undefined {
    return this.hosts.find((host) => host.address === address);
  }

  run(forMs: number): void {
    const untilMs = this.#nowMs + forMs;
    for (;;) {
      const dueMs = this.#schedule.nextDueMs();
      if (dueMs === undefined || dueMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.#schedule.takeDue(dueMs)?.();
    }
    this.#nowMs = untilMs;
  }
}
