/** What the tests of `test/transport` leave out: the limits of a connection to the byte and the ms. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import test from 'ava';
import { TcpTransport } from '../../src/transport/tcp.js';
import { monotonicMs, TcpConnection } from '../../src/transport/tcp-connection.js';
import { type TcpLimits, tcpLimits } from '../../src/transport/tcp-limits.js';
import { frame } from '../../src/wire/framing.js';
import { pause, Recorder, until } from '../transport/recorder.js';

/** A connection over a socket that sends nothing, and when it was made. */
class Bench {
  readonly socket: Duplex & { connecting: boolean };
  readonly reasons: string[] = [];
  readonly connection: TcpConnection;
  readonly beforeMs = monotonicMs();
  readonly afterMs: number;

  constructor(limits: Partial<TcpLimits>, connecting = false) {
    const socket = new Duplex({ read: () => undefined, write: () => undefined });
    this.socket = Object.assign(socket, { connecting });
    this.connection = new TcpConnection(
      this.socket as unknown as Socket,
      '10.0.0.1:9000',
      tcpLimits(limits),
      {
        envelope: () => undefined,
        refused: (_connection, reason) => this.reasons.push(reason),
        halfReadChanged: () => true,
        closed: () => undefined,
      },
    );
    this.afterMs = monotonicMs();
  }

  /** Whether it is open just so long after it was made, and whether it is a moment later. */
  isOpenAt(ageMs: number): [atLimit: boolean, beyond: boolean] {
    this.connection.checkTime(this.beforeMs + ageMs);
    const atLimit = !this.socket.destroyed;
    this.connection.checkTime(this.afterMs + ageMs + 0.001);
    return [atLimit, !this.socket.destroyed];
  }
}

test('pendingBytesMax bytes wait for a connection to open, and not one more', (t) => {
  const bench = new Bench({ pendingBytesMax: 1000 }, true);
  bench.connection.send(new Uint8Array(600));
  bench.connection.send(new Uint8Array(400));
  t.is(bench.connection.unsentBytes, 1000);
  bench.connection.send(new Uint8Array(1));
  t.is(bench.connection.unsentBytes, 1000);
  t.deepEqual(bench.reasons, ['pending-full']);
  t.false(bench.socket.destroyed);
});

test('unsentBytesMax bytes wait in an open connection, and one more closes it', (t) => {
  const bench = new Bench({ unsentBytesMax: 1000 });
  bench.connection.send(new Uint8Array(1000));
  t.deepEqual(bench.reasons, []);
  bench.connection.send(new Uint8Array(1));
  t.deepEqual(bench.reasons, ['receiver-too-slow']);
  t.true(bench.socket.destroyed);
});

test('a connection may take connectTimeoutMs to open', (t) => {
  const bench = new Bench({ connectTimeoutMs: 2000 }, true);
  t.deepEqual(bench.isOpenAt(2000), [true, false]);
  t.deepEqual(bench.reasons, []);
});

test('a connection may stay without trust for trustTimeoutMs', (t) => {
  const bench = new Bench({ trustTimeoutMs: 2000 });
  t.deepEqual(bench.isOpenAt(2000), [true, false]);
  t.deepEqual(bench.reasons, ['not-trusted-in-time']);
});

test('a trusted connection may be silent for idleTimeoutMs', (t) => {
  const bench = new Bench({ idleTimeoutMs: 20_000 });
  bench.connection.trust();
  t.deepEqual(bench.isOpenAt(20_000), [true, false]);
  t.deepEqual(bench.reasons, []);
});

test('a frame may take frameTimeoutMs, and a second more for each 16 KiB that have come', (t) => {
  const bench = new Bench({ frameTimeoutMs: 2000 });
  bench.connection.trust();
  const beforeMs = monotonicMs();
  bench.socket.emit('data', frame(new Uint8Array(40_000)).subarray(0, 32 * 1024));
  const afterMs = monotonicMs();
  bench.connection.checkTime(beforeMs + 4000);
  t.deepEqual(bench.reasons, []);
  bench.connection.checkTime(afterMs + 4000.001);
  t.deepEqual(bench.reasons, ['frame-too-slow']);
});

test('halfReadBytesMax bytes of all connections are kept, and not one more', async (t) => {
  const receiver = new Recorder();
  const transport = new TcpTransport({ ip: '127.0.0.1', port: 0, halfReadBytesMax: 1000 });
  t.teardown(() => transport.close());
  const port = await transport.open(receiver);
  const dial = async () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => undefined);
    t.teardown(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const [first, second] = [await dial(), await dial()];
  const half = frame(new Uint8Array(1100));
  first.write(half.subarray(0, 600));
  second.write(half.subarray(0, 400));
  await pause(100);
  t.deepEqual(receiver.reasons, []);
  second.write(half.subarray(400, 401));
  await until(() => receiver.reasons.length > 0);
  t.deepEqual(receiver.reasons, ['half-read-bytes']);
  first.write(half.subarray(600));
  await until(() => receiver.texts.length === 1);
});

test('less than unsentBytesTotalMax may wait in all connections', async (t) => {
  const receiver = new Recorder();
  const unsentBytesTotalMax = 8 * 1024 * 1024;
  const transport = new TcpTransport({ ip: '127.0.0.1', port: 0, unsentBytesTotalMax });
  t.teardown(() => transport.close());
  const port = await transport.open(receiver);
  for (let count = 0; count < 2; count++) {
    const socket = connect({ port, host: '127.0.0.1' });
    t.teardown(() => void socket.destroy());
    await once(socket, 'connect');
    socket.pause();
    socket.write(frame(Uint8Array.of(1)));
  }
  await until(() => receiver.envelopes.length === 2);
  for (const { address } of receiver.envelopes) {
    for (let sent = 0; sent < 4; sent++) transport.send(address, new Uint8Array(2 ** 20 - 4));
  }
  await pause(50);
  t.deepEqual([receiver.reasons, receiver.down], [[], []]);
});
