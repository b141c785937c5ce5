import { type OwnerDigest, type OwnerId, Status, type Want } from '../wire/packet.js';
import type { Link } from './contract.js';
import { compareLives, compareText } from './life.js';
import { addressIn, datagramsTo, isStream, streamTo } from './link.js';
import type { Links } from './links.js';
import type { Outbox } from './outbox.js';
import { type Owner, shownVersion } from './owner.js';
import type { Pings } from './pings.js';
import { type CoreState, linkTo } from './state.js';

/** A log, or a part of it, that was asked for. */
interface Pull {
  /** Another's claim: what made it worth asking. */
  claim: OwnerDigest;
  link: Link;
  /** The claim was pushed: what comes is news for others too. */
  hot: boolean;
  attempts: number;
  /** The last question went out; else the link's token was still to be had. */
  asked: boolean;
  dueMs: number;
  /** The last reply brought something. */
  progressed: boolean;
  /** What comes next does not fit a datagram. */
  needsStream: boolean;
}

/** The last one goes by a stream: datagrams may be blocked, one way or the other. */
const ATTEMPTS_MAX = 5;
/** A reply is waited for as long as so many round trips, within bounds; twice as long each time. */
const REPLY_WITHIN_ROUND_TRIPS = 4;
const REPLY_WITHIN_MS_MIN = 50;
const REPLY_WITHIN_MS_MAX = 1000;
const REPLY_WITHIN_MS = 300;
const STREAM_REPLY_WITHIN_MS = 3000;
const SWEEP_MS = 50;
/** More wants than this go over a stream. */
const DATAGRAM_WANTS_MAX = 32;
/** Of one owner list; the rest follows when these have come. */
const STREAM_WANTS_MAX = 1000;
/** A peer whose stream failed is asked by datagrams for so long. */
const STREAM_AVOIDED_MS = 2000;
/** A stream on which nothing has come for so long, though it was asked there, is dead. */
const STREAM_SILENT_MS = 60_000;
/** What could not be had is not asked for again for so long. */
const FAILED_REST_MS = 1000;
/** What an exchange claims of an owner is not asked for within this time of a push of its log. */
const NEXT_PUSH_MS = 100;
const DEADLINES_MAX = 4096;
/** Owners that are asked for at once; others are asked for in later exchanges. */
const PULLS_MAX = 65_536;

/**
 * Asks for logs that others are known to hold more of: one question an owner at a time, repeated if
 * no reply comes, by a stream if there is much (PROTOCOL.md, "Wanting").
 */
export class Pulls {
  readonly #pulls = new Map<OwnerId, Pull>();
  readonly #avoidStream = new Map<Link, number>();
  /** Owners that could not be had, until when they are not asked for. */
  readonly #failed = new Map<OwnerId, number>();
  /** Owners of which pushes come, until when the next is waited for. */
  readonly #flowing = new Map<OwnerId, number>();
  /** Owners to be asked for at the end of this call, by link. */
  readonly #asked = new Map<Link, Set<OwnerId>>();
  /** Streams on which a reply is on its way, and until when it is waited for. */
  readonly #awaited = new Map<Link, number>();
  #sweeping = false;

  constructor(
    private readonly state: CoreState,
    private readonly links: Links,
    private readonly pings: Pings,
    private readonly outbox: Outbox,
    private readonly dropStream: (link: Link) => void,
  ) {}

