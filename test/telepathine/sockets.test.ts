import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import test from 'ava';
import { type Peer, Telepathine, type TelepathineOptions } from '../../src/index.js';
import { recordingLogger } from './recording-logger.js';
import { runProgram } from './run-program.js';

const FAST: TelepathineOptions = { profile: 'local' };

for (const udp of [true, false]) {
  test(`two nodes on this machine share a value and an event with udp: ${udp}`, async (t) => {
    await using a = await Telepathine.start({ ...FAST, udp });
    const port = Number(a.peer_name.split(':')[1]);
    await using b = new Telepathine(0, [`:${port}`], { ...FAST, udp }).start();
    const met = a.waitFor('peer:start');
    const known = a.waitFor('set:k');
    const heard = a.waitFor('say:x');
    b.set('k', { v: 1 }).say('x', 'data');
    await b.started;
    t.deepEqual(await met, [b.peer_name]);
    t.deepEqual(await known, [b.peer_name, 'k', { v: 1 }, undefined]);
    t.deepEqual(await heard, ['data', b.peer_name]);
    t.deepEqual(a.getRemote(b.peer_name, 'k'), { v: 1 });
    t.like(a.peer(b.peer_name) as Peer, { address: '127.0.0.1', alive: true });
    const received = a.stats()?.received;
    t.is((received?.udp.packets ?? 0) > 0, udp);
    t.true(udp || (received?.tcp.packets ?? 0) > 0);
  });
}

test('the default name holds the port that was bound, anew at each start', async (t) => {
  const node = new Telepathine(0, [], FAST);
  t.is(node.peer_name, '127.0.0.1:0');
  await node.start().started;
  t.regex(node.peer_name, /^127\.0\.0\.1:[1-9]\d+$/);
  await node.stop();
});

test('a port that TCP or UDP has is ADDRESS_UNAVAILABLE, and the callback gets it', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  for (const { port } of [server.address() as AddressInfo, socket.address()]) {
    const node = new Telepathine(port, [], FAST);
    const told = new Promise((resolve) => node.start((error) => resolve(error?.code)));
    t.is(await told, 'ADDRESS_UNAVAILABLE');
    await t.throwsAsync(node.started, { code: 'ADDRESS_UNAVAILABLE' });
    await node.stop();
  }
  server.close();
  socket.close();
});

test('the limits of TCP that are options hold on real connections', async (t) => {
  await using node = await Telepathine.start({ ...FAST, frameTimeoutMs: 100 });
  const socket = connect(node.port, '127.0.0.1');
  await once(socket, 'connect');
  // The length of a frame that does not come: without the option it is waited for 10 s.
  socket.write(Uint8Array.of(0, 0, 0, 50));
  socket.resume();
  const startedMs = performance.now();
  await once(socket, 'close');
  t.true(performance.now() - startedMs < 8000);
  t.is(node.stats()?.refusals['frame-too-slow'], 1);
});

test('an IPv6 address works as an IPv4 one', async (t) => {
  const a = new Telepathine({ ...FAST, address: '::1', logger: recordingLogger() });
  try {
    await a.start().started;
  } catch {
    t.pass('this machine has no IPv6');
    return;
  }
  await using b = new Telepathine({ ...FAST, address: '::1', seeds: [a.peer_name] }).start();
  t.deepEqual(await a.waitFor('peer:start'), [b.peer_name]);
  t.is(a.peer(b.peer_name)?.address, '::1');
  await a.stop();
});

test('a busy port that nobody waits for is written to stderr, and the process goes on', async (t) => {
  await using node = await Telepathine.start(FAST);
  const port = node.peer_name.split(':')[1];
  const { stdout, stderr } = await runProgram(`
    const node = new Telepathine(${port}, [], {}).start();
    setTimeout(() => console.log('alive'), 300);
  `);
  t.is(stdout, 'alive\n');
  t.regex(stderr, /^telepathine: .*127\.0\.0\.1:\d+ cannot be bound/);
});

test('nothing keeps the process alive after stop', async (t) => {
  const { stdout } = await runProgram(`
    const node = new Telepathine(0, [], {}).every(10, () => undefined).start();
    await node.started;
    await node.stop();
    console.log('stopped');
  `);
  t.is(stdout, 'stopped\n');
});

test('a handler that throws without anybody to tell is written to stderr with its stack', async (t) => {
  const { stderr } = await runProgram(`
    const node = new Telepathine(0, [], {}).on('start', function broken() {
      throw new Error('my fault');
    }).start();
    await node.started;
    await node.stop();
  `);
  t.regex(stderr, /HANDLER_FAILED: a handler of 'start' failed: Error: my fault\n\s+at .*broken/);
});

test('a node needs no options at all', async (t) => {
  await using node = await Telepathine.start();
  t.is(node.peer_name, `127.0.0.1:${node.port}`);
});
