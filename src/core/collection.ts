import type { OwnerId } from '../wire/packet.js';
import { Status } from '../wire/packet.js';
import type { FiredEvents } from './fired-events.js';
import { type Statement, statementOf } from './life.js';
import { TOKEN_PERIOD_MS } from './links.js';
import type { Owner } from './owner.js';
import { Schedule, type Task } from './schedule.js';
import { type CoreState, emit, graceMs, nameOf, type StatementDigest } from './state.js';

/** An owner that is remembered although it was collected. */
export interface Memory extends Statement {
  /** Which events have fired. */
  fired: FiredEvents | undefined;
  forgetAtMs: number;
}

const MEMORIES_MAX = 65_536;
/** A token is accepted for two periods: no replay lives longer. */
const REMEMBERED_MS = 3 * TOKEN_PERIOD_MS;

/**
 * Forgets nodes that are dead or left for longer than their grace, and remembers for a while that it
 * did, so that neither hearsay nor a replay brings them back (PROTOCOL.md, "Collection").
 */
export class Collection {
  readonly #memories = new Map<OwnerId, Memory>();
  /** Owners that left and that died, by when they did: whose turn it is if room is needed. */
  readonly #left = new Schedule();
  readonly #dead = new Schedule();

  constructor(
    private readonly state: CoreState,
    private readonly onRemove: (owner: Owner) => void,
  ) {}

  /**
   * Plans when an owner goes; to be called whenever its statement has changed, and when its header has
   * come: an owner of whom none comes is nobody, and would never be pinged.
   */
  schedule(owner: Owner): void {
    owner.collection?.cancel();
    const inTime = this.#inTime(owner);
    const forRoom = this.#forRoom(owner);
    const cancel = () => {
      inTime?.cancel();
      forRoom?.cancel();
    };
    owner.collection = inTime && { dueMs: inTime.dueMs, cancel };
  }

  #inTime(owner: Owner): Task | undefined {
    const { schedule } = this.state;
    if (!owner.hasHeader) return schedule.at(owner.keptUntilMs, () => this.#remove(owner));
    if (owner.status === Status.alive) return undefined;
    const dueMs = owner.statement.downAtMs + graceMs(this.state, owner);
    const atMs = Math.max(dueMs, owner.lastEventEndMs, owner.keptUntilMs);
    return schedule.at(atMs, () => {
      const isWaiting = owner.lastEventEndMs > this.state.nowMs;
      if (isWaiting) this.schedule(owner);
      else this.#collect(owner);
    });
  }

  #forRoom(owner: Owner): Task | undefined {
    if (owner.status === Status.alive) return undefined;
    const { status, downAtMs } = owner.statement;
    const departures = status === Status.left ? this.#left : this.#dead;
    return departures.at(downAtMs, () => this.#collect(owner));
  }

  /** What is remembered of an owner that was collected. */
  remembered(id: OwnerId): Memory | undefined {
    const memory = this.#memories.get(id);
    if (memory === undefined || memory.forgetAtMs > this.state.nowMs) return memory;
    this.#memories.delete(id);
    return undefined;
  }

  /** The statement about a remembered owner, for those who still hold an older one. */
  rememberedDigest(id: OwnerId): StatementDigest | undefined {
    const memory = this.remembered(id);
    return memory && { ...memory, ageMs: Math.floor(this.state.nowMs - memory.downAtMs) };
  }

  /** Collects the owner that left, else died, longest ago. False if all are alive. */
  makeRoom(): boolean {
    const always = Number.POSITIVE_INFINITY;
    const collect = this.#left.takeDue(always) ?? this.#dead.takeDue(always);
    collect?.();
    return collect !== undefined;
  }

  #collect(owner: Owner): void {
    this.#memories.delete(owner.id);
    this.#memories.set(owner.id, {
      ...statementOf(owner),
      fired: owner.fired,
      forgetAtMs: Math.max(this.state.nowMs + REMEMBERED_MS, owner.lastEventEndMs),
    });
    this.#forgetOld();
    this.#remove(owner);
    if (owner.hasHeader) {
      emit(this.state, { type: 'peerForgotten', name: nameOf(owner), owner: owner.id });
    }
  }

  #remove(owner: Owner): void {
    owner.collection?.cancel();
    owner.dropEntries();
    this.state.directory.remove(owner);
    this.onRemove(owner);
  }

  /** Memories are in the order in which they were made, so the first are the oldest. */
  #forgetOld(): void {
    for (const [id, { forgetAtMs }] of this.#memories) {
      if (forgetAtMs > this.state.nowMs && this.#memories.size <= MEMORIES_MAX) break;
      this.#memories.delete(id);
    }
  }
}
