import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { generateKey } from '../../src/crypto/derive.js';
import type {
  ConnectionMessage,
  NodeMessage,
  PacketMessage,
  PeerMessage,
  RefusalMessage,
} from '../../src/index.js';
import { Telepathine } from '../../src/index.js';
import { CHANNELS } from '../../src/node/diagnostics.js';
import { Node } from '../../src/node/node.js';
import { MemoryNetwork } from '../../src/transport/memory.js';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { TestMesh } from '../telepathine/test-mesh.js';
import { FakeCore, packetWith, sending } from './fake-core.js';

const SELF = '10.0.0.1:9000';
const OTHER = '10.0.0.2:9000';

/** Collects what a channel tells while a test runs. */
function listen<Message>(name: keyof typeof CHANNELS): { heard: Message[]; end: () => void } {
  const heard: Message[] = [];
  const listener = (message: unknown) => heard.push(message as Message);
  subscribe(CHANNELS[name], listener);
  return { heard, end: () => unsubscribe(CHANNELS[name], listener) };
}

async function open() {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock, 1);
  const node = await Node.open<FakeCore>({
    core: () => new FakeCore(),
    name: (port) => `n${port}`,
    transports: [() => network.udp(SELF)],
    port: 9000,
    clock,
    onEvent: () => undefined,
    onInternalError: () => undefined,
  });
  const other = network.udp(OTHER);
  await other.open({
    envelope: () => undefined,
    linkDown: () => undefined,
    refused: () => undefined,
  });
  node.start();
  return { clock, node, core: node.core, other };
}

const PING = packetWith({ heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } });
const PING_BYTES = encodePacket(PING);

test.serial('a packet that comes is told with its bytes, and what they mean', async (t) => {
  const { heard, end } = listen<PacketMessage>('packet');
  const { clock, node, other } = await open();
  const envelope = writeEnvelope(PING_BYTES, undefined);
  other.send(SELF, envelope);
  clock.advance(50);
  end();
  t.deepEqual(heard, [
    {
      node: 'n9000',
      direction: 'received',
      transport: 'udp',
      address: OTHER,
      envelope,
      packetBytes: PING_BYTES,
      packet: (decodePacket(PING_BYTES) as { packet: typeof PING }).packet,
    },
  ]);
  await node.close();
});

test.serial('a packet that is not taken is told with the reason, on both channels', async (t) => {
  const packets = listen<PacketMessage>('packet');
  const refusals = listen<RefusalMessage>('refusal');
  const { clock, node, other } = await open();
  for (const envelope of [[0x99], [0x11, 7]]) other.send(SELF, Uint8Array.from(envelope));
  clock.advance(50);
  packets.end();
  refusals.end();
  const reasons = packets.heard.map(({ refusal, packet }) => [refusal, packet]);
  t.deepEqual(reasons.sort(), [
    ['malformed', undefined],
    ['unknown-kind', undefined],
  ]);
  const told = refusals.heard.map(({ reason, ...rest }) => ({ reason, ...rest }));
  const from = { node: 'n9000', transport: 'udp', address: OTHER } as const;
  t.deepEqual(
    told.sort((one, two) => (one.reason < two.reason ? -1 : 1)),
    [
      { reason: 'malformed', ...from },
      { reason: 'unknown-kind', ...from },
    ],
  );
  await node.close();
});

test.serial('what the core refuses is told once, by the count that has grown', async (t) => {
  const { heard, end } = listen<RefusalMessage>('refusal');
  const { clock, node, core, other } = await open();
  let stale = 5;
  const stats = core.stats.bind(core);
  core.stats = () => ({ ...stats(), refusals: { malformed: 1, stale } });
  core.respond = ({ type }) => {
    if (type === 'packet') stale += 1;
    return [];
  };
  other.send(SELF, writeEnvelope(PING_BYTES, undefined));
  clock.advance(50);
  end();
  t.deepEqual(heard, [{ node: 'n9000', transport: 'udp', address: OTHER, reason: 'stale' }]);
  await node.close();
});

