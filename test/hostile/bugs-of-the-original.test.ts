/**
 * The original's bugs, none of which may come back: a test for each. Here those of its sockets, its
 * packets and its encryption; those of its state, and of its interface and its failure detector, are
 * in the files beside this one.
 */
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import test from 'ava';
import { generateKey } from '../../src/crypto/derive.js';
import { Telepathine } from '../../src/index.js';
import type { TappedEnvelope } from '../../src/transport/memory.js';
import { encodePacket } from '../../src/wire/codec.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { frame } from '../../src/wire/framing.js';
import { TestMesh } from '../telepathine/test-mesh.js';
import { until } from '../transport/recorder.js';
import { TcpAttacker, UdpAttacker } from './attackers.js';
import { Friend } from './friend.js';
import { Member } from './member.js';
import { Victim } from './victim.js';

const A = '10.0.0.1:9000';

test('what is answered on a TCP connection that this node has opened is read', async (t) => {
  const victim = await Victim.start(t, { udp: false });
  const friend = await Friend.start(t, victim, { udp: false });
  for (let i = 0; i < 20; i++) await friend.exchange();
  t.true((friend.node.stats()?.received.tcp.packets ?? 0) > 20);
});

test('TCP connections are kept and shared, and none is left when the others are gone', async (t) => {
  const victim = await Victim.start(t, { udp: false });
  const friend = await Friend.start(t, victim, { udp: false });
  for (let i = 0; i < 50; i++) await friend.exchange();
  t.true((await victim.ask('sockets')) <= 2);
  await friend.node.stop();
  await until(() => friend.node.port === 0);
  // Not asked again once it was 0: who is alone calls the gone ones now and then, and is refused.
  let left = await victim.ask('sockets');
  for (let waited = 0; left > 0 && waited < 200; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    left = await victim.ask('sockets');
  }
  t.is(left, 0);
});

test('frames that come together in one chunk are all read, and the connection goes on', async (t) => {
  await using node = await Telepathine.start({ port: 0 });
  const attacker = await TcpAttacker.open(t, node);
  const member = Member.byStream('many', attacker, undefined);
  const ping = () => frame(member.envelope({ heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } }));
  attacker.write(Buffer.concat([ping(), ping(), ping()]));
  await until(() => member.answers === 3);
  attacker.write(ping());
  await until(() => member.answers === 4);
  t.pass();
});

test('a first chunk of fewer than 4 bytes is the beginning of a frame', async (t) => {
  await using node = await Telepathine.start({ port: 0 });
  const attacker = await TcpAttacker.open(t, node);
  const member = Member.byStream('slow', attacker, undefined);
  const ping = frame(member.envelope({ heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } }));
  for (const [from, to] of [
    [0, 1],
    [1, 3],
    [3, undefined],
  ] as const) {
    attacker.write(ping.subarray(from, to));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await until(() => member.answers === 1);
  t.pass();
});

test('a length of 4 GB, from anybody, takes no memory and closes the connection', async (t) => {
  const victim = await Victim.start(t);
  const before = await victim.ask('memory');
  for (let i = 0; i < 20; i++) {
    const attacker = await TcpAttacker.open(t, victim);
    attacker.write(Buffer.from('ffffffff00', 'hex'));
    await attacker.closed();
  }
  const after = await victim.ask('memory');
  t.true(after.usedBytes - before.usedBytes < 5e6);
  t.is((await victim.stats()).refusals['frame-too-long'], 20);
});

const evilBody = (name: string) =>
  encodeEntryBody({
    version: 2,
    name,
    content: { kind: 'value', encoding: 1, typeName: '', stamp: { time: 1 } },
  });
const payload = Buffer.from('"v"');

