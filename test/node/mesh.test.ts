import test from 'ava';
import { SystemClock } from '../../src/clock/system-clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { CoreEvent } from '../../src/core/contract.js';
import { Core } from '../../src/core/core.js';
import { deriveKeyring, generateKey } from '../../src/crypto/derive.js';
import type { Keyring } from '../../src/crypto/keyring.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import type { Command, NodeOptions } from '../../src/node/node.js';
import { Node } from '../../src/node/node.js';
import type { Seed } from '../../src/transport/address.js';
import { formatAddress, parseSeed, toHostAddress } from '../../src/transport/address.js';
import type { LinkConditions, TappedEnvelope } from '../../src/transport/memory.js';
import { MemoryNetwork } from '../../src/transport/memory.js';
import { TcpTransport } from '../../src/transport/tcp.js';
import { UdpTransport } from '../../src/transport/udp.js';
import { Encoding } from '../../src/wire/packet.js';
import { bytes, until } from '../transport/recorder.js';
import { coreOptions } from './core-options.js';

interface Member {
  node: Node<Core>;
  events: CoreEvent[];
  faults: unknown[];
}

type Place = Pick<NodeOptions<Core>, 'transports' | 'clock' | 'keyring'> & { seeds?: Seed[] };

async function join(
  name: string,
  ip: string,
  port: number,
  { seeds = [], ...place }: Place,
): Promise<Member> {
  const events: CoreEvent[] = [];
  const faults: unknown[] = [];
  const node = await Node.open<Core>({
    ...place,
    port,
    core: (bound) => {
      const addresses = (['udp', 'tcp'] as const).map((kind) => toHostAddress(ip, bound, kind)!);
      return new Core(coreOptions(name, addresses), seedOf(name));
    },
    onEvent: (event) => events.push(event),
    onInternalError: (error) => faults.push(error),
  });
  for (const seed of seeds) node.addSeed(seed);
  node.start();
  return { node, events, faults };
}

async function memoryMesh(size: number, conditions: Partial<LinkConditions>, keyring?: Keyring) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock, 5, conditions);
  const tapped: TappedEnvelope[] = [];
  network.tap((each) => tapped.push(each));
  const members: Member[] = [];
  for (let index = 1; index <= size; index++) {
    const ip = `10.0.0.${index}`;
    const transports = [() => network.tcp(`${ip}:9000`), () => network.udp(`${ip}:9000`)];
    const seeds = [parseSeed('10.0.0.1:9000')];
    members.push(await join(`node ${index}`, ip, 9000, { transports, clock, seeds, keyring }));
    clock.advance(100);
  }
  return { clock, network, tapped, members };
}

function seedOf(name: string): Uint8Array {
  return bytes(name.padEnd(32, '.'));
}

function setting(key: string, text: string): Command {
  const payload = bytes(text);
  const encoding = Encoding.bytes;
  return { type: 'set', key, payload, encoding, typeName: '', stamp: { time: 1 } };
}

function heardBy({ node }: Member, name: string, key: string): string | undefined {
  const value = node.core.remoteGet(name, key, Number.MAX_SAFE_INTEGER);
  return value && Buffer.from(value.payload.bytes).toString();
}

function live({ node }: Member): number {
  return node.stats().live;
}

async function closeAll(members: Member[]): Promise<void> {
  await Promise.all(members.map(({ node }) => node.close()));
}

test.before(() => cryptoReady());

