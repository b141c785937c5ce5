import { getEventListeners } from 'node:events';
import test from 'ava';
import { OwnState } from '../../src/api/own-state.js';
import { Timers } from '../../src/api/timers.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { Payload, SayInput } from '../../src/core/contract.js';
import {
  EVENT_BYTES_PER_OWNER_MAX,
  EVENTS_PER_OWNER_MAX,
  KEYS_PER_OWNER_MAX,
} from '../../src/wire/limits.js';
import { Encoding } from '../../src/wire/packet.js';
import { TestMesh } from './test-mesh.js';

const SELF = '1111111111111111';
const OTHER = '2222222222222222';

function valueWith(text: string, time: number, expiresAtMs?: number) {
  const bytes = new TextEncoder().encode(text);
  return {
    payload: { bytes, encoding: Encoding.json, typeName: '' },
    expiresAtMs,
    stamp: { time },
  };
}

function sayOf({ bytes, encoding, typeName }: Payload): SayInput {
  const rest = { encoding, typeName, durationMs: 1000, buffer: false };
  return { type: 'say', event: 'e', payload: bytes, ...rest };
}

test('a stamp is above all that were seen', (t) => {
  const own = new OwnState(1000);
  t.deepEqual(own.nextStamp(), { time: 1 });
  own.saw({ time: 41 });
  t.deepEqual(own.nextStamp(), { time: 42 });
  own.set('k', valueWith('1', 50));
  own.delete('k', { time: 60 }, 0);
  t.deepEqual(own.nextStamp(), { time: 61 });
});

test("another's stamp is newer by its time, then by its origin", (t) => {
  const own = new OwnState(1000);
  t.true(own.isNewer('k', { time: 1, origin: OTHER }, SELF, 0));
  own.set('k', valueWith('1', 5));
  t.false(own.isNewer('k', { time: 4, origin: OTHER }, SELF, 0));
  t.false(own.isNewer('k', { time: 5, origin: SELF }, SELF, 0));
  t.true(own.isNewer('k', { time: 5, origin: OTHER }, SELF, 0));
  t.false(own.isNewer('k', { time: 5, origin: '0000000000000001' }, SELF, 0));
  t.true(own.isNewer('k', { time: 6, origin: SELF }, SELF, 0));
});

test('a deletion keeps older values away for its grace', (t) => {
  const own = new OwnState(1000);
  own.delete('k', { time: 5 }, 0);
  t.false(own.isNewer('k', { time: 4, origin: OTHER }, SELF, 0));
  own.delete('l', { time: 6 }, 1000);
  t.true(own.isNewer('k', { time: 4, origin: OTHER }, SELF, 1000));
});

test('a value that has expired keeps older values and itself away', (t) => {
  const own = new OwnState(1000);
  own.set('k', valueWith('1', 5, 100));
  t.is(own.get('k', 100), undefined);
  t.false(own.isNewer('k', { time: 4, origin: OTHER }, SELF, 101));
  t.true(own.isNewer('k', { time: 6, origin: OTHER }, SELF, 101));
});

test('what is taken back was never there', (t) => {
  const own = new OwnState(1000);
  own.set('k', valueWith('1', 1));
  own.set('k', valueWith('2', 2))();
  own.set('l', valueWith('3', 3))();
  t.deepEqual(
    own.entries(0).map(([key, { stamp }]) => [key, stamp.time]),
    [['k', 1]],
  );
});

test('the limit of keys holds while the node is stopped, and a key may still change', (t) => {
  const node = new TestMesh().node();
  for (let index = 0; index < KEYS_PER_OWNER_MAX; index++) node.set(`k${index}`, index);
  const full = { code: 'LIMIT_REACHED' };
  t.throws(() => node.set('one more', 1), full);
  t.is(node.get('one more'), undefined);
  t.notThrows(() => node.set('k0', 'changed'));
  node.delete('k1');
  t.notThrows(() => node.set('one more', 1));
});

test('the limit of events holds while the node is stopped', (t) => {
  const node = new TestMesh().node();
  for (let index = 0; index < EVENTS_PER_OWNER_MAX; index++) node.say('e');
  t.throws(() => node.say('e'), { code: 'LIMIT_REACHED' });
});

test('the limit of bytes holds while the node is stopped', (t) => {
  const own = new OwnState(1000);
  const value = valueWith(' '.repeat(1024 * 1024), 1);
  for (let index = 0; index < 255; index++) own.set(`k${index}`, value);
  const full = { code: 'LIMIT_REACHED' };
  t.throws(() => own.checkRoomForValue('k255', value.payload), full);
  t.throws(() => own.checkRoomForEvent(sayOf(value.payload)), full);
  t.notThrows(() => own.checkRoomForValue('k254', value.payload));
  own.delete('k0', { time: 2 }, 0);
  t.notThrows(() => own.checkRoomForEvent(sayOf(value.payload)));
});

test('events that wait for the start keep the limit of their bytes, and the start takes all', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  const data = new Uint8Array(1024 * 1024);
  let said = 0;
  const full = t.throws(() => {
    for (; said < 100; said++) node.say(`e${said}`, data);
  });
  t.like(full, { code: 'LIMIT_REACHED' });
  t.is(said, EVENT_BYTES_PER_OWNER_MAX / data.length - 1);
  const errors: unknown[] = [];
  node.on('error', (error) => errors.push(error));
  node.start();
  await mesh.settled(node.started);
  t.deepEqual(errors, []);
});

test('a limit that the core finds leaves the value as it was', async (t) => {
  const mesh = new TestMesh();
  const [node] = await mesh.start(1);
  for (let index = 0; index < KEYS_PER_OWNER_MAX; index++) node!.set(`k${index}`, index);
  t.throws(() => node!.set('one more', 1), { code: 'LIMIT_REACHED' });
  t.is(node!.get('one more'), undefined);
  t.is(node!.keys().length, KEYS_PER_OWNER_MAX);
});

test('an interval that was missed while the process was busy is left out', (t) => {
  const clock = new VirtualClock();
  let nowMs = 0;
  const timers = new Timers({
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    schedule: (atMs, callback) => clock.schedule(atMs, callback),
  });
  let calls = 0;
  timers.add(10, true, () => calls++);
  timers.start();
  timers.start();
  nowMs = 95;
  clock.advance(95);
  t.is(calls, 1);
  nowMs = 105;
  clock.advance(10);
  t.is(calls, 2);
});

test('a timer that was called once leaves no listener at its signal', (t) => {
  const clock = new VirtualClock();
  const timers = new Timers(clock);
  const { signal } = new AbortController();
  for (let index = 0; index < 5; index++) timers.add(10, false, () => undefined, signal);
  timers.start();
  t.is(getEventListeners(signal, 'abort').length, 5);
  clock.advance(10);
  t.is(getEventListeners(signal, 'abort').length, 0);
});
