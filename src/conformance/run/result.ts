import type { Grade } from '../cases/case.js';
import type { NodeFaultKind } from '../control/node-fault.js';
import { type Feature, FULL_FEATURES, type Level } from '../control/protocol.js';
import type { Trace } from '../peer/trace.js';

/** What came of a case. */
export type Outcome =
  /** The node keeps the rule. */
  | 'passed'
  | 'failed'
  /** The node, or one of them, did not keep to the control protocol. */
  | 'misbehaved'
  /** It has not declared what the case needs. */
  | 'unsupported';

/** Why a case has failed. */
export interface Failure {
  readonly rule: string;
  readonly expected: string;
  readonly seen: string;
}

/** How a node has misbehaved. */
export interface Misbehaviour {
  readonly kind: NodeFaultKind;
  readonly detail: string;
  readonly stderr: string;
}

/** A case at an implementation, or at several in one mesh: `go+rust`. */
export interface CaseResult {
  readonly implementation: string;
  readonly id: string;
  readonly title: string;
  readonly section: string;
  readonly grade: Grade;
  readonly level: Level;
  readonly features: readonly Feature[];
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly failure?: Failure;
  readonly misbehaviour?: Misbehaviour;
  /** Of an unsupported case: what the node has not declared. */
  readonly missing?: readonly Feature[];
  /** The list of known failures has it. */
  readonly isKnown: boolean;
  /** Absent: nothing was run. */
  readonly trace?: Trace;
}

/** A case is of the full level if it needs what only a full peer does. */
export function levelOf(features: readonly Feature[]): Level {
  return features.some((feature) => FULL_FEATURES.includes(feature)) ? 'full' : 'basic';
}

/** Whether a result makes the run fail. */
export function isFailure({ outcome, isKnown }: CaseResult): boolean {
  return (outcome === 'failed' || outcome === 'misbehaved') && !isKnown;
}