for (const [what, shoot] of [
  [
    'that is `null`',
    ({ attacker, node }) => {
      for (const text of ['null', '\u0011null', '{"null":null}', ''])
        attacker.send(node, Buffer.from(text));
    },
  ],
  [
    'that asks for an unknown peer',
    ({ member }) => {
      const want = { generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
      const known = { logId: '1111111111111111', generation: 1 };
      member.send({ wants: [{ ...want, owner: '1234567890abcdef' }] });
      member.send({ wants: [{ ...want, owner: '1234567890abcdef', ...known }] });
    },
  ],
  [
    'with an empty key in a digest',
    ({ attacker, member, node }) => {
      const place = 'abababababababab';
      const packet = encodePacket(
        member.blank({ digests: [{ owners: [member.digest({ owner: place })] }] }),
      );
      const bytes = Buffer.from(packet);
      const at = bytes.indexOf(Buffer.from(place, 'hex'));
      // Eight zeros in place of the owner's id; and the id cut out, with the lengths around it as they were.
      attacker.send(node, writeEnvelope(Buffer.from(bytes).fill(0, at, at + 8), undefined));
      attacker.send(
        node,
        writeEnvelope(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 8)]), undefined),
      );
      member.send({
        deltas: [
          member.delta({ from: 1, to: 2, asOf: 2, entries: [{ body: evilBody(''), payload }] }),
        ],
      });
    },
  ],
  [
    'with a key named __proto__',
    ({ member }) => {
      const entries = [
        { body: evilBody('__proto__'), payload: Buffer.from('{"__proto__":{"bad":1}}') },
      ];
      member.send({ deltas: [member.delta({ from: 1, to: 2, asOf: 2, entries })] });
    },
  ],
] as [string, (shot: { attacker: UdpAttacker; member: Member; node: Telepathine }) => void][]) {
  test(`a datagram ${what} does not end the process`, async (t) => {
    await using node = await Telepathine.start({ port: 0 });
    const attacker = await UdpAttacker.open(t);
    const member = Member.byDatagrams('evil', node, attacker, undefined);
    await member.join();
    shoot({ attacker, member, node });
    const { answers } = member;
    await member.greet();
    t.true(member.answers > answers);
    t.is(node.stats()?.refusals['internal-error'], undefined);
    t.is(({} as Record<string, unknown>)['bad'], undefined);
  });
}

test("who has no key writes nobody's state", async (t) => {
  const mesh = new TestMesh();
  const options = { network: generateKey() };
  const [a, b] = await mesh.start(2, options);
  const sent: TappedEnvelope[] = [];
  mesh.network.tap((each) => sent.push(each));
  a!.set('k', 'old');
  await mesh.run(500);
  const old = sent.splice(0);
  a!.set('k', 'new');
  await mesh.run(500);
  for (const { from, to, kind, envelope } of old) {
    const forged = envelope.slice();
    forged[forged.length - 1]! ^= 1;
    for (const each of [envelope, forged, envelope.subarray(45)]) {
      mesh.network.inject(from, to, kind, each);
      mesh.network.inject('10.6.6.6:666', to, kind, each);
    }
  }
  await mesh.run(500);
  t.is(b!.getRemote('n1', 'k'), 'new');
  t.deepEqual(b!.allPeers(), ['n1']);
});

test('a sealed packet of which any byte is changed is refused', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2, { network: generateKey() });
  const sent: TappedEnvelope[] = [];
  mesh.network.tap((each) => sent.push(each));
  a!.set('k', 'v');
  await mesh.run(100);
  const { from, to, envelope } = sent.find((each) => each.from === A) as TappedEnvelope;
  const refused = () =>
    Object.entries(b!.stats()!.refusals).map(([reason, count]) => [reason, count]);
  t.deepEqual(refused(), []);
  for (let at = 0; at < envelope.length; at++) {
    const changed = envelope.slice();
    changed[at]! ^= 1 << (at % 8);
    mesh.network.inject(from, to, 'udp', changed);
  }
  await mesh.run(100);
  const counts = Object.fromEntries(refused()) as Record<string, number>;
  t.deepEqual(counts, {
    'unknown-kind': 1,
    'unknown-key': 4,
    'not-authentic': envelope.length - 5,
  });
});

test('the same said twice is never sealed to the same bytes', async (t) => {
  const mesh = new TestMesh();
  const sent: string[] = [];
  mesh.network.tap(({ envelope }) => sent.push(Buffer.from(envelope).toString('hex')));
  const [a] = await mesh.start(2, { network: 'the same secret of all tests' });
  for (let i = 0; i < 20; i++) {
    a!.set('k', 'v');
    await mesh.run(100);
  }
  const nonces = new Set(sent.map((hex) => hex.slice(10, 58)));
  const boxes = new Set(sent.map((hex) => hex.slice(58)));
  t.true(sent.length > 20);
  // One envelope may go to several nodes; here there is one other.
  t.is(nonces.size, sent.length);
  t.is(boxes.size, sent.length);
});

test('a node with a loopback address listens on no other', async (t) => {
  await using node = await Telepathine.start({ port: 0 });
  const ips = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const others = ips.filter(({ internal, family }) => !internal && family === 'IPv4');
  for (const ip of ['127.0.0.2', ...others.map(({ address }) => address)]) {
    const socket = connect({ port: node.port, host: ip, timeout: 2000 });
    const opened = await new Promise((resolve) => {
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('timeout', () => resolve(false));
    });
    socket.destroy();
    t.false(opened, ip);
  }
});
