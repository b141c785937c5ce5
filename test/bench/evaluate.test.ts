import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type Compared, tableOf, withTables } from '../../bench/evaluate/document.js';
import { keepRun, type Run, readRuns } from '../../bench/evaluate/kept.js';
import { reconcile } from '../../bench/evaluate/reconcile.js';
import type { Output, Row } from '../../bench/evaluate/row.js';
import { ROWS } from '../../bench/evaluate/rows.js';
import { PLACES, written } from '../../bench/evaluate/write.js';

const run = promisify(execFile);
const PROGRAM = 'dist/bench/evaluate/main.js';
/** Of each kind a small one: some seconds each. */
const SMALL = ['crash-one-3', 'crash-half-3', 'constant-cost-10', 'reconcile-1'];

test('the tables of docs/EVALUATION.md are those of the runs that are kept', (t) => {
  t.is(written(PLACES), readFileSync(PLACES.document, 'utf8'));
});

test('every run that is kept is of a row and a seed of it, once', (t) => {
  const seen = new Set<string>();
  for (const { row, seed } of readRuns(PLACES.results)) {
    t.true(ROWS.find(({ name }) => name === row)?.seeds.includes(seed), `${row}, seed ${seed}`);
    t.false(seen.has(`${row} ${seed}`));
    seen.add(`${row} ${seed}`);
  }
  t.is(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
});

test.serial('small rows meet their targets, and replace nothing but themselves', async (t) => {
  const places = temporary(t);
  const order = ROWS.map(({ name }) => name);
  const other = runOf('mass-start-100', { joinMs: 1234, violations: 0, complete: true });
  keepRun(places.results, other, order);
  keepRun(places.results, runOf('crash-one-3', { violations: 7 }), order);
  const args = ['--quick', '--only', SMALL.join(',')];
  const files = ['--results', places.results, '--document', places.document];
  const { stdout } = await run(process.execPath, [PROGRAM, ...args, ...files]);
  const lines = stdout.trim().split('\n');
  t.is(lines.length, SMALL.length);
  for (const line of lines) t.true(line.startsWith('met '), line);
  const runs = readRuns(places.results);
  t.deepEqual(runs.map(({ row }) => row).sort(), [...SMALL, 'mass-start-100'].sort());
  t.deepEqual(
    runs.find(({ row }) => row === other.row),
    other,
  );
  t.is(runs.find(({ row }) => row === 'crash-one-3')?.output['violations'], 0);
  const document = readFileSync(places.document, 'utf8');
  t.regex(document, /\| All start at once.*, 100 nodes \|.*\| after 1\.23 s \| yes \|/);
  t.regex(document, /\| One crashes, 3 nodes \|.*p50 .* \| yes \| 1 of 10 seeds, /);
});

test('a name that does not exist is told, and nothing is run', async (t) => {
  const failed = run(process.execPath, [PROGRAM, '--only', 'crash-none']);
  const { stderr } = (await t.throwsAsync(failed)) as Error & { stderr: string };
  t.regex(stderr, /there is no crash-none; --list has the names/);
});

const MEASURED: Readonly<Record<string, { good: Output; bad: Output[] }>> = {
  'crash-one-200': {
    good: { allKnowMs: spread(4000), undetected: 0, falseStops: 0 },
    bad: [
      { allKnowMs: spread(5001), undetected: 0, falseStops: 0 },
      { allKnowMs: spread(4000), undetected: 1, falseStops: 0 },
      { allKnowMs: null, undetected: 0, falseStops: 0 },
    ],
  },
  'loss-30-joined-1000': {
    good: { falseStops: 0, faultyStops: 0 },
    bad: [{ falseStops: 1, faultyStops: 0 }],
  },
  'rapid-lossy-100': {
    good: { falseStops: 0, misledStops: 0, changesPerTenMinutesMax: 1 },
    bad: [
      { falseStops: 1, misledStops: 0, changesPerTenMinutesMax: 1 },
      { falseStops: 0, misledStops: 0, changesPerTenMinutesMax: 2 },
    ],
  },
  'lifeguard-5-100': {
    good: { falseStops: 0, misledStops: 0 },
    bad: [
      { falseStops: 2, misledStops: 0 },
      { falseStops: 0, misledStops: 1 },
    ],
  },
  'partition-60-40-200': {
    good: { convergenceMs: 900, lostEvents: 0, revivedKeys: 0 },
    bad: [
      { convergenceMs: null, lostEvents: 0, revivedKeys: 0 },
      { convergenceMs: 900, lostEvents: 0, revivedKeys: 1 },
    ],
  },
  'constant-cost-50': {
    good: { othersBytesPerSecond: 300, othersPacketsPerSecond: 2, seedBytesPerSecondMax: 599 },
    bad: [
      { othersBytesPerSecond: 301, othersPacketsPerSecond: 2, seedBytesPerSecondMax: 599 },
      { othersBytesPerSecond: 200, othersPacketsPerSecond: 2, seedBytesPerSecondMax: 601 },
    ],
  },
  'fast-news-1000': {
    good: { setMs: spread(15), newsMs: spread(14), copiesPerReceiver: 4 },
    bad: [
      { setMs: spread(16), newsMs: spread(14), copiesPerReceiver: 4 },
      { setMs: spread(10), newsMs: spread(14), copiesPerReceiver: 6.1 },
    ],
  },
};

for (const [name, { good, bad }] of Object.entries(MEASURED)) {
  test(`${name} meets its target by its worst seed, with no invariant broken, at the end`, (t) => {
    const row = rowOf(name);
    const whole = { complete: true, violations: 0 };
    t.true(row.judge([{ ...whole, ...good }]).met);
    for (const each of bad) {
      t.false(row.judge([{ ...whole, ...each }]).met, JSON.stringify(each));
      t.false(
        row.judge([
          { ...whole, ...good },
          { ...whole, ...each },
        ]).met,
      );
    }
    t.false(row.judge([{ ...whole, ...good, violations: 1 }]).met);
    t.false(row.judge([{ ...whole, ...good, complete: false }]).met);
  });
}

test('the growth of the cost is judged once both of its rows are there', (t) => {
  const row = rowOf('constant-cost-growth');
  const few = runOf('constant-cost-50', { othersBytesPerSecond: 200 });
  const many = runOf('constant-cost-2000', { othersBytesPerSecond: 230 });
  t.regex(tableOf([row], [many]), /not yet run/);
  t.regex(tableOf([row], [many, few]), /\| 15\.0 % \| yes \|/);
  t.regex(tableOf([row], [few, { ...many, output: { othersBytesPerSecond: 250 } }]), /\*\*no\*\*/);
});

test('the comparison with the peers is shown once it is there', (t) => {
  const column = {
    name: 'one',
    title: 'One',
    setting: 'sealed',
    figures: { join: { value: 600 } },
  };
  const compared: Compared = { date: '2000-01-01', peers: [column] };
  const document = readFileSync(PLACES.document, 'utf8');
  const once = withTables(document, ROWS, [], compared);
  t.regex(once, /Measured on 2000-01-01:\n\n\| {2}\| One \|/);
  t.is(withTables(once, ROWS, [], compared), once);
  t.regex(withTables(once, ROWS, [], undefined), /The comparison is not yet run/);
  t.throws(() => withTables('no markers', ROWS, [], compared), { message: /lacks/ });
});

test('two cores become equal, and more differences take more bytes but not more trips', (t) => {
  const [few, many] = [1, 20].map((differing) => reconcile(differing, 200));
  t.true(few?.equal && many?.equal);
  t.true((many?.bytes as number) > 4 * (few?.bytes as number));
  t.true((many?.roundTrips as number) <= (few?.roundTrips as number) + 2);
});

function rowOf(name: string): Row {
  return ROWS.find((row) => row.name === name) as Row;
}

function runOf(row: string, output: Output): Run {
  const where = { commit: 'abc1234', date: '2000-01-01', wallSeconds: 1, machine: 'a machine' };
  return { row, seed: 1, ...where, output };
}

function spread(ms: number) {
  return { p50: ms, p99: ms, max: ms };
}

/** A copy of the document, and no runs. */
function temporary(t: ExecutionContext): typeof PLACES {
  const folder = mkdtempSync(join(tmpdir(), 'telepathine-evaluate-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const places = { results: join(folder, 'runs.json'), document: join(folder, 'document.md') };
  copyFileSync(PLACES.document, places.document);
  return places;
}
