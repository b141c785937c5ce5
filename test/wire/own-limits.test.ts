import test from 'ava';
import * as fc from 'fast-check';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import * as limits from '../../src/wire/limits.js';
import {
  checkNameBytes,
  checkPayloadBytes,
  checkRemainingMs,
  checkRoomForEvent,
  checkRoomForValue,
  checkTypeNameBytes,
  entryBytesMax,
} from '../../src/wire/own-limits.js';
import { Encoding } from '../../src/wire/packet.js';
import { checkProperty } from './property.js';

const NONE = { keys: 0, bytes: 0, events: 0, eventBytes: 0 };
const FULL = { code: 'LIMIT_REACHED', message: /already holds/ };

test('names and payloads are taken up to their limits', (t) => {
  const tooLarge = { code: 'TOO_LARGE' };
  t.notThrows(() => checkNameBytes('é'.repeat(512), 'key'));
  t.throws(() => checkNameBytes('é'.repeat(513), 'event'), {
    ...tooLarge,
    message: 'the event is 1026 bytes long; at most 1024 are allowed',
  });
  t.notThrows(() => checkPayloadBytes(limits.VALUE_BYTES_MAX));
  t.throws(() => checkPayloadBytes(limits.VALUE_BYTES_MAX + 1), tooLarge);
  t.notThrows(() => checkTypeNameBytes('x'.repeat(255)));
  t.throws(() => checkTypeNameBytes('x'.repeat(256)), tooLarge);
});

test('a life is longer than nothing and at most 2^48 ms', (t) => {
  t.notThrows(() => checkRemainingMs(Number.MIN_VALUE, 'set'));
  t.notThrows(() => checkRemainingMs(2 ** 48, 'set'));
  for (const remainingMs of [0, -1, 2 ** 48 + 1, Number.POSITIVE_INFINITY, Number.NaN]) {
    t.throws(() => checkRemainingMs(remainingMs, 'say'), {
      code: 'INVALID_ARGUMENT',
      message: `say: ${remainingMs} ms to live were given; allowed is above 0 and at most 2^48`,
    });
  }
});

test('no body is longer than the bound, and the longest is as long', (t) => {
  const integer = fc.integer({ min: 1, max: limits.INTEGER_MAX });
  const origin = fc.constantFrom(undefined, 'ffffffffffffffff');
  const name = fc.string({ maxLength: 300, unit: 'grapheme' });
  checkProperty(
    fc.property(name, name, integer, origin, fc.boolean(), (key, typeName, time, from, isSay) => {
      const encoding = Encoding.protobuf;
      const stamp = { time, ...(from === undefined ? {} : { origin: from }) };
      const content = isSay
        ? ({ kind: 'say', sequence: time, encoding, typeName } as const)
        : ({ kind: 'value', encoding, typeName, stamp } as const);
      const body = encodeEntryBody({ version: time, name: key, content });
      t.true(body.length <= entryBytesMax(key, typeName, 0));
    }),
  );
  const stamp = { time: limits.INTEGER_MAX, origin: 'ffffffffffffffff' };
  const [key, typeName] = ['k'.repeat(1024), 't'.repeat(255)];
  const content = { kind: 'value', encoding: Encoding.protobuf, typeName, stamp } as const;
  const longest = encodeEntryBody({ version: limits.INTEGER_MAX, name: key, content });
  t.is(longest.length, entryBytesMax(key, typeName, 0));
});

test('a value has room up to the limits of keys and bytes', (t) => {
  const { KEYS_PER_OWNER_MAX: keys, BYTES_PER_OWNER_MAX: bytes } = limits;
  t.notThrows(() => checkRoomForValue({ ...NONE, keys: keys - 1 }, 100, undefined));
  t.throws(() => checkRoomForValue({ ...NONE, keys }, 100, undefined), FULL);
  t.notThrows(() => checkRoomForValue({ ...NONE, keys }, 100, 100));
  t.notThrows(() => checkRoomForValue({ ...NONE, bytes: bytes - 100 }, 100, undefined));
  t.throws(() => checkRoomForValue({ ...NONE, bytes: bytes - 99 }, 100, undefined), FULL);
  t.notThrows(() => checkRoomForValue({ ...NONE, bytes }, 100, 100));
});

test('an event has room up to the limits of events, of their bytes, and of all bytes', (t) => {
  const { EVENTS_PER_OWNER_MAX: events, EVENT_BYTES_PER_OWNER_MAX: eventBytes } = limits;
  t.notThrows(() => checkRoomForEvent({ ...NONE, events: events - 1 }, 100));
  t.throws(() => checkRoomForEvent({ ...NONE, events }, 100), FULL);
  t.notThrows(() => checkRoomForEvent({ ...NONE, eventBytes: eventBytes - 100 }, 100));
  t.throws(() => checkRoomForEvent({ ...NONE, eventBytes: eventBytes - 99 }, 100), FULL);
  const bytes = limits.BYTES_PER_OWNER_MAX - 99;
  t.throws(() => checkRoomForEvent({ ...NONE, bytes }, 100), FULL);
});
