import test from 'ava';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { TelepathineError } from '../../src/error.js';
import type { LinkConditions, TappedEnvelope } from '../../src/transport/memory.js';
import { MemoryNetwork } from '../../src/transport/memory.js';
import { bytes, Recorder } from './recorder.js';

const A = '10.0.0.1:9000';
const B = '10.0.0.2:9000';

async function pair(kind: 'udp' | 'tcp', conditions: Partial<LinkConditions> = {}, seed = 1) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock, seed, conditions);
  const [a, b] = [network[kind](A), network[kind](B)];
  const [atA, atB] = [new Recorder(), new Recorder()];
  await a.open(atA);
  await b.open(atB);
  return { clock, network, a, b, atA, atB };
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

test('a datagram arrives after its latency, never in the tick of sending', async (t) => {
  const { clock, a, atB } = await pair('udp', { latency: { minMs: 10, maxMs: 10 } });
  a.send(B, bytes('hello'));
  clock.advance(9);
  t.deepEqual(atB.texts, []);
  clock.advance(1);
  t.deepEqual(atB.envelopes, [{ address: A, text: 'hello' }]);
});

test('what is sent may be overwritten afterwards', async (t) => {
  const { clock, a, atB } = await pair('udp');
  const envelope = bytes('before');
  a.send(B, envelope);
  envelope.fill(0);
  clock.advance(1);
  t.deepEqual(atB.texts, ['before']);
});

test('the same seed gives the same run, another seed another', async (t) => {
  const run = async (seed: number) => {
    const conditions = { latency: { minMs: 1, maxMs: 50 }, lossRate: 0.3, doublingRate: 0.3 };
    const { clock, a, atB } = await pair('udp', conditions, seed);
    for (const text of numbers(100)) a.send(B, bytes(text));
    clock.advance(100);
    return atB.texts;
  };
  t.deepEqual(await run(7), await run(7));
  t.notDeepEqual(await run(7), await run(8));
});

test('datagrams are lost at the rate that is set, and at no other', async (t) => {
  const { clock, network, a, atB } = await pair('udp', { lossRate: 0.3 });
  for (const text of numbers(1000)) a.send(B, bytes(text));
  clock.advance(10);
  t.true(atB.texts.length > 640 && atB.texts.length < 760, String(atB.texts.length));
  network.change({ lossRate: 0 });
  for (const text of numbers(1000)) a.send(B, bytes(`later ${text}`));
  clock.advance(10);
  t.is(atB.texts.filter((text) => text.startsWith('later')).length, 1000);
});

test('datagrams are doubled', async (t) => {
  const { clock, a, atB } = await pair('udp', { doublingRate: 1 });
  a.send(B, bytes('twice'));
  clock.advance(10);
  t.deepEqual(atB.texts, ['twice', 'twice']);
});

test('jitter reorders datagrams, and never a stream', async (t) => {
  for (const kind of ['udp', 'tcp'] as const) {
    const { clock, a, atB } = await pair(kind, { latency: { minMs: 1, maxMs: 50 }, lossRate: 0.1 });
    for (const text of numbers(100)) a.send(B, bytes(text));
    clock.advance(5000);
    const sorted = [...atB.texts].sort((x, y) => Number(x) - Number(y));
    if (kind === 'udp') t.notDeepEqual(atB.texts, sorted);
    else t.deepEqual(atB.texts, numbers(100));
  }
});

test('a partition lets nothing through, also nothing that is on its way, until it heals', async (t) => {
  const { clock, network, a, b, atA, atB } = await pair('udp', { latency: { minMs: 5, maxMs: 5 } });
  a.send(B, bytes('on its way'));
  clock.advance(1);
  network.partition([[A], [B]]);
  a.send(B, bytes('cut'));
  b.send(A, bytes('cut'));
  clock.advance(100);
  t.deepEqual([...atA.texts, ...atB.texts], []);
  network.partition([[A, B]]);
  a.send(B, bytes('one group'));
  clock.advance(5);
  network.partition([[A]]);
  a.send(B, bytes('the rest is a group'));
  clock.advance(5);
  network.heal();
  a.send(B, bytes('healed'));
  clock.advance(5);
  t.deepEqual(atB.texts, ['one group', 'healed']);
});

