import { PROTOCOL_VERSION } from '../../wire/limits.js';
import type { CaseResult } from '../run/result.js';
import type { RunReport } from '../run/run.js';
import { totalsOf } from './totals.js';

/** The version of the report's form; conformance/schema/report.schema.json has it. */
export const REPORT_SCHEMA = 1;

/**
 * A run as JSON.
 *
 * @param traces the folder of each result's trace, as it is to be told.
 */
export function jsonReport(
  { tested, results, stale }: RunReport,
  version: string,
  traceOf: (result: CaseResult) => string | undefined,
): string {
  const report = {
    schema: REPORT_SCHEMA,
    runner: version,
    protocol: PROTOCOL_VERSION,
    tested,
    totals: totalsOf(results),
    stale,
    results: results.map((result) => {
      const { trace: _, isKnown, durationMs, ...rest } = result;
      const trace = traceOf(result);
      return {
        ...rest,
        known: isKnown,
        durationMs: Math.round(durationMs),
        ...(trace === undefined ? {} : { trace }),
      };
    }),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
