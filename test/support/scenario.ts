import fc from 'fast-check';
import { Mesh, type MeshNode } from './mesh.js';

/** Something that happens to a mesh, some time after what happened before. */
export type Action = { afterMs: number } & (
  | { kind: 'set'; node: number; key: number; size: number }
  | { kind: 'setFor'; node: number; key: number; ttlMs: number }
  | { kind: 'delete'; node: number; key: number }
  | { kind: 'say'; node: number; durationMs: number; buffer: boolean }
  | { kind: 'kill'; node: number }
  | { kind: 'restart'; node: number }
  | { kind: 'leave'; node: number }
  | { kind: 'cut'; side: number }
  | { kind: 'heal' }
);

export interface Scenario {
  seed: number;
  nodes: number;
  loss: number;
  doubling: number;
  jitterMs: number;
  /** Small packets cut deltas often. */
  packetBytes: number;
  actions: Action[];
}

const node = fc.nat(4);
const key = fc.nat(3);
const delay = { afterMs: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(3000)) };

function action(kinds: readonly Action['kind'][]): fc.Arbitrary<Action> {
  const all: Record<Action['kind'], fc.Arbitrary<Action>> = {
    set: fc.record({ ...delay, kind: fc.constant('set' as const), node, key, size: fc.nat(1500) }),
    setFor: fc.record({
      ...delay,
      kind: fc.constant('setFor' as const),
      node,
      key,
      ttlMs: fc.integer({ min: 1, max: 5000 }),
    }),
    delete: fc.record({ ...delay, kind: fc.constant('delete' as const), node, key }),
    say: fc.record({
      ...delay,
      kind: fc.constant('say' as const),
      node,
      durationMs: fc.constantFrom(300, 600_000),
      buffer: fc.boolean(),
    }),
    kill: fc.record({ ...delay, kind: fc.constant('kill' as const), node }),
    restart: fc.record({ ...delay, kind: fc.constant('restart' as const), node }),
    leave: fc.record({ ...delay, kind: fc.constant('leave' as const), node }),
    cut: fc.record({ ...delay, kind: fc.constant('cut' as const), side: fc.nat(31) }),
    heal: fc.record({ ...delay, kind: fc.constant('heal' as const) }),
  };
  const weighted = kinds.map((kind) => ({
    arbitrary: all[kind],
    weight: kind === 'set' || kind === 'say' ? 4 : 2,
  }));
  return fc.oneof(...weighted);
}

/** Random scenarios out of some kinds of action. */
export function scenarios(kinds: readonly Action['kind'][], length = 25): fc.Arbitrary<Scenario> {
  return fc.record({
    seed: fc.integer(),
    nodes: fc.integer({ min: 2, max: 5 }),
    loss: fc.constantFrom(0, 0.1, 0.3),
    doubling: fc.constantFrom(0, 0.2),
    jitterMs: fc.constantFrom(1, 30, 200),
    packetBytes: fc.constantFrom(400, 1155),
    actions: fc.array(action(kinds), { maxLength: length, size: 'max' }),
  });
}

/** One event that was said. */
export interface Said {
  owner: string;
  /** Which start of its owner said it. */
  life: number;
  data: number;
  diesAtMs: number;
}

/** A mesh that a scenario happens to, with a model of what its nodes did. */
export class Stage {
  readonly mesh: Mesh;
  readonly said: Said[] = [];
  /** The number of starts of each node. */
  readonly lives = new Map<string, number>();
  readonly left = new Set<string>();
  readonly names: string[];
  #counter = 0;

  constructor(readonly scenario: Scenario) {
    const { seed, loss, doubling, jitterMs, packetBytes } = scenario;
    const weather = { loss, doubling, latencyMinMs: 1, latencyMaxMs: jitterMs };
    this.mesh = new Mesh(seed, weather, { datagramPacketBytesMax: packetBytes });
    this.names = Array.from({ length: scenario.nodes }, (_, i) => `n${i}`);
    for (const name of this.names) this.#start(name);
  }

  /** Lets it all happen. */
  play(): void {
    this.mesh.run(500);
    for (const action of this.scenario.actions) {
      this.mesh.run(action.afterMs);
      this.#act(action);
    }
  }

  /** Ends all faults, starts what was killed, and waits until nothing moves any more. */
  heal(forMs = 20_000): void {
    this.mesh.mayPass = () => true;
    this.mesh.weather = { ...this.mesh.weather, loss: 0, doubling: 0, latencyMaxMs: 2 };
    this.mesh.run(forMs);
  }

  living(): MeshNode[] {
    return this.names.map((name) => this.mesh.node(name)).filter((each) => each.up);
  }

  #start(name: string): void {
    this.lives.set(name, (this.lives.get(name) ?? 0) + 1);
    this.left.delete(name);
    this.mesh.start(
      name,
      this.names.filter((other) => other !== name && this.#isKnown(other)),
    );
  }

  #isKnown(name: string): boolean {
    return this.mesh.nodes.has(name);
  }

  #act(action: Action): void {
    switch (action.kind) {
      case 'cut':
        this.mesh.mayPass = (from, to) => sideOf(from, action.side) === sideOf(to, action.side);
        return;
      case 'heal':
        this.mesh.mayPass = () => true;
        return;
      default:
        this.#actOn(`n${action.node % this.scenario.nodes}`, action);
    }
  }

  #actOn(name: string, action: Exclude<Action, { kind: 'cut' | 'heal' }>): void {
    const { up } = this.mesh.node(name);
    if (action.kind === 'restart') {
      this.mesh.kill(name);
      this.#start(name);
      return;
    }
    if (!up || this.left.has(name)) return;
    this.#counter += 1;
    const text = `${this.#counter}`;
    switch (action.kind) {
      case 'set':
        this.mesh.set(name, `k${action.key}`, text.padEnd(action.size, '.'));
        return;
      case 'setFor':
        this.mesh.set(name, `k${action.key}`, text, action.ttlMs);
        return;
      case 'delete':
        this.mesh.delete(name, `k${action.key}`);
        return;
      case 'say': {
        const life = this.lives.get(name) ?? 0;
        const diesAtMs = this.mesh.nowMs + action.durationMs;
        this.said.push({ owner: name, life, data: this.#counter, diesAtMs });
        this.mesh.say(name, 'e', this.#counter, action.durationMs, action.buffer);
        return;
      }
      case 'kill':
        this.mesh.kill(name);
        return;
      case 'leave':
        this.left.add(name);
        this.mesh.input(this.mesh.node(name), { type: 'leave' });
        return;
    }
  }
}

function sideOf(address: string, side: number): boolean {
  const number = Number(address.split(':')[0]?.split('.')[3]);
  return ((side >> (number - 1)) & 1) === 1;
}

/**
 * How a property is run: the seed and the number of runs may be given by the environment. A failure is
 * reported as found; it is made smaller, which may take minutes, if TELEPATHINE_SHRINK is set.
 */
export function runs(usual: number): { numRuns: number; seed: number; endOnFailure: boolean } {
  const { TELEPATHINE_RUNS, TELEPATHINE_SEED, TELEPATHINE_SHRINK } = process.env;
  return {
    numRuns: TELEPATHINE_RUNS === undefined ? usual : Number(TELEPATHINE_RUNS),
    endOnFailure: TELEPATHINE_SHRINK === undefined,
    seed: TELEPATHINE_SEED === undefined ? Date.now() & 0x7fffffff : Number(TELEPATHINE_SEED),
  };
}
