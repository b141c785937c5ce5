import type { CoreEvent } from '../core/contract.js';
import type { Machine } from './machine.js';
import type { Observer, World } from './world.js';

/** A promise of the protocol that was broken, in words. */
export interface Violation {
  readonly atMs: number;
  readonly text: string;
}

/** An event that was said. */
interface Said {
  readonly owner: Machine;
  /** Which start of its owner said it. */
  readonly life: number;
  readonly number: number;
  readonly diesAtMs: number;
}

/** Keys that begin so expire: their state changes without a version. */
export const EXPIRING_PREFIX = 'expiring-';
/** Of those found; one is enough to look into. */
const VIOLATIONS_MAX = 100;
const SHOWN_CHARACTERS = 12;

/**
 * Knows what each node did, and checks at each step that what the others show of it is a state that
 * it had, and that events come once and in order (the promises of docs/PROTOCOL.md, section 1).
 */
export class History implements Observer {
  readonly violations: Violation[] = [];
  /** From saying to hearing, in ms. */
  readonly newsMs: number[] = [];
  readonly #states = new Map<string, string>();
  readonly #said = new Map<number, Said>();
  readonly #saidAtMs = new Map<number, number>();
  /** By observer: the number last heard of each owner, and all that were heard, in this life. */
  #last: Map<string, number>[];
  #heard: Set<number>[];
  /** By observer, owner and generation: the highest version shown. */
  readonly #versions = new Map<string, number>();
  /** By machine: the generation and version that was remembered last. */
  readonly #latest: string[] = [];
  readonly #changed = new Set<string>();

  constructor(private readonly world: World) {
    this.#last = world.machines.map(() => new Map());
    this.#heard = world.machines.map(() => new Set());
  }

  said(owner: Machine, number: number, durationMs: number): void {
    const nowMs = this.world.nowMs();
    this.#saidAtMs.set(number, nowMs);
    this.#said.set(number, { owner, life: owner.lives, number, diesAtMs: nowMs + durationMs });
  }

  started({ station }: Machine): void {
    this.#last[station.index] = new Map();
    this.#heard[station.index] = new Set();
  }

  emitted(machine: Machine, event: CoreEvent): void {
    if (event.type === 'heard') this.#hear(machine, event.name, event.payload.bytes);
    else if (event.type === 'set' || event.type === 'deleted') this.#changed.add(event.name);
  }

  stepped(machine: Machine): void {
    this.#remember(machine);
    for (const name of this.#changed) this.#compare(machine, name);
    this.#changed.clear();
  }

  failed(machine: Machine, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#violated(`${machine.name} failed: ${text}`);
  }

  /** To be called once the mesh has settled: now all must hold the same. */
  checkSettled(): void {
    const running = this.world.machines.filter((machine) => machine.isListening());
    for (const observer of running) {
      for (const owner of running) {
        if (observer === owner) continue;
        const own = stateOf(owner, owner, true);
        const shown = stateOf(observer, owner, true);
        if (shown === own) continue;
        this.#violated(`${observer.name} shows ${shown} of ${owner.name}, which holds ${own}`);
      }
    }
    for (const said of this.#said.values()) this.#checkHeard(said, running);
  }

  #remember(machine: Machine): void {
    const own = machine.core?.position();
    const state = `${machine.name} ${own?.generation} ${own?.version}`;
    if (own === undefined || this.#latest[machine.station.index] === state) return;
    this.#latest[machine.station.index] = state;
    this.#states.set(state, stateOf(machine, machine));
  }

  /** While its owner's life goes on and the event lives, every other node has heard it. */
  #checkHeard({ owner, life, number, diesAtMs }: Said, running: readonly Machine[]): void {
    const goesOn = owner.isListening() && owner.lives === life && !owner.hasLeft;
    if (!goesOn || diesAtMs <= this.world.nowMs()) return;
    for (const observer of running) {
      if (observer === owner || this.#heard[observer.station.index]?.has(number)) continue;
      this.#violated(`${observer.name} has not heard event ${number} of ${owner.name}`);
    }
  }

  #hear({ name, station }: Machine, owner: string, data: Uint8Array): void {
    const number = Number.parseInt(TEXT.decode(data.subarray(1, 1 + SHOWN_CHARACTERS)), 10);
    const last = this.#last[station.index]?.get(owner) ?? 0;
    if (!this.#said.has(number)) this.#violated(`${name} heard ${number}, which nobody said`);
    if (number <= last) this.#violated(`${name} heard ${number} of ${owner} after ${last}`);
    this.#last[station.index]?.set(owner, number);
    this.#heard[station.index]?.add(number);
    this.newsMs.push(this.world.nowMs() - (this.#saidAtMs.get(number) ?? 0));
  }

  #compare(observer: Machine, name: string): void {
    const view = observer.core?.position(name);
    if (view === undefined || view.version === 0) return;
    const shownBefore = `${observer.name} ${observer.lives} ${name} ${view.logId} ${view.generation}`;
    const before = this.#versions.get(shownBefore) ?? 0;
    if (view.version < before) {
      this.#violated(`${observer.name} shows version ${view.version} of ${name} after ${before}`);
    }
    this.#versions.set(shownBefore, view.version);
    const had = this.#states.get(`${name} ${view.generation} ${view.version}`);
    const owner = this.world.machines.find((machine) => machine.name === name);
    if (had === undefined || owner === undefined) return;
    const shown = stateOf(observer, owner);
    if (shown === had) return;
    const version = view.version;
    this.#violated(`${observer.name} shows ${shown} of ${name} at ${version}, which was ${had}`);
  }

  #violated(text: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ atMs: this.world.nowMs(), text });
  }
}

const TEXT = new TextDecoder();

/** What one node shows of another, or of itself, as `key=value` by key; long values cut. */
function stateOf(observer: Machine, owner: Machine, withExpiring = false): string {
  const { core } = observer;
  if (core === undefined) return '';
  const nowMs = observer.localMs();
  const own = observer === owner;
  const keys = own ? core.keys(nowMs) : core.remoteKeys(owner.name, nowMs);
  const shown = keys.filter((key) => withExpiring || !key.startsWith(EXPIRING_PREFIX)).sort();
  return shown
    .map((key) => {
      const value = own ? core.get(key, nowMs) : core.remoteGet(owner.name, key, nowMs);
      return `${key}=${TEXT.decode(value?.payload.bytes.subarray(0, SHOWN_CHARACTERS))}`;
    })
    .join(' ');
}
