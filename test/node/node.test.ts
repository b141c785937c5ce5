import test from 'ava';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { CoreEvent, Input } from '../../src/core/contract.js';
import { TelepathineError } from '../../src/error.js';
import type { Command, NodeOptions } from '../../src/node/node.js';
import { Node } from '../../src/node/node.js';
import { parseSeed } from '../../src/transport/address.js';
import { MemoryNetwork } from '../../src/transport/memory.js';
import { encodePacket } from '../../src/wire/codec.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { bytes, Recorder } from '../transport/recorder.js';
import { emitting, FakeCore, packetWith, sending } from './fake-core.js';

const SELF = '10.0.0.1:9000';
const OTHER = '10.0.0.2:9000';
const LEAVE: Command = { type: 'leave' };
const PING = packetWith({ heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } });
const PING_ENVELOPE = writeEnvelope(encodePacket(PING), undefined);

async function fixture(options: Partial<NodeOptions<FakeCore>> = {}) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock, 1);
  const faults: unknown[] = [];
  const events: string[] = [];
  const node = await Node.open<FakeCore>({
    core: () => new FakeCore(),
    transports: [() => network.tcp(SELF), () => network.udp(SELF)],
    port: 9000,
    clock,
    onEvent: (event) => events.push(nameOf(event)),
    onInternalError: (error) => faults.push(error),
    ...options,
  });
  const other = network.udp(OTHER);
  const atOther = new Recorder();
  await other.open(atOther);
  return { clock, network, faults, events, node, core: node.core, other, atOther };
}

function nameOf(event: CoreEvent): string {
  return 'name' in event ? event.name : event.type;
}

test('the core is made for the port that was bound, and told of the seeds before the start', async (t) => {
  const ports: number[] = [];
  const { node, core } = await fixture({
    core: (port) => {
      ports.push(port);
      return new FakeCore();
    },
  });
  node.addSeed(parseSeed('10.0.0.2:9000'));
  t.deepEqual(ports, [9000]);
  t.is(node.port, 9000);
  t.deepEqual(core.types, []);
  node.start();
  node.start();
  t.deepEqual(core.types, ['seeds', 'start']);
  t.deepEqual(core.inputs[0]?.input, { type: 'seeds', addresses: ['10.0.0.2:9000'] });
  node.addSeed(parseSeed(':1'));
  t.deepEqual(core.inputs[2]?.input, { type: 'seeds', addresses: [OTHER, '127.0.0.1:1'] });
  await node.close();
});

test('a core that cannot be made leaves nothing open', async (t) => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock, 1);
  const core = () => {
    throw new TelepathineError('INVALID_ARGUMENT', 'no core');
  };
  const open = Node.open({
    core,
    transports: [() => network.tcp(SELF), () => network.udp(SELF)],
    port: 9000,
    clock,
    onEvent: () => undefined,
    onInternalError: () => undefined,
  });
  await t.throwsAsync(open, { message: 'no core' });
  t.is(await network.udp(SELF).open(new Recorder()), 9000);
  t.is(await network.tcp(SELF).open(new Recorder()), 9000);
});

test('a packet is read and goes to the core with its link and its size', async (t) => {
  const { clock, node, core, other } = await fixture();
  other.send(SELF, PING_ENVELOPE);
  clock.advance(10);
  t.deepEqual(core.types, []);
  node.start();
  other.send(SELF, PING_ENVELOPE);
  clock.advance(10);
  const { input } = core.inputs.at(-1) as { input: Input };
  t.deepEqual(input, {
    type: 'packet',
    link: `udp:${OTHER}`,
    packet: PING,
    bytes: PING_ENVELOPE.length,
  });
  await node.close();
});

