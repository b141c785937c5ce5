import type { Effect, Input } from '../../src/core/contract.js';
import type { Core } from '../../src/core/core.js';
import { Director } from '../../src/simulation/director.js';
import { History } from '../../src/simulation/history.js';
import type { Machine } from '../../src/simulation/machine.js';
import { readScenario } from '../../src/simulation/scenario-reader.js';
import { Sightings } from '../../src/simulation/sightings.js';
import { StatementOrder } from '../../src/simulation/statement-order.js';
import { World } from '../../src/simulation/world.js';

/** A small mesh that has joined, with all who look on. */
export class Rig {
  readonly world: World;
  readonly sightings: Sightings;
  readonly history: History;
  readonly director: Director;
  readonly nodes: number;

  constructor(scenarioFields: object = {}) {
    const scenario = readScenario({ nodes: 3, ...scenarioFields });
    this.nodes = scenario.nodes;
    this.world = new World(scenario);
    for (let index = 0; index < scenario.nodes; index++) this.world.addMachine();
    this.sightings = new Sightings(this.world);
    this.history = new History(this.world);
    const order = new StatementOrder(this.world, (text) => this.history.violated(text));
    for (const each of [this.sightings, this.history, order]) this.world.observe(each);
    this.director = new Director(scenario, this.world, this.sightings, this.history);
    this.director.startAll();
    this.run(2000);
    if (!this.sightings.allSeeAll()) throw new Error('the mesh has not joined');
  }

  run(forMs: number): void {
    this.world.runUntil(this.world.nowMs() + forMs);
  }

  machine(index: number): Machine {
    return this.world.machines[index] as Machine;
  }

  set(index: number, key: string, bytes = 10): void {
    this.director.command(this.machine(index), { kind: 'set', key, bytes });
  }

  delete(index: number, key: string): void {
    this.director.command(this.machine(index), { kind: 'delete', key });
  }

  say(index: number, durationMs = 60_000): void {
    this.director.command(this.machine(index), { kind: 'say', bytes: 10, durationMs });
  }

  /** Makes a fault happen now, given as in a scenario. */
  fault(fields: object): void {
    const { nodes } = this;
    this.director.begin([], readScenario({ nodes, faults: [fields] }).faults);
    this.run(0);
  }

  /** What was found, without the time. */
  violations(): string[] {
    return this.history.violations.map(({ text }) => text);
  }
}

/** What a test may put in the place of a core's methods. */
export type Faults = {
  [Name in 'handle' | 'peer' | 'position' | 'remoteKeys' | 'remoteGet']?: (
    core: Core,
    ...args: Parameters<Core[Name]>
  ) => ReturnType<Core[Name]>;
};

/** Puts a fault into a running node's core. */
export function breakCore(machine: Machine, faults: Faults): void {
  const { core } = machine;
  if (core === undefined) throw new Error(`${machine.name} does not run`);
  machine.core = new Proxy(core, {
    get(target, name) {
      const fault = faults[name as keyof Faults] as
        | ((core: Core, ...args: unknown[]) => unknown)
        | undefined;
      if (fault !== undefined) return (...args: unknown[]) => fault(target, ...args);
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

/** Changes what a core does after each input. */
export function breakEffects(machine: Machine, change: (effects: Effect[]) => Effect[]): void {
  breakCore(machine, {
    handle: (core: Core, input: Input, nowMs: number) => change(core.handle(input, nowMs)),
  });
}
