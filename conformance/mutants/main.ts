/**
 * `npm run mutants`: shows that the suite can fail. The node as it is passes every case that catches a
 * mutant; each mutant fails its case, by the rule that it breaks, and neither crashes nor hangs, in
 * others either.
 */
import { parseArgs } from 'node:util';
import { CASES } from '../../src/conformance/cases/all.js';
import type { ConformanceCase } from '../../src/conformance/cases/case.js';
import { type Job, runJobs } from '../../src/conformance/run/pool.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import { listed, readArguments } from '../../test/support/arguments.js';
import { behave, fail, featuresOf, pass, type Verdict } from './catch.js';
import type { Mutant } from './mutant.js';
import { MUTANTS } from './mutants.js';

/** Each mutant runs these too, and may fail them. */
const OTHERS = ['3.1.1-many-in-one-chunk', '9.3.1-staged-not-shown'];
/** Most of them wait for packets most of the time. */
const JOBS = 4;

const USAGE = `usage: npm run mutants -- [--only ID]... [--jobs N]

  --only ID  one of the mutants; may be repeated
  --jobs N   so many nodes at once: ${JOBS}

mutants:
${listed(MUTANTS.map(({ id }) => id))}`;

const { chosen, jobs } = readArguments(USAGE, read);
const beganMs = performance.now();
await cryptoReady();
const features = await featuresOf('none');
const cases = new Map(CASES.map((each) => [each.id, each]));
let wrong = 0;
await runJobs([...passes(), ...catches()], jobs);
const seconds = Math.round((performance.now() - beganMs) / 1000);
process.stdout.write(`${chosen.length} mutants, ${wrong} not right, in ${seconds} s\n`);
process.exitCode = wrong === 0 ? 0 : 1;

function read(): { chosen: readonly Mutant[]; jobs: number } {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      jobs: { type: 'string', default: `${JOBS}` },
    },
  });
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new Error(`--jobs takes a number from 1, not '${values.jobs}'`);
  const wrong = values.only?.find((id) => !MUTANTS.some((mutant) => mutant.id === id));
  if (wrong !== undefined) throw new Error(`--only: there is no mutant '${wrong}'`);
  return { jobs, chosen: MUTANTS.filter(({ id }) => values.only?.includes(id) ?? true) };
}

/** The node without mutation passes the same cases. */
function passes(): Job[] {
  const ids = new Set([...OTHERS, ...chosen.map(({ caughtBy }) => caughtBy)]);
  return [...ids].map((id) => jobOf(`node as it is, ${id}`, () => pass(caseOf(id), features)));
}

function catches(): Job[] {
  return chosen.map((mutant: Mutant) =>
    jobOf(`${mutant.id}, ${mutant.caughtBy}`, async () => {
      const caught = await fail(mutant, caseOf(mutant.caughtBy), features);
      for (const id of OTHERS.filter((each) => each !== mutant.caughtBy)) {
        const other = await behave(mutant, caseOf(id), features);
        if (other.wrong !== undefined) return other;
      }
      return caught;
    }),
  );
}

function jobOf(name: string, run: () => Promise<Verdict>): Job {
  return {
    weight: 1,
    run: async () => {
      const verdict = await run();
      const { failure, durationMs } = verdict.ran;
      const ms = Math.round(durationMs);
      if (verdict.wrong === undefined) {
        const by = failure === undefined ? '' : `: ${failure.rule}, seen: ${failure.seen}`;
        process.stdout.write(`ok     ${name}, ${ms} ms${by}\n`);
      } else {
        wrong += 1;
        process.stdout.write(
          `wrong  ${name}: ${verdict.wrong}\n${verdict.ran.trace?.text() ?? ''}`,
        );
      }
    },
  };
}

function caseOf(id: string): ConformanceCase {
  const found = cases.get(id);
  if (found === undefined) throw new Error(`there is no case ${id}`);
  return found;
}
