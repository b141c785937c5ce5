/** The control protocol: its document, its schema, and the adapter that speaks it. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { FEATURES, faultOfAnswer, readNodeLine } from '../../src/conformance/control/protocol.js';
import { spawnCommand } from '../cli/command.js';
import { codeBlocks } from '../documents.js';

const schema = JSON.parse(readFileSync('conformance/schema/control.schema.json', 'utf8'));
const isLine = new Ajv2020({ strict: false }).compile(schema);
const lines = codeBlocks('conformance/CONTROL.md', ['json']).join('').trim().split('\n');
const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
const requests = read.filter((line) => 'command' in line);

test('every line of CONTROL.md is one by the schema, and the runner reads what a node may write', (t) => {
  for (const [index, line] of read.entries()) {
    t.true(isLine(line), `${lines[index]}: ${JSON.stringify(isLine.errors)}`);
    if (!('command' in line)) t.truthy(readNodeLine(lines[index] as string), lines[index]);
  }
});

for (const line of [
  '{}',
  '[]',
  'null',
  '"hello"',
  '{"id":1}',
  '{"id":"1","ok":true}',
  '{"id":1,"ok":false}',
  '{"event":"rain"}',
  '{"event":"up"}',
  '{"event":"set","peer":"a","key":"k"}',
  '{"event":"say","peer":"a","value":1}',
]) {
  test(`${line} is no line of a node, by the schema nor to the runner`, (t) => {
    t.false(isLine(JSON.parse(line)));
    t.is(readNodeLine(line), undefined);
  });
}

test('an answer that lacks what was asked for is told', (t) => {
  t.is(faultOfAnswer('start', { port: 9000 }), undefined);
  t.regex(faultOfAnswer('start', {}) ?? '', /port/);
  t.regex(faultOfAnswer('hello', { control: 2 }) ?? '', /control must be 1/);
  t.regex(faultOfAnswer('members', { members: [{ name: 'a', status: 'ill' }] }) ?? '', /members/);
  t.regex(faultOfAnswer('get', { entries: [{ key: 'a' }] }) ?? '', /entries/);
  t.is(faultOfAnswer('set', {}), undefined);
});

test('a hello that lacks what every peer of its level has is told', (t) => {
  const hello = { control: 1, implementation: 'mine', version: '1' };
  const faultOf = (level: string, ...features: string[]) =>
    faultOfAnswer('hello', { ...hello, level, features });
  t.is(faultOf('basic', 'tcp', 'sealed'), undefined);
  t.is(faultOf('basic', 'tcp', 'public'), undefined);
  t.is(faultOf('full', 'tcp', 'sealed', 'watch', 'vote', 'split', 'push'), undefined);
  t.regex(faultOf('basic') ?? '', /a basic peer must declare tcp/);
  t.regex(faultOf('basic', 'tcp', 'udp') ?? '', /must declare sealed or public/);
  t.regex(faultOf('full', 'tcp', 'sealed', 'watch', 'push') ?? '', /must declare vote, split/);
});

test('the commands, features and events of CONTROL.md are those of the schema', (t) => {
  const { request, feature } = schema.$defs;
  const commands = request.oneOf.flatMap(
    ({
      properties: { command },
    }: {
      properties: { command: { const?: string; enum?: string[] } };
    }) => command.enum ?? [command.const],
  );
  t.deepEqual([...new Set(requests.map(({ command }) => command))].sort(), commands.sort());
  t.deepEqual(feature.enum, FEATURES);
  const document = readFileSync('conformance/CONTROL.md', 'utf8');
  for (const word of FEATURES) t.true(document.includes(`\`${word}\``), word);
});

test('the adapter answers the requests of CONTROL.md, each with a line of the schema', async (t) => {
  const child = spawnCommand(['adapter']);
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (text: Buffer) => {
    output += text;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  for (const request of requests) {
    const here = request['command'] === 'start' ? { seeds: [], advertise: undefined } : {};
    child.stdin.write(`${JSON.stringify({ ...request, ...here })}\n`);
  }
  child.stdin.write('{"id":99,"command":"dance"}\n{"id":98,"command":"stop"}\n');
  child.stdin.end();
  t.is(await ended, 0);
  const answers = output.trim().split('\n');
  for (const answer of answers) t.true(isLine(JSON.parse(answer)), answer);
  const wanted = [...requests.map(({ id }) => id), 99, 98];
  t.deepEqual(
    answers.map((answer) => JSON.parse(answer).id),
    wanted,
  );
  const failed = answers.map((answer) => JSON.parse(answer)).filter(({ ok }) => !ok);
  // The last get comes behind a stop, as in the document.
  t.deepEqual(
    failed.map(({ id }) => id),
    [14, 99, 98],
  );
});
