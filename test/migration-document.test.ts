/** docs/MIGRATION.md: what it says stays is there, and its example runs as it is written. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { OPTION_NAMES } from '../src/api/options.js';
import { Telepathine } from '../src/index.js';
import { codeBlocks, codeSpans, promisedOutput, runExample, tables } from './documents.js';
import { freePorts } from './support/free-ports.js';

const PATH = 'docs/MIGRATION.md';

test('the example of docs/MIGRATION.md prints what it says, once it has moved', async (t) => {
  const [before, after, ...others] = codeBlocks(PATH, ['js']);
  t.deepEqual(others, []);
  t.true(before!.startsWith('// before\n'));
  t.true(after!.startsWith('// after\n'));
  const [port, otherPort] = await freePorts(2);
  const code = after!.replaceAll('9000', `${port}`).replaceAll('9001', `${otherPort}`);
  const { stdout, stderr } = await runExample(code);
  t.is(stderr, '');
  t.is(stdout, promisedOutput(code));
});

test('what docs/MIGRATION.md says stays is there', (t) => {
  const [, text] = /^## What stays\n(.*?)^## /ms.exec(readFileSync(PATH, 'utf8'))!;
  const [methods, events, options] = ['- `set`', '- The events', '- The options'].map((start) => {
    const bullet = text!.slice(text!.indexOf(start) + 1);
    return codeSpans(bullet.slice(0, bullet.indexOf('\n- ')));
  });
  const node = new Telepathine();
  t.is(methods!.length, 18);
  for (const name of methods!) t.true(name.replace('this.', '') in node, name);
  t.is(events!.length, 8);
  const table = tables('docs/API.md').find(({ columns }) => columns[0] === 'event');
  const described = table!.rows.map(([event]) => codeSpans(event!)[0]!);
  for (const name of events!) t.true(described.includes(name), name);
  t.is(options!.length, 7);
  for (const name of options!) t.true(OPTION_NAMES.includes(name), name);
});
