import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import { TelepathineError } from '../../src/error.js';
import { UdpTransport } from '../../src/transport/udp.js';
import { bytes, pause, Recorder, until } from './recorder.js';

for (const [ip, host] of [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '[::1]'],
] as const) {
  test(`datagrams go both ways on ${ip}`, async (t) => {
    const [a, b] = [new UdpTransport({ ip, port: 0 }), new UdpTransport({ ip, port: 0 })];
    const [heardByA, heardByB] = [new Recorder(), new Recorder()];
    const portA = await a.open(heardByA);
    const portB = await b.open(heardByB);
    a.send(`${host}:${portB}`, bytes('question'));
    await until(() => heardByB.envelopes.length === 1);
    t.deepEqual(heardByB.envelopes, [{ address: `${host}:${portA}`, text: 'question' }]);
    b.send(`${host}:${portA}`, bytes('answer'));
    await until(() => heardByA.envelopes.length === 1);
    t.deepEqual(heardByA.envelopes, [{ address: `${host}:${portB}`, text: 'answer' }]);
    await Promise.all([a.close(), b.close()]);
  });
}

test('an IPv6 wildcard reaches IPv4 and knows it by its IPv4 address', async (t) => {
  const [a, b] = [
    new UdpTransport({ ip: '::', port: 0 }),
    new UdpTransport({ ip: '127.0.0.1', port: 0 }),
  ];
  const [heardByA, heardByB] = [new Recorder(), new Recorder()];
  const portA = await a.open(heardByA);
  const portB = await b.open(heardByB);
  a.send(`127.0.0.1:${portB}`, bytes('question'));
  b.send(`127.0.0.1:${portA}`, bytes('answer'));
  await until(() => heardByA.texts.length === 1 && heardByB.texts.length === 1);
  t.is(heardByA.envelopes[0]?.address, `127.0.0.1:${portB}`);
  t.is(heardByB.envelopes[0]?.address, `127.0.0.1:${portA}`);
  await Promise.all([a.close(), b.close()]);
});

test('it hears on its own address only', async (t) => {
  const receiver = new Recorder();
  const transport = new UdpTransport({ ip: '127.0.0.1', port: 0 });
  const port = await transport.open(receiver);
  const stranger = createSocket('udp4');
  stranger.send('elsewhere', port, '127.0.0.2');
  stranger.send('here', port, '127.0.0.1');
  await until(() => receiver.texts.length > 0);
  await pause(50);
  t.deepEqual(receiver.texts, ['here']);
  stranger.close();
  await transport.close();
});

test('a datagram over 1200 bytes is refused, one of 1200 is not', async (t) => {
  const receiver = new Recorder();
  const transport = new UdpTransport({ ip: '127.0.0.1', port: 0 });
  const port = await transport.open(receiver);
  const stranger = createSocket('udp4');
  stranger.send(Buffer.alloc(1201), port, '127.0.0.1');
  stranger.send(Buffer.alloc(1200), port, '127.0.0.1');
  await until(() => receiver.envelopes.length === 1);
  t.deepEqual(receiver.reasons, ['datagram-too-large']);
  stranger.close();
  await transport.close();
});

test('what cannot be sent is reported and does not throw', async (t) => {
  const receiver = new Recorder();
  const transport = new UdpTransport({ ip: '127.0.0.1', port: 0 });
  transport.send('127.0.0.1:9', bytes('before open'));
  await transport.open(receiver);
  transport.send('nowhere', bytes('no address'));
  transport.send('127.0.0.1:0', bytes('port 0'));
  transport.send('[2001:db8::1]:9000', bytes('another family'));
  transport.send('127.0.0.1:9', new Uint8Array(70_000));
  await until(() => receiver.refusals.length === 4);
  t.deepEqual([...new Set(receiver.reasons)], ['send-failed']);
  await transport.close();
  transport.send('127.0.0.1:9', bytes('after close'));
  await transport.close();
  t.is(receiver.refusals.length, 4);
});

test('a busy port is ADDRESS_UNAVAILABLE and leaves nothing open', async (t) => {
  const squatter = createSocket('udp4');
  squatter.bind(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address();
  const transport = new UdpTransport({ ip: '127.0.0.1', port });
  const error = await t.throwsAsync(transport.open(new Recorder()), {
    instanceOf: TelepathineError,
  });
  t.is(error.code, 'ADDRESS_UNAVAILABLE');
  t.is((error.cause as NodeJS.ErrnoException).code, 'EADDRINUSE');
  t.true(error.message.includes(`127.0.0.1:${port}`));
  squatter.close();
  await once(squatter, 'close');
  await transport.close();
  const again = new UdpTransport({ ip: '127.0.0.1', port });
  t.is(await again.open(new Recorder()), port);
  await again.close();
});
