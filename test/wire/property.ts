import * as fc from 'fast-check';

/** Runs a property that is not asynchronous; throws with the smallest counterexample. */
export function checkProperty<Inputs>(property: fc.IProperty<Inputs>, numRuns = 100): void {
  const details = fc.check(property, { numRuns });
  if (details.failed) throw new Error(fc.defaultReportMessage(details));
}
