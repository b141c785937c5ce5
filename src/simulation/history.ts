import type { CoreEvent } from '../core/contract.js';
import { Distribution } from './distribution.js';
import type { Machine } from './machine.js';
import type { Observer, World } from './world.js';

/** A promise of the protocol that was broken, in words. */
export interface Violation {
  /** In virtual ms since the beginning. */
  readonly atMs: number;
  /** What was found, for people. */
  readonly text: string;
}

/** An event that was said. */
interface Said {
  readonly owner: Machine;
  /** Which start of its owner said it. */
  readonly life: number;
  readonly number: number;
  readonly saidAtMs: number;
  readonly diesAtMs: number;
  /** A bit for each machine whose present life has heard it. */
  readonly heardBy: Uint8Array;
}

/** The newest that an observer has shown of an owner's life. */
interface Shown {
  readonly life: string;
  readonly version: number;
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
  /** From saying to hearing, in ms, at those who ran when it was said. */
  readonly newsMs = new Distribution();
  /** From setting to showing, in ms, at those who ran when it was set. */
  readonly setMs = new Distribution();
  /** Events that somebody had not heard at the end, and keys that were gone and are shown. */
  lostEvents = 0;
  revivedKeys = 0;
  readonly #setAtMs = new Map<number, number>();
  /** What an owner held, by its name, life and version. */
  readonly #states = new Map<string, string>();
  readonly #said = new Map<number, Said>();
  /** By observer: of each owner the number last heard, and what was shown, in this life. */
  readonly #last: Map<string, number>[];
  readonly #shown: Map<string, Shown>[];
  /** By machine: the life and version that was remembered last. */
  readonly #latest: string[] = [];
  readonly #changed = new Set<string>();
  readonly #byName: ReadonlyMap<string, Machine>;

  constructor(private readonly world: World) {
    this.#last = world.machines.map(() => new Map());
    this.#shown = world.machines.map(() => new Map());
    this.#byName = new Map(world.machines.map((machine) => [machine.name, machine]));
  }

  /** A node has said an event, whose data begin with the number. */
  said(owner: Machine, number: number, durationMs: number): void {
    const saidAtMs = this.world.nowMs();
    const diesAtMs = saidAtMs + durationMs;
    const heardBy = new Uint8Array(Math.ceil(this.world.machines.length / 8));
    this.#said.set(number, { owner, life: owner.lives, number, saidAtMs, diesAtMs, heardBy });
  }

  /** A node has set a key to a value that begins with the number. */
  set(number: number): void {
    this.#setAtMs.set(number, this.world.nowMs());
  }