test('a one-way block leaves the way back open for datagrams', async (t) => {
  const { clock, network, a, b, atA, atB } = await pair('udp');
  network.block(A, B);
  a.send(B, bytes('blocked'));
  b.send(A, bytes('back'));
  clock.advance(10);
  t.deepEqual([atA.texts, atB.texts], [['back'], []]);
  network.unblock(A, B);
  a.send(B, bytes('open'));
  clock.advance(10);
  t.deepEqual(atB.texts, ['open']);
});

test('a rule changes one link', async (t) => {
  const { clock, network, a, b, atA, atB } = await pair('udp');
  network.setRule((from) => (from === A ? { latency: { minMs: 500, maxMs: 500 } } : undefined));
  a.send(B, bytes('slow'));
  b.send(A, bytes('fast'));
  clock.advance(10);
  t.deepEqual([atA.texts, atB.texts], [['fast'], []]);
  clock.advance(490);
  t.deepEqual(atB.texts, ['slow']);
});

test('a stream is known by another port, and is answered there', async (t) => {
  const { clock, a, b, atA, atB } = await pair('tcp');
  a.send(B, bytes('question'));
  clock.advance(10);
  const address = atB.envelopes[0]?.address as string;
  t.regex(address, /^10\.0\.0\.1:(?!9000)/);
  b.send(address, bytes('answer'));
  clock.advance(10);
  t.deepEqual(atA.envelopes, [{ address: B, text: 'answer' }]);
});

test('a stream behind a partition goes down after a while and loses what it held', async (t) => {
  const { clock, network, a, atA, atB } = await pair('tcp');
  a.send(B, bytes('before'));
  clock.advance(10);
  a.trustLink(B);
  network.partition([[A], [B]]);
  a.send(B, bytes('cut'));
  clock.advance(14_000);
  t.deepEqual(atA.down, []);
  clock.advance(2000);
  t.deepEqual(atA.down, [B]);
  network.heal();
  clock.advance(60_000);
  t.deepEqual(atB.texts, ['before']);
});

test('a stream behind a short partition goes on without a loss', async (t) => {
  const { clock, network, a, atA, atB } = await pair('tcp');
  a.send(B, bytes('before'));
  clock.advance(10);
  network.block(B, A);
  for (const text of numbers(10)) a.send(B, bytes(text));
  clock.advance(5000);
  t.deepEqual(atB.texts, ['before']);
  network.heal();
  clock.advance(500);
  t.deepEqual(atB.texts, ['before', ...numbers(10)]);
  t.deepEqual(atA.down, []);
});

test('a connection across a partition fails by timeout, one to nobody at once', async (t) => {
  const { clock, network, a, atA } = await pair('tcp');
  network.partition([[A, '10.0.0.1:1'], [B]]);
  a.send(B, bytes('cut'));
  a.send('10.0.0.1:1', bytes('nobody'));
  clock.advance(100);
  t.deepEqual(atA.down, ['10.0.0.1:1']);
  clock.advance(3000);
  t.deepEqual(atA.down, ['10.0.0.1:1', B]);
});

test('a stream ends after what was sent when it is closed', async (t) => {
  const { clock, a, b, atA, atB } = await pair('tcp');
  a.send(B, bytes('hello'));
  clock.advance(10);
  a.send(B, bytes('last'));
  a.closeLink(B);
  clock.advance(10);
  t.deepEqual(atB.texts, ['hello', 'last']);
  t.is(atB.down.length, 1);
  t.deepEqual(atA.down, []);
  b.send(atB.down[0] as string, bytes('to a port that is gone'));
  clock.advance(10);
  t.is(atB.down.length, 2);
});

