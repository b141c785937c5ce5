/**
 * The evaluation: `npm run evaluate`, with the options that `--help` tells. Each run is kept in
 * `bench/results/evaluation.json` as soon as it is over, and the tables of docs/EVALUATION.md are
 * written from there.
 */
import { parseArgs } from 'node:util';
import { listed, readArguments } from '../../test/support/arguments.js';
import { keepRun } from './kept.js';
import { type Row, TABLE_NAMES } from './row.js';
import { ROWS } from './rows.js';
import { runRow } from './run.js';
import { PLACES, writeDocument } from './write.js';

const USAGE = `usage: npm run evaluate -- [options]

  --only NAME,...  some rows, tables, or scenarios at all their sizes
  --quick          of few nodes, with one seed
  --jobs N         so many at once, 1 by default; they share the memory
  --list           only prints the tables and rows
  --write          only writes the tables from the runs that are kept
  --results FILE   where runs are kept: ${PLACES.results}
  --document FILE  where the tables are: ${PLACES.document}

tables:
${listed(TABLE_NAMES)}`;

const { given, chosen, jobs } = readArguments(USAGE, read);
if (given.list) for (const { name, table } of chosen) process.stdout.write(`${table} ${name}\n`);
else if (!given.write) await runAll(chosen);
if (!given.list) writeDocument(given);

/** What is to be run, and how. */
function read() {
  const { values: given } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '1' },
      list: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      results: { type: 'string', default: PLACES.results },
      document: { type: 'string', default: PLACES.document },
    },
  });
  const jobs = Number(given.jobs);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new Error(`--jobs takes a number, not '${given.jobs}'`);
  return { given, jobs, chosen: chosenRows(given.only?.split(','), given.quick) };
}

/** Runs so many at once; what fails is told, and the others go on. */
async function runAll(rows: readonly Row[]): Promise<void> {
  const seedsOf = ({ seeds }: Row) => (given.quick ? seeds.slice(0, 1) : seeds);
  const waiting = rows.flatMap((row) => seedsOf(row).map((seed) => ({ row, seed })));
  const total = waiting.length;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { row, seed } = next;
      const number = total - waiting.length;
      process.stderr.write(`${number} of ${total}: ${row.name}, seed ${seed}\n`);
      await runOne(row, seed);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

async function runOne(row: Row, seed: number): Promise<void> {
  try {
    const run = await runRow(row, seed, jobs);
    keepRun(
      given.results,
      run,
      ROWS.map(({ name }) => name),
    );
    writeDocument(given);
    const { measured, met } = row.judge([run.output]);
    process.stdout.write(`${met ? 'met ' : 'MISS'} ${row.name} (${row.target}): ${measured}\n`);
  } catch (error) {
    process.stderr.write(`${row.name}, seed ${seed}: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

/** A name is that of a row, of a table, or of a scenario at all its sizes. */
function chosenRows(names: readonly string[] | undefined, quick: boolean): Row[] {
  const isNamed = ({ name, table }: Row, given: string) =>
    name === given || table === given || name.replace(/-\d+$/, '') === given;
  for (const name of names ?? []) {
    if (ROWS.some((row) => isNamed(row, name))) continue;
    throw new Error(`--only: there is no ${name}; --list has the names`);
  }
  return ROWS.filter(
    (row) =>
      (names === undefined || names.some((name) => isNamed(row, name))) && (row.quick || !quick),
  );
}
