import test from 'ava';
import fc from 'fast-check';
import type { PeerView } from '../../src/core/contract.js';
import { decodePacket } from '../../src/wire/codec.js';
import { type Flight, Mesh, type MeshNode } from '../support/mesh.js';
import { runs } from '../support/scenario.js';

/** What happens, and packets of the past that come again. Times are in heartbeat intervals. */
type Step = { after: number } & (
  | { kind: 'set' | 'delete'; node: number; key: number }
  | { kind: 'say'; node: number; lives: number }
  | { kind: 'kill' | 'leave'; node: number }
  /** Alone: it learns its seeds, and so of its earlier life, only when it already takes part. */
  | { kind: 'restart'; node: number; alone: boolean; guess: 'higher' | 'lower' }
  /** A restart, and then what was pushed to it before, all through its first moments. */
  | { kind: 'storm'; node: number; part: number }
  | {
      kind: 'replay';
      flights: number[];
      to: 'its receiver' | 'another';
      from: 'its sender' | 'afar';
    }
);

const after = fc.constantFrom(0, 0, 0.01, 0.2, 1, 3);
const node = fc.nat(2);
const replay: fc.Arbitrary<Step> = fc.record({
  after: fc.constantFrom(0, 0.02, 0.1, 0.6, 3, 12, 30),
  kind: fc.constant('replay' as const),
  flights: fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 }),
  to: fc.constantFrom('its receiver' as const, 'its receiver' as const, 'another' as const),
  from: fc.constantFrom('its sender' as const, 'its sender' as const, 'afar' as const),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      after,
      kind: fc.constantFrom('set' as const, 'delete' as const),
      node,
      key: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      after,
      kind: fc.constant('say' as const),
      node,
      lives: fc.constantFrom(0.3, 2, 30, 10_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      after,
      kind: fc.constantFrom('kill' as const, 'leave' as const),
      node,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      after,
      kind: fc.constant('restart' as const),
      node,
      alone: fc.boolean(),
      guess: fc.constantFrom('higher' as const, 'lower' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      after,
      kind: fc.constant('storm' as const),
      node,
      part: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
  },
  { weight: 4, arbitrary: replay },
);

for (const [title, intervalMs] of [
  ['a packet that comes again does nothing, soon or minutes later', 1000],
  ['a packet that comes again does nothing, hours later', 600_000],
] as const) {
  test(title, (t) => {
    const settings = runs(500);
    t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
    const steps = fc.array(step, { minLength: 3, maxLength: 12, size: 'max' });
    const loss = fc.constantFrom(0, 0.1);
    fc.assert(
      fc.property(fc.integer(), loss, steps, (seed, lost, list) => {
        const play = new Play(seed, lost, intervalMs);
        for (const each of list) play.take(each);
        play.end();
      }),
      { ...settings, includeErrorInReport: true },
    );
    t.pass();
  });
}

const REMEMBERED_MS = 3 * 3_600_000;
const NAMES = ['n0', 'n1', 'n2'];

/** A mesh, what was said in it, and the invariants that no replay may break. */
class Play {
  readonly mesh: Mesh;
  readonly #diesAtMs = new Map<string, number>();
  /** Since when a node is down; absent while it is up. */
  readonly #downSinceMs = new Map<string, number>();
  /** The highest that a life has shown of another's history. */
  readonly #shown = new WeakMap<MeshNode, Map<string, Shown>>();
  readonly #heard = new WeakMap<MeshNode, Set<string>>();
  readonly #seen = new WeakMap<MeshNode, number>();
  #said = 0;
  #starts = 10;

  constructor(
    seed: number,
    loss: number,
    readonly intervalMs: number,
  ) {
    const intervals = { heartbeatIntervalMs: intervalMs, gossipIntervalMs: intervalMs };
    this.mesh = new Mesh(seed, { loss, doubling: 0.05, latencyMaxMs: 20 }, intervals);
    this.mesh.recording = true;
    this.mesh.onStep = (each) => this.#check(each);
    for (const name of NAMES) this.mesh.start(name, name === 'n0' ? [] : ['n0']);
    this.mesh.run(2000);
  }

