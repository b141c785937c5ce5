import type { CoreEvent } from '../core/contract.js';
import { Distribution } from './distribution.js';
import type { Machine } from './machine.js';
import { StateChanges } from './state-changes.js';
import type { Observer, World } from './world.js';

/** Faults that excuse a report last so long beyond their end. */
const EXCUSED_MS = 30_000;

/** Who holds whom alive, and how long it took to learn of ends and beginnings. */
export class Sightings implements Observer {
  /** For each running observer and subject: the life that is held alive; 0: none. */
  readonly #held: Uint16Array;
  readonly #endedAtMs: Float64Array;
  /** For each node: its faults, and when the last one ended. */
  readonly #faults: Uint16Array;
  readonly #goodSinceMs: Float64Array;
  readonly #index = new Map<string, number>();
  /** Milliseconds from a node's end until another one knew, of all pairs. */
  readonly detectionMs = new Distribution();
  /** Milliseconds from a node's end until all who ran knew, of all that ended. */
  readonly allKnowMs = new Distribution();
  /** Live nodes that were reported dead while nothing was wrong with them or with the reporter. */
  falseStops = 0;
  /** Live nodes that were reported dead and had a fault, or the reporter had. */
  faultyStops = 0;
  /** Those of them that had no fault: only the reporter had one. */
  misledStops = 0;
  /** How often nodes without a fault changed their minds about one that ran all the while. */
  readonly changes = new StateChanges();
  /** The most often that one node, with which nothing was wrong, called the same live one dead. */
  stopsMax = 0;
  /** For each observer and subject: how often that was. */
  readonly #stops: Uint16Array;
  /** Suspicions that watchers have raised. */
  suspicions = 0;
  /** Pairs of running nodes of which the first holds the second alive in its present life. */
  #seeing = 0;
  /** Pairs of which the first runs and holds the second alive, which has ended. */
  #missed = 0;
  /** The same, for each node that has ended. */
  readonly #missedOf: Uint32Array;
  #running = 0;

  constructor(private readonly world: World) {
    const count = world.machines.length;
    this.#held = new Uint16Array(count * count);
    this.#endedAtMs = new Float64Array(count);
    this.#missedOf = new Uint32Array(count);
    this.#faults = new Uint16Array(count);
    this.#goodSinceMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#stops = new Uint16Array(count * count);
    for (const { name, station } of world.machines) this.#index.set(name, station.index);
  }

  /** Something is wrong with a node: what is reported of it, and by it, is excused. */
  markBad({ station: { index } }: Machine): void {
    this.#faults[index] = (this.#faults[index] as number) + 1;
  }

  /** That is over. Once nothing else is wrong with it, reports are excused for a little longer. */
  markGood({ station: { index } }: Machine): void {
    this.#faults[index] = (this.#faults[index] as number) - 1;
    this.#goodSinceMs[index] = this.world.nowMs();
  }

  /** Whether every running node holds every other alive, and nobody else. */
  allSeeAll(): boolean {
    return this.#seeing === this.#running * (this.#running - 1) && this.#missed === 0;
  }

  /** Pairs of which the first runs and knows rightly whether the second lives, of all such pairs. */
  rightShare(): number {
    const others = this.world.machines.length - 1;
    const ended = this.#running * (others + 1 - this.#running);
    const right = this.#seeing + ended - this.#missed;
    return this.#running * others === 0 ? 1 : right / (this.#running * others);
  }

  /** How many pairs still hold a node alive that has ended. */
  missed(): number {
    return this.#missed;
  }

