import type { Carriers } from './carriers.js';
import type { Exchange } from './exchange.js';
import { streamTo } from './link.js';
import { isAlive, type Owner } from './owner.js';
import type { Task } from './schedule.js';
import { type CoreState, linkTo, linkToAddress, livePeers } from './state.js';

/** The shortest interval is this part of the gossip interval, within bounds. */
const SHORTEST_PART = 1 / 20;
const SHORTEST_MS_MIN = 20;
const SHORTEST_MS_MAX = 200;
/** The longest interval, in gossip intervals: pings carry the fingerprint in between. */
const LONGEST_INTERVALS = 6;
/** Part of the calls to seeds that go by a stream: datagrams may be blocked. */
const SEEDS_BY_STREAM = 1 / 4;

/**
 * Paces exchanges with random nodes by a Trickle timer (RFC 6206): often while there is news, seldom
 * when there is none (PROTOCOL.md, "Pacing").
 */
export class Gossip {
  #intervalMs: number;
  #task: Task | undefined;
  #seeds: string[] = [];

  constructor(
    private readonly state: CoreState,
    private readonly exchange: Exchange,
    private readonly carriers: Carriers,
  ) {
    this.#intervalMs = this.#shortestMs;
  }

  setSeeds(addresses: string[]): void {
    this.#seeds = addresses;
  }

  get seeds(): readonly string[] {
    return this.#seeds;
  }

  start(): void {
    this.#plan();
  }

  /** There is news: exchange soon, and often for a while. */
  hasNews(): void {
    if (this.#intervalMs === this.#shortestMs || this.#task === undefined) return;
    this.#intervalMs = this.#shortestMs;
    this.#plan();
  }

  /** Within an interval the moment is random in its second half, as RFC 6206 section 4.2 has it. */
  #plan(): void {
    this.#task?.cancel();
    const delayMs = this.#intervalMs * (0.5 + 0.5 * this.state.random.real());
    this.#task = this.state.schedule.at(this.state.nowMs + delayMs, () => this.#round());
  }

  #round(): void {
    const peers = livePeers(this.state);
    const partner = this.state.random.sample(peers, 1)[0];
    if (partner !== undefined) this.#exchangeWith(partner);
    this.#callAbsent(peers.length + 1);
    const longestMs =
      this.state.options.gossipIntervalMs * (peers.length === 0 ? 1 : LONGEST_INTERVALS);
    this.#intervalMs = Math.min(2 * this.#intervalMs, longestMs);
    this.#plan();
  }

  /**
   * Each round calls a seed and a dead node with probability 1/N, so that partitions heal and the
   * whole mesh makes about one such call of each kind a round, whatever its size.
   */
  #callAbsent(nodes: number): void {
    const { random } = this.state;
    if (random.real() < 1 / nodes) this.#callSeed();
    if (random.real() < 1 / nodes) {
      const dead = [...this.state.directory.all()].filter((owner) => !isAlive(owner));
      const chosen = random.sample(dead, 1)[0];
      if (chosen !== undefined) this.#exchangeWith(chosen);
    }
  }

  #callSeed(): void {
    const live = new Set(livePeers(this.state).map((peer) => peer.reach.address));
    const absent = this.#seeds.filter((address) => !live.has(address));
    const chosen = this.state.random.sample(absent, 1)[0];
    if (chosen === undefined) return;
    const byStream = this.state.random.real() < SEEDS_BY_STREAM;
    this.exchange.open(byStream ? streamTo(chosen) : linkToAddress(this.state, chosen));
  }

  #exchangeWith(owner: Owner): void {
    const link = linkTo(this.state, owner);
    if (link !== undefined) this.exchange.open(link);
    this.carriers.tryDatagrams(owner);
  }

  get #shortestMs(): number {
    const part = this.state.options.gossipIntervalMs * SHORTEST_PART;
    return Math.min(Math.max(part, SHORTEST_MS_MIN), SHORTEST_MS_MAX);
  }
}
