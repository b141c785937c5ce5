import { connect } from 'node:net';
import test from 'ava';
import { TcpTransport } from '../../src/transport/tcp.js';
import { UdpTransport } from '../../src/transport/udp.js';
import { frame } from '../../src/wire/framing.js';
import { bytes, pause, Recorder, until } from './recorder.js';

test('closed transports leave no sockets, servers or timers, and no error of a peer escapes', async (t) => {
  const before = handles();
  const options = { ip: '127.0.0.1', port: 0 };
  const transports = [
    new TcpTransport(options),
    new TcpTransport(options),
    new UdpTransport(options),
  ] as const;
  const [a, b] = transports;
  const receiver = new Recorder();
  await a.open(receiver);
  const port = await b.open(receiver);
  await transports[2].open(receiver);
  a.send(`127.0.0.1:${port}`, bytes('hello'));
  a.send('127.0.0.1:9', bytes('nobody there'));
  const rude = connect({ host: '127.0.0.1', port });
  rude.write(frame(bytes('rude')));
  await until(() => receiver.texts.length === 2);
  rude.resetAndDestroy();
  await until(() => receiver.down.length === 2);
  a.send('192.0.2.1:9000', bytes('a connection that is being opened'));
  t.true(handles().length > before.length);
  await Promise.all(transports.flatMap((each) => [each.close(), each.close()]));
  await pause(20);
  t.deepEqual(handles(), before);
  const reported = receiver.down.length;
  for (const transport of transports) transport.send(`127.0.0.1:${port}`, bytes('too late'));
  await pause(20);
  t.is(receiver.down.length, reported);
});

function handles(): string[] {
  const ofSockets = /TCP|UDP|Timeout|Immediate/;
  return process
    .getActiveResourcesInfo()
    .filter((name) => ofSockets.test(name))
    .sort();
}
