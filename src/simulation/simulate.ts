import { Director, type Happening } from './director.js';
import type { Percentiles } from './distribution.js';
import type { Violation } from './history.js';
import { History } from './history.js';
import { drawFaults } from './random-faults.js';
import type { Scenario } from './scenario.js';
import { Sightings } from './sightings.js';
import { StatementOrder } from './statement-order.js';
import { Traffic } from './traffic.js';
import { World } from './world.js';

/** What came out of a simulation. Times are virtual milliseconds. */
export interface Totals {
  /** The version of this shape. */
  readonly schema: 1;
  /** Of the scenario. */
  readonly seed: number;
  /** Of the scenario. */
  readonly nodes: number;
  /** The scenario came to its end; false: it was stopped, and the rest is what was seen so far. */
  readonly complete: boolean;
  /** How much time passed in it. */
  readonly simulatedMs: number;
  /** From the first start until all see all; undefined: they never did. */
  readonly joinMs: number | undefined;
  /** Live nodes that were reported dead while nothing was wrong with them, the reporter or the way. */
  readonly falseStops: number;
  /** Live nodes that were reported dead and had a fault: pauses, losses, partitions. */
  readonly faultyStops: number;
  /** Those of them that had no fault themselves: only the node that reported them had one. */
  readonly misledStops: number;
  /** The most often that one node reported the death of another one that lived. */
  readonly changesMax: number;
  /**
   * The most often in ten minutes that a node without a fault changed its mind about another one that
   * ran all the while: that it is dead, and that it lives again.
   */
  readonly changesPerTenMinutesMax: number;
  /** From a node's end until another one knew, of all pairs. */
  readonly detectionMs: Percentiles | undefined;
  /** From a node's end until all who ran knew, of all that ended. */
  readonly allKnowMs: Percentiles | undefined;
  /** Pairs that at the end of the duration held a node alive that had ended. */
  readonly undetected: number;
  /** From saying to hearing, at those who ran when it was said. */
  readonly newsMs: Percentiles | undefined;
  /** From setting a key to showing it, at those who ran when it was set. */
  readonly setMs: Percentiles | undefined;
  /** Keys and events sent, for each that came to be shown or heard; undefined: none did. */
  readonly copiesPerReceiver: number | undefined;
  /** From the end of all faults until all nodes held the same for good; undefined: they never did. */
  readonly convergenceMs: number | undefined;
  /** Sent from the moment when all saw all until the end of the duration. */
  readonly bytesPerNodePerSecond: number;
  /** As `bytesPerNodePerSecond`; what TCP makes of a frame is not counted. */
  readonly packetsPerNodePerSecond: number;
  /** Of the node that sent the most. */
  readonly bytesPerSecondMax: number;
  /** Of the seed that sent the most. */
  readonly seedBytesPerSecondMax: number;
  /** Of those that are no seeds, on average; undefined: all are. */
  readonly othersBytesPerSecond: number | undefined;
  /** As `othersBytesPerSecond`. */
  readonly othersPacketsPerSecond: number | undefined;
  /** Commands of the load that went beyond a limit of the protocol, such as 100,000 live events. */
  readonly refused: number;
  /** Events that live at the end and that a node has not heard, for each such node. */
  readonly lostEvents: number;
  /** Keys that their owner does not hold and a node shows at the end, for each such node. */
  readonly revivedKeys: number;
  /** What the protocol promises and did not keep; the first hundred. */
  readonly violations: readonly Violation[];
  /** SHA-256 over all packets and when they were sent. */
  readonly traceHash: string;
}

/** What a simulation looks like at a moment. */
export interface Sample {
  /** In virtual ms since the beginning. */
  readonly atMs: number;
  /** What is going on. */
  readonly phase: Phase;
  /** How much of the scenario is over, as far as that can be told: 0 to 1. */
  readonly progress: number;
  /** Pairs of which the first runs and knows rightly whether the second lives: 0 to 1. */
  readonly seeing: number;
  /** Sent since the last sample, by all: bytes a second. */
  readonly bytesPerSecond: number;
  /** Nodes that are suspected by one of their watchers, since the last sample. */
  readonly suspicions: number;
  /** Pairs of which the first shows an older state of the second, of those looked at: 0 to 1. */
  readonly stale: number;
}

/** Until all see all; while load and faults go on; after all faults. */
export type Phase = 'joining' | 'running' | 'settling';

/** What a caller of `simulate` may want beside the totals. */
export interface SimulateOptions {
  /** Called about ten times a virtual second. Returning false ends the simulation. */
  readonly onSample?: (sample: Sample) => boolean | undefined;
}

