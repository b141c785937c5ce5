/** docs/DIAGNOSTICS.md: its channels, the fields of their messages, what DEBUG names, its example. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { CHANNELS } from '../src/node/diagnostics.js';
import { codeBlocks, codeSpans, promisedOutput, runExample, tables } from './documents.js';
import { runProgram } from './telepathine/run-program.js';

const PATH = 'docs/DIAGNOSTICS.md';
const documentTables = tables(PATH);

function rowsOf(title: string): string[] {
  const found = documentTables.find(({ columns }) => columns[0] === title);
  return found!.rows.flatMap(([cell]) => codeSpans(cell!));
}

test('all channels are in the document, and no others', (t) => {
  t.deepEqual(rowsOf('channel').sort(), Object.values(CHANNELS).sort());
});

test('all fields of the messages are in the document, and no others', (t) => {
  const source = readFileSync('src/node/diagnostics.ts', 'utf8');
  const types = [...source.matchAll(/^export interface (\w+Message) \{\n(.*?)^\}/gms)];
  t.is(types.length, Object.keys(CHANNELS).length);
  for (const [, name, body] of types) {
    const fields = [...body!.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field!);
    t.deepEqual(rowsOf(`field of \`${name}\``), fields, name);
  }
});

test('all names for DEBUG are in the document, and no others', (t) => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  const sources = files.filter((path) => path.endsWith('.ts'));
  const names = sources.flatMap((path) => {
    const calls = readFileSync(`src/${path}`, 'utf8').matchAll(/debugLog\('([\w:]+)'\)/g);
    return [...calls].map(([, name]) => name!);
  });
  t.deepEqual([...new Set(rowsOf('name'))].sort(), [...new Set(names)].sort());
});

test('the example prints what it says', async (t) => {
  const [example] = codeBlocks(PATH, ['js']);
  const { stdout, stderr } = await runExample(example!);
  t.is(stderr, '');
  t.is(stdout, promisedOutput(example!));
});

test('DEBUG=telepathine:* shows what happens, and a single name only that', async (t) => {
  const program = `
    import { createSocket } from 'node:dgram';
    import { subscribe } from 'node:diagnostics_channel';
    const node = await Telepathine.start({ name: 'one' });
    const refused = new Promise((resolve) => subscribe('telepathine:refusal', resolve));
    const socket = createSocket('udp4');
    socket.send('x', node.port, '127.0.0.1');
    await refused;
    socket.close();
    await node.stop();`;
  const all = await runProgram(program, { DEBUG: 'telepathine:*' });
  t.regex(all.stderr, /telepathine:info started/);
  t.regex(all.stderr, /telepathine:refused 127\.0\.0\.1:\d+: unknown-kind/);
  const refused = await runProgram(program, { DEBUG: 'telepathine:refused' });
  t.notRegex(refused.stderr, /telepathine:info/);
  t.regex(refused.stderr, /telepathine:refused 127\.0\.0\.1:\d+: unknown-kind/);
  t.is((await runProgram(program)).stderr, '');
});