  /** Takes note of a claim by the node at the link, and asks if it is worth it. */
  consider(claim: OwnerDigest, link: Link, hot: boolean): void {
    if (claim.owner === this.state.self.id || claim.refused || !this.#isWorth(claim)) return;
    if (isAhead(this.#failed, claim.owner, this.state.nowMs)) return;
    if (!hot && this.#isFlowing(claim)) return;
    const running = this.#pulls.get(claim.owner);
    if (running !== undefined) {
      running.hot ||= hot;
      if (running.link === link) running.claim = claim;
      else if (running.attempts > 1 && !running.progressed) this.#turnTo(running, claim, link);
      return;
    }
    if (this.#pulls.size >= PULLS_MAX) return;
    const pull: Pull = {
      claim,
      link,
      hot,
      attempts: 0,
      asked: false,
      dueMs: 0,
      progressed: false,
      needsStream: false,
    };
    this.#pulls.set(claim.owner, pull);
    this.#ask(pull, link);
  }

  /** Asks a seed what it knows under the own name. */
  askAboutSelf(link: Link): void {
    const want = anyLife(this.state.self.id);
    if (this.links.get(link)?.theirToken !== undefined) {
      this.outbox.to(link).wants.push(want);
      this.pings.send(link);
    } else {
      this.pings.send(link, () => this.outbox.to(link).wants.push(want));
    }
  }

  /** Whoever was asked keeps silent; here is another who has it. */
  #turnTo(pull: Pull, claim: OwnerDigest, link: Link): void {
    pull.claim = claim;
    pull.attempts = 0;
    pull.needsStream = false;
    this.#ask(pull, link);
  }

  /** Whether what is being fetched of this owner was pushed as news. */
  isHot(id: OwnerId): boolean {
    return this.#pulls.get(id)?.hot === true;
  }

  /**
   * A delta of this owner was taken.
   *
   * @param grew it brought something new.
   * @param isEmpty it brought nothing: it only said that there is more than the link can carry.
   */
  taken(owner: Owner, grew: boolean, isEmpty: boolean): void {
    const pull = this.#pulls.get(owner.id);
    if (pull === undefined) return;
    pull.progressed ||= grew;
    pull.needsStream ||= isEmpty && !grew;
    if (!this.#isWorth(pull.claim)) this.#pulls.delete(owner.id);
  }

  /** A push has brought more of this owner: what an exchange claims is probably on its way too. */
  pushed(id: OwnerId): void {
    this.#flowing.delete(id);
    this.#forgetPast(this.#flowing);
    this.#flowing.set(id, this.state.nowMs + NEXT_PUSH_MS);
  }

  forget(id: OwnerId): void {
    this.#pulls.delete(id);
  }

  /** Whether something was asked for on a link that has not come. */
  isAwaited(link: Link): boolean {
    for (const pull of this.#pulls.values()) if (pull.asked && pull.link === link) return true;
    return false;
  }

  /** A stream is given up for another with the same node. */
  redirect(from: Link, to: Link): void {
    for (const pull of this.#pulls.values()) if (pull.link === from) this.#ask(pull, to);
  }

  /**
   * A stream has broken: what was asked there is asked by datagrams.
   *
   * @param address where its node listens, if that is known; else it is taken from the link.
   */
  linkDown(link: Link, address = addressIn(link)): void {
    this.#awaited.delete(link);
    const broken = [...this.#pulls.values()].filter((pull) => pull.link === link);
    if (broken.length === 0) return;
    this.#avoidStreams(link);
    for (const pull of broken) {
      if (this.state.options.udp && !pull.needsStream) this.#askAgain(pull, datagramsTo(address));
      else this.#giveUp(pull);
    }
  }

  /** Puts the questions of this call into the outbox. */
  flush(): void {
    for (const [link, ids] of this.#asked) this.#flushLink(link, ids);
    this.#asked.clear();
    if (this.#pulls.size > 0 && !this.#sweeping) {
      this.#sweeping = true;
      this.state.schedule.at(this.state.nowMs + SWEEP_MS, () => this.#sweep());
    }
  }

  #isWorth(claim: OwnerDigest): boolean {
    const owner = this.state.directory.get(claim.owner);
    if (owner === undefined) return true;
    if (owner.refused) return false;
    const order = compareLives(claim, owner.statement);
    return order > 0 || (order === 0 && claim.version > shownVersion(owner));
  }

  /** Whether what is claimed is probably pushed just now. Who has left pushes nothing any more. */
  #isFlowing(claim: OwnerDigest): boolean {
    return claim.status === Status.alive && isAhead(this.#flowing, claim.owner, this.state.nowMs);
  }

  #ask(pull: Pull, link: Link): void {
    pull.link = link;
    pull.attempts += 1;
    pull.progressed = false;
    pull.dueMs = this.state.nowMs + this.#withinMs(pull);
    let ids = this.#asked.get(link);
    if (ids === undefined) {
      ids = new Set();
      this.#asked.set(link, ids);
    }
    ids.add(pull.claim.owner);
  }

  #flushLink(link: Link, ids: Set<OwnerId>): void {
    const stream = ids.size > DATAGRAM_WANTS_MAX ? this.#streamBeside(link) : undefined;
    const chosen = stream === undefined || this.#isSilent(stream) ? link : stream;
    if (this.#isDeadStream(chosen)) {
      this.dropStream(chosen);
      return;
    }
    const most = isStream(chosen) ? STREAM_WANTS_MAX : DATAGRAM_WANTS_MAX;
    const token = this.links.get(chosen)?.theirToken;
    const isAwaited = (this.#awaited.get(chosen) ?? Number.NEGATIVE_INFINITY) > this.state.nowMs;
    let wants = 0;
    for (const id of ids) {
      const pull = this.#pulls.get(id);
      if (pull === undefined) continue;
      this.#move(pull, chosen);
      pull.asked = token !== undefined && wants < most && !isAwaited;
      if (!pull.asked) continue;
      wants += 1;
      this.outbox.to(chosen).wants.push(this.#want(pull.claim));
    }
    // A reply is as large as what the other end queues: those to several questions would break it.
    if (isAwaited) return;
    if (isStream(chosen)) this.#awaitReply(chosen);
    this.pings.send(chosen, () => this.#replied(chosen));
  }

  #awaitReply(stream: Link): void {
    this.#forgetPast(this.#awaited);
    this.#awaited.set(stream, this.state.nowMs + STREAM_REPLY_WITHIN_MS);
  }

  #move(pull: Pull, link: Link): void {
    if (pull.link === link) return;
    pull.link = link;
    pull.dueMs = this.state.nowMs + this.#withinMs(pull);
  }

  #withinMs(pull: Pull): number {
    if (isStream(pull.link)) return STREAM_REPLY_WITHIN_MS;
    const roundTripMs = this.links.get(pull.link)?.roundTripMs;
    if (roundTripMs === undefined) return REPLY_WITHIN_MS;
    const usualMs = Math.max(REPLY_WITHIN_MS_MIN, REPLY_WITHIN_ROUND_TRIPS * roundTripMs);
    return Math.min(usualMs * 2 ** (pull.attempts - 1), REPLY_WITHIN_MS_MAX);
  }

  /** The reply, or the first answer of a link, is there: whatever is still missing is asked again. */
  #replied(link: Link): void {
    this.#awaited.delete(link);
    for (const pull of this.#onLink(link)) {
      if (pull.progressed) pull.attempts = 0;
      else if (!pull.asked) pull.attempts -= 1;
      const beside = this.#widerBeside(pull, link);
      if (pull.needsStream && beside === undefined) this.#giveUp(pull);
      else this.#askAgain(pull, beside ?? link);
    }
  }

  /** Those without progress first, so that none starves. */
  #onLink(link: Link): Pull[] {
    const pulls = [...this.#pulls.values()].filter((pull) => pull.link === link);
    return pulls.sort(
      (a, b) =>
        Number(a.progressed) - Number(b.progressed) || compareText(a.claim.owner, b.claim.owner),
    );
  }

  #askAgain(pull: Pull, link: Link): void {
    if (!this.#isWorth(pull.claim)) this.#pulls.delete(pull.claim.owner);
    else if (pull.attempts >= ATTEMPTS_MAX) this.#giveUp(pull);
    else if (pull.attempts === ATTEMPTS_MAX - 1) this.#ask(pull, this.#streamBeside(link) ?? link);
    else this.#ask(pull, link);
  }

  #giveUp(pull: Pull): void {
    this.#pulls.delete(pull.claim.owner);
    this.#forgetPast(this.#failed);
    this.#failed.set(pull.claim.owner, this.state.nowMs + FAILED_REST_MS);
  }

  #avoidStreams(link: Link): void {
    this.#forgetPast(this.#avoidStream);
    this.#avoidStream.set(link, this.state.nowMs + STREAM_AVOIDED_MS);
  }

  /** Keeps a table of deadlines as small as what is still to come, and below a bound. */
  #forgetPast<Key>(deadlines: Map<Key, number>): void {
    for (const [key, untilMs] of deadlines) {
      if (untilMs > this.state.nowMs && deadlines.size < DEADLINES_MAX) return;
      deadlines.delete(key);
    }
  }

  #sweep(): void {
    this.#sweeping = false;
    for (const pull of [...this.#pulls.values()]) {
      if (pull.dueMs <= this.state.nowMs) this.#askAgain(pull, this.#linkAnew(pull));
    }
  }

  /** Where a stream keeps silent datagrams may get through, for what fits them. */
  #linkAnew({ link, needsStream }: Pull): Link {
    if (needsStream || !this.#isSilent(link)) return link;
    const owner = this.state.directory.live().find(({ contact }) => contact?.stream === link);
    return (owner && linkTo(this.state, owner)) ?? link;
  }

  /** The stream by which the rest of a log comes faster, or at all. */
  #widerBeside({ progressed, needsStream }: Pull, link: Link): Link | undefined {
    const stream = progressed || needsStream ? this.#streamBeside(link) : undefined;
    return stream === undefined || needsStream || !this.#isSilent(stream) ? stream : undefined;
  }

  #isSilent(link: Link): boolean {
    return this.#silentMs(link) >= STREAM_REPLY_WITHIN_MS;
  }

  #isDeadStream(link: Link): boolean {
    return this.#silentMs(link) > STREAM_SILENT_MS;
  }

