import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import test from 'ava';
import { TelepathineError } from '../../src/error.js';
import type { TcpOptions } from '../../src/transport/tcp.js';
import { TcpTransport } from '../../src/transport/tcp.js';
import { frame } from '../../src/wire/framing.js';
import { bytes, pause, Recorder, until } from './recorder.js';

async function open(options: Partial<TcpOptions> = {}) {
  const receiver = new Recorder();
  const transport = new TcpTransport({ ip: '127.0.0.1', port: 0, ...options });
  const port = await transport.open(receiver);
  return { receiver, transport, port };
}

async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

for (const [ip, host] of [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '[::1]'],
] as const) {
  test(`one connection carries frames both ways on ${ip}`, async (t) => {
    const a = await open({ ip });
    const b = await open({ ip });
    a.transport.send(`${host}:${b.port}`, bytes('first'));
    a.transport.send(`${host}:${b.port}`, bytes('second'));
    await until(() => b.receiver.texts.length === 2);
    t.deepEqual(b.receiver.texts, ['first', 'second']);
    const address = b.receiver.envelopes[0]?.address as string;
    t.true(address.startsWith(`${host}:`));
    b.transport.send(address, bytes('answer'));
    await until(() => a.receiver.texts.length === 1);
    t.deepEqual(a.receiver.envelopes, [{ address: `${host}:${b.port}`, text: 'answer' }]);
    await Promise.all([a.transport.close(), b.transport.close()]);
    t.deepEqual([...a.receiver.refusals, ...b.receiver.refusals], []);
  });
}

