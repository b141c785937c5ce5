/** A network inside one process: for tests and the simulator. */
import type { Clock } from '../clock/clock.js';
import type { LinkConditions, LinkRule } from './memory-conditions.js';
import { Conditions } from './memory-conditions.js';
import type { TappedEnvelope } from './memory-medium.js';
import { Medium } from './memory-medium.js';
import { MemoryTcp } from './memory-tcp.js';
import { MemoryUdp } from './memory-udp.js';
import type { Transport } from './transport.js';

export type { LinkConditions, LinkRule } from './memory-conditions.js';
export type { TappedEnvelope } from './memory-medium.js';

/**
 * Nodes, known by their addresses (`10.0.0.1:9000`), and what happens between them: latency, loss,
 * doubling, reordering, partitions and crashes, all of which may change while it runs. With a
 * virtual clock the same seed and the same calls give the same run.
 */
export class MemoryNetwork {
  readonly #medium: Medium;
  readonly #conditions: Conditions;

  /**
   * @param clock whose time the envelopes take; usually a `VirtualClock`.
   * @param seed 32 bits for the dice.
   */
  constructor(clock: Clock, seed: number, conditions: Partial<LinkConditions> = {}) {
    this.#conditions = new Conditions(seed);
    this.#conditions.change(conditions);
    this.#medium = new Medium(clock, this.#conditions);
  }

  /** A datagram transport at `ip:port`; port 0 takes a free one when it is opened. */
  udp(address: string): Transport {
    return new MemoryUdp(this.#medium, address);
  }

  /** A stream transport at `ip:port`; port 0 takes a free one when it is opened. */
  tcp(address: string): Transport {
    return new MemoryTcp(this.#medium, address);
  }

  /** Changes the conditions of all links, for what is sent from now on. */
  change(conditions: Partial<LinkConditions>): void {
    this.#conditions.change(conditions);
  }

  /** Sets conditions by link, over those of the network; undefined takes the rule away. */
  setRule(rule: LinkRule | undefined): void {
    this.#conditions.setRule(rule);
  }

  /**
   * Cuts the network into groups of addresses, between which nothing passes, also nothing that is on
   * its way. Addresses that are in no group are one more group. Replaces an earlier partition.
   */
  partition(groups: readonly (readonly string[])[]): void {
    this.#conditions.partition(groups);
  }

  /** Nothing passes from one address to another; the way back stays open. */
  block(from: string, to: string): void {
    this.#conditions.block(from, to);
  }

  /** Ends one block. */
  unblock(from: string, to: string): void {
    this.#conditions.unblock(from, to);
  }

  /** Ends the partition and all blocks. Rules and rates stay. */
  heal(): void {
    this.#conditions.heal();
  }

  /**
   * The machine at this address loses its power: nobody is told, its transports are dead, and
   * connections to it go down by timeout until somebody binds there again. (A process that is killed
   * while its machine goes on is `close()` of its transports.)
   */
  crash(address: string): void {
    this.#medium.crash(address);
  }

  /**
   * Shows every envelope when it is sent, whatever becomes of it.
   *
   * @returns ends it.
   */
  tap(callback: (tapped: TappedEnvelope) => void): () => void {
    this.#medium.taps.add(callback);
    return () => void this.#medium.taps.delete(callback);
  }

  /**
   * Delivers an envelope to the node at `to` as if it came from `from`, with the next move of the
   * clock and whatever the conditions are: for forged and replayed packets. Over TCP the node sees a
   * connection from `from`; what it answers goes to whoever listens there.
   */
  inject(from: string, to: string, kind: 'udp' | 'tcp', envelope: Uint8Array): void {
    const copy = envelope.slice();
    this.#medium.clock.schedule(this.#medium.clock.nowMs(), () => {
      const target = this.#medium.find(kind, to);
      if (target instanceof MemoryUdp || target instanceof MemoryTcp) target.deliver(from, copy);
    });
  }
}
