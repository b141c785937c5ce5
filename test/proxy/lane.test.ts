import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { type Conditions, FAIR, readWhere, Weather } from '../../src/cli/proxy/conditions.js';
import { Lane } from '../../src/cli/proxy/lane.js';

const BYTES = Uint8Array.from({ length: 50 }, (_, index) => index);
const ROUGH: Conditions = { ...FAIR, loss: 0.3, double: 0.2, reorder: 0.2, corrupt: 0.3 };

function open(conditions: Conditions | (() => Conditions), name = 'udp 1>2', inOrder = false) {
  const delivered: Uint8Array[] = [];
  const lane = new Lane({
    seed: 7,
    name,
    conditions: typeof conditions === 'function' ? conditions : () => conditions,
    inOrder,
    deliver: (envelope) => delivered.push(envelope),
  });
  return { lane, delivered };
}

function fates(count: number, conditions: Conditions, name?: string) {
  const { lane } = open(conditions, name);
  const all = Array.from({ length: count }, () => {
    const { lateMs: _, ...fate } = lane.take(BYTES);
    return fate;
  });
  lane.close();
  return all;
}

test('the same seed and lane have the same decisions, another lane has others', (t) => {
  const first = fates(200, ROUGH);
  t.deepEqual(fates(200, ROUGH), first);
  t.notDeepEqual(fates(200, ROUGH, 'udp 2>1'), first);
});

test('a change of conditions does not shift the chances of what comes later', (t) => {
  let count = 0;
  const { lane } = open(() => (count++ < 100 ? { ...FAIR, loss: 0.9 } : ROUGH));
  const mixed = Array.from({ length: 200 }, () => lane.take(BYTES).lost);
  lane.close();
  const rough = fates(200, ROUGH).map(({ lost }) => lost);
  t.deepEqual(mixed.slice(100), rough.slice(100));
});

test('as many are lost, doubled, overtaken and corrupted as is asked for', (t) => {
  const all = fates(4000, ROUGH);
  const share = (holds: (fate: (typeof all)[0]) => boolean) => all.filter(holds).length / 4000;
  t.true(Math.abs(share(({ lost }) => lost === 'lost') - 0.3) < 0.03);
  t.true(Math.abs(share(({ twice }) => twice) - 0.2) < 0.03);
  t.true(Math.abs(share(({ overtaken }) => overtaken) - 0.2) < 0.03);
  t.true(Math.abs(share(({ flippedBit }) => flippedBit !== undefined) - 0.3) < 0.03);
});

test('what is corrupted differs in one bit, and the original is untouched', (t) => {
  const { lane, delivered } = open({ ...FAIR, corrupt: 1 });
  for (let index = 0; index < 50; index++) lane.take(BYTES);
  t.deepEqual(
    BYTES,
    Uint8Array.from({ length: 50 }, (_, index) => index),
  );
  for (const bytes of delivered) {
    const changed = bytes.map((byte, at) => byte ^ BYTES[at]!).filter((each) => each !== 0);
    t.is(changed.length, 1);
    t.is(Math.log2(changed[0]!) % 1, 0);
  }
});

test('fair weather passes all at once', (t) => {
  const { lane, delivered } = open(FAIR);
  t.deepEqual(lane.take(BYTES), {
    ...{ lost: undefined, twice: false, overtaken: false, flippedBit: undefined, lateMs: 0 },
  });
  t.deepEqual(delivered, [BYTES]);
});

test('of a stream the order stays, whatever the delays; of the overtaken it does not', async (t) => {
  const numbers = Array.from({ length: 40 }, (_, index) => index);
  const delays = { ...FAIR, delay: { minMs: 0, maxMs: 30 } };
  for (const [conditions, isSorted] of [
    [delays, true],
    [{ ...delays, reorder: 0.3 }, false],
  ] as const) {
    const { lane, delivered } = open(conditions, 'tcp', true);
    for (const number of numbers) lane.take(Uint8Array.of(number));
    await new Promise<void>((resolve) => lane.whenEmpty(resolve));
    const came = delivered.map(([number]) => number!);
    t.deepEqual(
      [...came].sort((one, other) => one - other),
      numbers,
    );
    t.is(came.join() === numbers.join(), isSorted);
  }
});

test('a rate lets so many bytes pass, and of datagrams loses what would wait too long', async (t) => {
  const { lane, delivered } = open({ ...FAIR, rate: 1000 });
  const all = Array.from({ length: 60 }, () => lane.take(BYTES));
  const passed = all.filter(({ lost }) => lost === undefined);
  t.is(passed.length, 20);
  t.true(all.slice(20).every(({ lost }) => lost === 'capped'));
  t.true(passed.at(-1)!.lateMs > 900);
  lane.close();
  await setTimeout(20);
  t.true(delivered.length < 20);
  const stream = open({ ...FAIR, rate: 1000 }, 'tcp', true);
  for (let index = 0; index < 60; index++) t.is(stream.lane.take(BYTES).lost, undefined);
  t.is(stream.lane.waitingBytes, 3000);
  stream.lane.close();
});

test('conditions are set where they are meant, and the later wins', (t) => {
  const weather = new Weather();
  const way = { from: 1, to: 2, transport: 'udp' } as const;
  weather.change(readWhere(['1>2', 'udp'], 3), { loss: 0.5 });
  t.is(weather.on(way).loss, 0.5);
  t.is(weather.on({ ...way, transport: 'tcp' }).loss, 0);
  t.is(weather.on({ ...way, from: 2, to: 1 }).loss, 0);
  weather.change(readWhere([], 3), { cut: true });
  t.like(weather.on(way), { loss: 0.5, cut: true });
  weather.change(readWhere(['2'], 3), FAIR);
  t.deepEqual(weather.on(way), FAIR);
  t.true(weather.on({ ...way, to: 3 }).cut);
});

test('places that are none are refused', (t) => {
  for (const word of ['4', '1>4', '>', '', 'x', '1>2>3', '-1', 'UDP']) {
    t.throws(() => readWhere([word], 3), { code: 'INVALID_ARGUMENT' }, word);
  }
  const between = { from: 1, to: 2, transport: 'udp' } as const;
  for (const [word, isMeant] of [
    ['1', true],
    ['2', true],
    ['3', false],
    ['1>', true],
    ['>1', false],
    ['>2', true],
    ['2>1', false],
    ['0', false],
  ] as const) {
    t.is(readWhere([word], 3)(between), isMeant, word);
  }
});

test('a large frame at the slowest rate waits, longer than a timer can', async (t) => {
  const { lane, delivered } = open({ ...FAIR, rate: 1 }, 'tcp 1>2', true);
  const { lateMs } = lane.take(new Uint8Array(2_500_000));
  t.true(lateMs > 2 ** 31);
  await setTimeout(50);
  t.is(delivered.length, 0);
  lane.close();
});
