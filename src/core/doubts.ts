import { Status } from '../wire/packet.js';
import type { Owner } from './owner.js';
import type { Pings } from './pings.js';
import { WATCHERS } from './ring.js';
import type { Task } from './schedule.js';
import { type CoreState, linkTo } from './state.js';
import type { Statements } from './statements.js';

/** The nodes in doubt are pinged one after the other, so far apart. */
const PROBES_APART_MS = 2;

/**
 * What a node holds that may be deaf itself: its application is told that the others do not answer,
 * and nobody else is. As soon as one of them answers, all of it is open again (PROTOCOL.md,
 * "Deciding").
 */
export class Doubts {
  /** Those that do not answer, nor does anybody; they end with their grace, in a verdict. */
  readonly #doubted = new Map<Owner, Doubted>();
  /** Those of whom it is being found out, since this node hears again; they end by being believed. */
  readonly #unproven = new Map<Owner, Doubted>();

  constructor(
    private readonly state: CoreState,
    private readonly pings: Pings,
    private readonly statements: Statements,
    private readonly watchersChanged: () => void,
  ) {}

  /** An owner does not answer, nor does anybody else. */
  add(owner: Owner): void {
    const { schedule, nowMs, options } = this.state;
    const ageMs = options.deadGraceMs;
    const sinceMs = (owner.doubt && this.#unproven.get(owner)?.sinceMs) ?? nowMs;
    this.#forget(owner);
    owner.doubt = 'dead';
    const next = schedule.at(sinceMs + ageMs, () => {
      this.#doubted.delete(owner);
      if (owner.doubt === 'dead') this.statements.declare(owner, Status.dead, ageMs);
    });
    this.#doubted.set(owner, { sinceMs, next });
    this.#changed();
    this.statements.announce(owner);
  }

  /** A node has answered: this one hears. */
  answered(owner: Owner): void {
    let afterMs = 0;
    for (const [doubted, { sinceMs, next }] of this.#doubted) {
      next.cancel();
      if (doubted.doubt !== 'dead') continue;
      afterMs += PROBES_APART_MS;
      this.#reopen(doubted, sinceMs, afterMs);
    }
    if (this.#doubted.size > 0) this.#changed();
    this.#doubted.clear();
    if (owner.doubt !== undefined) this.#settle(owner);
  }

  /**
   * The owner is watched again: by the time it could be found dead it counts as alive. Until then it
   * is pinged at the pace of heartbeats, since a ping or its answer may be lost.
   */
  #reopen(owner: Owner, sinceMs: number, afterMs: number): void {
    const { schedule, nowMs, options } = this.state;
    owner.doubt = 'unproven';
    const findingMs = 2 * (WATCHERS * options.heartbeatIntervalMs + options.burstMs);
    const next = schedule.at(nowMs + findingMs, () => this.#settle(owner));
    const unproven = { sinceMs, next };
    this.#unproven.set(owner, unproven);
    const ping = () => {
      const goesOn = owner.doubt === 'unproven' && this.#unproven.get(owner) === unproven;
      if (!goesOn) return;
      const link = linkTo(this.state, owner);
      if (link !== undefined) this.pings.send(link);
      schedule.at(this.state.nowMs + options.heartbeatIntervalMs, ping);
    };
    schedule.at(nowMs + afterMs, ping);
  }

  #settle(owner: Owner): void {
    this.#forget(owner);
    if (owner.doubt !== 'unproven') return;
    owner.doubt = undefined;
    this.state.directory.changed();
    this.statements.announce(owner);
  }

  #forget(owner: Owner): void {
    for (const owners of [this.#doubted, this.#unproven]) {
      owners.get(owner)?.next.cancel();
      owners.delete(owner);
    }
  }

  #changed(): void {
    this.state.directory.changed();
    this.watchersChanged();
  }
}

/** How long an owner has been in doubt, and when that ends if nothing comes between. */
interface Doubted {
  readonly sinceMs: number;
  readonly next: Task;
}