test('it listens on its own address only', async (t) => {
  const { transport, port } = await open();
  const elsewhere = connect({ port, host: '127.0.0.2' });
  const [error] = (await once(elsewhere, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
  await transport.close();
});

test('frames that come one byte at a time, or all at once, are read', async (t) => {
  const { receiver, transport, port } = await open();
  const socket = await dial(port);
  for (const byte of frame(bytes('slow'))) {
    socket.write(Uint8Array.of(byte));
    await pause(2);
  }
  socket.write(Buffer.concat([frame(bytes('three')), frame(bytes('at')), frame(bytes('once'))]));
  await until(() => receiver.texts.length === 4);
  t.deepEqual(receiver.texts, ['slow', 'three', 'at', 'once']);
  socket.destroy();
  await transport.close();
});

test('a trusted connection takes frames of full size, up to the limit', async (t) => {
  const a = await open();
  const b = await open({ frameBytesMax: 2 * 1024 * 1024 });
  const to = `127.0.0.1:${b.port}`;
  a.transport.send(to, bytes('hello'));
  await until(() => b.receiver.texts.length === 1);
  b.transport.trustLink(b.receiver.envelopes[0]?.address as string);
  a.transport.send(to, new Uint8Array(2 * 1024 * 1024));
  await until(() => b.receiver.texts.length === 2);
  t.is(b.receiver.texts[1]?.length, 2 * 1024 * 1024);
  a.transport.send(to, new Uint8Array(2 * 1024 * 1024 + 1));
  await until(() => a.receiver.down.length === 1);
  t.deepEqual(b.receiver.reasons, ['frame-too-long']);
  t.deepEqual(a.receiver.down, [to]);
  await Promise.all([a.transport.close(), b.transport.close()]);
});

test('a frame that stays half sent closes its connection', async (t) => {
  const { receiver, transport, port } = await open({ frameTimeoutMs: 60 });
  const socket = await dial(port);
  socket.resume();
  socket.write(frame(bytes('whole')));
  socket.write(frame(bytes('half')).subarray(0, 5));
  await closed(socket);
  t.deepEqual(receiver.reasons, ['frame-too-slow']);
  t.deepEqual(receiver.texts, ['whole']);
  await transport.close();
});

test('a connection that nobody vouches for is closed, a trusted one stays', async (t) => {
  const { receiver, transport, port } = await open({ trustTimeoutMs: 500 });
  const [stranger, friend] = [await dial(port), await dial(port)];
  stranger.resume();
  friend.resume();
  friend.write(frame(bytes('friend')));
  await until(() => receiver.texts.length === 1);
  transport.trustLink(receiver.envelopes[0]?.address as string);
  await closed(stranger);
  await pause(300);
  t.deepEqual(receiver.reasons, ['not-trusted-in-time']);
  t.false(friend.destroyed);
  friend.destroy();
  await transport.close();
});

test('an idle connection is closed', async (t) => {
  const { receiver, transport, port } = await open({ idleTimeoutMs: 60 });
  const socket = await dial(port);
  socket.resume();
  await closed(socket);
  await until(() => receiver.down.length === 1);
  t.deepEqual(receiver.reasons, []);
  await transport.close();
});

test('connections over the cap are refused while the others are in use', async (t) => {
  const { receiver, transport, port } = await open({ connectionsMax: 2 });
  const first = await dial(port);
  const second = await dial(port);
  const third = connect({ port, host: '127.0.0.1' });
  third.on('error', () => undefined);
  third.resume();
  await closed(third);
  t.deepEqual(receiver.reasons, ['connections-full']);
  for (const socket of [first, second]) socket.write(frame(bytes('still here')));
  await until(() => receiver.texts.length === 2);
  first.destroy();
  second.destroy();
  await transport.close();
});

test('a connection that is long silent makes room for a new one, trusted ones last', async (t) => {
  const { receiver, transport, port } = await open({ connectionsMax: 2 });
  const trusted = await dial(port);
  trusted.write(frame(bytes('trust me')));
  await until(() => receiver.texts.length === 1);
  transport.trustLink(receiver.envelopes[0]?.address as string);
  const silent = await dial(port);
  silent.resume();
  await pause(1100);
  const third = await dial(port);
  await closed(silent);
  third.write(frame(bytes('third')));
  trusted.write(frame(bytes('trusted')));
  await until(() => receiver.texts.length === 3);
  t.deepEqual(receiver.reasons, []);
  third.destroy();
  trusted.destroy();
  await transport.close();
});

test('strangers, who are in the middle of a frame, take no room from a trusted connection', async (t) => {
  const { receiver, transport, port } = await open({ connectionsMax: 4 });
  t.teardown(() => transport.close());
  const trusted = await dial(port);
  trusted.write(frame(bytes('trust me')));
  await until(() => receiver.texts.length === 1);
  transport.trustLink(receiver.envelopes[0]?.address as string);
  const half = frame(new Uint8Array(1000)).subarray(0, 500);
  const strangers: Socket[] = [];
  for (let wave = 0; wave < 2; wave++) {
    for (let count = 0; count < 4; count++) {
      const stranger = connect({ port, host: '127.0.0.1' });
      stranger.on('error', () => undefined).resume();
      stranger.on('connect', () => stranger.write(half));
      strangers.push(stranger);
      await pause(50);
    }
    await pause(1100);
  }
  trusted.write(frame(bytes('still here')));
  await until(() => receiver.texts.length === 2);
  t.deepEqual(receiver.down.length, 3);
  for (const socket of [trusted, ...strangers]) socket.destroy();
});

test('an own connection is refused too while all others are in use', async (t) => {
  const a = await open({ connectionsMax: 1 });
  const b = await open();
  a.transport.send(`127.0.0.1:${b.port}`, bytes('hello'));
  a.transport.send('127.0.0.1:9', bytes('one more'));
  await until(() => a.receiver.down.length === 1 && b.receiver.texts.length === 1);
  t.deepEqual(a.receiver.down, ['127.0.0.1:9']);
  t.deepEqual(a.receiver.reasons, ['connections-full']);
  await Promise.all([a.transport.close(), b.transport.close()]);
});

test('a node makes room for its own connection among strangers that it has just accepted', async (t) => {
  const a = await open({ connectionsMax: 2 });
  const b = await open();
  const strangers = [await dial(a.port), await dial(a.port)];
  for (const stranger of strangers) stranger.resume().write(Uint8Array.of(0, 0));
  await pause(50);
  a.transport.send(`127.0.0.1:${b.port}`, bytes('hello'));
  await until(() => b.receiver.texts.length === 1);
  await closed(strangers[0] as Socket);
  t.deepEqual(a.receiver.reasons, []);
  for (const socket of strangers) socket.destroy();
  await Promise.all([a.transport.close(), b.transport.close()]);
});

test('half-read bytes over the limit of all connections close the last one', async (t) => {
  const { receiver, transport, port } = await open({ halfReadBytesMax: 1500 });
  const [first, second] = [await dial(port), await dial(port)];
  second.resume();
  const half = frame(new Uint8Array(1200)).subarray(0, 1000);
  first.write(half);
  await pause(50);
  second.write(half);
  await closed(second);
  t.deepEqual(receiver.reasons, ['half-read-bytes']);
  first.write(new Uint8Array(204));
  await until(() => receiver.texts.length === 1);
  first.destroy();
  await transport.close();
});

test('what waits for a connection to open is bounded', async (t) => {
  const b = await open();
  const a = await open({ pendingBytesMax: 2048 });
  const to = `127.0.0.1:${b.port}`;
  for (let count = 0; count < 5; count++) a.transport.send(to, new Uint8Array(800));
  await until(() => b.receiver.texts.length === 2);
  t.deepEqual(a.receiver.reasons, ['pending-full', 'pending-full', 'pending-full']);
  await Promise.all([a.transport.close(), b.transport.close()]);
});

test('a receiver that does not read is closed at the limit of unsent bytes', async (t) => {
  const { receiver, transport, port } = await open({ unsentBytesMax: 8 * 1024 * 1024 });
  const socket = await dial(port);
  socket.write(frame(bytes('send me all')));
  await until(() => receiver.texts.length === 1);
  socket.pause();
  const address = receiver.envelopes[0]?.address as string;
  for (let count = 0; count < 400 && receiver.down.length === 0; count++) {
    transport.send(address, new Uint8Array(1024 * 1024));
    await pause(1);
  }
  await until(() => receiver.down.length === 1);
  t.deepEqual(receiver.reasons, ['receiver-too-slow']);
  socket.destroy();
  await transport.close();
});

test('receivers that do not read are closed at the limit of unsent bytes of all', async (t) => {
  const { receiver, transport, port } = await open({ unsentBytesTotalMax: 8 * 1024 * 1024 });
  t.teardown(() => transport.close());
  const sockets = [await dial(port), await dial(port)];
  t.teardown(() => sockets.forEach((socket) => void socket.destroy()));
  for (const socket of sockets) {
    socket.pause();
    socket.write(frame(bytes('send me all')));
  }
  await until(() => receiver.texts.length === 2);
  for (let count = 0; count < 400 && receiver.down.length === 0; count++) {
    for (const { address } of receiver.envelopes) transport.send(address, new Uint8Array(2 ** 20));
    await pause(1);
  }
  // The news comes later than the next sends, which may have closed the other one too.
  await until(() => receiver.down.length >= 1);
  t.true(receiver.reasons.every((reason) => reason === 'receiver-too-slow'));
});

test('a connection that does not open in time is down', async (t) => {
  const stopped = await stoppedListener();
  const { receiver, transport } = await open({ connectTimeoutMs: 150 });
  const fillers = await fillBacklog(stopped.port);
  const startedMs = performance.now();
  transport.send(`127.0.0.1:${stopped.port}`, bytes('anybody?'));
  await until(() => receiver.down.length === 1);
  t.true(performance.now() - startedMs >= 150);
  t.deepEqual(receiver.reasons, []);
  for (const socket of fillers) socket.destroy();
  stopped.end();
  await transport.close();
});

test('closing a link lets what was sent arrive, and is not reported to the one who closed', async (t) => {
  const a = await open();
  const b = await open();
  const to = `127.0.0.1:${b.port}`;
  a.transport.send(to, bytes('hello'));
  await until(() => b.receiver.texts.length === 1);
  const back = b.receiver.envelopes[0]?.address as string;
  b.transport.send(back, new Uint8Array(1000));
  b.transport.send(back, bytes('the last word'));
  b.transport.closeLink(back);
  await until(() => a.receiver.down.length === 1);
  t.is(a.receiver.texts.at(-1), 'the last word');
  t.deepEqual(b.receiver.down, []);
  a.transport.send(to, bytes('anew'));
  await until(() => b.receiver.texts.length === 2);
  await Promise.all([a.transport.close(), b.transport.close()]);
});

test('a connection that cannot be opened is reported once as down', async (t) => {
  const { receiver, transport } = await open();
  const closed = await open();
  await closed.transport.close();
  const to = `127.0.0.1:${closed.port}`;
  transport.send(to, bytes('nobody'));
  transport.send(to, bytes('there'));
  transport.send('nowhere', bytes('no address'));
  transport.send(to, new Uint8Array(0));
  await until(() => receiver.down.length === 2);
  t.deepEqual([...receiver.down].sort(), [to, 'nowhere'].sort());
  t.deepEqual(receiver.reasons, ['send-failed', 'send-failed']);
  await transport.close();
});

test('a busy port is ADDRESS_UNAVAILABLE and leaves nothing open', async (t) => {
  const squatter = createServer();
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  const transport = new TcpTransport({ ip: '127.0.0.1', port });
  const error = await t.throwsAsync(transport.open(new Recorder()), {
    instanceOf: TelepathineError,
  });
  t.is(error.code, 'ADDRESS_UNAVAILABLE');
  t.is((error.cause as NodeJS.ErrnoException).code, 'EADDRINUSE');
  squatter.close();
  await once(squatter, 'close');
  const again = await open({ port });
  t.is(again.port, port);
  await again.transport.close();
  await transport.close();
});

test('limits out of range are refused', (t) => {
  for (const limits of [{ connectionsMax: 0 }, { frameBytesMax: 1199 }, { idleTimeoutMs: 1.5 }]) {
    const make = () => new TcpTransport({ ip: '127.0.0.1', port: 0, ...limits });
    t.throws(make, { instanceOf: TelepathineError, message: new RegExp(Object.keys(limits)[0]!) });
  }
});

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

/** A process that listens, and is then stopped: nobody takes its connections. */
async function stoppedListener() {
  const program = `require('node:net').createServer().listen(
    { port: 0, host: '127.0.0.1', backlog: 1 },
    function () { console.log(this.address().port); },
  )`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  return { port: Number(line.toString()), end: () => child.kill('SIGKILL') };
}

/** Opens connections until one is not taken at once. */
async function fillBacklog(port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    sockets.push(socket);
    await pause(30);
    if (socket.connecting) return sockets;
  }
}
