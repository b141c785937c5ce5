import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { deriveKeyring } from '../../src/crypto/derive.js';
import { Telepathine } from '../../src/index.js';
import { runCommand, spawnCommand, temporaryFile } from './command.js';
import { type Behaviour, nodeOfProtocol, openServer } from './other-servers.js';

const NETWORK = 'telepathine-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const OTHER = 'telepathine-key-v1:HR4fAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw';
const IN_TIME = ['--timeout', '20000'];
const SOON = ['--timeout', '1000'];

const nodes = {
  sealed: await Telepathine.start({ name: 'sealed', network: NETWORK, cluster: 'prod' }),
  open: await Telepathine.start({ name: 'open', udp: false }),
  bare: await Telepathine.start({ name: 'bare', network: NETWORK }),
};
const at = {
  sealed: `127.0.0.1:${nodes.sealed.port}`,
  open: `127.0.0.1:${nodes.open.port}`,
  bare: `127.0.0.1:${nodes.bare.port}`,
};

test.after.always(() => Promise.all(Object.values(nodes).map((node) => node.stop())));

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

/** What `probe` finds out, by the first word of its lines, and its exit code. */
async function probe(address: string, args: readonly string[] = [], network = '') {
  const env = network === '' ? {} : { TELEPATHINE_NETWORK: network };
  const { code, stdout, stderr } = await runCommand(['probe', address, ...args, ...SOON], { env });
  const lines = stdout.split('\n').slice(0, -1);
  const said = Object.fromEntries(lines.map((line) => line.split(/ +(.*)/).slice(0, 2)));
  const json = await runCommand(['probe', address, ...args, ...SOON, '--json'], { env });
  return { code, stderr, lines, said, json: JSON.parse(json.stdout) };
}

for (const [what, node, args, network, expected, key, cluster] of [
  [
    'a wrong key',
    'sealed',
    ['--cluster', 'prod'],
    OTHER,
    4,
    /^no answer to this one/,
    /part of the/,
  ],
  ['no key', 'sealed', ['--cluster', 'prod'], '', 4, /^no answer without one/, /^no answer/],
  [
    'a wrong cluster',
    'sealed',
    ['--cluster', 'x'],
    NETWORK,
    4,
    /it is wrong, or/,
    /part of the key/,
  ],
  ['a cluster that is none', 'bare', ['--cluster', 'x'], NETWORK, 5, /^right/, /^wrong/],
  ['a cluster in a mesh without', 'open', ['--cluster', 'x'], '', 5, /^none is needed/, /^wrong/],
  ['a key that is not needed', 'open', [], OTHER, 4, /^wrong: none is needed/, /^right/],
  [
    'the second of two keys',
    'bare',
    [],
    `${OTHER}\n${NETWORK}`,
    4,
    /^wrong: it takes another/,
    /^right/,
  ],
] as const) {
  test.serial(`${what} is told, with ${expected}`, async (t) => {
    const { code, lines, said, json } = await probe(at[node], args, network);
    t.is(code, expected);
    t.is(json.exitCode, expected);
    t.is(said['tcp'], 'connects, but no answer in time');
    t.regex(said['key']!, key);
    t.regex(said['cluster']!, cluster);
    t.is(lines.length, 6);
    for (const line of lines) t.true(line.length <= 80, line);
  });
}

test.serial('a silent node is told from others by how it hangs up', async (t) => {
  const { said, json } = await probe(at.sealed, [], OTHER);
  t.regex(said['node']!, /^perhaps: it is silent/);
  t.is(json.node, 'perhaps');
});

for (const [keys, network] of [
  ['a private mesh', NETWORK],
  ['a public mesh', ''],
] as const) {
  test.serial(`another protocol, in ${keys}, is told with 6`, async (t) => {
    const keyring = network === '' ? undefined : deriveKeyring(network, '');
    const server = await openServer(nodeOfProtocol(2, keyring));
    t.teardown(() => server.close());
    const { code, said, lines, json } = await probe(server.address, [], network);
    t.is(code, 6);
    t.is(said['version'], 'wrong: protocol 2, and this program speaks 1');
    t.regex(said['key']!, network === '' ? /^none is needed/ : /^right/);
    t.is(said['cluster'], 'right');
    t.is(said['node'], 'yes');
    t.like(json, { version: 'other', protocol: 2, node: 'yes' });
    for (const line of lines) t.true(line.length <= 80, line);
    // To another key it is as silent as any.
    t.is((await probe(server.address, [], OTHER)).code, 4);
  });
}

for (const [what, behaviour, tcp, node] of [
  [
    'talks',
    { connected: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n') },
    /not as a node/,
    /^no:/,
  ],
  ['says three bytes', { connected: (socket) => socket.write('hi\n') }, /not as a node/, /^no:/],
  ['sends all back', { connected: (socket) => socket.pipe(socket) }, /not as a node/, /^no:/],
  [
    'talks and closes',
    { connected: (socket) => socket.end('220 mail\r\n') },
    /not as a node/,
    /^no:/,
  ],
  ['answers datagrams', { answer: () => 'what?' }, /./, /^no:/],
  ['sends datagrams back', { answer: (datagram) => datagram }, /./, /^no:/],
  ['is silent for ever', {}, /^connects, but no answer/, /^no, or one that hangs:/],
  [
    'closes at once',
    { connected: (socket) => socket.end() },
    /closes the connection/,
    /^no, or a full one/,
  ],
  [
    'resets at once',
    { connected: (socket) => socket.resetAndDestroy() },
    /closes/,
    /^no, or a full one/,
  ],
] as const satisfies readonly [string, Behaviour, RegExp, RegExp][]) {
  test.serial(`a server that ${what} is no node, with 7`, async (t) => {
    const server = await openServer(behaviour);
    t.teardown(() => server.close());
    const { code, lines, said } = await probe(server.address);
    t.is(code, 7, lines.join('\n'));
    t.regex(said['tcp']!, tcp);
    t.regex(said['node']!, node);
    t.is(said['key'], 'not known');
    for (const line of lines) t.true(line.length <= 80, line);
  });
}

test.serial('a node that is killed while it is asked cannot be reached: 3', async (t) => {
  const child = spawnCommand(['start', '--json', '--name', 'victim']);
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { address } = JSON.parse(line.toString().split('\n')[0]!) as { address: string };
  child.kill('SIGSTOP');
  const finished = runCommand(['probe', address, '--timeout', '60000']);
  await setTimeout(1500);
  child.kill('SIGKILL');
  const { code, stdout, stderr } = await finished;
  t.deepEqual([code, stderr], [3, '']);
  t.regex(stdout, /^udp {6}nobody listens there\ntcp {6}nobody listens there\n/);
});

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
