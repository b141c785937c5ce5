/** Drives the harness of any peer: a mesh that grows, is told things, and loses nodes. */
import { HarnessProcess } from './harness-process.js';
import type { Command, Report } from './lines.js';
import type { Namespace } from './namespace.js';
import type { Peer } from './peers.js';

/** A change and who has it. */
export interface Change {
  id: string;
  origin: number;
  changedMs: number;
  /** When each other node had it, by its port. */
  hasMs: Map<number, number>;
}

/** A mesh of one peer: most nodes in one process, and some alone in theirs, to be killed. */
export class PeerMesh {
  readonly ports: number[];
  readonly #peer: Peer;
  readonly #namespace: Namespace | undefined;
  readonly #key: string;
  readonly #shared: HarnessProcess;
  readonly #alone = new Map<number, HarnessProcess>();
  readonly #started = new Set<number>();
  /** Whom each node sees alive, and since when; by ports. */
  readonly #seen = new Map<number, Map<number, number>>();
  /** Who has been reported dead to whom, and when, as `node peer`. */
  readonly #deaths = new Map<string, number>();
  readonly #changes = new Map<string, Change>();
  #answer: ((report: Report) => void) | undefined;
  #error: string | undefined;

  /** @param ports of the nodes that share a process. */
  constructor(peer: Peer, ports: number[], key: string, namespace?: Namespace) {
    this.#peer = peer;
    this.ports = ports;
    this.#key = key;
    this.#namespace = namespace;
    this.#shared = this.#harness();
  }

  get shared(): HarnessProcess {
    return this.#shared;
  }

  /** What a harness has complained of last. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Starts the nodes: the first one, then all others at once, from when the time is taken. */
  async join(withinMs: number): Promise<number | undefined> {
    const [first, ...others] = this.ports as [number, ...number[]];
    this.#shared.send({ do: 'start', ports: [first], seed: 0, key: this.#key });
    if (!(await until(() => this.#started.has(first), withinMs))) return undefined;
    const startMs = nowMs();
    this.#shared.send({ do: 'start', ports: others, seed: first, key: this.#key });
    if (!(await until(() => this.isComplete(), withinMs))) return undefined;
    const times = [...this.#seen.values()].flatMap((seen) => [...seen.values()]);
    return Math.max(...times) - startMs;
  }

  /** Starts a node in a process of its own. */
  startAlone(port: number): void {
    const harness = this.#harness();
    this.#alone.set(port, harness);
    harness.send({ do: 'start', ports: [port], seed: this.ports[0] as number, key: this.#key });
  }

  isComplete(): boolean {
    const all = [...this.ports, ...this.#alone.keys()];
    return all.every((port) => this.#seen.get(port)?.size === all.length - 1);
  }

  /** Has a node of the shared process tell all others one thing. */
  change(origin: number, id: string): Change {
    const change = { id, origin, changedMs: Number.NaN, hasMs: new Map<number, number>() };
    this.#changes.set(id, change);
    this.#shared.send({ do: 'change', node: origin, id });
    return change;
  }

  /** Kills a node that is alone in its process, with no goodbye; gives the moment. */
  kill(port: number): number {
    this.#alone.get(port)?.kill();
    return nowMs();
  }

  /** When each node of the shared process that no longer sees another was told so. */
  deathsOf(port: number): number[] {
    return this.ports.flatMap((node) => {
      const atMs = this.#deaths.get(`${node} ${port}`);
      return atMs === undefined || this.#seen.get(node)?.has(port) ? [] : [atMs];
    });
  }

  /** Pairs of which one node has held the other for dead, without those named. */
  deathsBeside(killed: readonly number[]): number {
    const pairs = [...this.#deaths.keys()].map((pair) => pair.split(' ').map(Number));
    return pairs.filter((pair) => pair.every((port) => !killed.includes(port))).length;
  }

  /** Forgets the deaths that were reported while the mesh grew. */
  forgetDeaths(): void {
    this.#deaths.clear();
  }

  /** Says events for a time; gives how many were said in time. */
  async flood(id: string, perSecond: number, seconds: number): Promise<number> {
    const report = await this.#ask({ do: 'flood', id, perSecond, seconds }, 2 * seconds * 1000);
    const isInTime = report?.type === 'flooded' && report.ms < seconds * 1000 * 1.1;
    return isInTime ? report.said : 0;
  }

  /** How many events of the last flood the other nodes have heard, in all. */
  async count(): Promise<number> {
    const report = await this.#ask({ do: 'count' }, 2000);
    return report?.type === 'count' ? report.received : 0;
  }

  close(): void {
    for (const harness of [this.#shared, ...this.#alone.values()]) harness.kill();
  }

  #harness(): HarnessProcess {
    return new HarnessProcess(this.#peer.harness, this.#namespace, (report) => this.#take(report));
  }

  async #ask(command: Command, withinMs: number): Promise<Report | undefined> {
    let answer: Report | undefined;
    this.#answer = (report) => {
      answer = report;
    };
    this.#shared.send(command);
    await until(() => answer !== undefined, withinMs);
    return answer;
  }

  #take(report: Report): void {
    if (report.type === 'started') this.#started.add(report.node);
    else if (report.type === 'up') this.#takeUp(report.node, report.peer, report.at);
    else if (report.type === 'down') this.#takeDown(report.node, report.peer, report.at);
    else if (report.type === 'changed') this.#takeChanged(report.id, report.at);
    else if (report.type === 'has') this.#takeHas(report.node, report.id, report.at);
    else if (report.type === 'error') this.#error = report.message;
    else this.#answer?.(report);
  }

  #takeUp(node: number, peer: number, atMs: number): void {
    const seen = this.#seen.get(node) ?? new Map<number, number>();
    this.#seen.set(node, seen);
    if (!seen.has(peer)) seen.set(peer, atMs);
  }

  #takeDown(node: number, peer: number, atMs: number): void {
    this.#seen.get(node)?.delete(peer);
    this.#deaths.set(`${node} ${peer}`, atMs);
  }

  #takeChanged(id: string, atMs: number): void {
    const change = this.#changes.get(id);
    if (change !== undefined) change.changedMs = atMs;
  }

  #takeHas(node: number, id: string, atMs: number): void {
    const change = this.#changes.get(id);
    if (change === undefined || change.hasMs.has(node)) return;
    if (this.ports.includes(node)) change.hasMs.set(node, atMs);
  }
}

/** Waits until something holds; false if it does not within a time. */
export async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > endMs) return false;
    await pause(20);
  }
  return true;
}

export function pause(forMs: number): Promise<void> {
  return new Promise((done) => setTimeout(done, forMs));
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
