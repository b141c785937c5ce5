/** Runs a mutant by the case that names its rule, and judges whether it was caught. */
import { fileURLToPath } from 'node:url';
import type { ConformanceCase } from '../../src/conformance/cases/case.js';
import { ControlledNode } from '../../src/conformance/control/controlled-node.js';
import type { Implementation } from '../../src/conformance/control/implementation.js';
import type { Feature } from '../../src/conformance/control/protocol.js';
import { Trace } from '../../src/conformance/peer/trace.js';
import { Launcher, sayHello } from '../../src/conformance/run/launcher.js';
import { type Ran, runCase } from '../../src/conformance/run/run-case.js';
import type { Mutant } from './mutant.js';

const NODE = fileURLToPath(new URL('./node.js', import.meta.url));
/** A case that takes longer waits for something that never comes: no rule says so. */
const CAUGHT_WITHIN_MS = 40_000;

/** A busy machine takes its time to start a node; what crashes or hangs does so all the same. */
const PATIENCE = { answerWithinMs: 30_000 };

/** What became of a case at a node, and what is wrong with that; undefined: nothing. */
export interface Verdict {
  readonly ran: Ran;
  readonly wrong: string | undefined;
}

/** The node of a mutant; `none` is the node as it is. */
export function implementationOf(id: string): Implementation {
  return { name: id, command: [process.execPath, NODE, id] };
}

/** What the node declares. */
export async function featuresOf(id: string): Promise<ReadonlySet<Feature>> {
  const node = new ControlledNode(implementationOf(id), PATIENCE);
  try {
    return new Set((await sayHello(node)).features);
  } finally {
    node.kill();
  }
}

/** The node as it is passes a case. */
export async function pass(
  given: ConformanceCase,
  features: ReadonlySet<Feature>,
): Promise<Verdict> {
  const ran = await runAt('none', given, features);
  return { ran, wrong: ran.outcome === 'passed' ? undefined : `it does not pass: ${whyOf(ran)}` };
}

/** Whether a mutant is a node that can be driven: whatever it fails, it neither crashes nor hangs. */
export async function behave(
  { id }: Mutant,
  given: ConformanceCase,
  features: ReadonlySet<Feature>,
): Promise<Verdict> {
  const ran = await runAt(id, given, features);
  return { ran, wrong: ran.outcome === 'misbehaved' ? `it misbehaves: ${whyOf(ran)}` : undefined };
}

/** A mutant fails its case by the rule that it breaks, and in no other way. */
export async function fail(
  mutant: Mutant,
  given: ConformanceCase,
  features: ReadonlySet<Feature>,
): Promise<Verdict> {
  const ran = await runAt(mutant.id, given, features);
  const { outcome, failure, durationMs } = ran;
  const { section, failsBy = section } = mutant;
  const isByRule = outcome === 'failed' && failure?.rule === failsBy;
  const isCaught = isByRule && durationMs < CAUGHT_WITHIN_MS;
  return { ran, wrong: isCaught ? undefined : `it is not caught by ${failsBy}: ${whyOf(ran)}` };
}

async function runAt(
  id: string,
  given: ConformanceCase,
  features: ReadonlySet<Feature>,
): Promise<Ran> {
  const launcher = new Launcher(implementationOf(id), features, new Trace(), PATIENCE);
  try {
    return await runCase(given, launcher, () => launcher.start(given.start));
  } finally {
    launcher.kill();
  }
}

function whyOf({ outcome, failure, misbehaviour, durationMs }: Ran): string {
  if (misbehaviour !== undefined) {
    return `it ${misbehaviour.kind}: ${misbehaviour.detail}\n${misbehaviour.stderr}`;
  }
  const took = `${outcome} after ${Math.round(durationMs)} ms`;
  if (failure === undefined) return took;
  return `${took}: ${failure.rule}: expected ${failure.expected}; seen: ${failure.seen}`;
}
