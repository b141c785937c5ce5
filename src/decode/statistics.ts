/** Counts what a capture holds, in memory that does not depend on its length. */
import { SEALED_KIND } from '../wire/envelope.js';
import { packetType } from '../wire/packet-type.js';
import type { Instant } from './capture/record.js';
import { type ExchangeKind, Exchanges } from './exchanges.js';
import type { Item, Place, ProblemItem } from './item.js';

/** Envelopes and their bytes, without frame prefixes and headers of IP, UDP and TCP. */
export interface Count {
  packets: number;
  bytes: number;
}

/** How many questions of a kind were answered, and after how long. */
export interface ExchangeCount {
  answered: number;
  unanswered: number;
  /** Milliseconds; absent if no time is known. */
  meanMs?: number;
  maxMs?: number;
}

/** What was counted. The counts of each kind add up to the total. */
export interface Statistics {
  /** All envelopes, read or not. */
  readonly total: Count;
  readonly sealed: Count;
  /** Of those that are sealed: what no key opens. */
  readonly unopened: Count;
  /** Of what could not be read, by `layer: reason`. */
  readonly problems: Readonly<Record<string, number>>;
  /** Of what was read, by the sender's owner id; `others` if there are more than 10,000. */
  readonly bySender: Readonly<Record<string, Count>>;
  /** Of what was not, by where it came from; `others` as above, `-` if that is not known. */
  readonly unreadByAddress: Readonly<Record<string, Count>>;
  /** What was not read is `problem`. */
  readonly byType: Readonly<Record<string, Count>>;
  readonly byTransport: Readonly<Record<string, Count>>;
  /** From the first packet on; each so many seconds long, doubled until there are at most 600. */
  readonly periods: {
    readonly from: Instant | undefined;
    readonly seconds: number;
    readonly counts: readonly Count[];
  };
  readonly exchanges: Readonly<Partial<Record<ExchangeKind, ExchangeCount>>>;
}

/** Takes items, and tells what they come to. */
export class Statistician {
  readonly #total = noCount();
  readonly #sealed = noCount();
  readonly #unopened = noCount();
  readonly #problems = new Map<string, number>();
  readonly #bySender = new Map<string, Count>();
  readonly #unreadByAddress = new Map<string, Count>();
  readonly #byType = new Map<string, Count>();
  readonly #byTransport = new Map<string, Count>();
  readonly #periods = new Periods();
  readonly #exchangeCounts = new Map<ExchangeKind, { count: ExchangeCount; totalMs: number }>();
  readonly #exchanges = new Exchanges(({ kind, outcome, seconds }) => {
    const known = this.#exchangeCounts.get(kind);
    const entry = known ?? { count: { answered: 0, unanswered: 0 }, totalMs: 0 };
    if (known === undefined) this.#exchangeCounts.set(kind, entry);
    entry.count[outcome] += 1;
    if (seconds === undefined) return;
    entry.totalMs += seconds * 1000;
    entry.count.meanMs = entry.totalMs / entry.count.answered;
    entry.count.maxMs = Math.max(entry.count.maxMs ?? 0, seconds * 1000);
  });

  take(item: Item): void {
    if (item.kind === 'problem') return this.#takeProblem(item);
    const { packet, place, envelope, keyId } = item;
    this.#count(packetType(packet), place, envelope.length, keyId !== undefined);
    add(countOf(this.#bySender, packet.sender.owner), envelope.length);
    this.#exchanges.take(item, 0);
  }

  /** What never was an envelope is only counted by its reason. */
  #takeProblem({ layer, reason, place, envelope }: ProblemItem): void {
    const words = `${layer}: ${reason}`;
    this.#problems.set(words, (this.#problems.get(words) ?? 0) + 1);
    if (envelope === undefined) return;
    const { length } = envelope;
    const isSealed = envelope[0] === SEALED_KIND;
    this.#count('problem', place, length, isSealed);
    add(countOf(this.#unreadByAddress, place.from?.text ?? '-'), length);
    if (isSealed && layer === 'envelope') add(this.#unopened, length);
  }

  #count(type: string, { time, transport }: Place, bytes: number, isSealed: boolean): void {
    add(this.#total, bytes);
    if (isSealed) add(this.#sealed, bytes);
    add(countOf(this.#byType, type), bytes);
    add(countOf(this.#byTransport, transport ?? 'none'), bytes);
    this.#periods.add(time, bytes);
  }

  /** To be called once, when all was taken. */
  finish(): Statistics {
    this.#exchanges.end();
    const exchanges = [...this.#exchangeCounts].map(([kind, { count }]) => [kind, count]);
    return {
      total: this.#total,
      sealed: this.#sealed,
      unopened: this.#unopened,
      problems: Object.fromEntries(this.#problems),
      bySender: recordOf(this.#bySender),
      unreadByAddress: recordOf(this.#unreadByAddress),
      byType: recordOf(this.#byType),
      byTransport: recordOf(this.#byTransport),
      periods: this.#periods.finish(),
      exchanges: Object.fromEntries(exchanges),
    };
  }
}

/** Counts by time. */
class Periods {
  #from: Instant | undefined;
  #seconds = 1;
  #counts: Count[] = [];

  add(time: Instant | undefined, bytes: number): void {
    if (time === undefined) return;
    this.#from ??= { seconds: time.seconds, nanoseconds: 0 };
    // Captures of several queues are a little out of order.
    const after = Math.max(0, time.seconds - this.#from.seconds);
    while (after >= this.#seconds * PERIODS_MAX) this.#double();
    const index = Math.floor(after / this.#seconds);
    while (this.#counts.length <= index) this.#counts.push(noCount());
    add(this.#counts[index] as Count, bytes);
  }

  finish(): Statistics['periods'] {
    return { from: this.#from, seconds: this.#seconds, counts: this.#counts };
  }

  #double(): void {
    this.#seconds *= 2;
    const doubled: Count[] = [];
    for (const [index, { packets, bytes }] of this.#counts.entries()) {
      if (index % 2 === 0) doubled.push(noCount());
      const last = doubled.at(-1) as Count;
      last.packets += packets;
      last.bytes += bytes;
    }
    this.#counts = doubled;
  }
}

const PERIODS_MAX = 600;
const KEYS_MAX = 10_000;

function noCount(): Count {
  return { packets: 0, bytes: 0 };
}

function add(count: Count, bytes: number): void {
  count.packets += 1;
  count.bytes += bytes;
}

function countOf(counts: Map<string, Count>, key: string): Count {
  const known = counts.get(key);
  if (known !== undefined) return known;
  if (counts.size >= KEYS_MAX && key !== 'others') return countOf(counts, 'others');
  const count = noCount();
  counts.set(key, count);
  return count;
}

/** The largest first. */
function recordOf(counts: ReadonlyMap<string, Count>): Record<string, Count> {
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other.bytes - one.bytes));
}
