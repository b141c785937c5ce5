import type { Life, Packet } from '../wire/packet.js';
import { makeContact } from './contact.js';
import type { Link } from './contract.js';
import { isStream } from './link.js';
import type { LinkState, Links } from './links.js';
import type { Outbox } from './outbox.js';
import type { Owner } from './owner.js';
import { type CoreState, emit, nameOf, type Received } from './state.js';

/**
 * What is done with an answer.
 *
 * @param believed the ping carried an echo, so that the other end took all of its packet.
 */
export type OnAnswer = (received: Received, roundTripMs: number, believed: boolean) => void;

/** A ping that waits for its answer. */
interface Outstanding {
  link: Link;
  sentAtMs: number;
  /** It carried the other end's token. */
  withEcho: boolean;
  readonly onAnswer: OnAnswer[];
}

/** An answer later than this is no answer. */
const ANSWER_WITHIN_MS = 10_000;
const OUTSTANDING_MAX = 16_384;
/** By how much a packet's uptime may lag behind what is expected of its sender. */
const STALE_AFTER_MS = 10_000;
/** Lives whose line is kept; beyond it the longest unanswered goes. */
const LINES_MAX = 16_384;
/** Who has been cut off from everybody for longer has not got a line that comes and goes. */
const CUT_OFF_MS_MAX = 60_000;
/** Of the smoothed round trip, as in RFC 6298. */
const ROUND_TRIP_GAIN = 1 / 8;

/** How far a life's own clock had come, at a time of this node's. */
interface Line {
  uptimeMs: number;
  atMs: number;
}

type Unjudged = Omit<Received, 'solicited'>;

/**
 * Pings and their answers: what is fresh, which life it came from, and how long it took.
 *
 * An answer counts once, only while its ping is outstanding, and only with this node's token echoed
 * on the link. The first echo, and each answer, fixes a line of the sender's uptime, from which its
 * later packets are judged: one that lags behind is a replay (PROTOCOL.md, "Freshness").
 */
export class Pings {
  readonly #outstanding = new Map<number, Outstanding>();
  readonly #lines = new Map<string, Line>();
  /** When any ping was last answered; before the first, the beginning of time. */
  lastAnswerMs = Number.NEGATIVE_INFINITY;
  /** Until when nothing is missed: the last answer, or the end of a local pause. */
  #quietSinceMs = Number.POSITIVE_INFINITY;
  /** When this node was last answered again after it had been cut off for a short while. */
  #backSinceMs = Number.NEGATIVE_INFINITY;
  #lastNumber = 0;

  constructor(
    private readonly state: CoreState,
    private readonly links: Links,
    private readonly outbox: Outbox,
    private readonly onContact: (owner: Owner, link: Link) => void,
  ) {}

