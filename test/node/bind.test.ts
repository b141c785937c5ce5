import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'ava';
import { TelepathineError } from '../../src/error.js';
import { bindTransports } from '../../src/node/bind.js';
import { TcpTransport } from '../../src/transport/tcp.js';
import type { Transport, TransportReceiver } from '../../src/transport/transport.js';
import { UdpTransport } from '../../src/transport/udp.js';
import { Recorder } from '../transport/recorder.js';

const ip = '127.0.0.1';
const makers = [
  (port: number) => new TcpTransport({ ip, port }),
  (port: number) => new UdpTransport({ ip, port }),
];

/** Binds nothing: takes the ports that it is told, and refuses those that are taken. */
class FakeTransport implements Transport {
  closed = false;

  constructor(
    readonly kind: 'udp' | 'tcp',
    readonly port: number,
    readonly taken: ReadonlySet<number>,
    readonly free: () => number,
  ) {}

  async open(_receiver: TransportReceiver): Promise<number> {
    if (this.taken.has(this.port)) throw new TelepathineError('ADDRESS_UNAVAILABLE', 'taken');
    return this.port === 0 ? this.free() : this.port;
  }

  send(): void {
    throw new Error('nothing is sent');
  }

  closeLink(): void {
    throw new Error('nothing is closed');
  }

  trustLink(): void {
    throw new Error('nothing is trusted');
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

test('port 0 gives both transports the same free port', async (t) => {
  const bound = await bindTransports(makers, 0, () => new Recorder());
  t.true(bound.port > 0);
  t.deepEqual(
    bound.transports.map(({ kind }) => kind),
    ['tcp', 'udp'],
  );
  const second = createSocket('udp4');
  second.bind(bound.port, ip);
  const [error] = (await once(second, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'EADDRINUSE');
  second.close();
  await Promise.all(bound.transports.map((transport) => transport.close()));
});

test('a free port that UDP cannot have is given up for another', async (t) => {
  const made: FakeTransport[] = [];
  let next = 1;
  const make = (kind: 'udp' | 'tcp', taken: number[]) => (port: number) => {
    const transport = new FakeTransport(kind, port, new Set(taken), () => next++);
    made.push(transport);
    return transport;
  };
  const bound = await bindTransports([make('tcp', []), make('udp', [1, 2])], 0, () => {
    return new Recorder();
  });
  t.is(bound.port, 3);
  t.deepEqual(
    made.map(({ closed }) => closed),
    [true, true, true, true, false, false],
  );
  const none = bindTransports([make('tcp', []), make('udp', [...Array(99).keys()])], 0, () => {
    return new Recorder();
  });
  await t.throwsAsync(none, { instanceOf: TelepathineError, message: 'taken' });
  t.true(made.slice(6).every(({ closed }) => closed));
});

test('a port that is busy for one transport leaves nothing open on the other', async (t) => {
  const squatter = createSocket('udp4');
  squatter.bind(0, ip);
  await once(squatter, 'listening');
  const { port } = squatter.address();
  const error = await t.throwsAsync(
    bindTransports(makers, port, () => new Recorder()),
    { instanceOf: TelepathineError },
  );
  t.is(error.code, 'ADDRESS_UNAVAILABLE');
  t.true(error.retryable);
  const server = createServer();
  server.listen(port, ip);
  await once(server, 'listening');
  server.close();
  squatter.close();
  t.pass();
});