  /** Something was found that may not be. */
  violated(text: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ atMs: this.world.nowMs(), text });
  }

  started({ station: { index } }: Machine): void {
    this.#last[index] = new Map();
    this.#shown[index] = new Map();
    const others = ~(1 << (index & 7));
    for (const { heardBy } of this.#said.values()) {
      heardBy[index >> 3] = (heardBy[index >> 3] as number) & others;
    }
  }

  emitted(machine: Machine, event: CoreEvent): void {
    if (event.type === 'set') this.#show(machine, event.value.payload.bytes);
    if (event.type === 'heard') this.#hear(machine, event.name, event.payload.bytes);
    else if (event.type === 'set' || event.type === 'deleted') this.#changed.add(event.name);
    else if (event.type === 'nameTaken') {
      this.violated(`${machine.name} gave up its name, which is nobody else's`);
    }
  }

  stepped(machine: Machine): void {
    this.#remember(machine);
    for (const name of this.#changed) this.#compare(machine, name);
    this.#changed.clear();
  }

  failed(machine: Machine, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violated(`${machine.name} failed: ${text}`);
  }

  /** To be called once the mesh has settled: now all must hold the same. */
  checkSettled(): void {
    const running = this.world.machines.filter((machine) => machine.isListening());
    for (const owner of running) {
      const own = stateOf(owner, owner, true);
      for (const observer of running) {
        if (observer !== owner) this.#checkEqual(observer, owner, own);
      }
    }
    for (const said of this.#said.values()) this.#checkHeard(said, running);
  }

  #remember(machine: Machine): void {
    const own = machine.core?.position();
    const state = `${own?.logId} ${own?.generation} ${own?.version}`;
    if (own === undefined || this.#latest[machine.station.index] === state) return;
    this.#latest[machine.station.index] = state;
    this.#states.set(`${machine.name} ${state}`, stateOf(machine, machine));
  }

  #checkEqual(observer: Machine, owner: Machine, own: string): void {
    const view = observer.core?.position(owner.name);
    if (view?.status !== 'alive' || view.logId !== owner.core?.position()?.logId) {
      this.violated(`${observer.name} does not see that ${owner.name} is alive`);
    }
    const shown = stateOf(observer, owner, true);
    if (shown === own) return;
    const keys = new Set(keysIn(own));
    this.revivedKeys += keysIn(shown).filter((key) => !keys.has(key)).length;
    this.violated(`${observer.name} shows ${shown} of ${owner.name}, which holds ${own}`);
  }

  /** While its owner's life goes on and the event lives, every other node has heard it. */
  #checkHeard(said: Said, running: readonly Machine[]): void {
    const { owner, life, number, diesAtMs, heardBy } = said;
    const goesOn = owner.isListening() && owner.lives === life && !owner.hasLeft;
    if (!goesOn || diesAtMs <= this.world.nowMs()) return;
    for (const observer of running) {
      const { index } = observer.station;
      if (observer === owner || ((heardBy[index >> 3] as number) >> (index & 7)) & 1) continue;
      this.lostEvents += 1;
      this.violated(`${observer.name} has not heard event ${number} of ${owner.name}`);
    }
  }

  #hear(observer: Machine, owner: string, data: Uint8Array): void {
    const { name, startedAtMs } = observer;
    const { index } = observer.station;
    const number = numberIn(data);
    const last = this.#last[index]?.get(owner) ?? 0;
    if (number <= last) this.violated(`${name} heard ${number} of ${owner} after ${last}`);
    this.#last[index]?.set(owner, number);
    const said = this.#said.get(number);
    if (said === undefined || said.owner.name !== owner) {
      this.violated(`${name} heard ${number} of ${owner}, which did not say it`);
      return;
    }
    said.heardBy[index >> 3] = (said.heardBy[index >> 3] as number) | (1 << (index & 7));
    if (startedAtMs <= said.saidAtMs) this.newsMs.add(this.world.nowMs() - said.saidAtMs);
  }

  #show({ startedAtMs }: Machine, data: Uint8Array): void {
    const setAtMs = this.#setAtMs.get(numberIn(data));
    if (setAtMs === undefined || startedAtMs > setAtMs) return;
    this.setMs.add(this.world.nowMs() - setAtMs);
  }

  #compare(observer: Machine, name: string): void {
    const owner = this.#byName.get(name);
    const view = observer.core?.position(name);
    if (owner === undefined || view === undefined || view.version === 0) return;
    const { version } = view;
    const life = `${view.logId} ${view.generation}`;
    const shown = this.#shown[observer.station.index] as Map<string, Shown>;
    const before = shown.get(name);
    if (before?.life === life && version < before.version) {
      this.violated(`${observer.name} shows version ${version} of ${name} after ${before.version}`);
    }
    shown.set(name, { life, version });
    const had = this.#states.get(`${name} ${life} ${version}`);
    if (had === undefined) return;
    const state = stateOf(observer, owner);
    if (state === had) return;
    this.violated(`${observer.name} shows ${state} of ${name} at ${version}, which was ${had}`);
  }
}

const TEXT = new TextDecoder();

/** The data of a command begin with its number. */
function numberIn(data: Uint8Array): number {
  return Number.parseInt(TEXT.decode(data.subarray(1, 1 + SHOWN_CHARACTERS)), 10);
}

/** Of what `stateOf` gives. */
function keysIn(state: string): string[] {
  return state.split(' ').flatMap((pair) => pair.split('=', 1).filter((key) => key !== ''));
}

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
