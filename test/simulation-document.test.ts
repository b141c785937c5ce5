import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';
import { rows } from '../src/cli/simulate/report.js';
import { readScenario, simulate } from '../src/simulation/index.js';
import { runCommand } from './cli/command.js';
import { codeBlocks } from './documents.js';

const DOCUMENT = 'docs/SIMULATION.md';
const document = readFileSync(DOCUMENT, 'utf8');
const run = promisify(execFile);

test('the scenario in docs/SIMULATION.md is one, and breaks nothing', (t) => {
  const blocks = codeBlocks(DOCUMENT, ['json']);
  t.is(blocks.length, 1);
  for (const block of blocks) {
    const totals = simulate(readScenario(JSON.parse(block)));
    t.deepEqual(totals.violations, []);
    t.is(typeof totals.convergenceMs, 'number');
  }
});

test('the examples in docs/SIMULATION.md run and print what they say', async (t) => {
  const printed = [/^0 violations, 0 false stops\nnoticed within \d s\n$/, /^false 1\n$/];
  const blocks = codeBlocks(DOCUMENT, ['js']);
  t.is(blocks.length, printed.length);
  for (const [index, code] of blocks.entries()) {
    const args = ['--input-type=module', '--eval', code];
    const { stdout, stderr } = await run(process.execPath, args, { timeout: 60_000 });
    t.is(stderr, '');
    t.regex(stdout, printed[index] as RegExp);
  }
});

test('the commands in docs/SIMULATION.md exist, with their options and files', async (t) => {
  const { stdout } = await runCommand(['simulate', '--help']);
  const lines = codeBlocks(DOCUMENT, ['sh']).join('').trim().split('\n');
  t.is(lines.length, 3);
  for (const line of lines) {
    t.true(line.startsWith('npx telepathine simulate '));
    for (const [option] of line.matchAll(/--\S+/g)) t.true(stdout.includes(`${option} `), option);
    for (const [file] of line.matchAll(/\S+\.json/g)) t.true(existsSync(file), file);
  }
});

test('docs/SIMULATION.md explains each figure of the report and of the totals', (t) => {
  const totals = simulate(readScenario({ nodes: 2, durationMs: 0, settleMs: 0 }));
  const general = ['schema', 'seed', 'nodes', 'complete', 'simulatedMs'];
  for (const name of Object.keys(totals).filter((each) => !general.includes(each))) {
    t.true(document.includes(`\`${name}\``), name);
  }
  for (const [label] of rows({ ...totals, refused: 1 })) t.true(document.includes(`| ${label} |`));
});

test('docs/SIMULATION.md names every file of the simulator, and no other', (t) => {
  const [, files = ''] = document.split('## The files');
  const named = [...files.matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name);
  const there = readdirSync('src/simulation').filter((name) => name !== 'index.ts');
  t.deepEqual(named.sort(), there.sort());
});
