import { Director } from './director.js';
import type { Violation } from './history.js';
import { History } from './history.js';
import { drawFaults } from './random-faults.js';
import type { Scenario } from './scenario.js';
import { type FalseStop, Sightings } from './sightings.js';
import { Traffic } from './traffic.js';
import { World } from './world.js';

/** What came out of a simulation. Times are virtual milliseconds. */
export interface Totals {
  readonly schema: 1;
  readonly seed: number;
  readonly nodes: number;
  /** From the first start until all see all; undefined: they never did. */
  readonly joinMs: number | undefined;
  /** Live nodes that were reported dead while nothing was wrong with them, the reporter or the way. */
  readonly falseStops: number;
  /** Live nodes that were reported dead and had a fault: pauses, losses, partitions. */
  readonly faultyStops: number;
  /** The most often that one node, running all the while, was reported dead by one of the others. */
  readonly changesMax: number;
  /** From a node's end until another one knew, of all pairs. */
  readonly detectionMs: Percentiles | undefined;
  /** Pairs that still hold a node alive that has ended. */
  readonly undetected: number;
  /** From saying to hearing. */
  readonly newsMs: Percentiles | undefined;
  /** From the end of all faults until all nodes held the same. */
  readonly convergenceMs: number | undefined;
  /** Sent from the moment when all saw all until the end of the duration. */
  readonly bytesPerNodePerSecond: number;
  readonly packetsPerNodePerSecond: number;
  /** Of the node that sent the most. */
  readonly bytesPerSecondMax: number;
  readonly violations: readonly Violation[];
  /** SHA-256 over all packets and when they were sent. */
  readonly traceHash: string;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a simulation looks like at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly phase: Phase;
  /** Pairs of which the first holds the second alive, of all pairs of running nodes: 0 to 1. */
  readonly seeing: number;
  /** Sent since the last sample, by all: bytes a second. */
  readonly bytesPerSecond: number;
  /** Nodes that are suspected by one of their watchers, since the last sample. */
  readonly suspicions: number;
  /** Pairs of which the first shows an older state of the second, of those looked at: 0 to 1. */
  readonly stale: number;
}

export type Phase = 'joining' | 'running' | 'settling' | 'done';

export interface SimulateOptions {
  /** Called once a virtual second. Returning false ends the simulation. */
  readonly onSample?: (sample: Sample) => boolean | undefined;
}

/** Longer than this no mesh takes to join; then what comes next is simulated all the same. */
const JOIN_MS_MAX = 120_000;
const SAMPLE_MS = 1000;
const CONVERGENCE_STEP_MS = 50;
/** More pairs than this are not looked at for one sample. */
const PAIRS_SAMPLED = 200;

/** Runs a scenario to its end. */
export function simulate(scenario: Scenario, options: SimulateOptions = {}): Totals {
  return new Simulation(scenario, options).run();
}

class Simulation {
  readonly #world: World;
  readonly #sightings: Sightings;
  readonly #history: History;
  readonly #traffic: Traffic;
  readonly #director: Director;
  #joinMs: number | undefined;
  #convergenceMs: number | undefined;
  #isStopped = false;
  #sampled = { bytes: 0, suspicions: 0, atMs: 0 };

