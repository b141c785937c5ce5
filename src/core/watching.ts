import type { OwnerId } from '../wire/packet.js';
import type { Carriers } from './carriers.js';
import type { Exchange } from './exchange.js';
import { isAlive, type Owner } from './owner.js';
import { PhiEstimator } from './phi.js';
import type { Pings } from './pings.js';
import { WATCHERS, watchedBy, watchersOf } from './ring.js';
import type { Task } from './schedule.js';
import { type CoreState, linkTo } from './state.js';
import type { Suspicions } from './suspicions.js';

/** A node that this one watches. */
interface Watch {
  readonly owner: Owner;
  readonly round: PhiEstimator;
  /** When the oldest unanswered ping was sent; undefined: none is unanswered. */
  pingedAtMs: number | undefined;
  turn: Task | undefined;
  overdue: Task | undefined;
}

/**
 * Watches the predecessors on the ring: pings each in turn with its other watchers, and suspects one
 * whose answer is overdue by the measure of phi (PROTOCOL.md, "Watching").
 *
 * Turns need no agreement: the watched node's own uptime, known from its answers, is the common clock.
 * The watcher of rank r pings when that uptime modulo (watchers * interval) reaches r * interval.
 */
export class Watching {
  readonly #watches = new Map<OwnerId, Watch>();
  #planned = false;

  constructor(
    private readonly state: CoreState,
    private readonly pings: Pings,
    private readonly exchange: Exchange,
    private readonly suspicions: Suspicions,
    private readonly carriers: Carriers,
  ) {}

  /** The set of live nodes has changed: who watches whom is worked out anew, soon. */
  membershipChanged(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.state.schedule.at(this.state.nowMs, () => {
      this.#planned = false;
      this.#update();
    });
  }

  /**
   * This node has begun to suspect one that it watches. If that one is gone, so are its turns: those
   * whom it watches are pinged at once, and where this node is no watcher itself it tells the others.
   */
  standInFor(suspect: Owner): void {
    if (!this.#watches.has(suspect.id)) return;
    for (const owner of watchedBy(this.state, suspect)) {
      if (owner === this.state.self) continue;
      const watch = this.#watches.get(owner.id);
      if (watch === undefined)
        this.#ask(this.#watchOf(owner), () => this.suspicions.askWatchers(owner));
      else if (watch.pingedAtMs === undefined) this.#ping(watch);
    }
  }

  /** Nobody is judged by what happened before: every watch begins again. */
  restart(): void {
    for (const watch of this.#watches.values()) this.#stop(watch);
    this.#watches.clear();
    this.membershipChanged();
  }

  /** The suspicion that the unanswered ping of a node amounts to. */
  phi(id: OwnerId, nowMs: number): number {
    const watch = this.#watches.get(id);
    if (watch?.pingedAtMs === undefined) return 0;
    return watch.round.phi(nowMs - watch.pingedAtMs);
  }

  #update(): void {
    const watched = new Set(watchedBy(this.state, this.state.self));
    for (const [id, watch] of this.#watches) {
      if (watched.has(watch.owner)) continue;
      this.#stop(watch);
      this.#watches.delete(id);
    }
    for (const owner of watched) if (!this.#watches.has(owner.id)) this.#begin(owner);
  }

  #begin(owner: Owner): void {
    const watch = this.#watchOf(owner);
    this.#watches.set(owner.id, watch);
    this.#planTurn(watch);
  }

  #watchOf(owner: Owner): Watch {
    const { phiDeviationMinMs, phiToleranceMs } = this.state.options;
    const settings = { deviationMinMs: phiDeviationMinMs, toleranceMs: phiToleranceMs };
    const round = new PhiEstimator(settings);
    return { owner, round, pingedAtMs: undefined, turn: undefined, overdue: undefined };
  }

  #stop(watch: Watch): void {
    watch.turn?.cancel();
    watch.overdue?.cancel();
  }

  #planTurn(watch: Watch): void {
    watch.turn?.cancel();
    watch.turn = this.state.schedule.at(this.state.nowMs + this.#untilTurnMs(watch.owner), () =>
      this.#ping(watch),
    );
  }

  /** Until an answer has told the node's uptime, a random moment of the interval will do. */
  #untilTurnMs(owner: Owner): number {
    const intervalMs = this.state.options.heartbeatIntervalMs;
    const uptimeMs = this.pings.uptimeMs(owner.statement);
    if (uptimeMs === undefined) return intervalMs * this.state.random.real();
    const watchers = watchersOf(this.state, owner);
    const rank = Math.max(0, watchers.indexOf(this.state.self));
    const cycleMs = intervalMs * Math.max(1, Math.min(WATCHERS, watchers.length));
    const untilMs = (rank * intervalMs - uptimeMs) % cycleMs;
    const aheadMs = untilMs <= 0 ? untilMs + cycleMs : untilMs;
    return aheadMs < intervalMs / 4 ? aheadMs + cycleMs : aheadMs;
  }

  #ping(watch: Watch): void {
    this.#planTurn(watch);
    this.#ask(watch, () => this.suspicions.suspect(watch.owner, true));
  }

  /** @param onOverdue the answer to the oldest unanswered ping does not come. */
  #ask(watch: Watch, onOverdue: () => void): void {
    const { owner } = watch;
    const link = linkTo(this.state, owner);
    if (link === undefined || owner.suspected) return;
    this.pings.send(link, (received, roundTripMs) => {
      if (received.from === owner) this.#answered(watch, roundTripMs);
    });
    this.exchange.offer(link);
    this.carriers.tryDatagrams(owner);
    if (watch.pingedAtMs !== undefined) return;
    watch.pingedAtMs = this.state.nowMs;
    const timeoutMs = watch.round.timeoutMs(this.state.options.phiThreshold);
    watch.overdue = this.state.schedule.at(this.state.nowMs + timeoutMs, () => {
      watch.pingedAtMs = undefined;
      if (isAlive(owner)) onOverdue();
    });
  }

  #answered(watch: Watch, roundTripMs: number): void {
    watch.round.add(roundTripMs);
    watch.pingedAtMs = undefined;
    watch.overdue?.cancel();
    if (this.#watches.get(watch.owner.id) !== watch) return;
    if (this.pings.uptimeMs(watch.owner.statement) !== undefined) this.#planTurn(watch);
  }
}