/** Longer than this no mesh takes to join; then what comes next is simulated all the same. */
const JOIN_MS_MAX = 120_000;
const STEP_MS = 100;
const CONVERGENCE_STEP_MS = 50;
/** Once all hold the same they must do so for so much longer. */
const STAYS_EQUAL_MS = 5000;
/** More pairs than this are not looked at for one sample. */
const PAIRS_SAMPLED = 200;
/** So many things happen in one go: some 50 ms of real time. */
const GO_COUNT = 1000;

/** Runs a scenario to its end. */
export function simulate(scenario: Scenario, options: SimulateOptions = {}): Totals {
  const simulation = new Simulation(scenario);
  for (const isStep of simulation.run()) {
    if (isStep && options.onSample?.(simulation.sample()) === false) break;
  }
  return simulation.totals();
}

/** One run of a scenario, for who wants to do something else meanwhile, or to end it early. */
export class Simulation {
  readonly #world: World;
  readonly #sightings: Sightings;
  readonly #history: History;
  readonly #traffic: Traffic;
  readonly #director: Director;
  #phase: Phase = 'joining';
  #isComplete = false;
  #joinMs: number | undefined;
  #runningSinceMs = 0;
  #convergenceMs: number | undefined;
  /** What was measured until the end of the duration; undefined before. */
  #measured: Measured | undefined;
  #steppedAtMs = 0;
  #sampled = { bytes: 0, suspicions: 0, atMs: 0 };

