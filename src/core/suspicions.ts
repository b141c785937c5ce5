import { Opinion, type OwnerId, Status } from '../wire/packet.js';
import { type Burst, isOtherProbe, makeBurst, waysOfProbe } from './burst.js';
import type { Carriers } from './carriers.js';
import type { Link } from './contract.js';
import type { Doubts } from './doubts.js';
import { lifeOf } from './life.js';
import { isStream } from './link.js';
import type { Outbox } from './outbox.js';
import { digestOf, isAlive, type Owner } from './owner.js';
import type { Pings } from './pings.js';
import { watchersOf } from './ring.js';
import {
  type CoreState,
  emit,
  linkTo,
  livePeers,
  nameOf,
  type Received,
  sameLife,
} from './state.js';
import type { Statements } from './statements.js';
import type { Streams } from './streams.js';
import type { Whereabouts } from './whereabouts.js';

/** The ways to nodes, which a burst finds out about. */
export interface Ways {
  readonly carriers: Carriers;
  readonly whereabouts: Whereabouts;
  readonly streams: Streams;
}

/** Where a verdict goes: to all, or nowhere but to this node's application. */
export interface Verdicts {
  readonly statements: Statements;
  readonly doubts: Doubts;
}

/** Votes that make a verdict, if there are so many watchers. */
const QUORUM = 2;
/** Part of a burst after which the others are asked, and then again and again. */
const ASK_AFTER_PART = 1 / 4;
const ASK_EVERY_PART = 1 / 8;
/** Random nodes that are asked to probe too. */
const HELPERS = 3;
/** Suspicions, and requests to probe, that are taken of one packet. */
const QUESTIONS_MAX = 16;
/** Probes in a burst at a node that has never answered: its address may be an invented one. */
const UNMET_PROBES = 10;
/** How long after its own burst a watcher waits for the votes of those that still probe. */
const VOTES_WITHIN_BURSTS = 1.5;
/** The same for one that was only asked and has heard of nobody's burst: then it asks itself. */
const ALONE_WITHIN_BURSTS = 1 / 4;
/** After so many complete bursts also a watcher that the suspect never answered may vote. */
const BURSTS_WITHOUT_CONTACT = 2;

/**
 * Finds out whether a node is dead: a burst of probes, over datagrams and streams and through others,
 * and votes among its watchers (PROTOCOL.md, "Suspecting" and "Deciding"). A suspicion goes to the
 * suspect and its watchers only.
 */
export class Suspicions {
  readonly #bursts = new Map<OwnerId, Burst>();
  /** Complete bursts at nodes that never answered, by owner. */
  readonly #unmet = new Map<OwnerId, number>();

  constructor(
    private readonly state: CoreState,
    private readonly pings: Pings,
    private readonly outbox: Outbox,
    private readonly verdicts: Verdicts,
    private readonly ways: Ways,
    /** @param suspected by this node from now on: its turns as a watcher may be missed. */
    private readonly watchersChanged: (suspected?: Owner) => void,
  ) {}

