import { cryptoReady } from '../../crypto/secretbox.js';
import { CASES } from '../cases/all.js';
import type { ConformanceCase } from '../cases/case.js';
import type { Subject } from '../cases/context.js';
import { ControlledNode, type Patience } from '../control/controlled-node.js';
import type { Implementation } from '../control/implementation.js';
import { NodeFault } from '../control/node-fault.js';
import type { Feature, Hello } from '../control/protocol.js';
import { MESH_CASES } from '../meshes/all.js';
import type { MeshCase } from '../meshes/mesh-case.js';
import { Trace } from '../peer/trace.js';
import { type Attached, type Met, meet } from './attached.js';
import type { KnownFailures } from './known-failures.js';
import { Launcher, sayHello } from './launcher.js';
import { type Job, runJobs } from './pool.js';
import type { CaseResult, Misbehaviour } from './result.js';
import { factsOf, meshFactsOf, type Ran, runCase, runMeshCase } from './run-case.js';
import { type Selection, select } from './selection.js';

/** What is to be run, and how. */
export interface RunOptions {
  readonly implementations: readonly Implementation[];
  readonly attached?: Attached | undefined;
  readonly selection: Selection;
  /** Meshes of several nodes too. */
  readonly meshes: boolean;
  readonly known: KnownFailures;
  /** Cases at once. */
  readonly jobs: number;
  readonly patience?: Patience;
  /** The nodes of the first case that fails stay; nothing is run after it. */
  readonly debug?: boolean;
  readonly onResult?: (result: CaseResult, ran: number, of: number) => void;
}

/** An implementation that was run. */
export interface Tested {
  readonly name: string;
  /** Absent: it was attached to, or did not even say hello. */
  readonly hello?: Hello;
  /** Why nothing was run. */
  readonly misbehaviour?: Misbehaviour;
}

/** A node that was left running. */
export interface Left {
  readonly node: ControlledNode;
  readonly subject: Subject | undefined;
}

/** What came of a run. */
export interface RunReport {
  readonly tested: readonly Tested[];
  readonly results: readonly CaseResult[];
  /** Entries of the list of known failures that are stale. */
  readonly stale: readonly string[];
  readonly left: readonly Left[];
}

/** A mesh of 9 keeps a processor busy. */
const LARGE_MESH = 9;
const LARGE_MESH_WEIGHT = 2;

/** Runs the selected cases. @throws TelepathineError INVALID_ARGUMENT if none is selected. */
export async function runConformance(options: RunOptions): Promise<RunReport> {
  const isAttached = options.attached !== undefined;
  const network = isAttached ? CASES.filter(({ attachable }) => attachable) : CASES;
  const all = [...network, ...(options.meshes && !isAttached ? MESH_CASES : [])];
  const selected = new Set(select<ConformanceCase | MeshCase>(all, options.selection));
  await cryptoReady();
  return new Run(
    options,
    network.filter((each) => selected.has(each)),
    MESH_CASES.filter((each) => selected.has(each)),
  ).run();
}

/** Cases that one node, or several of its kind, are tested by. */
export const NETWORK_CASES = CASES;

interface Ready {
  readonly implementation: Implementation;
  readonly features: ReadonlySet<Feature>;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

class Run {
  readonly #results: CaseResult[] = [];
  readonly #left: Left[] = [];
  #total = 0;

  constructor(
    private readonly options: RunOptions,
    private readonly cases: readonly ConformanceCase[],
    private readonly meshes: readonly MeshCase[],
  ) {}

