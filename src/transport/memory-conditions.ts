/** What happens to envelopes on their way through a memory network. */

/** How one way between two nodes behaves. */
export interface LinkConditions {
  /** Milliseconds on the way, evenly spread; a spread reorders datagrams. Default: 1 to 1. */
  latency: { minMs: number; maxMs: number };
  /** Share of datagrams that are lost, 0 to 1; on streams they are sent again. Default: 0. */
  lossRate: number;
  /** Share of datagrams that come twice, 0 to 1. Default: 0. */
  doublingRate: number;
  /** Nothing passes. A stream needs both ways. Default: false. */
  blocked: boolean;
}

/** Conditions of the way between two nodes, over those of the network; undefined changes nothing. */
export type LinkRule = (
  from: string,
  to: string,
  kind: 'udp' | 'tcp',
) => Partial<LinkConditions> | undefined;

const DEFAULTS: LinkConditions = {
  latency: { minMs: 1, maxMs: 1 },
  lossRate: 0,
  doublingRate: 0,
  blocked: false,
};

/** The conditions of a whole network, which may change at any time, and its dice. */
export class Conditions {
  readonly #random: () => number;
  readonly #blocked = new Set<string>();
  #network = DEFAULTS;
  #groupOf: Map<string, number> | undefined;
  #rule: LinkRule | undefined;

  /** @param seed 32 bits; the same seed and the same questions give the same answers. */
  constructor(seed: number) {
    this.#random = dice(seed);
  }

  change(conditions: Partial<LinkConditions>): void {
    this.#network = { ...this.#network, ...conditions };
  }

  setRule(rule: LinkRule | undefined): void {
    this.#rule = rule;
  }

  /** Addresses that are in no group are a group of their own. */
  partition(groups: readonly (readonly string[])[]): void {
    this.#groupOf = new Map(
      groups.flatMap((group, index) => group.map((address) => [address, index] as const)),
    );
  }

  block(from: string, to: string): void {
    this.#blocked.add(way(from, to));
  }

  unblock(from: string, to: string): void {
    this.#blocked.delete(way(from, to));
  }

  /** Ends the partition and all blocks. Rules and rates stay. */
  heal(): void {
    this.#groupOf = undefined;
    this.#blocked.clear();
  }

  isBlocked(from: string, to: string, kind: 'udp' | 'tcp'): boolean {
    if (this.#blocked.has(way(from, to))) return true;
    if (this.#groupOf && this.#groupOf.get(from) !== this.#groupOf.get(to)) return true;
    return this.#between(from, to, kind).blocked;
  }

  /** Milliseconds that each copy of a datagram is on its way: none, one or two copies. */
  datagramDelaysMs(from: string, to: string): number[] {
    const conditions = this.#between(from, to, 'udp');
    const copies = this.#random() < conditions.doublingRate ? 2 : 1;
    const delaysMs: number[] = [];
    for (let copy = 0; copy < copies; copy++) {
      const lost = this.#random() < conditions.lossRate;
      const delayMs = this.#delayMs(conditions);
      if (!lost) delaysMs.push(delayMs);
    }
    return delaysMs;
  }

  /**
   * Milliseconds that a piece of a stream is on its way.
   *
   * @param retransmitMs what each loss costs.
   */
  streamDelayMs(from: string, to: string, retransmitMs: number): number {
    const conditions = this.#between(from, to, 'tcp');
    let delayMs = this.#delayMs(conditions);
    for (let attempt = 0; attempt < LOSSES_MAX; attempt++) {
      if (this.#random() >= conditions.lossRate) break;
      delayMs += retransmitMs;
    }
    return delayMs;
  }

  #delayMs({ latency }: LinkConditions): number {
    return latency.minMs + this.#random() * (latency.maxMs - latency.minMs);
  }

  #between(from: string, to: string, kind: 'udp' | 'tcp'): LinkConditions {
    const changed = this.#rule?.(from, to, kind);
    return changed ? { ...this.#network, ...changed } : this.#network;
  }
}

/** Of one piece of a stream: with a loss rate of 1 it would never come. */
const LOSSES_MAX = 20;

function way(from: string, to: string): string {
  return `${from} ${to}`;
}

/** Mulberry32 (Tommy Ettinger, 2017, public domain): 0 inclusive to 1 exclusive. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