test.serial('a packet that is sent is told once for each receiver', async (t) => {
  const { heard, end } = listen<PacketMessage>('packet');
  const { node, core } = await open();
  core.respond = () => [sending(PING, `udp:${OTHER}`, 'udp:10.0.0.3:9000')];
  node.apply({ type: 'leave' });
  end();
  t.deepEqual(
    heard.map(({ direction, address, packet }) => [direction, address, packet]),
    [
      ['sent', OTHER, PING],
      ['sent', '10.0.0.3:9000', PING],
    ],
  );
  await node.close();
});

test.serial('of a private mesh the key’s id is told, and never the key', async (t) => {
  const { heard, end } = listen<PacketMessage>('packet');
  const mesh = new TestMesh();
  const network = generateKey();
  const [one] = await mesh.start(2, { network });
  end();
  t.true(heard.length > 4);
  for (const message of heard) {
    t.is(message.keyId, one!.keyIds[0]);
    t.deepEqual(message.packet, (decodePacket(message.packetBytes!) as { packet: unknown }).packet);
  }
  const secret = Buffer.from(network.split(':')[1]!, 'base64url');
  const shown = JSON.stringify(heard.map(({ packet }) => packet));
  t.false(shown.includes(secret.toString('hex')));
  t.false(shown.includes(network));
});

test.serial('peers and nodes are told as they come and go', async (t) => {
  const peers = listen<PeerMessage>('peer');
  const nodes = listen<NodeMessage>('node');
  const mesh = new TestMesh();
  const [, two] = await mesh.start(2);
  await mesh.settled(two!.stop());
  await mesh.run(1000);
  peers.end();
  nodes.end();
  const ofOne = peers.heard.filter(({ node }) => node === 'n1');
  t.deepEqual(
    ofOne.map(({ peer, change }) => `${peer} ${change}`),
    ['n2 new', 'n2 start', 'n2 leave', 'n2 stop'],
  );
  t.deepEqual(
    nodes.heard.map(({ node, change }) => `${node} ${change}`),
    ['n1 start', 'n2 start', 'n2 stop'],
  );
  t.deepEqual(
    nodes.heard.map(({ port }) => port > 0),
    [true, true, true],
  );
});

test.serial('connections are told: accepted, dialled, trusted, and lost', async (t) => {
  const { heard, end } = listen<ConnectionMessage>('connection');
  const one = await Telepathine.start({ name: 'one', udp: false });
  const two = await Telepathine.start({ name: 'two', udp: false, seeds: [one.port] });
  await one.ready();
  const stranger = connect(one.port, '127.0.0.1');
  await new Promise((resolve) => stranger.once('connect', resolve));
  const address = `127.0.0.1:${stranger.localPort}`;
  const toldOf = (of: string) =>
    heard.filter((each) => each.node === 'one' && each.address === of).map(({ change }) => change);
  while (!toldOf(address).includes('accepted')) await setTimeout(5);
  stranger.destroy();
  while (!toldOf(address).includes('lost')) await setTimeout(5);
  await Promise.all([one.stop(), two.stop()]);
  end();
  t.deepEqual(toldOf(address), ['accepted', 'lost']);
  const ofTwo = heard.filter(({ node }) => node === 'two').map(({ change }) => change);
  t.is(ofTwo[0], 'dialled');
  t.true(ofTwo.includes('trusted'));
});

test.serial('a subscriber sees nothing once it has unsubscribed', async (t) => {
  const { heard, end } = listen<PacketMessage>('packet');
  end();
  const { clock, node, other } = await open();
  other.send(SELF, writeEnvelope(PING_BYTES, undefined));
  clock.advance(50);
  t.is(node.core.inputs.filter(({ input }) => input.type === 'packet').length, 1);
  t.deepEqual(heard, []);
  await node.close();
});
