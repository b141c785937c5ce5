import test from 'ava';
import * as fc from 'fast-check';
import { isReadable, Log, type LogEntry, sizeOf } from '../../src/core/log.js';
import { makeEntry } from '../support/core-state.js';
import { checkProperty } from '../wire/property.js';

type Step =
  | { put: LogEntry['kind']; name: string; bytes: number; skip: number }
  | { end: number }
  | { floor: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      put: fc.constantFrom<LogEntry['kind']>('value', 'value', 'tombstone', 'event'),
      name: fc.constantFrom('a', 'b', 'c', '', '__proto__', 'constructor', 'd', 'e'),
      bytes: fc.nat(20),
      skip: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ end: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ floor: fc.double({ min: 0, max: 1, noNaN: true }) }) },
);

/** The log beside a plain list of what must be held. */
class Model {
  readonly log = new Log();
  #held: LogEntry[] = [];
  #nowMs = 0;

  take(step: Step): void {
    this.#nowMs += 1;
    if ('put' in step) this.#put(step.put, step.name, step.bytes, this.log.version + step.skip);
    else if ('end' in step) this.#end(step.end);
    else this.#raiseFloor(Math.floor(step.floor * this.log.version));
  }

  check(): string | undefined {
    const { log } = this;
    const held = [...log.between(0, log.version)];
    const versions = (entries: LogEntry[]) => entries.map((entry) => entry.version).join();
    if (versions(held) !== versions(this.#held)) return 'other entries are held';
    const keyed = this.#held.filter((entry) => entry.kind !== 'event');
    if (keyed.length !== log.keys.size) return 'other keys';
    if (keyed.some((entry) => log.keys.get(entry.name) !== entry)) return 'a key has another entry';
    const events = this.#held.filter((entry) => entry.kind === 'event');
    if (log.events !== events.length || log.eventBytes !== bytesOf(events)) return 'event counts';
    if (log.bytes !== bytesOf(this.#held)) return 'bytes';
    const low = keyed.some((each) => each.kind === 'tombstone' && each.version <= log.floor);
    return low ? 'a tombstone at or below the floor is held' : undefined;
  }

  /** What `between` must give of a range. */
  between(from: number, to: number): LogEntry[] {
    return this.#held.filter((entry) => entry.version > from && entry.version <= to);
  }

  #put(kind: LogEntry['kind'], name: string, bytes: number, version: number): void {
    const payload = new Uint8Array(kind === 'tombstone' ? 0 : bytes);
    const entry = makeEntry(version, kind, name, payload);
    if (kind !== 'event') {
      this.#held = this.#held.filter((held) => held.kind === 'event' || held.name !== name);
    }
    this.#held.push(entry);
    this.log.append(entry);
  }

  #end(which: number): void {
    const living = this.#held.filter((entry) => entry.kind !== 'tombstone');
    const entry = living[which % Math.max(1, living.length)];
    if (entry === undefined) return;
    const gone = entry.kind === 'event' || entry.version <= this.log.floor;
    if (gone) this.#held = this.#held.filter((held) => held !== entry);
    this.log.end(entry, this.#nowMs);
  }

  #raiseFloor(floor: number): void {
    const before = this.log.floor;
    if (floor > before) {
      this.#held = this.#held.filter((each) => each.kind !== 'tombstone' || each.version > floor);
    }
    this.log.raiseFloor(floor);
  }
}

function bytesOf(entries: LogEntry[]): number {
  return entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
}

test('a log holds what a plain list of the same changes holds, and counts it', (t) => {
  const steps = fc.array(step, { maxLength: 200, size: 'max' });
  const property = fc.property(steps, fc.nat(400), fc.nat(400), (list, one, other) => {
    const model = new Model();
    for (const each of list) {
      model.take(each);
      t.is(model.check(), undefined);
    }
    const [from, to] = one < other ? [one, other] : [other, one];
    t.deepEqual([...model.log.between(from, to)], model.between(from, to));
  });
  checkProperty(property, 200);
});

test('what a log forgot is cancelled: an overwritten value does not expire', (t) => {
  const log = new Log();
  let cancelled = 0;
  const expiry = { dueMs: 5, cancel: () => (cancelled += 1) };
  log.append(makeEntry(1, 'value', 'a', Uint8Array.of(1), { expiry }));
  log.append(makeEntry(2, 'value', 'a'));
  t.is(cancelled, 1);
  log.append(makeEntry(3, 'value', 'b', Uint8Array.of(1), { expiry }));
  log.release();
  t.true(cancelled >= 2);
});

test('a value that has ended is no longer read, and its key stays as a tombstone', (t) => {
  const log = new Log();
  const entry = makeEntry(1, 'value', 'a', Uint8Array.of(1), { expiresAtMs: 10 });
  log.append(entry);
  t.true(isReadable(log.keys.get('a'), 9.9));
  t.false(isReadable(log.keys.get('a'), 10));
  log.end(entry, 12);
  t.is(log.keys.get('a')?.kind, 'tombstone');
  t.is(entry.goneAtMs, 12);
  t.is(log.version, 1);
});

test('a floor never moves down', (t) => {
  const log = new Log();
  log.append(makeEntry(9, 'value', 'a'));
  log.raiseFloor(5);
  log.raiseFloor(3);
  t.is(log.floor, 5);
});