test('one packet to many links is encoded once and counted for each', async (t) => {
  const { clock, network, node, core, atOther } = await fixture();
  const stream = new Recorder();
  await network.tcp(OTHER).open(stream);
  core.respond = ({ type }) =>
    type === 'leave' ? [sending(PING, `udp:${OTHER}`, `tcp:${OTHER}`, 'udp:10.0.0.3:1')] : [];
  node.start();
  node.apply(LEAVE);
  clock.advance(10);
  t.is(atOther.envelopes[0]?.address, SELF);
  t.deepEqual(atOther.texts, stream.texts);
  const bytesEach = PING_ENVELOPE.length;
  const { sent, sentByType } = node.stats();
  t.deepEqual(sent.udp, { packets: 2, bytes: 2 * bytesEach });
  t.deepEqual(sent.tcp, { packets: 1, bytes: bytesEach });
  t.deepEqual(sentByType, { heartbeat: { packets: 3, bytes: 3 * bytesEach } });
  await node.close();
});

test('addresses are mapped on the way out and on the way in', async (t) => {
  const { clock, node, core, other, atOther } = await fixture({
    mapOutgoing: (address) => (address === 'outside:1' ? OTHER : address),
    mapIncoming: (address) => (address === OTHER ? 'outside:1' : address),
  });
  core.respond = ({ type }) => (type === 'leave' ? [sending(PING, 'udp:outside:1')] : []);
  node.start();
  node.apply(LEAVE);
  other.send(SELF, PING_ENVELOPE);
  clock.advance(10);
  t.is(atOther.envelopes.length, 1);
  const { input } = core.inputs.at(-1) as { input: Input };
  t.is(input.type === 'packet' && input.link, 'udp:outside:1');
  await node.close();
});

test('the core is woken at its deadline, by one timer', async (t) => {
  const { clock, node, core } = await fixture();
  core.deadlineMs = 100;
  core.respond = ({ type }) => {
    if (type === 'wake') core.deadlineMs = undefined;
    return [];
  };
  node.start();
  clock.advance(99);
  t.deepEqual(core.types, ['seeds', 'start']);
  clock.advance(1);
  t.deepEqual(core.types, ['seeds', 'start', 'wake']);
  core.deadlineMs = 300;
  node.apply(LEAVE);
  core.deadlineMs = 200;
  node.apply(LEAVE);
  core.deadlineMs = 250;
  node.apply(LEAVE);
  clock.advance(1000);
  const wakes = core.inputs.filter(({ input }) => input.type === 'wake');
  t.deepEqual(
    wakes.map(({ nowMs }) => nowMs),
    [100, 250],
  );
  t.is(clock.nextCallMs(), undefined);
  await node.close();
});

test('a handler may give commands: the core is not entered twice and events keep their order', async (t) => {
  const order: string[] = [];
  const { node, core } = await fixture({
    onEvent: (event) => {
      order.push(`${nameOf(event)} begins`);
      if (nameOf(event) === 'first') node.apply(LEAVE);
      order.push(`${nameOf(event)} ends`);
    },
  });
  core.respond = ({ type }) => {
    if (type === 'start') return [emitting('first'), emitting('second')];
    return type === 'leave' ? [emitting('third')] : [];
  };
  node.start();
  const expected = ['first', 'second', 'third'].flatMap((name) => [
    `${name} begins`,
    `${name} ends`,
  ]);
  t.deepEqual(order, expected);
  await node.close();
});

test('what the core throws at a command reaches the caller, and the node goes on', async (t) => {
  const { node, core, faults } = await fixture();
  node.start();
  core.respond = () => {
    throw new TelepathineError('TOO_LARGE', 'too large');
  };
  t.throws(() => node.apply(LEAVE), { message: 'too large' });
  core.respond = () => [];
  node.apply(LEAVE);
  t.deepEqual(faults, []);
  await node.close();
});

