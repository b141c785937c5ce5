/** Nodes that do not even keep to the control protocol. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { fake, folderOf, runSuite } from './run-suite.js';

/** How long a node may take to start on a busy machine. */
const PATIENT = ['--answer-timeout', '60000'];
const ONE = ['--id', '3.1.3-empty-frame'];

for (const [mode, kind, stderr] of [
  ['hang', 'hangs', 'I sleep'],
  ['crash', 'crashes', 'it went wrong'],
  ['garbage', 'prints garbage', 'I talk'],
  ['flood', 'floods', 'I shout'],
  ['endless', 'prints garbage', 'I do not stop'],
  ['unasked', 'prints garbage', ''],
  ['wrong', 'prints garbage', ''],
  ['empty', 'prints garbage', ''],
] as const) {
  test(`a node that ${mode === 'hang' ? 'hangs' : `is of the kind ${mode}`} is reported as that`, async (t) => {
    const { code, stdout, report } = await runSuite(t, [
      ...fake(mode),
      ...ONE,
      ...(mode === 'hang' ? ['--answer-timeout', '3000'] : PATIENT),
    ]);
    t.is(code, 1);
    const [tested] = report.tested;
    t.is(tested?.misbehaviour?.kind, kind);
    t.true(tested?.misbehaviour?.stderr.includes(stderr));
    t.true(stdout.includes(`${mode}: the node ${kind}: `), stdout);
    t.true(stdout.includes(stderr), stdout);
    t.deepEqual(report.results, []);
  });
}

test('the page tells how a node that could not be tested misbehaves, with its standard error', async (t) => {
  const page = join(folderOf(t), 'r.html');
  const { code } = await runSuite(t, [...fake('crash'), ...ONE, ...PATIENT, '--html', page]);
  t.is(code, 1);
  const text = readFileSync(page, 'utf8');
  t.regex(text, /crash: the node crashes: it ended with code 7<pre>Error: it went wrong/);
});

test('a program that is not there is reported', async (t) => {
  const { code, report } = await runSuite(t, ['--spawn', 'gone=/nonexistent/adapter', ...ONE]);
  t.is(code, 1);
  t.is(report.tested[0]?.misbehaviour?.kind, 'crashes');
});

test('a node that crashes in a case fails that case, with its standard error, and no other', async (t) => {
  const cases = ['--id', '3.1.3-empty-frame', '--id', '8.4.1-replaces'];
  const { code, report } = await runSuite(t, [...fake('fragile'), ...cases, ...PATIENT]);
  t.is(code, 1);
  const [first, second] = report.results;
  t.is(first?.outcome, 'passed');
  t.is(second?.outcome, 'misbehaved');
  t.is(second?.misbehaviour?.kind, 'crashes');
  t.true(second?.misbehaviour?.stderr.includes('values are hot'));
});

test('a node that hangs in a case fails that case', async (t) => {
  const { code, report } = await runSuite(t, [...fake('late'), ...ONE, '--answer-timeout', '8000']);
  t.is(code, 1);
  t.is(report.results[0]?.misbehaviour?.kind, 'hangs');
  t.regex(report.results[0]?.misbehaviour?.detail ?? '', /^start was not answered/);
});

test('what a node has not declared is unsupported, and nothing else is', async (t) => {
  const { code, report } = await runSuite(t, [
    ...fake('late'),
    ...['--feature', 'push', '--feature', 'restart'],
    ...PATIENT,
  ]);
  t.is(code, 0);
  t.true(report.results.length > 10);
  for (const { outcome, missing = [], id } of report.results) {
    t.is(outcome, 'unsupported', id);
    t.true(
      missing.some((feature) => ['push', 'restart', 'watch'].includes(feature)),
      id,
    );
  }
});
