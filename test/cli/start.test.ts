import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import test from 'ava';
import { Telepathine } from '../../src/index.js';
import { runCommand, spawnCommand, temporaryFile } from './command.js';

test.serial('commands come as text, data goes to stdout and messages to stderr', async (t) => {
  const input = [
    'set temperature {"celsius": 21} 60000',
    'get temperature',
    'set "a key" [1, 2]',
    'keys',
    'get nothing',
    'members',
    'fly',
    'set k unquoted',
    'delete temperature',
    'get temperature',
    'say lunch',
    'stop',
  ].join('\n');
  const { code, stdout, stderr } = await runCommand(['start', '--name', 'n1'], { input });
  t.is(code, 0);
  const [value, first, second, member, ...rest] = stdout.trimEnd().split('\n');
  t.deepEqual([value, first, second], ['{"celsius":21}', 'temperature', '"a key"']);
  t.regex(member!, /^n1 self 127\.0\.0\.1:\d+$/);
  t.deepEqual(rest, []);
  const messages = stderr.trimEnd().split('\n');
  t.is(messages.length, 6, stderr);
  t.regex(messages[0]!, /^telepathine: n1 takes part in a public mesh, at 127\.0\.0\.1:\d+$/);
  t.regex(messages[1]!, /no such key/);
  t.regex(messages[2]!, /no such command/);
  t.regex(messages[3]!, /value must be JSON/);
  t.regex(messages[4]!, /no such key/);
  t.is(messages[5], 'telepathine: stopped');
});

test.serial('with --json every command has an answer, which carries its id', async (t) => {
  const input = [
    '{"command":"set","key":"k","value":{"a":1},"id":"first"}',
    '{"command":"get","key":"k","id":{"n":2}}',
    '{"command":"set","key":"raw","bytes":"AP8="}',
    '{"command":"get","key":"raw"}',
    '{"command":"get","key":"other"}',
    '{"command":"set","key":"k","id":3}',
    '{"command":"set","valu":1,"id":4}',
    'no JSON',
    '{"command":"keys"}',
    '{"command":"stats"}',
    '{"command":"stop","id":null}',
  ].join('\n');
  const { code, stdout, stderr } = await runCommand(['start', '--json', '--name', 'n1'], { input });
  t.is(code, 0);
  t.is(stderr, '');
  const reports = stdout.trimEnd().split('\n').map(parse);
  t.true(reports.every(({ schema }) => schema === 1));
  t.like(reports[0], { type: 'started', name: 'n1', private: false });
  t.is(reports[0]!['address'], `127.0.0.1:${reports[0]!['port']}`);
  const answers = reports.slice(1, -1).map(({ schema: _, type, ...rest }) => {
    t.is(type, 'answer');
    return rest;
  });
  t.deepEqual(answers.slice(0, 5), [
    { command: 'set', id: 'first', ok: true },
    { command: 'get', id: { n: 2 }, ok: true, found: true, value: { a: 1 } },
    { command: 'set', ok: true },
    { command: 'get', ok: true, found: true, bytes: 'AP8=' },
    { command: 'get', ok: true, found: false },
  ]);
  t.like(answers[5], { command: 'set', id: 3, ok: false, error: { code: 'NOT_SERIALIZABLE' } });
  t.like(answers[6], { command: 'set', id: 4, ok: false, error: { code: 'INVALID_ARGUMENT' } });
  t.like(answers[7], { ok: false, error: { code: 'INVALID_ARGUMENT' } });
  t.deepEqual(answers[8], { command: 'keys', ok: true, keys: ['k', 'raw'] });
  t.like(answers[9], { command: 'stats', stats: { owners: 1 } });
  t.deepEqual(answers[10], { command: 'stop', id: null, ok: true });
  t.like(reports.at(-1), { type: 'stopped' });
});