  constructor(private readonly scenario: Scenario) {
    const { seed, network, clocks, nodes } = scenario;
    this.#world = new World({ seed, network, clocks });
    for (let index = 0; index < nodes; index++) this.#world.addMachine();
    this.#sightings = new Sightings(this.#world);
    this.#history = new History(this.#world);
    this.#traffic = new Traffic(this.#world);
    const order = new StatementOrder(this.#world, (text) => this.#history.violated(text));
    for (const each of [this.#sightings, this.#history, order, this.#traffic]) {
      this.#world.observe(each);
    }
    this.#director = new Director(scenario, this.#world, this.#sightings, this.#history);
  }

  /**
   * Lets it happen. Yields true ten times a virtual second, which is when to take a sample, and false
   * in between, some 20 times a real second. Who does not go on ends the simulation.
   */
  *run(): Generator<boolean, void> {
    yield* this.#join();
    const { load, faults, durationMs } = this.scenario;
    const { joinMs } = this;
    this.#sampled.bytes -= this.#traffic.bytes;
    this.#traffic.reset();
    const drawn = drawFaults(this.scenario, this.#world, this.#director);
    this.#director.begin(load, [...faults, ...drawn]);
    yield* this.#pass('running', joinMs + durationMs);
    this.#measured = this.#measure();
    yield* this.#settle();
    this.#isComplete = true;
  }

  /** What has happened so far: faults that came and ended, the last ones if they are many. */
  get happenings(): readonly Happening[] {
    return this.#director.happenings;
  }

  /** When load and faults began, in virtual ms; while the nodes are joining: now. */
  get joinMs(): number {
    return this.#phase === 'joining' ? this.#world.nowMs() : this.#runningSinceMs;
  }

  /** How things stand now, and what was sent since the last sample. */
  sample(): Sample {
    const atMs = this.#world.nowMs();
    const before = this.#sampled;
    const { bytes } = this.#traffic;
    const { suspicions } = this.#sightings;
    const seconds = Math.max(1e-3, (atMs - before.atMs) / 1000);
    this.#sampled = { bytes, suspicions, atMs };
    return {
      atMs,
      phase: this.#phase,
      progress: this.#progress(),
      seeing: this.#sightings.rightShare(),
      bytesPerSecond: (bytes - before.bytes) / seconds,
      suspicions: suspicions - before.suspicions,
      stale: this.#staleShare(),
    };
  }

  /** What came out, or has come out so far. */
  totals(): Totals {
    const { detectionMs, allKnowMs, falseStops, faultyStops, misledStops, stopsMax, changes } =
      this.#sightings;
    const { newsMs, setMs, lostEvents, revivedKeys, violations } = this.#history;
    return {
      schema: 1,
      seed: this.scenario.seed,
      nodes: this.scenario.nodes,
      complete: this.#isComplete,
      simulatedMs: this.#world.nowMs(),
      joinMs: this.#joinMs,
      falseStops,
      faultyStops,
      misledStops,
      changesMax: stopsMax,
      changesPerTenMinutesMax: changes.perTenMinutesMax,
      detectionMs: detectionMs.percentiles(),
      allKnowMs: allKnowMs.percentiles(),
      newsMs: newsMs.percentiles(),
      setMs: setMs.percentiles(),
      convergenceMs: this.#convergenceMs,
      ...(this.#measured ?? this.#measure()),
      refused: this.#director.refused,
      lostEvents,
      revivedKeys,
      violations,
      traceHash: this.#world.traceHash(),
    };
  }

  *#join(): Generator<boolean, void> {
    this.#director.startAll();
    while (this.#world.nowMs() < JOIN_MS_MAX) {
      yield* this.#pass('joining', this.#world.nowMs() + CONVERGENCE_STEP_MS);
      const areStarted = this.#world.nowMs() >= this.scenario.startWithinMs;
      if (!areStarted || !this.#sightings.allSeeAll()) continue;
      this.#joinMs = this.#world.nowMs();
      break;
    }
    yield* this.#pass('joining', this.#world.nowMs() + this.scenario.calmMs);
    this.#runningSinceMs = this.#world.nowMs();
  }

  /** All faults end, and all nodes have to become equal. */
  *#settle(): Generator<boolean, void> {
    const { settleMs } = this.scenario;
    if (settleMs === 0) return;
    this.#director.end();
    const { network } = this.#world;
    network.settings = { ...network.settings, loss: 0, duplication: 0, reordering: 0 };
    const healedMs = this.#world.nowMs();
    let equalSinceMs: number | undefined;
    // A verdict that was on its way may come after they were equal for a moment.
    for (let nowMs = healedMs; nowMs < healedMs + settleMs; nowMs = this.#world.nowMs()) {
      if (equalSinceMs !== undefined && nowMs >= equalSinceMs + STAYS_EQUAL_MS) break;
      yield* this.#pass('settling', nowMs + CONVERGENCE_STEP_MS);
      equalSinceMs = this.#isEqual() ? (equalSinceMs ?? this.#world.nowMs()) : undefined;
    }
    this.#convergenceMs = equalSinceMs && equalSinceMs - healedMs;
    this.#history.checkSettled();
    if (this.#convergenceMs === undefined) {
      this.#history.violated(`the nodes did not come to hold the same within ${settleMs} ms`);
    }
  }

  *#pass(phase: Phase, untilMs: number): Generator<boolean, void> {
    this.#phase = phase;
    while (this.#world.nowMs() < untilMs) {
      const stepMs = this.#steppedAtMs + STEP_MS;
      while (!this.#world.runUntil(Math.min(untilMs, stepMs), GO_COUNT)) yield false;
      if (this.#world.nowMs() < stepMs) continue;
      this.#steppedAtMs = stepMs;
      yield true;
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

  #progress(): number {
    if (this.#phase === 'joining') return 0;
    const { durationMs, settleMs } = this.scenario;
    const passedMs = this.#world.nowMs() - this.#runningSinceMs;
    return Math.min(1, passedMs / Math.max(1, durationMs + settleMs));
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

  #measure(): Measured {
    const { packets, bytes, bytesOf, packetsOf, entries, arrivals, fromMs } = this.#traffic;
    const seconds = Math.max(1e-3, (this.#world.nowMs() - fromMs) / 1000);
    const { nodes, seeds } = this.scenario;
    const ofOthers = (sums: Float64Array) =>
      nodes === seeds ? undefined : sum(sums.subarray(seeds)) / seconds / (nodes - seeds);
    return {
      undetected: this.#sightings.missed(),
      bytesPerNodePerSecond: bytes / seconds / nodes,
      packetsPerNodePerSecond: packets / seconds / nodes,
      bytesPerSecondMax: Math.max(...bytesOf) / seconds,
      seedBytesPerSecondMax: Math.max(...bytesOf.subarray(0, seeds)) / seconds,
      othersBytesPerSecond: ofOthers(bytesOf),
      othersPacketsPerSecond: ofOthers(packetsOf),
      copiesPerReceiver: arrivals === 0 ? undefined : entries / arrivals,
    };
  }
}

type Measured = Pick<
  Totals,
  | 'undetected'
  | 'bytesPerNodePerSecond'
  | 'packetsPerNodePerSecond'
  | 'bytesPerSecondMax'
  | 'seedBytesPerSecondMax'
  | 'othersBytesPerSecond'
  | 'othersPacketsPerSecond'
  | 'copiesPerReceiver'
>;

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