  started(machine: Machine): void {
    // Those who hold the earlier life alive do not see the new one yet.
    for (const other of this.world.machines) {
      if (other === machine || !other.isListening()) continue;
      this.changes.forget(this.#cell(other, machine));
      if (this.#heldBy(other, machine) !== 0) this.#miss(machine, -1);
    }
    this.#running += 1;
    this.#clearRow(machine);
  }

  ended(machine: Machine): void {
    for (const other of this.world.machines) {
      if (other === machine) continue;
      if (!other.isListening()) {
        if (this.#heldBy(machine, other) !== 0) this.#miss(other, -1);
        continue;
      }
      if (this.#heldBy(other, machine) === machine.lives) this.#seeing -= 1;
      if (this.#heldBy(other, machine) !== 0) this.#miss(machine, 1);
      if (this.#isSeen(machine, other)) this.#seeing -= 1;
    }
    this.#running -= 1;
    this.#endedAtMs[machine.station.index] = this.world.nowMs();
    this.#clearRow(machine);
  }

  emitted(machine: Machine, event: CoreEvent): void {
    if (event.type === 'peerAlive') this.#alive(machine, event.name);
    else if (event.type === 'peerDown') this.#down(machine, event.name, event.left);
    else if (event.type === 'peerSuspect') this.suspicions += 1;
  }

  #alive(observer: Machine, name: string): void {
    const subject = this.#machine(name);
    const seen = observer.core?.position(name);
    const current = subject.core?.position();
    const isCurrent = seen?.logId === current?.logId;
    const cell = this.#cell(observer, subject);
    const before = this.#held[cell];
    this.#held[cell] = isCurrent ? subject.lives : Math.max(1, subject.lives - 1);
    this.changes.returned(cell, this.world.nowMs());
    if (!subject.isListening() && before === 0) this.#miss(subject, 1);
    if (isCurrent && subject.isListening() && before !== subject.lives) this.#seeing += 1;
  }

  #down(observer: Machine, name: string, left: boolean): void {
    const subject = this.#machine(name);
    const cell = this.#cell(observer, subject);
    const life = this.#held[cell] as number;
    this.#held[cell] = 0;
    const nowMs = this.world.nowMs();
    if (life !== 0 && !subject.isListening()) this.#miss(subject, -1);
    if (life === subject.lives && subject.isListening()) {
      this.#seeing -= 1;
      if (!left && !subject.hasLeft) this.#falseStop(observer, subject);
    } else if (life !== 0 && !left) {
      const { index } = subject.station;
      const passedMs = nowMs - (this.#endedAtMs[index] as number);
      this.detectionMs.add(passedMs);
      if (!subject.isListening() && this.#missedOf[index] === 0) this.allKnowMs.add(passedMs);
    }
  }

  #falseStop(observer: Machine, subject: Machine): void {
    const cell = this.#cell(observer, subject);
    const isMisled = !this.#isGood(observer);
    if (!isMisled) this.changes.stopped(cell, this.world.nowMs());
    const isGood = this.#isGood(subject);
    if (isGood && isMisled) this.misledStops += 1;
    if (isGood && !isMisled) this.falseStops += 1;
    else this.faultyStops += 1;
    if (isMisled) return;
    const stops = (this.#stops[cell] as number) + 1;
    this.#stops[cell] = stops;
    this.stopsMax = Math.max(this.stopsMax, stops);
  }

  #miss({ station: { index } }: Machine, change: 1 | -1): void {
    this.#missed += change;
    this.#missedOf[index] = (this.#missedOf[index] as number) + change;
  }

  #isGood({ station: { index } }: Machine): boolean {
    const goodForMs = this.world.nowMs() - (this.#goodSinceMs[index] as number);
    return this.#faults[index] === 0 && goodForMs > EXCUSED_MS;
  }

  #isSeen(observer: Machine, subject: Machine): boolean {
    return this.#heldBy(observer, subject) === subject.lives && subject.isListening();
  }

  #heldBy(observer: Machine, subject: Machine): number {
    return this.#held[this.#cell(observer, subject)] as number;
  }

  #clearRow({ station: { index } }: Machine): void {
    const count = this.world.machines.length;
    this.#held.fill(0, index * count, (index + 1) * count);
  }

  #cell(observer: Machine, subject: Machine): number {
    return observer.station.index * this.world.machines.length + subject.station.index;
  }

  #machine(name: string): Machine {
    return this.world.machines[this.#index.get(name) as number] as Machine;
  }
}