test.serial(
  'a node may bind one address and advertise another, and it tells its tags',
  async (t) => {
    const flags = ['--bind-address', '0.0.0.0', '--advertise', '127.0.0.1'];
    const first = spawnCommand(['start', '--json', ...flags, '--tag', 'role=a=b', '--tag', 'x=']);
    const [line] = (await once(createInterface({ input: first.stdout }), 'line')) as [string];
    const { name, address, port } = parse(line);
    t.is(name, `127.0.0.1:${port}`);
    t.is(address, `0.0.0.0:${port}`);
    const node = await Telepathine.start({ port: 0, seeds: [String(name)] });
    await node.ready({ timeoutMs: 5000 });
    t.deepEqual({ ...node.peer(String(name))?.tags }, { role: 'a=b', x: '' });
    await node.stop();
    first.stdin.write('{"command":"stop"}\n');
    t.deepEqual(await once(first, 'close'), [0, null]);
  },
);

test.serial('the end of input alone does not stop a node, and signals do', async (t) => {
  for (const [signal, code] of [['SIGTERM', 0] as const, ['SIGINT', 130] as const]) {
    const child = spawnCommand(['start', '--json']);
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    child.stdin.end();
    await new Promise((resolve) => setTimeout(resolve, 300));
    t.is(child.exitCode, null, signal);
    child.kill(signal);
    const [line] = (await once(lines, 'line')) as [string];
    t.like(parse(line), { type: 'stopped' });
    t.deepEqual(await once(child, 'close'), [code, null], signal);
  }
});

test.serial(
  'with --until-eof the end of input stops the node after its last command',
  async (t) => {
    const { code, stdout } = await runCommand(['start', '--until-eof'], {
      input: 'set k 1\nget k',
    });
    t.is(code, 0);
    t.is(stdout, '1\n');
  },
);

test.serial('a reader that goes away ends the node without a stack', async (t) => {
  const child = spawnCommand(['start', '--json']);
  let messages = '';
  child.stderr.on('data', (text: Buffer) => {
    messages += text;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.write('{"command":"members"}\n');
  t.deepEqual(await once(child, 'close'), [0, null]);
  t.is(messages, '');
});

test.serial('a port that is taken is one line on stderr and exit code 1', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { code, stdout, stderr } = await runCommand(['start', '--port', String(port)]);
  server.close();
  t.is(code, 1);
  t.is(stdout, '');
  t.regex(stderr, /^telepathine: [^\n]+\n$/);
  t.true(stderr.includes(String(port)), stderr);
});

test.serial('a passphrase in the environment makes the mesh private', async (t) => {
  const env = { TELEPATHINE_NETWORK: 'correct horse battery staple' };
  const { code, stderr } = await runCommand(['start', '--name', 'n1'], { env, input: 'stop\n' });
  t.is(code, 0);
  t.true(stderr.includes('n1 takes part in a private mesh'));
});

test.serial('--dump shows the first packets, decoded, on standard error', async (t) => {
  const file = temporaryFile('a passphrase\n');
  const first = spawnCommand(['start', '--json', '--network-file', file]);
  const [line] = (await once(createInterface({ input: first.stdout }), 'line')) as [string];
  const second = spawnCommand([
    ...['start', '--name', 'n2', '--network-file', file, '--dump', '4'],
    ...['--join', String(parse(line)['address'])],
  ]);
  let shown = '';
  second.stderr.on('data', (text: Buffer) => {
    shown += text;
  });
  second.stdin.write('set k 1\n');
  while ((shown.match(/ sealed /g)?.length ?? 0) < 4) await once(second.stderr, 'data');
  second.stdin.end('stop\n');
  first.kill();
  await Promise.all([once(second, 'close'), once(first, 'close')]);
  const packets = shown.split('\n').filter((each) => each.includes(' > '));
  t.is(packets.length, 4);
  for (const each of packets) {
    t.regex(each, /^[\d:.]{8,15} 127\.0\.0\.1:\d+ > (127\.0\.0\.1)?:\d+ udp \d+ sealed \S+ \w/);
    t.true(each.length <= 80, each);
  }
});

function parse(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}
