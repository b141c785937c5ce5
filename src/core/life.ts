import type { Life, Status } from '../wire/packet.js';

/** The newest that is known about an owner's life. */
export interface Statement extends Life {
  incarnation: number;
  status: Status;
  /** When it died or left, in the core's time; 0 for a live one. */
  downAtMs: number;
}

/** Whether a generation or log id is newer; 0 if it is the same life. */
export function compareLives(a: Life, b: Life): number {
  return a.generation - b.generation || compareText(a.logId, b.logId);
}

/** The order of statements: life, incarnation, status. Positive: `a` wins. */
export function compareStatements(a: StatementRank, b: StatementRank): number {
  return compareLives(a, b) || a.incarnation - b.incarnation || a.status - b.status;
}

type StatementRank = Life & { incarnation: number; status: Status };

export function lifeOf({ owner, logId, generation }: Life): Life {
  return { owner, logId, generation };
}

/** A copy that does not change with the owner. */
export function statementOf({ incarnation, status, downAtMs, ...owner }: Statement): Statement {
  return { ...lifeOf(owner), incarnation, status, downAtMs };
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
