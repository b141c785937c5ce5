import { GENERATION_MAX } from '../wire/limits.js';
import { decodeOwnerHeader } from '../wire/owner-header.js';
import { type Delta, type Hex64, type OwnerDigest, Status } from '../wire/packet.js';
import type { Link } from './contract.js';
import { compareLives } from './life.js';
import { addressIn, datagramsTo, streamTo } from './link.js';
import type { Links } from './links.js';
import type { OwnLog } from './own-log.js';
import { addressOf, takesDatagrams } from './peer-address.js';
import type { Pings } from './pings.js';
import type { Pulls } from './pulls.js';
import type { Push } from './push.js';
import { watchersOf } from './ring.js';
import type { Task } from './schedule.js';
import { type CoreState, emit, linkTo, type Received, refuse } from './state.js';

/** How long another holder of the own name is given to answer. */
const CONFLICT_CHECK_MS = 500;
const CONFLICT_PINGS_MS = 100;
const ABSENT_MAX = 64;
/** Nodes of one name that started closer together than this are told apart by their log ids. */
const MARGIN_MS_MIN = 20;
const INCARNATION_MAX = 2 ** 32 - 1;
const YIELD_AFTER_MS_MIN = 20;
const YIELD_SPREAD_MS = 200;
/** For so long a line that was broken must have held before the node contradicts its death. */
const STEADY_MS = 30_000;
/** The whole mesh hears of each contradiction: somebody may call forth so many. */
const CONTRADICT_EVERY_MS = 500;
/** To write the log anew costs this node, and all that fetch it, in proportion to its entries. */
const RAISE_EVERY_MS = 1000;
const RAISE_EVERY_MS_PER_ENTRY = 1 / 2;

/**
 * This node's own name, life and statement, defended against hearsay (PROTOCOL.md, "Identity"):
 * a suspicion or verdict is contradicted by a higher incarnation; an earlier life by a higher
 * generation; and another node that answers under this name is a conflict, in which the one that
 * started later stops.
 */
export class Identity {
  /** The highest generation heard of under the own name that is not yet checked; 0: none. */
  #claimedGeneration = 0;
  #onSettled: (() => void)[] = [];
  /** The generation above which the own one is to be raised when it may be; 0: none. */
  #raiseAbove = 0;
  #mayRaiseAtMs = Number.NEGATIVE_INFINITY;
  #check: Task | undefined;
  /** The next question where the other life is, or the next call of it. */
  #next: Task | undefined;
  #checkedAtMs = 0;
  /** The other life's header is known, and its address is being pinged. */
  #isCalling = false;
  #return: Task | undefined;
  /** The highest incarnation that was suspected or called dead, and when it was last contradicted. */
  #contradicted = -1;
  #contradictedAtMs = Number.NEGATIVE_INFINITY;
  #contradiction: Task | undefined;
  /** The own stop is being thought over. */
  #yielding = false;
  /** Other lives under the own name that did not answer, with the generation they then had. */
  readonly #absent = new Map<Hex64, number>();
  readonly #asking = new Map<Hex64, number>();

  constructor(
    private readonly state: CoreState,
    private readonly ownLog: OwnLog,
    private readonly links: Links,
    private readonly pings: Pings,
    private readonly pulls: Pulls,
    private readonly push: Push,
  ) {}

  /** Nobody else is being asked about the own name. */
  get isSettled(): boolean {
    return this.#claimedGeneration === 0;
  }

  /** Calls once, when the name is settled. */
  whenSettled(callback: () => void): void {
    if (this.isSettled) callback();
    else this.#onSettled.push(callback);
  }

  /** Somebody's digest speaks of this node. */
  heard(digest: OwnerDigest, link: Link): void {
    const mine = this.state.self.statement;
    if (digest.logId !== mine.logId) {
      if (compareLives(digest, mine) > 0 || !this.state.announced) this.#otherLife(digest, link);
      return;
    }
    if (digest.generation !== mine.generation) {
      if (digest.generation > mine.generation) this.#raiseGeneration(digest.generation);
    } else if (digest.version > this.state.self.log.version) {
      this.#raiseGeneration(digest.generation);
    } else if (digest.status === Status.dead) {
      this.#returnWith(digest.incarnation);
    } else if (digest.status !== Status.alive || digest.incarnation > mine.incarnation) {
      this.contradict(digest.incarnation);
    }
  }

