/** A node does not do what a rule says. */
export class CaseFailure extends Error {
  override readonly name = 'CaseFailure';

  /**
   * @param rule of docs/PROTOCOL.md, `9.3.3`.
   * @param expected what the rule wants, as the end of "expected".
   * @param seen what there was in its place.
   */
  constructor(
    readonly rule: string,
    readonly expected: string,
    readonly seen: string,
  ) {
    super(`rule ${rule}: expected ${expected}; seen: ${seen}`);
  }
}

/** @throws CaseFailure unless something holds. */
export function check(
  holds: boolean,
  rule: string,
  expected: string,
  seen: string | (() => string),
): asserts holds {
  if (!holds) throw new CaseFailure(rule, expected, typeof seen === 'string' ? seen : seen());
}

/** What is waited for, and by which rule. */
export interface Awaited {
  readonly rule: string;
  readonly expected: string;
  /** Default: 12,000 ms, which a busy machine may need. */
  readonly withinMs?: number;
}

/** How long something is waited for that must come. */
export const COMES_WITHIN_MS = 12_000;