test('a closed transport says so to streams, a crashed one does not', async (t) => {
  const closing = await pair('tcp');
  closing.a.send(B, bytes('hello'));
  closing.clock.advance(10);
  await closing.b.close();
  closing.clock.advance(10);
  t.deepEqual(closing.atA.down, [B]);

  const crashing = await pair('tcp');
  crashing.a.send(B, bytes('hello'));
  crashing.clock.advance(10);
  crashing.network.crash(B);
  crashing.clock.advance(1000);
  t.deepEqual(crashing.atA.down, []);
  crashing.a.send(B, bytes('anybody there?'));
  crashing.clock.advance(16_000);
  t.deepEqual(crashing.atA.down, [B]);
  t.deepEqual(crashing.atB.texts, ['hello']);
});

test('a crashed node that is back knows nothing of old streams', async (t) => {
  const { clock, network, a, atA, atB } = await pair('tcp');
  a.send(B, bytes('hello'));
  clock.advance(10);
  network.crash(B);
  const again = network.tcp(B);
  const atAgain = new Recorder();
  await again.open(atAgain);
  a.send(B, bytes('on the old stream'));
  clock.advance(10);
  t.deepEqual(atA.down, [B]);
  a.send(B, bytes('on a new one'));
  clock.advance(10);
  t.deepEqual(atAgain.texts, ['on a new one']);
  t.deepEqual(atB.texts, ['hello']);
});

test('the limits of real transports hold', async (t) => {
  const datagrams = await pair('udp');
  datagrams.a.send(B, new Uint8Array(1201));
  datagrams.clock.advance(10);
  t.deepEqual(datagrams.atB.reasons, ['datagram-too-large']);

  const { clock, a, b, atA, atB } = await pair('tcp');
  a.send(B, bytes('hello'));
  clock.advance(10);
  b.trustLink(atB.envelopes[0]?.address as string);
  a.send(B, new Uint8Array(1201));
  clock.advance(10);
  t.is(atB.texts.length, 2);
  b.send(atB.envelopes[0]?.address as string, new Uint8Array(1201));
  clock.advance(10);
  t.deepEqual(atA.reasons, ['frame-too-long']);
  t.deepEqual(atA.down, [B]);
  t.is(atB.down.length, 1);
});

test('a stream that is not trusted in time is closed, an idle one later', async (t) => {
  const { clock, a, b, atA, atB } = await pair('tcp');
  a.send(B, bytes('hello'));
  clock.advance(10);
  a.trustLink(B);
  clock.advance(10_000);
  t.deepEqual(atB.reasons, ['not-trusted-in-time']);
  t.deepEqual(atA.down, [B]);
  a.send(B, bytes('again'));
  clock.advance(10);
  a.trustLink(B);
  b.trustLink(atB.envelopes[1]?.address as string);
  clock.advance(299_000);
  t.is(atA.down.length, 1);
  clock.advance(2000);
  t.is(atA.down.length, 2);
});

test('a tap sees every envelope, lost ones too, and can be replayed', async (t) => {
  const { clock, network, a, atB } = await pair('udp', { lossRate: 1 });
  const tapped: TappedEnvelope[] = [];
  const untap = network.tap((each) => tapped.push(each));
  a.send(B, bytes('lost'));
  clock.advance(10);
  untap();
  a.send(B, bytes('unseen'));
  t.deepEqual(tapped, [{ sentMs: 0, kind: 'udp', from: A, to: B, envelope: bytes('lost') }]);
  for (const { from, to, kind, envelope } of tapped) network.inject(from, to, kind, envelope);
  clock.advance(0);
  t.deepEqual(atB.envelopes, [{ address: A, text: 'lost' }]);
});

test('an address is taken once, and port 0 takes a free one', async (t) => {
  const { network, a } = await pair('udp');
  const second = network.udp(A);
  const error = await t.throwsAsync(second.open(new Recorder()), { instanceOf: TelepathineError });
  t.is(error.code, 'ADDRESS_UNAVAILABLE');
  await second.close();
  await a.close();
  t.is(await network.udp(A).open(new Recorder()), 9000);
  const ports = [await network.udp('10.0.0.1:0').open(new Recorder())];
  ports.push(await network.udp('10.0.0.1:0').open(new Recorder()));
  t.is(new Set(ports).size, 2);
});
