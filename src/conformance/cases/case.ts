import type { Feature, StartFields } from '../control/protocol.js';
import type { CaseContext } from './context.js';

/** How a rule binds: RFC 2119. */
export type Grade = 'MUST' | 'SHOULD';

/** A rule of docs/PROTOCOL.md, as the network shows whether a node keeps it. */
export interface ConformanceCase {
  /** The rule and a word: never used for another case. */
  readonly id: string;
  /** What it tests, as a sentence. */
  readonly title: string;
  readonly grade: Grade;
  /** Without them the case says nothing about a node. */
  readonly features: readonly Feature[];
  /** What is different about the node's start. */
  readonly start: Partial<StartFields>;
  /** A node that somebody else has started can be tested so too. */
  readonly attachable: boolean;
  readonly run: (t: CaseContext) => Promise<void>;
}

/** What a case may leave out. */
export interface CaseSettings {
  /** Default: MUST. */
  readonly grade?: Grade;
  readonly features?: readonly Feature[];
  readonly start?: Partial<StartFields>;
  /** Default: false: it drives the node. */
  readonly attachable?: boolean;
}

/** The rule that a case's id names: `9.3.3-gap` is of 9.3.3. */
export function sectionOf(id: string): string {
  return id.split('-', 1)[0] as string;
}

/** A case that runs as it is written. */
export function conformanceCase(
  id: string,
  title: string,
  run: (t: CaseContext) => Promise<void>,
  settings: CaseSettings = {},
): ConformanceCase {
  const { grade = 'MUST', features = [], start = {}, attachable = false } = settings;
  return { id, title, grade, features, start, attachable, run };
}

/** What a node must not believe. */
export interface Harm<Scene> {
  /** What has to be so before. */
  readonly prepare: (t: CaseContext) => Promise<Scene>;
  /** Sends what is to be refused, and sees that it was taken note of. */
  readonly attack: (t: CaseContext, scene: Scene) => Promise<void>;
  /** The reason of appendix B, for nodes that tell their counts. */
  readonly reason?: string;
}

/**
 * A negative case: after it a fresh friend must be answered, and what the node shows, to others and to
 * its own application, must be what it was before.
 */
export function refusalCase<Scene>(
  id: string,
  title: string,
  { prepare, attack, reason }: Harm<Scene>,
  settings: CaseSettings = {},
): ConformanceCase {
  const run = async (t: CaseContext) => {
    const scene = await prepare(t);
    await t.unharmed(sectionOf(id), () => attack(t, scene), reason);
  };
  return conformanceCase(id, title, run, { attachable: true, ...settings });
}