test('nodes in memory find each other and share values, sealed, at 20 % loss', async (t) => {
  const keyring = deriveKeyring(generateKey(), '');
  const conditions = { lossRate: 0.2, doublingRate: 0.1, latency: { minMs: 1, maxMs: 30 } };
  const { clock, members, tapped } = await memoryMesh(5, conditions, keyring);
  const [first] = members as [Member];
  first.node.apply(setting('large', 'x'.repeat(100_000)));
  for (const [index, { node }] of members.entries()) node.apply(setting('key', `${index + 1}`));
  clock.advance(20_000);
  for (const member of members) {
    t.is(live(member), 5);
    t.deepEqual(member.faults, []);
    for (const [index, other] of members.entries()) {
      if (other !== member) t.is(heardBy(member, `node ${index + 1}`, 'key'), `${index + 1}`);
    }
  }
  for (const member of members.slice(1)) {
    t.is(heardBy(member, 'node 1', 'large')?.length, 100_000);
  }
  const { packetsByKey, received, receivedByType, refusals } = first.node.stats();
  t.is(packetsByKey[keyring.sealing.id], received.udp.packets + received.tcp.packets);
  t.true((receivedByType['heartbeat+fingerprint']?.packets ?? 0) > 0, inspect(receivedByType));
  t.is(refusals['internal-error'], undefined);
  t.true(tapped.every(({ envelope }) => envelope[0] === 0x21));
  await closeAll(members);
});

test('the same seeds give the same packets', async (t) => {
  const run = async () => {
    const conditions = { lossRate: 0.1, latency: { minMs: 1, maxMs: 30 } };
    const { clock, members, tapped } = await memoryMesh(4, conditions);
    members[0]?.node.apply(setting('key', 'value'));
    clock.advance(5000);
    await closeAll(members);
    return tapped.map(({ envelope, ...rest }) => ({
      ...rest,
      envelope: Buffer.from(envelope).toString('hex'),
    }));
  };
  const [first, second] = [await run(), await run()];
  t.true(first.length > 100);
  t.deepEqual(first, second);
});

test('a crashed node is noticed, and one that is cut off returns', async (t) => {
  const { clock, network, members } = await memoryMesh(4, {});
  const [first, second, third, fourth] = members as [Member, Member, Member, Member];
  clock.advance(5000);
  network.crash('10.0.0.4:9000');
  await fourth.node.close();
  clock.advance(30_000);
  t.deepEqual([first, second, third].map(live), [3, 3, 3]);
  network.partition([['10.0.0.1:9000', '10.0.0.2:9000'], ['10.0.0.3:9000']]);
  third.node.apply(setting('alone', 'yes'));
  clock.advance(60_000);
  t.is(live(first), 2);
  t.is(heardBy(first, 'node 3', 'alone'), undefined);
  network.heal();
  clock.advance(60_000);
  t.deepEqual([first, second, third].map(live), [3, 3, 3]);
  t.is(heardBy(first, 'node 3', 'alone'), 'yes');
  t.deepEqual([...first.faults, ...second.faults, ...third.faults], []);
  await closeAll(members);
});

for (const ip of ['127.0.0.1', '::1']) {
  test(`nodes on real sockets of ${ip} share small and large values`, async (t) => {
    const clock = new SystemClock();
    const keyring = deriveKeyring(generateKey(), '');
    const transports = [
      (port: number) => new TcpTransport({ ip, port }),
      (port: number) => new UdpTransport({ ip, port }),
    ];
    const first = await join('first', ip, 0, { transports, clock, keyring });
    const seeds = [parseSeed(formatAddress(ip, first.node.port))];
    const second = await join('second', ip, 0, { transports, clock, keyring, seeds });
    const third = await join('third', ip, 0, { transports, clock, keyring, seeds });
    first.node.apply(setting('small', 'a value'));
    second.node.apply(setting('large', 'y'.repeat(200_000)));
    await until(() => heardBy(third, 'first', 'small') === 'a value', 20_000);
    await until(() => heardBy(third, 'second', 'large')?.length === 200_000, 20_000);
    await until(() => heardBy(first, 'second', 'large')?.length === 200_000, 20_000);
    t.true(third.node.stats().received.tcp.bytes > 200_000);
    second.node.apply({ type: 'leave' });
    await until(() => second.events.some(({ type }) => type === 'left'), 20_000);
    await second.node.close();
    await until(() => live(first) === 2 && live(third) === 2, 20_000);
    t.deepEqual([...first.faults, ...second.faults, ...third.faults], []);
    await closeAll([first, second, third]);
  });
}

function inspect(value: unknown): string {
  return JSON.stringify(value);
}