  /**
   * Begins a burst, unless one runs, or it is not known yet where the node is: then its silence says
   * nothing. `asks`: this node's own ping was not answered.
   */
  suspect(owner: Owner, asks: boolean): void {
    if (this.state.resuming || this.#bursts.has(owner.id)) return;
    if (linkTo(this.state, owner) === undefined) return;
    const burst = makeBurst(owner, asks, this.state.nowMs);
    this.#bursts.set(owner.id, burst);
    this.state.counts.bursts += 1;
    this.#probe(burst);
  }

  /** Has the suspect contradict, and its other watchers find out about it. */
  askWatchers(owner: Owner): void {
    const suspicion = { ...lifeOf(owner), incarnation: owner.statement.incarnation };
    for (const asked of [owner, ...this.#coWatchers(owner)]) {
      const link = linkTo(this.state, asked);
      if (link !== undefined) this.outbox.to(link).suspicions.push(suspicion);
    }
  }

  /** A local pause: what was not answered meanwhile says nothing. */
  forgetAll(): void {
    for (const burst of [...this.#bursts.values()]) this.#end(burst);
    this.#unmet.clear();
  }

  /** A watcher asks about a node. */
  asked(received: Received): void {
    if (received.from === undefined) return;
    for (const question of received.packet.suspicions.slice(0, QUESTIONS_MAX)) {
      const owner = this.state.directory.get(question.owner);
      if (owner === undefined || owner === this.state.self) continue;
      const { statement } = owner;
      const outdated =
        !sameLife(question, lifeOf(owner)) || question.incarnation < statement.incarnation;
      if (outdated || !isAlive(owner)) {
        this.outbox.to(received.link).statements.set(owner.id, digestOf(owner, this.state.nowMs));
        continue;
      }
      this.suspect(owner, false);
      this.#bursts.get(owner.id)?.askers.add(received.from.id);
      const able = this.#bursts.has(owner.id) && this.#isMet(owner);
      const opinion = able ? Opinion.probing : Opinion.abstain;
      this.#vote(owner, opinion, received.link);
    }
  }

  /** Another asks this node to ping a third. */
  probeFor({ packet, link: asker }: Received): void {
    for (const life of packet.probes.slice(0, QUESTIONS_MAX)) {
      const owner = this.state.directory.get(life.owner);
      const link = owner && linkTo(this.state, owner);
      if (owner === undefined || link === undefined || !sameLife(life, lifeOf(owner))) continue;
      // Until it is answered the ping keeps what this function names: it must not be the packet.
      const tell = () => this.#vote(owner, Opinion.alive, asker);
      this.pings.send(link, (answer) => {
        if (answer.from === owner) tell();
      });
      this.#pingElsewhere(owner, tell);
    }
  }

  /** Others tell what they found out. */
  voted(received: Received): void {
    const voter = received.from;
    if (voter === undefined) return;
    for (const vote of received.packet.votes) {
      const burst = this.#bursts.get(vote.owner);
      const { owner, logId, incarnation } = burst ?? {};
      if (burst === undefined || owner?.id === voter.id || logId !== vote.logId) continue;
      if (vote.incarnation !== incarnation) continue;
      if (vote.opinion === Opinion.alive) {
        // Who was not asked may vote so to have the stream closed.
        if (burst.owner.suspected) this.#dropSilentStream(burst);
        this.#end(burst);
      } else {
        burst.opinions.set(voter.id, vote.opinion);
        this.#decide(burst);
      }
    }
  }

  /** Somebody has answered this node. */
  answered(owner: Owner): void {
    for (const burst of this.#bursts.values()) {
      if (burst.lastHeard === burst.questions) continue;
      burst.lastHeard = burst.questions;
      burst.heardQuestions += 1;
    }
    this.cleared(owner);
  }

  /** The node has answered, or a newer statement about it has come. */
  cleared(owner: Owner): void {
    this.#unmet.delete(owner.id);
    const burst = this.#bursts.get(owner.id);
    if (burst === undefined) return;
    for (const id of isAlive(owner) ? burst.askers : []) {
      const asker = this.state.directory.get(id);
      const link = asker && linkTo(this.state, asker);
      if (link !== undefined) this.#vote(owner, Opinion.alive, link);
    }
    this.#end(burst);
  }

  #probe(burst: Burst): void {
    if (!this.#isCurrent(burst)) return;
    const { burstMs } = this.state.options;
    const probes = this.#probesOf(burst);
    const spacingMs = burstMs / probes;
    if (burst.probes >= probes) {
      this.#complete(burst);
      return;
    }
    burst.probes += 1;
    if (burst.probes === Math.ceil(probes / 2)) this.#dropSilentStream(burst);
    const isOther = isOtherProbe(burst, probes);
    for (const which of waysOfProbe(burst, isOther)) {
      const link = linkTo(this.state, burst.owner, which);
      if (link !== undefined) this.#ping(burst, link);
    }
    if (isOther) this.#pingElsewhere(burst.owner);
    this.#ask(burst);
    this.state.schedule.at(this.state.nowMs + spacingMs, () => this.#probe(burst));
  }

  /** The stream may be what is dead: the next probe opens another. */
  #dropSilentStream({ owner, startedAtMs }: Burst): void {
    this.ways.streams.dropIfSilent(owner, this.state.nowMs - startedAtMs);
  }

  #ping(burst: Burst, link: Link): void {
    this.pings.send(link, (received) => {
      if (received.from !== burst.owner || burst.answered) return;
      burst.answered = true;
      if (isStream(link)) this.ways.carriers.preferStreams(burst.owner);
    });
  }

  #pingElsewhere(owner: Owner, onAnswer?: () => void): void {
    const link = this.ways.whereabouts.elsewhere(owner);
    if (link === undefined) return;
    this.pings.send(link, (received) => {
      if (received.from !== owner) return;
      this.ways.whereabouts.found(owner, link);
      onAnswer?.();
    });
  }

  /** Tells the suspect, its other watchers and some helpers, from a part of the burst on. */
  #ask(burst: Burst): void {
    const probes = this.#probesOf(burst);
    const first = Math.ceil(probes * ASK_AFTER_PART);
    const every = Math.max(1, Math.round(probes * ASK_EVERY_PART));
    if (!burst.asks || burst.probes < first || (burst.probes - first) % every !== 0) return;
    if (burst.probes === first) this.#startSuspecting(burst);
    burst.questions += 1;
    const { owner } = burst;
    this.askWatchers(owner);
    const drawn = this.state.random.sample(livePeers(this.state), HELPERS + 1);
    for (const helper of drawn.filter((peer) => peer !== owner).slice(0, HELPERS)) {
      const link = linkTo(this.state, helper);
      if (link === undefined) continue;
      this.outbox.to(link).probes.push(lifeOf(owner));
      // Its answer tells whether this node hears anybody.
      this.pings.send(link);
    }
  }

  #startSuspecting(burst: Burst): void {
    const { owner } = burst;
    owner.suspected = true;
    this.state.counts.suspicions += 1;
    this.watchersChanged(owner);
    emit(this.state, { type: 'peerSuspect', name: nameOf(owner), owner: owner.id });
  }

