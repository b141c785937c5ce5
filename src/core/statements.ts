import type { OwnerDigest } from '../wire/packet.js';
import { Status } from '../wire/packet.js';
import type { Collection } from './collection.js';
import { compareLives, compareStatements, type Statement, statementOf } from './life.js';
import { Log } from './log.js';
import { isAlive, Owner } from './owner.js';
import { type CoreState, emit, nameOf, refuse, type StatementDigest } from './state.js';

/** A death by hearsay is told to the application so much, and so many round trips, later. */
const HEARSAY_DELAY_MS = 380;
const HEARSAY_ROUND_TRIPS = 10;
const HEARSAY_DELAY_MS_MAX = 2000;
/** How long an owner is kept without its header. */
const HEADER_WITHIN_MS = 10_000;

/** What a new statement sets going. */
export interface StatementHost {
  /** An owner has become known; or its statement has changed, of which others are to be told. */
  changed(owner: Owner, news: 'introduced' | 'changed'): void;
  /** The log of an owner's earlier life is to be dropped. */
  dropLog(owner: Owner): void;
}

/**
 * Who is alive, as far as statements tell (PROTOCOL.md, "Statements"). A statement is taken if it is
 * newer than the one held, whoever passed it on.
 */
export class Statements {
  constructor(
    private readonly state: CoreState,
    private readonly collection: Collection,
    private readonly host: StatementHost,
  ) {}

  /**
   * Takes a digest's statement about another node.
   *
   * @param mayIntroduce the digest is solicited: it may make an owner known.
   * @returns the owner, if it is known now.
   */
  take(digest: OwnerDigest, mayIntroduce: boolean): Owner | undefined {
    const known = this.state.directory.get(digest.owner);
    if (known === undefined) return mayIntroduce ? this.#introduce(digest) : undefined;
    if (compareStatements(digest, known.statement) > 0) {
      const newLife = compareLives(digest, known.statement) > 0;
      if (newLife && !mayIntroduce) return known;
      const ageMs = Math.min(digest.ageMs, this.#graceMs(digest.status) / 2);
      this.#replace(known, { ...digest, ageMs }, true);
    }
    return known;
  }

  /** This node's own verdict or finding about a known owner. */
  declare(owner: Owner, status: Status, ageMs = 0): void {
    this.#replace(owner, { ...statementOf(owner), status, ageMs }, false);
  }

  /** The owner has a name now: it is kept, and the application may be told of it. */
  headerTaken(owner: Owner): void {
    if (isAlive(owner)) owner.keptUntilMs = undefined;
    this.collection.schedule(owner);
    this.announce(owner);
  }

  /** Tells the application what has changed, once the owner's name is known. */
  announce(owner: Owner): void {
    if (!owner.hasHeader || isAlive(owner) === owner.announcedAlive) return;
    if (owner.doubt === 'unproven') return;
    owner.announcedAlive = isAlive(owner);
    const name = nameOf(owner);
    if (owner.announcedAlive) emit(this.state, { type: 'peerAlive', name, owner: owner.id });
    else {
      const left = owner.statement.status === Status.left;
      emit(this.state, { type: 'peerDown', name, owner: owner.id, left });
    }
  }

  /**
   * What others say of a node's death is told a little later: when a partition heals, the node's
   * contradiction follows close behind.
   */
  #announceHearsay(owner: Owner): void {
    const { schedule, nowMs, roundTripMs = 0 } = this.state;
    const delayMs = HEARSAY_DELAY_MS + HEARSAY_ROUND_TRIPS * roundTripMs;
    if (owner.status !== Status.dead) this.announce(owner);
    else schedule.at(nowMs + Math.min(delayMs, HEARSAY_DELAY_MS_MAX), () => this.announce(owner));
  }

  #introduce(digest: OwnerDigest): Owner | undefined {
    const { directory, options } = this.state;
    const memory = this.collection.remembered(digest.owner);
    if (memory !== undefined && compareStatements(digest, memory) <= 0) {
      refuse(this.state, 'remembered-dead');
      return undefined;
    }
    if (digest.status !== Status.alive && digest.ageMs > options.deadGraceMs / 2) {
      refuse(this.state, 'dead-too-long');
      return undefined;
    }
    if (directory.size >= options.ownersMax && !this.collection.makeRoom()) {
      refuse(this.state, 'too-many-owners');
      return undefined;
    }
    const owner = new Owner(this.#statement(digest));
    owner.keptUntilMs = this.state.nowMs + HEADER_WITHIN_MS;
    if (memory !== undefined) owner.fired = memory.fired;
    directory.add(owner);
    this.collection.schedule(owner);
    this.host.changed(owner, 'introduced');
    return owner;
  }

  #graceMs(status: Status): number {
    const { leftGraceMs, deadGraceMs } = this.state.options;
    return status === Status.left ? leftGraceMs : deadGraceMs;
  }

  #replace(owner: Owner, digest: StatementDigest, isHearsay: boolean): void {
    const before = statementOf(owner);
    owner.statement = this.#statement(digest);
    this.state.directory.digestChanged(owner);
    owner.suspected = false;
    owner.doubt = undefined;
    if (compareLives(before, digest) !== 0) this.#beginLife(owner, before.logId !== digest.logId);
    this.state.directory.changed();
    this.collection.schedule(owner);
    if (isHearsay) this.#announceHearsay(owner);
    else this.announce(owner);
    this.host.changed(owner, 'changed');
  }

  /** A new log id: nothing of the old life is shown any more. The same one: until it is replaced. */
  #beginLife(owner: Owner, newLog: boolean): void {
    owner.transfer = undefined;
    owner.refused = false;
    if (!newLog) return;
    this.host.dropLog(owner);
    owner.setLog(new Log());
    owner.contact = undefined;
    owner.seen = undefined;
    if (owner.announcedAlive) {
      owner.announcedAlive = false;
      const left = false;
      emit(this.state, { type: 'peerDown', name: nameOf(owner), owner: owner.id, left });
    }
  }

  #statement(digest: StatementDigest): Statement {
    const { owner, logId, generation, incarnation, status, ageMs } = digest;
    const downAtMs = status === Status.alive ? 0 : this.state.nowMs - ageMs;
    return { owner, logId, generation, incarnation, status, downAtMs };
  }
}
