/** Seeds that are known to a name server, which this process alone is told to ask. */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { setServers } from 'node:dns';
import { once } from 'node:events';
import test from 'ava';
import { Telepathine } from '../../src/telepathine.js';
import { parseSeed } from '../../src/transport/address.js';
import { resolveSeed } from '../../src/transport/resolve.js';

const SERVICE = '_mesh._udp.example';

test('a service that a name server knows is a seed, and is asked for anew each time', async (t) => {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  setServers([`127.0.0.1:${server.address().port}`]);
  const ports: number[] = [];
  answerServices(server, ports);
  const seed = parseSeed(`srv:${SERVICE}`);
  t.deepEqual(await resolveSeed(seed), []);
  ports.push(7001, 7002);
  const [first, second] = await resolveSeed(seed);
  t.regex(first ?? '', /^(127\.0\.0\.1|\[::1\]):700[12]$/);
  t.regex(second ?? '', /^(127\.0\.0\.1|\[::1\]):700[12]$/);

  await using one = await Telepathine.start({ profile: 'local' });
  ports.splice(0, 2, one.port);
  await using other = new Telepathine({ profile: 'local', seeds: [`srv:${SERVICE}`] }).start();
  await other.ready({ peers: 1, timeoutMs: 20_000 });
  t.deepEqual(other.livePeers(), [one.peer_name]);
});

/** A name server (RFC 1035, RFC 2782) that knows the ports of one service on this machine. */
function answerServices(server: Socket, ports: readonly number[]): void {
  server.on('message', (question, { port, address }) => {
    const records = ports.map((each) => serviceRecord(each));
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    const asked = question.subarray(12, endOfQuestion(question));
    server.send(Buffer.concat([head, asked, ...records]), port, address);
  });
}

/** Behind the labels of the name stand its type and class. */
function endOfQuestion(message: Buffer): number {
  let at = 12;
  while (message[at] !== 0) at += 1 + (message[at] as number);
  return at + 5;
}

/** For the name that was asked for: type SRV, class IN, no time to live; port, host `localhost`. */
function serviceRecord(port: number): Buffer {
  const target = Buffer.from('\x09localhost\0', 'latin1');
  const record = Buffer.alloc(18);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(33, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt16BE(6 + target.length, 10);
  record.writeUInt16BE(port, 16);
  return Buffer.concat([record, target]);
}
