import type { Grade } from '../cases/case.js';
import { LEVELS, type Level } from '../control/protocol.js';
import type { CaseResult } from '../run/result.js';

/** How many cases of a level and a grade came out how. */
export interface Totals {
  readonly level: Level;
  readonly grade: Grade;
  passed: number;
  failed: number;
  misbehaved: number;
  /** Of those that failed or misbehaved: those that the list of known failures has. */
  known: number;
  unsupported: number;
}

/** MUST and SHOULD apart, at both levels. */
export function totalsOf(results: readonly CaseResult[]): Totals[] {
  const counts = { passed: 0, failed: 0, misbehaved: 0, known: 0, unsupported: 0 };
  const all = LEVELS.flatMap((level) =>
    (['MUST', 'SHOULD'] as const).map((grade): Totals => ({ level, grade, ...counts })),
  );
  for (const { level, grade, outcome, isKnown } of results) {
    const totals = all.find((each) => each.level === level && each.grade === grade);
    if (totals === undefined) continue;
    totals[outcome] += 1;
    if (isKnown && (outcome === 'failed' || outcome === 'misbehaved')) totals.known += 1;
  }
  return all;
}
