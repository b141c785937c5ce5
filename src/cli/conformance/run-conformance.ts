import { isFailure } from '../../conformance/run/result.js';
import { runConformance as run } from '../../conformance/run/run.js';
import { ExitCode } from '../exit.js';
import type { ConformanceOptions } from './conformance-options.js';

export async function runConformance(options: ConformanceOptions): Promise<ExitCode> {
  const report = await run({
    ...options,
    onResult: ({ id, outcome, failure, misbehaviour, durationMs }) =>
      process.stdout.write(
        `${outcome} ${id} ${Math.round(durationMs)} ${failure ? JSON.stringify(failure) : ''} ${misbehaviour ? JSON.stringify(misbehaviour) : ''}\n`,
      ),
  });
  for (const r of report.results) if (isFailure(r)) process.stdout.write(r.trace?.text() ?? '');
  for (const t of report.tested) if (t.misbehaviour) process.stdout.write(`${JSON.stringify(t)}\n`);
  return report.results.some(isFailure) ? ExitCode.failed : ExitCode.done;
}
