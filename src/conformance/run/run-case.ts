import type { ConformanceCase } from '../cases/case.js';
import { sectionOf } from '../cases/case.js';
import { CaseContext, type CaseHost, type Subject } from '../cases/context.js';
import { checkEveryPacket } from '../cases/every-packet.js';
import { NodeFault } from '../control/node-fault.js';
import { Mesh } from '../meshes/mesh.js';
import type { MeshCase } from '../meshes/mesh-case.js';
import { CaseFailure } from '../peer/case-failure.js';
import type { Trace } from '../peer/trace.js';
import type { Launcher } from './launcher.js';
import type { CaseResult } from './result.js';
import { levelOf } from './result.js';

/** A case that has run. */
export type Ran = Omit<CaseResult, 'isKnown' | 'implementation'>;

/** A case that takes longer does not end at all. */
const CASE_WITHIN_MS = 120_000;
const MESH_WITHIN_MS = 300_000;

type CaseFacts = Pick<CaseResult, 'id' | 'title' | 'section' | 'grade' | 'level' | 'features'>;
type Problem = Pick<Ran, 'outcome' | 'failure' | 'misbehaviour'>;

/** What a result says of its case. */
export function factsOf(given: ConformanceCase): CaseFacts {
  const { id, title, grade, features } = given;
  return { id, title, section: sectionOf(id), grade, level: levelOf(features), features };
}

/**
 * Runs a case.
 *
 * @param meet gives the node: starts it, or tells where it is.
 */
export async function runCase(
  given: ConformanceCase,
  host: CaseHost,
  meet: () => Promise<Subject>,
  withinMs = CASE_WITHIN_MS,
): Promise<Ran> {
  const beganMs = performance.now();
  const facts = factsOf(given);
  let context: CaseContext | undefined;
  let problem: Problem = { outcome: 'passed' };
  try {
    const subject = await meet();
    context = new CaseContext(host, subject);
    await withinTime(given.run(context), facts.section, withinMs);
    checkEveryPacket(context.links);
    if (subject.control?.fault !== undefined) throw subject.control.fault;
  } catch (error) {
    problem = problemOf(deeper(error, context), facts.section);
    host.trace.note(problemText(problem));
  } finally {
    context?.close();
  }
  return { ...facts, ...problem, durationMs: performance.now() - beganMs, trace: host.trace };
}

/** What a result says of a case of a mesh. */
export function meshFactsOf({ id, title, section, grade, features }: MeshCase): CaseFacts {
  return { id, title, section, grade, level: levelOf(features), features };
}

/** Runs a case of a mesh; its implementations take turns. */
export async function runMeshCase(
  given: MeshCase,
  launchers: readonly Launcher[],
  trace: Trace,
  withinMs = MESH_WITHIN_MS,
): Promise<Ran> {
  const beganMs = performance.now();
  const mesh = new Mesh(launchers, given.size, trace, given.start);
  let problem: Problem = { outcome: 'passed' };
  try {
    const run = async () => {
      await mesh.open();
      await given.run(mesh);
    };
    await withinTime(run(), given.section, withinMs);
  } catch (error) {
    problem = problemOf(error, given.section);
    trace.note(problemText(problem));
  } finally {
    mesh.close();
  }
  return { ...meshFactsOf(given), ...problem, durationMs: performance.now() - beganMs, trace };
}

/** What was waited for may not have come because packets are wrong: then that is the failure. */
function deeper(error: unknown, context: CaseContext | undefined): unknown {
  if (!(error instanceof CaseFailure) || context === undefined) return error;
  try {
    checkEveryPacket(context.links);
    return error;
  } catch (found) {
    return found;
  }
}

/** What a thrown error says of the node. */
function problemOf(error: unknown, section: string): Problem {
  if (error instanceof NodeFault) {
    const { kind, detail, stderr } = error;
    return { outcome: 'misbehaved', misbehaviour: { kind, detail, stderr } };
  }
  if (error instanceof CaseFailure) {
    const { rule, expected, seen } = error;
    return { outcome: 'failed', failure: { rule, expected, seen } };
  }
  const seen = `the runner has failed itself: ${error instanceof Error ? error.stack : error}`;
  return { outcome: 'failed', failure: { rule: section, expected: 'the case to run', seen } };
}

function problemText({ failure, misbehaviour }: Problem): string {
  if (misbehaviour !== undefined) return `the node ${misbehaviour.kind}: ${misbehaviour.detail}`;
  return `rule ${failure?.rule}: expected ${failure?.expected}; seen: ${failure?.seen}`;
}

async function withinTime(run: Promise<void>, section: string, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const expected = 'the case to come to an end';
    const failure = new CaseFailure(section, expected, `it ran for ${withinMs} ms`);
    timer = setTimeout(() => reject(failure), withinMs);
  });
  try {
    await Promise.race([run, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
