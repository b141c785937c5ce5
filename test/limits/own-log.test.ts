/** What a node may own, in the log that it really writes. */
import test from 'ava';
import { OwnLog } from '../../src/core/own-log.js';
import {
  BYTES_PER_OWNER_MAX,
  EVENT_BYTES_PER_OWNER_MAX,
  EVENTS_PER_OWNER_MAX,
  KEYS_PER_OWNER_MAX,
  VALUE_BYTES_MAX,
} from '../../src/wire/limits.js';
import { entryBytesMax } from '../../src/wire/own-limits.js';
import { Encoding } from '../../src/wire/packet.js';
import { makeState } from '../support/core-state.js';

const FULL = { code: 'LIMIT_REACHED' };
const FORM = { encoding: Encoding.bytes, typeName: '', stamp: { time: 1 } };
/** One for all: a log keeps it as it is. */
const LARGEST = new Uint8Array(VALUE_BYTES_MAX);

class Writer {
  readonly #state = makeState();
  readonly #log = new OwnLog(this.#state, {
    changed: () => undefined,
    scheduleEnd: () => undefined,
  });

  get log() {
    return this.#state.self.log;
  }

  set(key: string, bytes = 0): void {
    this.#log.set({ type: 'set', key, payload: LARGEST.subarray(0, bytes), ...FORM });
  }

  say(event: string, bytes = 0): void {
    const payload = LARGEST.subarray(0, bytes);
    const common = { type: 'say', event, payload, durationMs: 1000, buffer: false } as const;
    this.#log.say({ ...common, encoding: FORM.encoding, typeName: '' });
  }
}

/** The payload with which an entry of this name is counted as so many bytes. */
function payloadFor(name: string, bytes: number): number {
  return bytes - entryBytesMax(name, '', 0);
}

test('a node owns 100,000 keys, and may still change one', (t) => {
  const writer = new Writer();
  for (let key = 0; key < KEYS_PER_OWNER_MAX; key++) writer.set(`${key}`);
  t.is(writer.log.keys.size, KEYS_PER_OWNER_MAX);
  t.throws(() => writer.set('one more'), FULL);
  t.notThrows(() => writer.set('7', 100));
  t.is(writer.log.keys.size, KEYS_PER_OWNER_MAX);
});

test('a node owns 256 MiB of keys and values, to the byte', (t) => {
  const writer = new Writer();
  for (let key = 0; BYTES_PER_OWNER_MAX - writer.log.bytes > 1_100_000; key++) {
    writer.set(`${key}`, VALUE_BYTES_MAX);
  }
  const left = BYTES_PER_OWNER_MAX - writer.log.bytes;
  const half = Math.floor(left / 2);
  writer.set('half', payloadFor('half', half));
  const rest = BYTES_PER_OWNER_MAX - writer.log.bytes;
  t.throws(() => writer.set('last', payloadFor('last', rest) + 1), FULL);
  t.notThrows(() => writer.set('last', payloadFor('last', rest)));
  t.true(writer.log.bytes > BYTES_PER_OWNER_MAX - 100);
  t.throws(() => writer.set('another', 100), FULL);
});

test('a node says 100,000 events that live', (t) => {
  const writer = new Writer();
  for (let event = 0; event < EVENTS_PER_OWNER_MAX; event++) writer.say('e');
  t.is(writer.log.events, EVENTS_PER_OWNER_MAX);
  t.throws(() => writer.say('e'), FULL);
  t.notThrows(() => writer.set('a key'));
});

test('a node says 64 MiB of events that live, to the byte', (t) => {
  const writer = new Writer();
  while (EVENT_BYTES_PER_OWNER_MAX - writer.log.eventBytes > VALUE_BYTES_MAX) {
    writer.say('e', VALUE_BYTES_MAX / 2);
  }
  const rest = EVENT_BYTES_PER_OWNER_MAX - writer.log.eventBytes;
  t.throws(() => writer.say('e', payloadFor('e', rest) + 1), FULL);
  t.notThrows(() => writer.say('e', payloadFor('e', rest)));
  t.true(writer.log.eventBytes > EVENT_BYTES_PER_OWNER_MAX - 100);
});
