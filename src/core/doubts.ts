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
  /** With the end of its grace, when the doubt becomes a verdict. */
  readonly #doubted = new Map<Owner, Task>();

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
    owner.doubt = 'dead';
    this.#doubted.get(owner)?.cancel();
    const verdict = schedule.at(nowMs + ageMs, () => {
      this.#doubted.delete(owner);
      if (owner.doubt === 'dead') this.statements.declare(owner, Status.dead, ageMs);
    });
    this.#doubted.set(owner, verdict);
    this.#changed();
    this.statements.announce(owner);
  }

  /** A node has answered: this one hears. */
  answered(owner: Owner): void {
    let afterMs = 0;
    for (const [doubted, verdict] of this.#doubted) {
      verdict.cancel();
      if (doubted.doubt !== 'dead') continue;
      afterMs += PROBES_APART_MS;
      this.#reopen(doubted, afterMs);
    }
    if (this.#doubted.size > 0) this.#changed();
    this.#doubted.clear();
    this.#settle(owner);
  }

  /** The owner is watched again: by the time it could be found dead it counts as alive. */
  #reopen(owner: Owner, afterMs: number): void {
    const { schedule, nowMs, options } = this.state;
    owner.doubt = 'unproven';
    schedule.at(nowMs + afterMs, () => {
      const link = linkTo(this.state, owner);
      if (owner.doubt === 'unproven' && link !== undefined) this.pings.send(link);
    });
    const findingMs = 2 * (WATCHERS * options.heartbeatIntervalMs + options.burstMs);
    schedule.at(nowMs + findingMs, () => this.#settle(owner));
  }

  #settle(owner: Owner): void {
    if (owner.doubt !== 'unproven') return;
    owner.doubt = undefined;
    this.statements.announce(owner);
  }

  #changed(): void {
    this.state.directory.changed();
    this.watchersChanged();
  }
}