  constructor(
    private readonly scenario: Scenario,
    private readonly options: SimulateOptions,
  ) {
    const { seed, network, clocks, nodes } = scenario;
    this.#world = new World({ seed, network, clocks });
    for (let index = 0; index < nodes; index++) this.#world.addMachine();
    this.#sightings = new Sightings(this.#world);
    this.#history = new History(this.#world);
    this.#traffic = new Traffic(this.#world);
    for (const each of [this.#sightings, this.#history, this.#traffic]) this.#world.observe(each);
    this.#director = new Director(scenario, this.#world, this.#sightings, this.#history);
  }

  run(): Totals {
    const { load, faults, durationMs } = this.scenario;
    this.#join();
    this.#traffic.reset();
    const drawn = drawFaults(this.scenario, this.#world, this.#director);
    this.#director.begin(load, [...faults, ...drawn]);
    this.#pass('running', this.#world.nowMs() + durationMs);
    const totals = this.#rates();
    this.#settle();
    return { ...this.#totals(), ...totals };
  }

  #join(): void {
    this.#director.startAll();
    while (this.#world.nowMs() < JOIN_MS_MAX && !this.#isStopped) {
      this.#pass('joining', this.#world.nowMs() + CONVERGENCE_STEP_MS);
      if (this.#world.nowMs() < this.scenario.startWithinMs || !this.#sightings.allSeeAll())
        continue;
      this.#joinMs = this.#world.nowMs();
      return;
    }
  }

  /** All faults end, and all nodes have to become equal. */
  #settle(): void {
    const { settleMs } = this.scenario;
    if (settleMs === 0 || this.#isStopped) return;
    this.#director.end();
    const { network } = this.#world;
    network.settings = { ...network.settings, loss: 0, duplication: 0, reordering: 0 };
    const healedMs = this.#world.nowMs();
    while (this.#world.nowMs() < healedMs + settleMs && !this.#isStopped) {
      this.#pass('settling', this.#world.nowMs() + CONVERGENCE_STEP_MS);
      if (this.#convergenceMs === undefined && this.#isEqual()) {
        this.#convergenceMs = this.#world.nowMs() - healedMs;
      }
    }
    this.#history.checkSettled();
  }

  #pass(phase: Phase, untilMs: number): void {
    while (this.#world.nowMs() < untilMs && !this.#isStopped) {
      this.#world.runUntil(Math.min(untilMs, this.#world.nowMs() + SAMPLE_MS));
      if (this.#world.nowMs() < this.#sampled.atMs + SAMPLE_MS) continue;
      if (this.options.onSample?.(this.#sample(phase)) === false) this.#isStopped = true;
    }
  }

  #isEqual(): boolean {
    if (!this.#sightings.allSeeAll()) return false;
    const sums = new Set<string>();
    for (const { core } of this.#running()) {
      const { count, sum } = core?.fingerprint() ?? { count: 0, sum: '' };
      sums.add(`${count} ${sum}`);
    }
    return sums.size <= 1;
  }

  #running() {
    return this.#world.machines.filter((machine) => machine.isListening());
  }

  #sample(phase: Phase): Sample {
    const atMs = this.#world.nowMs();
    const before = this.#sampled;
    const { bytes } = this.#traffic;
    const { suspicions } = this.#sightings;
    const seconds = (atMs - before.atMs) / 1000;
    this.#sampled = { bytes, suspicions, atMs };
    return {
      atMs,
      phase,
      seeing: this.#sightings.seeingShare(),
      bytesPerSecond: Math.max(0, bytes - before.bytes) / seconds,
      suspicions: suspicions - before.suspicions,
      stale: this.#staleShare(),
    };
  }

  /** Of some pairs, in turn: no chance is drawn for what only looks on. */
  #staleShare(): number {
    const running = this.#running();
    if (running.length < 2) return 0;
    let stale = 0;
    const pairs = Math.min(PAIRS_SAMPLED, running.length * (running.length - 1));
    for (let pair = 0; pair < pairs; pair++) {
      const observer = running[pair % running.length];
      const step = 1 + (Math.floor(pair / running.length) % (running.length - 1));
      const owner = running[(pair + step) % running.length];
      const own = owner?.core?.position();
      const shown = observer?.core?.position(owner?.name ?? '');
      if (shown?.logId !== own?.logId || shown?.version !== own?.version) stale += 1;
    }
    return stale / pairs;
  }

  #rates() {
    const { packets, bytes, bytesOf, fromMs } = this.#traffic;
    const seconds = Math.max(1e-3, (this.#world.nowMs() - fromMs) / 1000);
    const { nodes } = this.scenario;
    return {
      bytesPerNodePerSecond: bytes / seconds / nodes,
      packetsPerNodePerSecond: packets / seconds / nodes,
      bytesPerSecondMax: Math.max(...bytesOf) / seconds,
    };
  }

  #totals() {
    const { detectionMs, falseStops, changesOf } = this.#sightings;
    return {
      schema: 1 as const,
      seed: this.scenario.seed,
      nodes: this.scenario.nodes,
      joinMs: this.#joinMs,
      falseStops: countOf(falseStops, true),
      faultyStops: countOf(falseStops, false),
      changesMax: Math.max(0, ...changesOf),
      detectionMs: percentiles(detectionMs),
      undetected: this.#sightings.missed(),
      newsMs: percentiles(this.#history.newsMs),
      convergenceMs: this.#convergenceMs,
      violations: this.#history.violations,
      traceHash: this.#world.traceHash(),
    };
  }
}

function countOf(stops: readonly FalseStop[], bothGood: boolean): number {
  return stops.filter((stop) => stop.bothGood === bothGood).length;
}

function percentiles(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