  /** For how long a ping on a stream has waited while nothing at all has come. */
  #silentMs(link: Link): number {
    const sinceMs = isStream(link) ? this.links.get(link)?.silentSinceMs : undefined;
    return sinceMs === undefined ? 0 : this.state.nowMs - sinceMs;
  }

  /** The stream to the node behind a link of datagrams; undefined if it failed of late. */
  #streamBeside(link: Link): Link | undefined {
    if (isStream(link)) return link;
    const address = addressIn(link);
    const stream = this.#knownStream(address) ?? streamTo(address);
    const avoidedUntilMs = this.#avoidStream.get(stream) ?? Number.NEGATIVE_INFINITY;
    return avoidedUntilMs > this.state.nowMs ? undefined : stream;
  }

  #knownStream(address: string): Link | undefined {
    for (const owner of this.state.directory.live()) {
      const stream = owner.contact?.stream;
      if (stream !== undefined && owner.reach.address === address) return stream;
    }
    return undefined;
  }

  #want(claim: OwnerDigest): Want {
    const owner = this.state.directory.get(claim.owner);
    if (owner === undefined || compareLives(claim, owner.statement) > 0) {
      return anyLife(claim.owner);
    }
    const transfer = owner.hasCurrentHeader ? owner.transfer : undefined;
    return {
      owner: owner.id,
      logId: owner.statement.logId,
      generation: owner.statement.generation,
      version: shownVersion(owner),
      stagedTo: transfer?.to ?? 0,
      asOf: transfer?.asOf ?? 0,
      floorMax: transfer?.floorMax ?? 0,
    };
  }
}

function isAhead<Key>(deadlines: ReadonlyMap<Key, number>, key: Key, nowMs: number): boolean {
  return (deadlines.get(key) ?? Number.NEGATIVE_INFINITY) > nowMs;
}

function anyLife(owner: OwnerId): Want {
  return { owner, generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
}