  take(step: Step): void {
    this.mesh.run(step.after * this.intervalMs);
    if (step.kind === 'replay') {
      this.#replay(step);
      return;
    }
    const name = NAMES[step.node] as string;
    if (step.kind === 'restart') this.#restart(name, step.alone, step.guess === 'lower');
    else if (step.kind === 'storm') this.#storm(name, step.part);
    else if (!this.#downSinceMs.has(name)) this.#act(name, step);
  }

  /** Everything settles; then nodes show of each other what each shows of itself. */
  end(): void {
    this.mesh.weather = { ...this.mesh.weather, loss: 0 };
    this.mesh.run(15 * this.intervalMs);
    const living = [...this.mesh.nodes.values()].filter((each) => this.#isUp(each.name));
    for (const one of living) {
      for (const other of living) {
        const shown = this.mesh.shows(one, other.name).join();
        const own = this.mesh.shows(other, other.name).join();
        if (shown !== own) throw new Error(`${one.name} shows ${shown}, not ${own}`);
      }
    }
  }

  #act(name: string, step: Exclude<Step, { kind: 'replay' | 'restart' | 'storm' }>): void {
    if (step.kind === 'say') {
      this.#said += 1;
      const lifeMs = step.lives * this.intervalMs;
      this.#diesAtMs.set(`${name}:e=${this.#said}`, this.mesh.nowMs + lifeMs);
      this.mesh.say(name, 'e', this.#said, lifeMs);
    } else if (step.kind === 'set') {
      this.#said += 1;
      this.mesh.set(name, `k${step.key}`, this.#said);
    } else if (step.kind === 'delete') {
      this.mesh.delete(name, `k${step.key}`);
    } else {
      this.#downSinceMs.set(name, this.mesh.nowMs);
      if (step.kind === 'kill') this.mesh.kill(name);
      else this.mesh.input(this.mesh.node(name), { type: 'leave' });
    }
  }

  #restart(name: string, alone = false, lower = false): void {
    this.mesh.kill(name);
    this.#downSinceMs.delete(name);
    const generation = lower ? 1 : 1000 + this.#starts;
    this.#starts += 1;
    const seeds = NAMES.filter((other) => other !== name);
    const node = this.mesh.start(name, alone ? [] : seeds, { generation });
    const addresses = seeds.map((seed) => this.mesh.address(seed));
    if (alone) this.mesh.input(node, { type: 'seeds', addresses });
  }

  #storm(name: string, part: number): void {
    const { mesh } = this;
    const pushed = mesh.sent.filter((flight) => flight.to === mesh.address(name) && isPush(flight));
    this.#restart(name);
    for (let i = 0; i < 40 && pushed.length > 0; i++) {
      mesh.run(5);
      const { random } = mesh;
      const oldest = Math.floor(pushed.length * (1 - part));
      for (const flight of random.sample(pushed.slice(oldest), 4)) mesh.inject(flight);
    }
  }

  /** Flights are spread over all that was ever sent, the newest included. */
  #replay(step: Extract<Step, { kind: 'replay' }>): void {
    const { sent } = this.mesh;
    for (const which of step.flights) {
      const flight = sent[which % sent.length] as Flight;
      const from = step.from === 'afar' ? '10.66.6.6:6' : flight.from;
      const index = NAMES.findIndex((name) => this.mesh.address(name) === flight.to);
      const other = this.mesh.address(NAMES[(index + 1) % NAMES.length] as string);
      this.mesh.inject({ ...flight, from, to: step.to === 'another' ? other : flight.to });
    }
  }

  #isUp(name: string): boolean {
    return !this.#downSinceMs.has(name);
  }

  #check(node: MeshNode): void {
    for (let i = this.#seen.get(node) ?? 0; i < node.events.length; i++) {
      const event = node.events[i];
      if (event?.type === 'peerAlive') this.#checkMayLive(node, event.name);
      if (event?.type === 'peerForgotten') this.#forgetLater(node, event.name);
    }
    this.#seen.set(node, node.events.length);
    this.#checkHeard(node);
    this.#checkShown(node);
  }

  /** Word of a node's last moments may be on its way for a while; after that it is dead for good. */
  #checkMayLive(node: MeshNode, name: string): void {
    const since = this.#downSinceMs.get(name);
    if (since === undefined || this.mesh.nowMs - since < 25 * this.intervalMs) return;
    throw new Error(`${node.name} takes ${name} for alive`);
  }

  /** A node that was collected is remembered for as long as tokens live, and a half more. */
  #forgetLater(node: MeshNode, name: string): void {
    this.mesh.at(this.mesh.nowMs + REMEMBERED_MS - 1, () => this.#shown.get(node)?.delete(name));
  }

  #checkHeard(node: MeshNode): void {
    const before = this.#heard.get(node) ?? new Set();
    this.#heard.set(node, before);
    if (before.size === node.heard.length) return;
    for (const heard of node.heard.slice(before.size)) {
      if (before.has(heard)) throw new Error(`${node.name} heard ${heard} twice`);
      before.add(heard);
      const lateMs = this.mesh.nowMs - (this.#diesAtMs.get(heard) ?? 0);
      if (lateMs > 100) throw new Error(`${node.name} heard ${heard} ${lateMs} ms after its end`);
    }
  }

  #checkShown(node: MeshNode): void {
    const shown = this.#shown.get(node) ?? new Map<string, Shown>();
    this.#shown.set(node, shown);
    for (const now of node.core.peers(this.mesh.nowMs)) {
      const before = shown.get(now.name);
      if (before !== undefined && isEarlier(now, before)) {
        throw new Error(
          `${node.name} goes back from ${before.version} to ${now.version} of ${now.name}`,
        );
      }
      shown.set(now.name, now);
    }
  }
}

/** The life and the version that are shown of a node. */
type Shown = Pick<PeerView, 'generation' | 'logId' | 'version'>;

function isEarlier(a: Shown, b: Shown): boolean {
  if (a.generation !== b.generation) return a.generation < b.generation;
  return a.logId === b.logId ? a.version < b.version : a.logId < b.logId;
}

/** A push asks for no echo. */
function isPush(flight: Flight): boolean {
  const decoded = decodePacket(flight.bytes);
  return decoded.ok && decoded.packet.token === undefined;
}