test('a fault of the core at a packet or a wake is counted and reported, and does not spin', async (t) => {
  const { clock, node, core, other, faults } = await fixture();
  core.respond = ({ type }) => {
    if (type === 'packet' || type === 'wake') throw new Error(type);
    return [];
  };
  core.deadlineMs = 50;
  node.start();
  other.send(SELF, PING_ENVELOPE);
  clock.advance(10);
  t.deepEqual(faults.map(String), ['Error: packet']);
  clock.advance(2500);
  t.deepEqual(faults.map(String).slice(1), ['Error: wake', 'Error: wake', 'Error: wake']);
  t.is(node.stats().refusals['internal-error'], 4);
  await node.close();
});

test('a handler that throws stops neither the node nor the next event', async (t) => {
  const seen: string[] = [];
  const { node, core, faults } = await fixture({
    onEvent: (event) => {
      seen.push(nameOf(event));
      throw new Error('handler');
    },
  });
  core.respond = ({ type }) => (type === 'start' ? [emitting('a'), emitting('b')] : []);
  node.start();
  t.deepEqual(seen, ['a', 'b']);
  t.is(faults.length, 2);
  await node.close();
});

test('a packet that cannot be encoded is a fault and does not keep others back', async (t) => {
  const { clock, node, core, faults, atOther } = await fixture();
  const broken = packetWith({ token: 'not hex' });
  core.respond = ({ type }) =>
    type === 'leave' ? [sending(broken, `udp:${OTHER}`), sending(PING, `udp:${OTHER}`)] : [];
  node.start();
  node.apply(LEAVE);
  clock.advance(10);
  t.is(faults.length, 1);
  t.is(atOther.envelopes.length, 1);
  await node.close();
});

test('what is refused is counted by reason, together with what the core refused', async (t) => {
  const { clock, network, node, core, other } = await fixture();
  node.start();
  const malformed = writeEnvelope(bytes('\xff\xff\xff'), undefined);
  other.send(SELF, malformed);
  other.send(SELF, Uint8Array.of(0x7f, 1, 2));
  other.send(SELF, Uint8Array.of(0x21, 1, 2));
  other.send(SELF, new Uint8Array(0));
  other.send(SELF, new Uint8Array(1201));
  network.inject(OTHER, SELF, 'tcp', PING_ENVELOPE);
  clock.advance(10);
  t.deepEqual(node.stats().refusals, {
    malformed: 2,
    stale: 2,
    'unknown-kind': 1,
    'sealed-in-public': 1,
    empty: 1,
    'datagram-too-large': 1,
  });
  const { received, receivedByType } = node.stats();
  t.is(received.udp.packets, 4);
  t.deepEqual(received.tcp, { packets: 1, bytes: PING_ENVELOPE.length });
  t.deepEqual(receivedByType, { heartbeat: received.tcp });
  t.is(core.types.filter((type) => type === 'packet').length, 1);
  await node.close();
});

test('a link that is down is told to the core', async (t) => {
  const { clock, node, core } = await fixture();
  core.respond = ({ type }) => (type === 'leave' ? [sending(PING, 'tcp:10.0.0.9:1')] : []);
  node.start();
  node.apply(LEAVE);
  clock.advance(10);
  t.deepEqual(core.inputs.at(-1)?.input, { type: 'linkDown', link: 'tcp:10.0.0.9:1' });
  await node.close();
});

test('after close nothing goes in, out or to the application', async (t) => {
  const { clock, node, core, other, atOther, events } = await fixture({
    onEvent: (event) => {
      events.push(nameOf(event));
      void node.close();
    },
  });
  core.deadlineMs = 50;
  core.respond = () => [emitting('a'), emitting('b'), sending(PING, `udp:${OTHER}`)];
  node.start();
  const inputs = core.inputs.length;
  await Promise.all([node.close(), node.close()]);
  other.send(SELF, PING_ENVELOPE);
  clock.advance(1000);
  node.start();
  node.addSeed(parseSeed(':1'));
  t.is(core.inputs.length, inputs);
  t.deepEqual(events, ['a']);
  t.is(t.throws(() => node.apply(LEAVE), { instanceOf: TelepathineError }).code, 'STOPPED');
  t.is(atOther.envelopes.length, 1);
});