  /**
   * Comes back from a death that was none. A node whose line comes and goes does so only once the line
   * has held for a while, so that the others do not see it die again and again.
   */
  #returnWith(incarnation: number): void {
    const waitMs = STEADY_MS - this.pings.steadyMs;
    if (waitMs <= 0) {
      this.contradict(incarnation);
      return;
    }
    this.#return?.cancel();
    // If the line has not held until then, somebody will tell of the death once more.
    this.#return = this.state.schedule.at(this.state.nowMs + waitMs, () => {
      if (this.pings.steadyMs >= STEADY_MS) this.contradict(incarnation);
    });
  }

  /** Raises the incarnation above one that was suspected or called dead. */
  contradict(incarnation: number): void {
    const { self } = this.state;
    if (self.statement.status !== Status.alive || incarnation < self.statement.incarnation) return;
    if (incarnation >= INCARNATION_MAX) {
      this.#raiseGeneration(self.statement.generation);
      return;
    }
    const { schedule, nowMs } = this.state;
    this.#contradicted = Math.max(this.#contradicted, incarnation);
    if (this.#contradiction !== undefined) return;
    const atMs = Math.max(nowMs, this.#contradictedAtMs + CONTRADICT_EVERY_MS);
    if (atMs === nowMs) this.#raiseIncarnation();
    else this.#contradiction = schedule.at(atMs, () => this.#raiseIncarnation());
  }

  #raiseIncarnation(): void {
    const { self, nowMs } = this.state;
    this.#contradiction = undefined;
    const isOver = this.#contradicted < self.statement.incarnation;
    if (isOver || self.statement.status !== Status.alive) return;
    this.#contradictedAtMs = nowMs;
    self.statement.incarnation = this.#contradicted + 1;
    this.state.directory.digestChanged(self);
    this.push.statement(self, false);
    this.#showWatchers();
  }

  /** Whoever watches this node may miss it because it has another address now. */
  #showWatchers(): void {
    for (const watcher of watchersOf(this.state, this.state.self)) {
      const link = linkTo(this.state, watcher);
      if (link !== undefined) this.pings.send(link);
    }
  }

  /** A part of the log of another life under the own name: its header tells where it would answer. */
  sawLog(delta: Delta): void {
    const header = delta.header.length > 0 ? decodeOwnerHeader(delta.header) : undefined;
    if (header === undefined || this.isSettled || delta.logId === this.state.self.statement.logId) {
      return;
    }
    if (this.#isCalling) return;
    this.#isCalling = true;
    const address = addressOf(header);
    if (address === '' || address === addressOf(this.state.self.header)) this.#settle();
    else
      this.#call(
        this.state.options.udp && takesDatagrams(header) ? datagramsTo(address) : streamTo(address),
        this.#checkedAtMs,
      );
  }

  /**
   * Another node sends under the own name, and has echoed a token: of the two the later stops. Starts
   * that lie within a margin for the latency are decided by the log ids.
   */
  conflict(received: Received): void {
    const { sender, uptimeMs } = received.packet;
    const ownUptimeMs = Math.floor(this.state.nowMs - this.state.startedAtMs);
    const mine = this.state.self.statement;
    const olderMs = uptimeMs - ownUptimeMs;
    const isTie = Math.abs(olderMs) <= this.#marginMs(received.link);
    if (isTie ? sender.logId < mine.logId : olderMs > 0) this.#yield(received);
    else if (compareLives(sender, mine) > 0) {
      this.#raiseGeneration(sender.generation);
    }
  }

  /**
   * Stops, if the other still answers a moment later: both may have judged that they lose, and the
   * one that asks first is then the one that stops.
   */
  #yield({ link, packet }: Received): void {
    if (this.#yielding) return;
    this.#yielding = true;
    const { logId } = packet.sender;
    const afterMs = YIELD_AFTER_MS_MIN + this.state.random.below(YIELD_SPREAD_MS);
    this.state.schedule.at(this.state.nowMs + afterMs, () => {
      this.#yielding = false;
      this.pings.send(link, (answer) => {
        if (answer.packet.sender.logId !== logId) return;
        this.state.stopped = true;
        emit(this.state, { type: 'nameTaken', address: addressIn(link) });
      });
    });
  }

  #otherLife(digest: OwnerDigest, link: Link): void {
    if (digest.generation <= (this.#absent.get(digest.logId) ?? 0)) {
      if (compareLives(digest, this.state.self.statement) > 0) {
        this.#raiseGeneration(digest.generation);
      }
      return;
    }
    const wasSettled = this.isSettled;
    if (this.#asking.size < ABSENT_MAX) this.#asking.set(digest.logId, digest.generation);
    this.#claimedGeneration = Math.max(this.#claimedGeneration, digest.generation);
    if (!wasSettled) return;
    if (digest.status !== Status.alive) {
      this.#settle();
      return;
    }
    this.#checkedAtMs = this.state.nowMs + CONFLICT_CHECK_MS;
    this.#check = this.state.schedule.at(this.#checkedAtMs, () => this.#settle());
    this.#isCalling = false;
    this.#askWhere(link);
  }

  /** Whoever told of the other life may not have its header yet. */
  #askWhere(link: Link): void {
    if (this.isSettled || this.#isCalling || this.state.stopped) return;
    this.pulls.askAboutSelf(link);
    this.#nextIn(CONFLICT_PINGS_MS, () => this.#askWhere(link));
  }

  #call(link: Link, untilMs: number): void {
    if (this.isSettled || this.state.stopped || this.state.nowMs >= untilMs) return;
    this.pings.send(link);
    this.#nextIn(CONFLICT_PINGS_MS, () => this.#call(link, untilMs));
  }

  /** In place of what was planned: claims that come and go set off no more than one at a time. */
  #nextIn(ms: number, run: () => void): void {
    this.#next?.cancel();
    this.#next = this.state.schedule.at(this.state.nowMs + ms, run);
  }

  /** Nobody answered: it was an earlier life, and this one goes above it. */
  #settle(): void {
    if (this.isSettled) return;
    this.#check?.cancel();
    const claimed = this.#claimedGeneration;
    this.#claimedGeneration = 0;
    for (const [logId, generation] of this.#asking) this.#absent.set(logId, generation);
    this.#asking.clear();
    if (this.#absent.size > ABSENT_MAX) this.#absent.clear();
    if (claimed >= this.state.self.statement.generation) this.#raiseGeneration(claimed);
    for (const callback of this.#onSettled.splice(0)) callback();
  }

  /** Random, so that two nodes that judge differently at its edge do not do so for ever. */
  #marginMs(link: Link): number {
    const roundTripMs = this.links.get(link)?.roundTripMs ?? MARGIN_MS_MIN;
    return Math.max(MARGIN_MS_MIN, roundTripMs) * (1 + this.state.random.real());
  }

  /** Now, or as soon as it may be again: above all that was claimed meanwhile. */
  #raiseGeneration(above: number): void {
    if (above >= GENERATION_MAX) {
      refuse(this.state, 'generation-exhausted');
      return;
    }
    const isPlanned = this.#raiseAbove > 0;
    this.#raiseAbove = Math.max(this.#raiseAbove, above);
    if (isPlanned) return;
    if (this.state.nowMs >= this.#mayRaiseAtMs) this.#raise();
    else this.state.schedule.at(this.#mayRaiseAtMs, () => this.#raise());
  }

  #raise(): void {
    const { self, nowMs } = this.state;
    this.#mayRaiseAtMs = nowMs + RAISE_EVERY_MS + RAISE_EVERY_MS_PER_ENTRY * self.log.entryCount;
    self.statement.generation = this.#raiseAbove + 1;
    self.statement.incarnation = 0;
    this.#contradicted = -1;
    this.#raiseAbove = 0;
    this.state.directory.digestChanged(self);
    this.ownLog.rewrite();
    this.push.statement(self, false);
  }
}
