import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { Telepathine } from '../../src/index.js';
import { runCommand, spawnCommand } from './command.js';
import { type Behaviour, openServer } from './other-servers.js';

const NETWORK = 'telepathine-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const ENV = { TELEPATHINE_NETWORK: NETWORK };
const IN_TIME = ['--timeout', '20000'];

const one = await Telepathine.start({ name: 'one', network: NETWORK });
const two = await Telepathine.start({ name: 'two', network: NETWORK, seeds: [one.port] });
const alone = await Telepathine.start({ name: 'alone', network: NETWORK });
one.set('colour', 'red').set('big', 'x'.repeat(800_000)).set('gone', 1);
one.delete('gone');
alone.set('size', 3);
await Promise.all([one.ready(), two.ready()]);
while (two.getRemote('one', 'big') === undefined || one.peer('two')?.version !== 1) {
  await setTimeout(20);
}

test.after.always(() => Promise.all([one, two, alone].map((node) => node.stop())));

function at(node: Telepathine): string {
  return `127.0.0.1:${node.port}`;
}

for (const deep of [[], ['--deep']]) {
  test.serial(`two nodes of one mesh hold the same ${deep.join('')}`, async (t) => {
    const args = ['diff', at(one), at(two), ...deep, ...IN_TIME];
    const { code, stdout, stderr } = await runCommand(args, { env: ENV });
    t.is(stderr, '');
    t.is(stdout, 'the same, of 2 nodes\n');
    t.is(code, 0);
  });
}

test.serial('nodes, versions and keys that differ are told; what was deleted is not', async (t) => {
  const args = ['diff', at(two), at(alone), '--json', '--show-values', ...IN_TIME];
  const { code, stdout } = await runCommand(args, { env: ENV });
  t.is(code, 1);
  const lines = stdout.trim().split('\n');
  const owners = lines.slice(0, -1).map((line) => JSON.parse(line));
  const byName = new Map(owners.map((owner) => [owner.name, owner]));
  t.deepEqual([...byName.keys()].sort(), ['alone', 'one', 'two']);
  t.like(byName.get('one').sides[0], { status: 'alive', version: two.peer('one')!.version });
  t.is(byName.get('one').sides[1], null);
  t.deepEqual(
    byName.get('one').keys.map(({ key }: { key: string }) => key),
    ['big', 'colour'],
  );
  const [size] = byName.get('alone').keys;
  t.is(size.sides[0], null);
  t.is(Buffer.from(size.sides[1].payload, 'base64').toString(), '3');
  const totals = JSON.parse(lines.at(-1)!);
  t.deepEqual(totals, { schema: 1, type: 'totals', equal: false, owners: 3, different: 3 });
});

test.serial('in lines values are lengths and hashes, unless they are asked for', async (t) => {
  const args = ['diff', at(alone), at(two), ...IN_TIME];
  const hidden = (await runCommand(args, { env: ENV })).stdout;
  t.regex(hidden, /^one: - \| alive, version \d+$/m);
  t.regex(hidden, /^ {2}colour: - \| 5 B [0-9a-f]{8}$/m);
  t.regex(hidden, /^different: 3 of 3 nodes$/m);
  t.false(hidden.includes('red'));
  const shown = (await runCommand([...args, '--show-values'], { env: ENV })).stdout;
  t.regex(shown, /^ {2}colour: - \| "red"$/m);
});

test.serial('another life of a node is a difference, with its generation', async (t) => {
  const other = await Telepathine.start({ name: 'one', network: NETWORK });
  const { stdout, code } = await runCommand(['diff', at(two), at(other), ...IN_TIME], { env: ENV });
  t.is(code, 1);
  const { generation } = two.peer('one')!;
  t.regex(
    stdout,
    new RegExp(
      `^one: alive, version \\d+, generation ${generation}\n  \\| alive, version \\d+, `,
      'm',
    ),
  );
  for (const line of stdout.split('\n')) t.true(line.length <= 80, line);
  await other.stop();
});

test.serial('who asks becomes no member of the mesh', (t) => {
  t.deepEqual(one.allPeers(), ['two']);
  t.deepEqual(two.allPeers(), ['one']);
  t.is(two.stats()?.owners, 2);
});

test.serial(
  'a node that is gone is 3, a wrong key 4, no address 2, each with a line',
  async (t) => {
    const gone = await Telepathine.start();
    const address = at(gone);
    await gone.stop();
    for (const [args, env, expected] of [
      [['diff', at(one), address], ENV, 3],
      [['diff', at(one), at(one), '--timeout', '2000'], {}, 4],
      [['diff', at(one), 'nonsense'], ENV, 2],
      [['diff', at(one)], ENV, 2],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(args, { env });
      t.is(code, expected, args.join(' '));
      t.is(stdout, '');
      for (const line of stderr.trim().split('\n')) t.regex(line, /^telepathine: \S/);
    }
  },
);

test.serial('if both nodes fail it is one line, with the graver code', async (t) => {
  const gone = await Promise.all([Telepathine.start(), Telepathine.start()]);
  const [first, second] = gone.map(at) as [string, string];
  await Promise.all(gone.map((node) => node.stop()));
  const neither = await runCommand(['diff', first, second, ...IN_TIME], { env: ENV });
  t.deepEqual(neither, {
    ...{ code: 3, stdout: '' },
    stderr: `telepathine: ${first} cannot be reached; ${second} cannot be reached\n`,
  });
  const same = await runCommand(['diff', first, first, ...IN_TIME], { env: ENV });
  t.is(same.stderr, `telepathine: ${first} cannot be reached\n`);
  const mixed = await runCommand(['diff', first, at(one), '--timeout', '2000']);
  t.is(mixed.code, 4);
  t.regex(mixed.stderr, /^[^\n]* cannot be reached; [^\n]* does not answer to the key[^\n]*\n$/);
});

for (const [what, behaviour, message] of [
  ['hangs', {}, 'is silent: it hangs, or is no node'],
  ['says what no node says', { connected: (socket) => socket.write('hi\n') }, 'is no node'],
] as [string, Behaviour, string][]) {
  test.serial(`who ${what} is not said to refuse the key: 3`, async (t) => {
    const server = await openServer(behaviour);
    t.teardown(() => server.close());
    const args = ['diff', at(one), server.address, '--timeout', '2000'];
    const { code, stderr } = await runCommand(args, { env: ENV });
    t.deepEqual([code, stderr], [3, `telepathine: ${server.address} ${message}\n`]);
  });
}

test.serial('SIGINT ends it with 130', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  const asked = once(server, 'connection');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const child = spawnCommand(['diff', `127.0.0.1:${port}`, at(one), '--timeout', '60000'], ENV);
  t.teardown(() => {
    child.kill('SIGKILL');
    server.close();
  });
  const ended = once(child, 'close');
  await asked;
  child.kill('SIGINT');
  t.deepEqual(await ended, [130, null]);
});

test.serial('a node that is killed while it is asked is 3', async (t) => {
  const child = spawnCommand(['start', '--json', '--name', 'victim'], ENV);
  const [line] = (await new Promise((resolve) =>
    child.stdout.once('data', (text: Buffer) => resolve([text.toString()])),
  )) as [string];
  const { address } = JSON.parse(line.split('\n')[0]!) as { address: string };
  child.kill('SIGSTOP');
  const finished = runCommand(['diff', address, at(one), '--timeout', '60000'], { env: ENV });
  await setTimeout(1500);
  child.kill('SIGKILL');
  const { code, stderr } = await finished;
  t.is(code, 3);
  t.is(stderr, `telepathine: ${address} cannot be reached\n`);
});
