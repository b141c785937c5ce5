import { cryptoReady } from '../../crypto/secretbox.js';
import { CASES } from '../cases/all.js';
import type { ConformanceCase } from '../cases/case.js';
import type { Subject } from '../cases/context.js';
import { ControlledNode, type Patience } from '../control/controlled-node.js';
import type { Implementation } from '../control/implementation.js';
import { NodeFault } from '../control/node-fault.js';
import type { Feature, Hello } from '../control/protocol.js';
import { Trace } from '../peer/trace.js';
import type { KnownFailures } from './known-failures.js';
import { Launcher, sayHello } from './launcher.js';
import { type Job, runJobs } from './pool.js';
import type { CaseResult, Misbehaviour } from './result.js';
import { factsOf, type Ran, runCase } from './run-case.js';
import { type Selection, select } from './selection.js';

/** A node that somebody else has started. */
export type Attached = Pick<Subject, 'name' | 'address' | 'keyring' | 'cluster'>;

/** What is to be run, and how. */
export interface RunOptions {
  readonly implementations: readonly Implementation[];
  readonly attached?: Attached | undefined;
  readonly selection: Selection;
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

/** What came of a run. */
export interface RunReport {
  readonly tested: readonly Tested[];
  readonly results: readonly CaseResult[];
  /** Entries of the list of known failures that are stale. */
  readonly stale: readonly string[];
  /** Nodes that were left running. */
  readonly left: readonly ControlledNode[];
}

/** Runs the selected cases. @throws TelepathineError INVALID_ARGUMENT if none is selected. */
export async function runConformance(options: RunOptions): Promise<RunReport> {
  const cases = select(CASES, options.selection);
  await cryptoReady();
  return new Run(options, cases).run();
}

class Run {
  readonly #results: CaseResult[] = [];
  readonly #left: ControlledNode[] = [];
  #total = 0;

  constructor(
    private readonly options: RunOptions,
    private readonly cases: readonly ConformanceCase[],
  ) {}

  async run(): Promise<RunReport> {
    const { implementations, attached, jobs, debug } = this.options;
    const tested = await Promise.all(implementations.map((each) => this.#ask(each)));
    const all = [
      ...tested.flatMap(({ hello }, index) =>
        hello === undefined ? [] : this.#jobsOf(implementations[index]!, hello),
      ),
      ...(attached === undefined ? [] : this.#jobsAt(attached)),
    ];
    this.#total = all.length;
    await runJobs(all, debug || attached !== undefined ? 1 : jobs);
    const ran = this.#results.map(({ implementation, id, outcome }) => {
      return { implementation, id, hasFailed: outcome === 'failed' || outcome === 'misbehaved' };
    });
    const stale = this.options.known.stale(ran, new Set(CASES.map(({ id }) => id)));
    const named = attached === undefined ? tested : [...tested, { name: attached.name }];
    return { tested: named, results: this.#results, stale, left: this.#left };
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

  #jobsOf(implementation: Implementation, hello: Hello): Job[] {
    const features = new Set(hello.features);
    return this.cases.map((given) => ({
      weight: 1,
      run: () => this.#runOne(implementation, features, given),
    }));
  }

  async #runOne(
    implementation: Implementation,
    features: ReadonlySet<Feature>,
    given: ConformanceCase,
  ): Promise<void> {
    const missing = missingOf(given.features, features);
    if (missing.length > 0) return this.#unsupported(implementation.name, given, missing);
    if (this.#left.length > 0) return;
    const trace = new Trace();
    const launcher = new Launcher(implementation, features, trace, this.options.patience);
    const ran = await runCase(given, launcher, () => launcher.start(given.start));
    const hasFailed = ran.outcome !== 'passed';
    if (hasFailed && this.options.debug) this.#left.push(...launcher.nodes);
    else launcher.kill();
    this.#add(implementation.name, ran);
  }

  #jobsAt(attached: Attached): Job[] {
    // What is not there to be tested shows itself: the node cannot be asked for it.
    const features = new Set<Feature>(['udp', 'tcp', attached.keyring ? 'sealed' : 'public']);
    const cases = this.cases.filter(({ attachable }) => attachable);
    return cases.map((given) => ({
      weight: 1,
      run: async () => {
        const missing = missingOf(given.features, features);
        if (missing.length > 0) return this.#unsupported(attached.name, given, missing);
        const trace = new Trace();
        trace.knows(attached.keyring?.keys ?? []);
        const launcher = new Launcher({ name: attached.name, command: [] }, features, trace);
        const start = { ...given.start } as Subject['start'];
        this.#add(
          attached.name,
          await runCase(given, launcher, async () => ({ ...attached, start })),
        );
      },
    }));
  }

  #unsupported(implementation: string, given: ConformanceCase, missing: Feature[]): void {
    const outcome = 'unsupported' as const;
    this.#add(implementation, { ...factsOf(given), outcome, missing, durationMs: 0 });
  }

  #add(implementation: string, ran: Ran): void {
    const isKnown = this.options.known.has(implementation, ran.id);
    const result = { ...ran, implementation, isKnown };
    this.#results.push(result);
    this.options.onResult?.(result, this.#results.length, this.#total);
  }
}

function missingOf(needed: readonly Feature[], features: ReadonlySet<Feature>): Feature[] {
  return needed.filter((feature) => !features.has(feature));
}
