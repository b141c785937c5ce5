import type { CoreEvent } from '../core/contract.js';
import type { Machine } from './machine.js';
import type { Observer, World } from './world.js';

/** A live node was reported dead. */
export interface FalseStop {
  readonly atMs: number;
  readonly reporter: string;
  readonly subject: string;
  /** Nothing was wrong with either of them, or with the way between them. */
  readonly bothGood: boolean;
}

/** Faults that excuse a report last so long beyond their end. */
const EXCUSED_MS = 30_000;

/** Who holds whom alive, and how long it took to learn of ends and beginnings. */
export class Sightings implements Observer {
  /** For each running observer and subject: the life that is held alive; 0: none. */
  readonly #held: Uint16Array;
  readonly #endedAtMs: Float64Array;
  readonly #badUntilMs: Float64Array;
  readonly #index = new Map<string, number>();
  /** Milliseconds from a node's end until another one knew, of all pairs. */
  readonly detectionMs: number[] = [];
  readonly falseStops: FalseStop[] = [];
  /** How often a node was reported gone or back that was there all the time. */
  readonly changesOf: Uint32Array;
  /** Suspicions that watchers have raised. */
  suspicions = 0;
  /** Pairs of running nodes of which the first holds the second alive in its present life. */
  #seeing = 0;
  #running = 0;

  constructor(private readonly world: World) {
    const count = world.machines.length;
    this.#held = new Uint16Array(count * count);
    this.#endedAtMs = new Float64Array(count);
    this.#badUntilMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.changesOf = new Uint32Array(count);
    for (const { name, station } of world.machines) this.#index.set(name, station.index);
  }

  /** Something is wrong with a node: what is reported of it, and by it, is excused. */
  markBad(machine: Machine): void {
    this.#badUntilMs[machine.station.index] = Number.POSITIVE_INFINITY;
  }

  /** It is well again: reports are excused for a little longer. */
  markGood(machine: Machine): void {
    this.#badUntilMs[machine.station.index] = this.world.nowMs();
  }

  /** Whether every running node holds every other alive, and nobody else. */
  allSeeAll(): boolean {
    return this.#seeing === this.#running * (this.#running - 1) && this.missed() === 0;
  }

  /** Pairs of which the first holds the second alive, of all pairs of running nodes: 0 to 1. */
  seeingShare(): number {
    return this.#running < 2 ? 1 : this.#seeing / (this.#running * (this.#running - 1));
  }

  /** How many pairs still hold a node alive that has ended. */
  missed(): number {
    let missed = 0;
    for (const observer of this.world.machines) {
      if (!observer.isListening()) continue;
      for (const subject of this.world.machines) {
        if (!subject.isListening() && this.#heldBy(observer, subject) !== 0) missed += 1;
      }
    }
    return missed;
  }

  started(machine: Machine): void {
    this.#running += 1;
    // Those who hold the earlier life alive do not see the new one yet.
    this.#clearRow(machine);
  }

  ended(machine: Machine): void {
    for (const other of this.world.machines) {
      if (other === machine || !other.isListening()) continue;
      if (this.#heldBy(other, machine) === machine.lives) this.#seeing -= 1;
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
    const life = isCurrent ? subject.lives : Math.max(1, subject.lives - 1);
    this.#held[this.#cell(observer, subject)] = life;
    if (isCurrent && subject.isListening()) this.#seeing += 1;
  }

  #down(observer: Machine, name: string, left: boolean): void {
    const subject = this.#machine(name);
    const cell = this.#cell(observer, subject);
    const life = this.#held[cell] as number;
    this.#held[cell] = 0;
    const nowMs = this.world.nowMs();
    if (life === subject.lives && subject.isListening()) {
      this.#seeing -= 1;
      if (!left && !subject.hasLeft) this.#falseStop(observer, subject);
    } else if (life !== 0 && !left) {
      this.detectionMs.push(nowMs - (this.#endedAtMs[subject.station.index] as number));
    }
  }

  #falseStop(observer: Machine, subject: Machine): void {
    const nowMs = this.world.nowMs();
    const isGood = ({ station }: Machine) =>
      nowMs - (this.#badUntilMs[station.index] as number) > EXCUSED_MS;
    const bothGood = isGood(observer) && isGood(subject);
    this.changesOf[subject.station.index] = (this.changesOf[subject.station.index] as number) + 1;
    const { name: reporter } = observer;
    this.falseStops.push({ atMs: nowMs, reporter, subject: subject.name, bothGood });
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
