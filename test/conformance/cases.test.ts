/** What holds of all cases, and the parts of the runner that need no node. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { CASES } from '../../src/conformance/cases/all.js';
import { padded, varint } from '../../src/conformance/cases/odd-bytes.js';
import { readImplementation } from '../../src/conformance/control/implementation.js';
import { LineReader } from '../../src/conformance/control/line-reader.js';
import { MESH_CASES } from '../../src/conformance/meshes/all.js';
import { wrapped } from '../../src/conformance/report/text-report.js';
import { KnownFailures } from '../../src/conformance/run/known-failures.js';
import { runJobs } from '../../src/conformance/run/pool.js';

const protocol = readFileSync('docs/PROTOCOL.md', 'utf8');
const rules = new Set([...protocol.matchAll(/^\*\*([\d.]+)\*\*/gm)].map(([, rule]) => rule));
const all = [...CASES, ...MESH_CASES];

test('every id is there once, and names a rule of docs/PROTOCOL.md and a word', (t) => {
  t.is(new Set(all.map(({ id }) => id)).size, all.length);
  for (const { id } of CASES) {
    t.regex(id, /^\d+(?:\.\d+){1,2}-[a-z0-9]+(?:-[a-z0-9]+)*$/);
    t.true(rules.has(id.split('-')[0]), id);
  }
  for (const { id, section } of MESH_CASES) {
    t.regex(id, /^mesh-[a-z]+-(?:3|9)$/);
    t.true(rules.has(section), id);
  }
});

test('every title is a sentence', (t) => {
  for (const { id, title } of all) {
    t.regex(title, /^[A-Z0-9].*\.$/, id);
    t.true(title.length <= 110, id);
  }
});

test('every rule that a check names is one of docs/PROTOCOL.md', (t) => {
  const sources = [
    'deltas',
    'digests',
    'entries',
    'envelopes',
    'every-packet',
    'floods',
    'framing',
  ];
  sources.push('harm', 'held-log', 'identity', 'leaving', 'log-lives', 'malformed-logs', 'news');
  sources.push('packets', 'statements', 'trust', 'wanting', 'watching');
  for (const name of sources) {
    const text = readFileSync(`src/conformance/cases/${name}.ts`, 'utf8');
    for (const [, rule] of text.matchAll(/'(\d+(?:\.\d+){1,2})'/g)) {
      const isSection = protocol.includes(`\n### ${rule} `);
      t.true(rules.has(rule) || isSection, `${name}: ${rule}`);
    }
  }
});

for (const [text, name, command] of [
  ['go=./adapter -v', 'go', ['./adapter', '-v']],
  ['node dist/x.js adapter', 'node', ['node', 'dist/x.js', 'adapter']],
  ['a="/with space/b" \'c d\' e\\ f "g\\"h"', 'a', ['/with space/b', 'c d', 'e f', 'g"h']],
  ['/opt/My_Node --name=x', 'my-node', ['/opt/My_Node', '--name=x']],
  ['a=x ""', 'a', ['x', '']],
] as const) {
  test(`${text} starts ${command[0]}`, (t) => {
    t.deepEqual(readImplementation(text), { name, command: [...command] });
  });
}

test('lines are cut however they come, and one that is too long is told', (t) => {
  const lines: string[] = [];
  const reader = new LineReader(10, (line) => lines.push(line));
  for (const byte of Buffer.from('one\nzwölf\n\nth')) t.true(reader.push(Buffer.of(byte)));
  t.deepEqual(lines, ['one', 'zwölf', '']);
  t.false(reader.push(Buffer.from('x'.repeat(11))));
});

test('a packet is padded to any length', (t) => {
  for (const length of [0, 40]) {
    for (let bytes = length + 4; bytes < length + 400; bytes++) {
      t.is(padded(new Uint8Array(length), bytes).length, bytes);
    }
  }
  t.is(padded(new Uint8Array(50), 2_097_107).length, 2_097_107);
  t.is(varint(2n ** 64n - 1n).length, 10);
});

test('an entry for another implementation says nothing about this one', (t) => {
  const known = new KnownFailures('a 1.1-x\n2.2-y\n');
  t.true(known.has('a', '1.1-x'));
  t.false(known.has('b', '1.1-x'));
  t.true(known.has('b', '2.2-y'));
  const ran = [{ implementation: 'b', id: '1.1-x', hasFailed: false }];
  t.deepEqual(known.stale(ran, new Set(['1.1-x', '2.2-y'])), []);
});

test('jobs run as many at once as their weights allow', async (t) => {
  let running = 0;
  let most = 0;
  let done = 0;
  const job = (weight: number) => ({
    weight,
    run: async () => {
      running += weight;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= weight;
      done += 1;
    },
  });
  await runJobs([1, 1, 3, 1, 9, 2, 2].map(job), 4);
  t.is(done, 7);
  // One that is heavier than all there is runs alone.
  t.is(most, 9);
});

test('a text is broken into lines of 80 columns, and tells a terminal nothing', (t) => {
  const text = `${'word '.repeat(40)}${'x'.repeat(200)} \u001b[31mred`;
  const lines = wrapped(text, '  ', '    ');
  t.true(lines.every((line) => line.length <= 80));
  t.false(lines.join('').includes('\u001b'));
  t.is(lines.join('').replaceAll(' ', '').length, 160 + 200 + 13);
});
