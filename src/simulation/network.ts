import type { Random } from '../core/random.js';

/** How long a packet is on its way: evenly between two bounds, or log-normal. */
export type Latency =
  | { readonly minMs: number; readonly maxMs: number }
  | { readonly medianMs: number; readonly p99Ms: number };

/** What the network does to everything that passes. */
export interface NetworkSettings {
  /** Of each packet. */
  readonly latency: Latency;
  /** Probability that a datagram or a segment is lost, each way. */
  readonly loss: number;
  /** Probability that a datagram comes twice. */
  readonly duplication: number;
  /** Probability that a datagram takes up to ten times as long, so that later ones overtake it. */
  readonly reordering: number;
  /** IP packets above this are lost: fragments and "too big" messages do not get through. */
  readonly mtuBytes: number;
  /** What a node's line carries each way; Infinity: whatever comes. */
  readonly bandwidthBytesPerSecond: number;
}

/** A machine's place in the network. */
export interface Station {
  /** Its number: partitions name nodes by it. */
  readonly index: number;
  /** Probability of loss on its own line, beside the network's. */
  incomingLoss: number;
  outgoingLoss: number;
  /** When its line has sent, and received, what is queued. */
  outgoingFreeMs: number;
  incomingFreeMs: number;
}

/** Whether nothing passes from one station to another. */
export type Cut = (from: number, to: number) => boolean;

/** Bytes of IP and UDP, and of IP and TCP, before what a node sends. */
const UDP_HEADERS_BYTES = 28;
export const TCP_HEADERS_BYTES = 40;
/** What a line queues; more is dropped. Home routers hold some 100 to 1000 ms. */
const LINE_QUEUE_MS = 250;
const REORDERED_FACTOR = 9;
/** Of the standard normal distribution. */
const P99_DEVIATIONS = 2.326;

/** Decides, by a seed, when packets arrive. */
export class Network {
  readonly #cuts = new Set<Cut>();

  constructor(
    public settings: NetworkSettings,
    private readonly random: Random,
  ) {}

  /** When the copies of a datagram arrive; none if it is lost. */
  datagram(from: Station, to: Station, payloadBytes: number, nowMs: number): number[] {
    const first = this.#arrival(from, to, payloadBytes + UDP_HEADERS_BYTES, nowMs);
    if (first === undefined) return [];
    const { duplication, reordering } = this.settings;
    const extraMs = this.#happens(reordering)
      ? this.random.real() * REORDERED_FACTOR * this.latencyMs()
      : 0;
    const arrivals = [first + extraMs];
    if (this.#happens(duplication)) arrivals.push(first + this.latencyMs());
    return arrivals;
  }

  /** When a TCP segment arrives; undefined if it is lost. */
  segment(from: Station, to: Station, payloadBytes: number, nowMs: number): number | undefined {
    return this.#arrival(from, to, payloadBytes + TCP_HEADERS_BYTES, nowMs);
  }

  /** One draw of the latency. */
  latencyMs(): number {
    const { latency } = this.settings;
    if ('minMs' in latency) {
      return latency.minMs + this.random.real() * (latency.maxMs - latency.minMs);
    }
    const { medianMs, p99Ms } = latency;
    const sigma = Math.log(p99Ms / medianMs) / P99_DEVIATIONS;
    return medianMs * Math.exp(sigma * this.#normal());
  }

  /** Adds a cut; what it returns heals it. */
  cut(cut: Cut): () => void {
    this.#cuts.add(cut);
    return () => this.#cuts.delete(cut);
  }

  /** Whether nothing passes in this direction. */
  isCut(from: Station, to: Station): boolean {
    for (const cut of this.#cuts) if (cut(from.index, to.index)) return true;
    return false;
  }

  #arrival(from: Station, to: Station, bytes: number, nowMs: number): number | undefined {
    if (bytes > this.settings.mtuBytes || this.isCut(from, to)) return undefined;
    const sentMs = this.#through(bytes, from.outgoingFreeMs, nowMs);
    if (sentMs === undefined) return undefined;
    from.outgoingFreeMs = sentMs;
    const kept = (1 - this.settings.loss) * (1 - from.outgoingLoss) * (1 - to.incomingLoss);
    if (this.#happens(1 - kept)) return undefined;
    const reachedMs = sentMs + this.latencyMs();
    const arrivedMs = this.#through(bytes, to.incomingFreeMs, reachedMs);
    if (arrivedMs !== undefined) to.incomingFreeMs = arrivedMs;
    return arrivedMs;
  }

  /** When a line has carried so many bytes; undefined if its queue is full. */
  #through(bytes: number, freeMs: number, nowMs: number): number | undefined {
    const { bandwidthBytesPerSecond } = this.settings;
    if (bandwidthBytesPerSecond === Number.POSITIVE_INFINITY) return nowMs;
    const beginMs = Math.max(freeMs, nowMs);
    if (beginMs - nowMs > LINE_QUEUE_MS) return undefined;
    return beginMs + (bytes / bandwidthBytesPerSecond) * 1000;
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.random.real() < probability;
  }

  /** Box and Muller's transform. */
  #normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.random.real()));
    return radius * Math.cos(2 * Math.PI * this.random.real());
  }
}
