import { createServer, type Socket } from 'node:net';
import test from 'ava';
import { Telepathine } from '../../src/index.js';
import { runCommand, spawnCommand, temporaryFile } from './command.js';

const NETWORK = 'telepathine-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const OTHER = 'telepathine-key-v1:HR4fAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw';
const IN_TIME = ['--timeout', '20000'];
const SOON = ['--timeout', '400'];

const nodes = {
  sealed: await Telepathine.start({ name: 'sealed', network: NETWORK, cluster: 'prod' }),
  open: await Telepathine.start({ name: 'open', udp: false }),
};
const at = {
  sealed: `127.0.0.1:${nodes.sealed.port}`,
  open: `127.0.0.1:${nodes.open.port}`,
};

test.after.always(() => Promise.all([nodes.sealed.stop(), nodes.open.stop()]));

test.serial('a node is found by both transports, with its key, cluster and version', async (t) => {
  const args = ['probe', at.sealed, '--cluster', 'prod', ...IN_TIME];
  const { code, stdout, stderr } = await runCommand([...args], {
    env: { TELEPATHINE_NETWORK: NETWORK },
  });
  t.is(stderr, '');
  t.is(code, 0);
  const [keyId] = nodes.sealed.keyIds;
  const lines = [
    'udp      answers after \\d+\\.\\d to \\d+\\.\\d ms',
    'tcp      answers after \\d+\\.\\d to \\d+\\.\\d ms',
    `key      right; the node holds ${keyId}`,
    'cluster  right',
    'version  protocol 1, speaks 1 to 1',
    'node     sealed, up for \\d+ s',
  ];
  t.regex(stdout, new RegExp(`^${lines.join('\n')}\n$`));
});

test.serial('with --json all of it is one object, and the key may come from a file', async (t) => {
  const file = temporaryFile(`${NETWORK}\n`);
  const options = ['--json', '--cluster', 'prod', '--network-file', file, ...IN_TIME];
  const { code, stdout } = await runCommand(['probe', at.sealed, ...options]);
  t.is(code, 0);
  const found = JSON.parse(stdout);
  t.like(found, {
    ...{ schema: 1, type: 'probe', target: at.sealed, exitCode: 0, key: 'right' },
    ...{ keyIds: [...nodes.sealed.keyIds], cluster: 'right', protocol: 1, name: 'sealed' },
  });
  t.is(found.udp.roundTripsMs.length, 3);
  t.is(found.tcp.outcome, 'answers');
});

test.serial('who asks becomes no member of the mesh', async (t) => {
  t.deepEqual(nodes.sealed.allPeers(), []);
  t.is(nodes.sealed.stats()?.owners, 1);
});

for (const [what, node, args, network, keyLine, clusterLine] of [
  ['a wrong key', 'sealed', ['--cluster', 'prod'], OTHER, 'no answer to this one', 'no answer'],
  ['no key', 'sealed', ['--cluster', 'prod'], '', 'no answer without one', 'no answer'],
  ['a key that is not needed', 'open', [], OTHER, 'wrong: none is needed', 'right'],
  ['a cluster that is none', 'open', ['--cluster', 'x'], '', 'none is needed', 'wrong'],
] as const) {
  test.serial(`${what} is told, with 4`, async (t) => {
    const env = network === '' ? {} : { TELEPATHINE_NETWORK: network };
    const { code, stdout } = await runCommand(['probe', at[node], ...args, ...SOON], { env });
    t.is(code, 4);
    const [, tcp, key, cluster] = stdout.split('\n');
    t.is(tcp, 'tcp      connects, but no answer in time');
    t.true(key!.startsWith(`key      ${keyLine}`), key);
    t.true(cluster!.startsWith(`cluster  ${clusterLine}`), cluster);
    for (const line of stdout.split('\n')) t.true(line.length <= 80, line);
  });
}

test.serial('a node that takes no datagrams, and says so, is fine', async (t) => {
  const { code, stdout } = await runCommand(['probe', at.open, ...IN_TIME]);
  t.is(code, 0);
  t.regex(stdout, /^udp {6}nobody listens there\ntcp {6}answers/);
});

test.serial('where nobody listens, and a name that is none, end with 3', async (t) => {
  const gone = await Telepathine.start();
  const address = `127.0.0.1:${gone.port}`;
  await gone.stop();
  const nobody = await runCommand(['probe', address, ...IN_TIME]);
  t.is(nobody.code, 3);
  t.regex(nobody.stdout, /^udp {6}nobody listens there\ntcp {6}nobody listens there\n/);
  const noName = await runCommand(['probe', 'no-such-host.invalid:1', ...SOON]);
  t.is(noName.code, 3);
  t.is(noName.stderr.trim().split('\n').length, 1);
});

test.serial('a server of something else, which closes or talks nonsense, is no node', async (t) => {
  for (const act of [
    (socket: Socket) => socket.end(),
    (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  ]) {
    const server = createServer(act).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, stdout } = await runCommand(['probe', `127.0.0.1:${port}`, ...SOON]);
    t.is(code, 4);
    t.regex(stdout, /^tcp {6}the other end closes the connection$|^tcp {6}connects/m);
    server.close();
  }
});

test.serial('what is no address, no key and no number is one line, and 2', async (t) => {
  for (const args of [
    ['probe'],
    ['probe', '127.0.0.1'],
    ['probe', at.sealed, '--timeout', '0'],
    ['probe', at.sealed, '--network-file', '/nowhere/key'],
    ['probe', at.sealed, '--network-file', temporaryFile('telepathine-key-v1:short\n')],
  ]) {
    const { code, stdout, stderr } = await runCommand(args);
    t.is(code, 2, args.join(' '));
    t.is(stdout, '');
    t.is(stderr.trim().split('\n').length, 1, stderr);
    t.false(stderr.includes('short'));
  }
});

test.serial('SIGINT ends it with 130', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  const asked = new Promise((resolve) => server.once('connection', resolve));
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const child = spawnCommand(['probe', `127.0.0.1:${port}`, '--timeout', '60000']);
  const ended = new Promise((resolve) => child.once('close', resolve));
  await asked;
  child.kill('SIGINT');
  t.is(await ended, 130);
  server.close();
});
