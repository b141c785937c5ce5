/** What was asked, and whether it was answered. */
import type { Instant } from './capture/record.js';
import { secondsBetween } from './filter.js';
import type { PacketItem } from './item.js';

/** A question and what became of it. */
export interface Exchange {
  readonly kind: ExchangeKind;
  /** Whether an answer was seen, and after how many seconds. */
  readonly outcome: 'answered' | 'unanswered';
  readonly seconds?: number;
  /** Numbers of the packets that asked and answered, as `take` was told. */
  readonly asked: number;
  readonly answered?: number;
}

/** A ping and its answer, a want and a delta of that owner, a probe or suspicion and a vote. */
export type ExchangeKind = 'ping' | 'want' | 'probe' | 'suspicion';

/**
 * Pairs questions with answers. An answer may come on another link than the question went: it counts
 * if it goes to an address at which the asker was seen. Questions wait for a minute at most, and
 * 10,000 at a time.
 */
export class Exchanges {
  /** The oldest first. */
  readonly #open = new Map<string, Question>();
  /** Who was seen to send from an address. */
  readonly #owners = new Map<string, string>();

  constructor(private readonly onDone: (exchange: Exchange) => void) {}

  /** @param number tells the packet from others. */
  take({ packet, place }: PacketItem, number: number): void {
    const { time } = place;
    this.#learn(place.from?.text, packet.sender.owner);
    this.#dropOld(time);
    const to = this.#owners.get(place.to?.text ?? '') ?? place.to?.text ?? '';
    const from = packet.sender.owner;
    const { heartbeat, deltas, votes, wants, probes, suspicions } = packet;
    if (heartbeat !== undefined && heartbeat.answer > 0) {
      this.#answer(`ping ${to} ${heartbeat.answer}`, number, time);
    }
    for (const { owner } of deltas) this.#answer(`want ${to} ${owner}`, number, time);
    for (const { owner } of votes) {
      this.#answer(`probe ${to} ${owner} ${from}`, number, time);
      this.#answer(`suspicion ${to} ${owner} ${from}`, number, time);
    }
    if (heartbeat !== undefined && heartbeat.ping > 0) {
      this.#ask('ping', `ping ${from} ${heartbeat.ping}`, number, time);
    }
    for (const { owner } of wants) this.#ask('want', `want ${from} ${owner}`, number, time);
    for (const { owner } of probes)
      this.#ask('probe', `probe ${from} ${owner} ${to}`, number, time);
    for (const { owner } of suspicions) {
      // To the suspect itself it is a warning, not a question.
      if (owner !== to) this.#ask('suspicion', `suspicion ${from} ${owner} ${to}`, number, time);
    }
  }

  /** What is open now stays unanswered. */
  end(): void {
    for (const key of this.#open.keys()) this.#drop(key);
  }

  #learn(address: string | undefined, owner: string): void {
    if (address === undefined || this.#owners.get(address) === owner) return;
    if (this.#owners.size < ADDRESSES_MAX) this.#owners.set(address, owner);
  }

  #ask(kind: ExchangeKind, key: string, asked: number, time: Instant | undefined): void {
    // What is asked again is one question.
    if (this.#open.has(key)) return;
    for (const oldest of this.#open.keys()) {
      if (this.#open.size < QUESTIONS_MAX) break;
      this.#drop(oldest);
    }
    this.#open.set(key, { kind, asked, time });
  }

  #answer(key: string, answered: number, time: Instant | undefined): void {
    const question = this.#open.get(key);
    if (question === undefined) return;
    this.#open.delete(key);
    const { kind, asked } = question;
    const seconds = time && question.time && secondsBetween(question.time, time);
    const took = seconds === undefined ? {} : { seconds };
    this.onDone({ kind, outcome: 'answered', asked, answered, ...took });
  }

  #dropOld(time: Instant | undefined): void {
    for (const [key, question] of this.#open) {
      if (time === undefined || question.time === undefined) return;
      if (secondsBetween(question.time, time) < WAIT_SECONDS) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const { kind, asked } = this.#open.get(key) as Question;
    this.#open.delete(key);
    this.onDone({ kind, outcome: 'unanswered', asked });
  }
}

interface Question {
  readonly kind: ExchangeKind;
  readonly asked: number;
  readonly time: Instant | undefined;
}

const WAIT_SECONDS = 60;
const QUESTIONS_MAX = 10_000;
const ADDRESSES_MAX = 100_000;