  async run(): Promise<RunReport> {
    const { implementations, attached, jobs, debug, known } = this.options;
    const tested = await Promise.all(implementations.map((each) => this.#ask(each)));
    const ready = tested.flatMap(({ hello }, index): Ready[] => {
      const implementation = implementations[index];
      if (hello === undefined || implementation === undefined) return [];
      return [{ implementation, features: new Set(hello.features) }];
    });
    const met = attached === undefined ? undefined : await meet(attached);
    // The meshes wait most of their time: begun first, they end with the rest.
    const all = [
      ...(ready.length > 0 ? groupsOf(ready).flatMap((group) => this.#meshJobsOf(group)) : []),
      ...ready.flatMap((each) => this.#jobsOf(each)),
      ...(met === undefined || 'misbehaviour' in met ? [] : this.#jobsAt(met)),
    ];
    this.#total = all.length;
    await runJobs(all, debug || attached !== undefined ? 1 : jobs);
    const ran = this.#results.map(({ implementation, id, outcome }) => {
      return { implementation, id, hasFailed: outcome === 'failed' || outcome === 'misbehaved' };
    });
    const ids = new Set([...CASES, ...MESH_CASES].map(({ id }) => id));
    const named = met === undefined ? tested : [...tested, testedOf(met)];
    const order = [...CASES, ...MESH_CASES].map(({ id }) => id);
    const results = this.#results.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
    return { tested: named, results, stale: known.stale(ran, ids), left: this.#left };
  }

  /** Who stands at a breakpoint has not failed. */
  get #withinMs(): number | undefined {
    return this.options.debug ? LONGEST_TIMER_MS : undefined;
  }

  /** What an implementation says of itself. */
  async #ask(implementation: Implementation): Promise<Tested> {
    const { name } = implementation;
    const node = new ControlledNode(implementation, this.options.patience);
    try {
      return { name, hello: await sayHello(node) };
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      const { kind, detail, stderr } = error;
      return { name, misbehaviour: { kind, detail, stderr } };
    } finally {
      node.kill();
    }
  }

  #jobsOf({ implementation, features }: Ready): Job[] {
    return this.cases.map((given) => ({
      weight: 1,
      run: async () => {
        const missing = missingOf(given.features, features);
        if (missing.length > 0) {
          return this.#unsupported(implementation.name, factsOf(given), missing);
        }
        if (this.#left.length > 0) return;
        const launcher = new Launcher(implementation, features, new Trace(), this.options.patience);
        const start = () => launcher.start(given.start);
        const ran = await runCase(given, launcher, start, this.#withinMs);
        this.#end(implementation.name, ran, [launcher]);
      },
    }));
  }

  #meshJobsOf(group: readonly Ready[]): Job[] {
    const name = group.map(({ implementation }) => implementation.name).join('+');
    return this.meshes.map((given) => ({
      weight: given.size >= LARGE_MESH ? LARGE_MESH_WEIGHT : 1,
      run: async () => {
        const missing = group.flatMap(({ features }) => missingOf(given.features, features));
        if (missing.length > 0) return this.#unsupported(name, meshFactsOf(given), missing);
        if (this.#left.length > 0) return;
        const trace = new Trace();
        const launchers = group.map(
          ({ implementation, features }) =>
            new Launcher(implementation, features, trace, this.options.patience),
        );
        const ran = await runMeshCase(given, launchers, trace, this.#withinMs);
        this.#end(name, ran, launchers);
      },
    }));
  }

  /** Ends the nodes of a case, but those that somebody wants to look into. */
  #end(implementation: string, ran: Ran, launchers: readonly Launcher[]): void {
    const isKnown = this.options.known.has(implementation, ran.id);
    if (ran.outcome !== 'passed' && !isKnown && this.options.debug) {
      for (const { nodes, subjects } of launchers) {
        const live = nodes.filter(({ fault }) => fault === undefined);
        for (const node of live) {
          this.#left.push({ node, subject: subjects.find(({ control }) => control === node) });
        }
      }
    } else for (const launcher of launchers) launcher.kill();
    this.#add(implementation, ran);
  }

  #jobsAt({ features, ...attached }: Met): Job[] {
    return this.cases.map((given) => ({
      weight: 1,
      run: async () => {
        const missing = missingOf(given.features, features);
        if (missing.length > 0) return this.#unsupported(attached.name, factsOf(given), missing);
        const trace = new Trace();
        trace.knows(attached.keyring?.keys ?? []);
        const launcher = new Launcher({ name: attached.name, command: [] }, features, trace);
        const start = { ...given.start } as Subject['start'];
        const ran = await runCase(given, launcher, async () => ({ ...attached, start }));
        this.#add(attached.name, ran);
      },
    }));
  }

  #unsupported(
    implementation: string,
    facts: ReturnType<typeof factsOf>,
    missing: readonly Feature[],
  ): void {
    const outcome = 'unsupported' as const;
    this.#add(implementation, { ...facts, outcome, missing: [...new Set(missing)], durationMs: 0 });
  }

  #add(implementation: string, ran: Ran): void {
    const isKnown = this.options.known.has(implementation, ran.id);
    const result = { ...ran, implementation, isKnown };
    this.#results.push(result);
    this.options.onResult?.(result, this.#results.length, this.#total);
  }
}

/** Who meets whom: each its own kind, each with each other, and of more than two all together. */
function groupsOf(ready: readonly Ready[]): Ready[][] {
  const alone = ready.map((one) => [one]);
  const pairs = ready.flatMap((one, index) => ready.slice(index + 1).map((other) => [one, other]));
  const together = ready.length > 2 ? [[...ready]] : [];
  return [...alone, ...pairs, ...together];
}

function testedOf(met: Met | Tested): Tested {
  return 'misbehaviour' in met ? met : { name: met.name };
}

function missingOf(needed: readonly Feature[], features: ReadonlySet<Feature>): Feature[] {
  return needed.filter((feature) => !features.has(feature));
}