  /** Adds a ping to what the link is sent in this call. One answer ends it. */
  send(link: Link, onAnswer?: OnAnswer): void {
    const outgoing = this.outbox.to(link);
    if (outgoing.ping > 0 && onAnswer === undefined) return;
    this.#lastNumber = this.#lastNumber >= 2 ** 32 - 1 ? 1 : this.#lastNumber + 1;
    const earlier = this.#outstanding.get(outgoing.ping)?.onAnswer ?? [];
    this.#outstanding.set(this.#lastNumber, {
      link,
      sentAtMs: this.state.nowMs,
      withEcho: this.links.use(link).theirToken !== undefined,
      onAnswer: onAnswer === undefined ? earlier : [...earlier, onAnswer],
    });
    this.#outstanding.delete(outgoing.ping);
    outgoing.ping = this.#lastNumber;
    const known = this.links.use(link);
    known.silentSinceMs ??= this.state.nowMs;
    outgoing.roundTripUs = Math.round((known.roundTripMs ?? 0) * 1000);
    this.#forgetLate();
  }

  /** Nothing that was asked before counts any more, for instance after a local pause. */
  forgetAll(): void {
    this.#outstanding.clear();
    this.#quietSinceMs = this.state.nowMs;
  }

  /**
   * For how long answers have come, in milliseconds, since nobody had answered for a short while; 0
   * while nobody does; Infinity if that was never so.
   */
  get steadyMs(): number {
    if (this.#isCutOff(this.state.nowMs - this.#quietSinceMs)) return 0;
    return this.state.nowMs - this.#backSinceMs;
  }

  /** The uptime of a life just now, as its answers tell; undefined before the first. */
  uptimeMs(life: Life): number | undefined {
    const line = this.#lines.get(lineKey(life));
    return line && line.uptimeMs + (this.state.nowMs - line.atMs);
  }

  /**
   * Judges whether a packet is fresh, and takes the answer it may carry. Only what is echoed and not
   * stale is `solicited`; what is echoed but stale may come from a node whose clock stood still.
   */
  receive(received: Unjudged): 'solicited' | 'unsolicited' | 'stale' | 'lagging' {
    const { link, packet } = received;
    const echoed = this.links.accepts(link, packet.echo, this.state.nowMs - this.state.startedAtMs);
    const answered = echoed ? this.#take(packet.heartbeat?.answer ?? 0, link) : undefined;
    if (answered === undefined && this.#isStale(packet)) return echoed ? 'lagging' : 'stale';
    if (!echoed) return 'unsolicited';
    const stranger = this.links.get(link) === undefined;
    const known = this.links.use(link);
    known.silentSinceMs = undefined;
    known.heardMs = this.state.nowMs;
    if (stranger) known.confirmed = true;
    if (packet.token !== undefined) known.theirToken = packet.token;
    if (answered !== undefined || this.uptimeMs(packet.sender) === undefined) this.#setLine(packet);
    if (answered !== undefined) this.#answer(received, answered, known);
    return 'solicited';
  }

  #take(number: number, link: Link): Outstanding | undefined {
    const outstanding = this.#outstanding.get(number);
    if (outstanding === undefined || outstanding.link !== link) return undefined;
    this.#outstanding.delete(number);
    const late = this.state.nowMs - outstanding.sentAtMs > ANSWER_WITHIN_MS;
    return late ? undefined : outstanding;
  }

  #answer(received: Unjudged, answered: Outstanding, link: LinkState): void {
    const roundTripMs = this.state.nowMs - answered.sentAtMs;
    link.roundTripMs = smoothed(link.roundTripMs, roundTripMs);
    this.state.roundTripMs = smoothed(this.state.roundTripMs, roundTripMs);
    if (this.#isCutOff(this.state.nowMs - this.#quietSinceMs)) this.#backSinceMs = this.state.nowMs;
    this.#quietSinceMs = this.state.nowMs;
    this.lastAnswerMs = this.state.nowMs;
    if (answered.withEcho) link.confirmed = true;
    if (received.from !== undefined) this.#contact(received.from, received.link, roundTripMs);
    const solicited = { ...received, solicited: true };
    for (const take of answered.onAnswer) take(solicited, roundTripMs, answered.withEcho);
  }

  #contact(from: Owner, link: Link, roundTripMs: number): void {
    let { contact } = from;
    if (contact === undefined || contact.logId !== from.statement.logId) {
      contact = makeContact(from.statement.logId);
      from.contact = contact;
    }
    contact.atMs = this.state.nowMs;
    contact.roundTripMs = smoothed(contact.roundTripMs, roundTripMs);
    if (isStream(link)) contact.stream ??= link;
    emit(this.state, { type: 'heartbeat', name: nameOf(from), owner: from.id });
    this.onContact(from, link);
  }

  /** Whether silence is too long for chance, and short enough to come again. */
  #isCutOff(silentMs: number): boolean {
    const { burstMs, heartbeatIntervalMs } = this.state.options;
    return silentMs > burstMs + 2 * heartbeatIntervalMs && silentMs <= CUT_OFF_MS_MAX;
  }

  #isStale(packet: Packet): boolean {
    const expectedMs = this.uptimeMs(packet.sender);
    return expectedMs !== undefined && packet.uptimeMs < expectedMs - STALE_AFTER_MS;
  }

  #setLine(packet: Packet): void {
    const { owner, logId } = packet.sender;
    // Kept as one flat text: see `datagramsTo`.
    const key = [owner, logId].join('');
    this.#lines.delete(key);
    this.#lines.set(key, { uptimeMs: packet.uptimeMs, atMs: this.state.nowMs });
    const [oldest] = this.#lines.keys();
    if (oldest !== undefined && this.#lines.size > LINES_MAX) this.#lines.delete(oldest);
  }

  /** The oldest come first: a map keeps the order of insertion. */
  #forgetLate(): void {
    for (const [number, { sentAtMs }] of this.#outstanding) {
      const late = this.state.nowMs - sentAtMs > ANSWER_WITHIN_MS;
      if (!late && this.#outstanding.size <= OUTSTANDING_MAX) break;
      this.#outstanding.delete(number);
    }
  }
}

function lineKey(life: Life): string {
  return life.owner + life.logId;
}

function smoothed(beforeMs: number | undefined, roundTripMs: number): number {
  return beforeMs === undefined
    ? roundTripMs
    : beforeMs + ROUND_TRIP_GAIN * (roundTripMs - beforeMs);
}