  #complete(burst: Burst): void {
    burst.completeAtMs = this.state.nowMs;
    const { owner } = burst;
    const unmet = (this.#unmet.get(owner.id) ?? 0) + 1;
    if (!this.#isMet(owner)) this.#unmet.set(owner.id, unmet);
    const opinion = this.#isMet(owner) ? Opinion.dead : Opinion.abstain;
    const told = new Set([
      ...burst.askers,
      ...this.#coWatchers(owner).map((watcher) => watcher.id),
    ]);
    for (const id of told) {
      const asker = this.state.directory.get(id);
      const link = asker && linkTo(this.state, asker);
      if (link !== undefined) this.#vote(owner, opinion, link);
    }
    this.#decide(burst);
    if (!this.#isCurrent(burst)) return;
    const hasVoters = this.#hasVoters(burst);
    if (!this.#isMet(owner) && !hasVoters) {
      this.#end(burst);
      this.suspect(owner, burst.asks);
      return;
    }
    const part = burst.asks || hasVoters ? VOTES_WITHIN_BURSTS : ALONE_WITHIN_BURSTS;
    const waitMs = this.state.options.burstMs * part;
    this.state.schedule.at(this.state.nowMs + waitMs, () => this.#giveUpWaiting(burst));
  }

  /** Those that still probe have not voted in time: they do not count as watchers. */
  #giveUpWaiting(burst: Burst): void {
    if (!this.#isCurrent(burst)) return;
    for (const [id, opinion] of burst.opinions) {
      if (opinion === Opinion.probing) burst.opinions.delete(id);
    }
    this.#decide(burst);
    const isAlone = this.#isCurrent(burst) && !burst.asks && !this.#hasVoters(burst);
    this.#end(burst);
    if (isAlone) this.suspect(burst.owner, true);
  }

  /**
   * The verdict: `QUORUM` votes, or as many as there are watchers that can tell. A watcher that has
   * not reacted at all by the end of this node's burst is suspected itself and does not count. Only
   * who has asked the others decides alone: the asker of one that was asked may be silent because it
   * was answered. A node that decides alone, and that was seldom answered itself, may be deaf: it
   * keeps its verdict to itself.
   */
  #decide(burst: Burst): void {
    if (burst.completeAtMs === undefined || !this.#isMet(burst.owner) || this.state.resuming)
      return;
    let dead = 1;
    let able = 1;
    for (const opinion of burst.opinions.values()) {
      if (opinion === Opinion.dead) dead += 1;
      if (opinion === Opinion.dead || opinion === Opinion.probing) able += 1;
    }
    if (dead < Math.min(QUORUM, able) || (able === 1 && !burst.asks)) return;
    this.state.counts.verdicts += 1;
    this.#end(burst);
    const mayBeDeaf = able === 1 && !this.#hears(burst);
    // If it lives, its stream is broken, and the next one may not be.
    this.ways.streams.dropOf(burst.owner);
    if (mayBeDeaf) this.verdicts.doubts.add(burst.owner);
    else this.verdicts.statements.declare(burst.owner, Status.dead);
  }

  /** Others can tell what this node cannot. */
  #hasVoters({ opinions }: Burst): boolean {
    return [...opinions.values()].some((opinion) => opinion !== Opinion.abstain);
  }

  /** Answers have come in the second half of the burst, and after half of its questions. */
  #hears({ startedAtMs, questions, heardQuestions }: Burst): boolean {
    const halfwayMs = startedAtMs + this.state.options.burstMs / 2;
    return this.pings.lastAnswerMs >= halfwayMs && 2 * heardQuestions >= questions;
  }

  #vote(owner: Owner, opinion: Opinion, link: Link): void {
    const { incarnation } = owner.statement;
    this.outbox.to(link).votes.push({ ...lifeOf(owner), incarnation, opinion });
  }

  #probesOf(burst: Burst): number {
    const { burstProbes } = this.state.options;
    return this.#isMet(burst.owner) ? burstProbes : Math.min(UNMET_PROBES, burstProbes);
  }

  /** The suspect has answered this node in this life; or there is nobody else to tell. */
  #isMet(owner: Owner): boolean {
    if (owner.contact?.logId === owner.statement.logId) return true;
    return (this.#unmet.get(owner.id) ?? 0) >= BURSTS_WITHOUT_CONTACT;
  }

  #coWatchers(owner: Owner): Owner[] {
    return watchersOf(this.state, owner).filter((watcher) => watcher !== this.state.self);
  }

  #isCurrent(burst: Burst): boolean {
    return this.#bursts.get(burst.owner.id) === burst;
  }

  #end(burst: Burst): void {
    if (!this.#isCurrent(burst)) return;
    this.#bursts.delete(burst.owner.id);
    if (!burst.owner.suspected) return;
    burst.owner.suspected = false;
    this.watchersChanged();
  }
}
