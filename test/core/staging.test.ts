import test from 'ava';
import * as fc from 'fast-check';
import { Log, type LogEntry } from '../../src/core/log.js';
import type { Owner } from '../../src/core/owner.js';
import { Replicas } from '../../src/core/replicas.js';
import { stage, type Transfer } from '../../src/core/staging.js';
import type { CoreState } from '../../src/core/state.js';
import type { Delta } from '../../src/wire/packet.js';
import { makeEntry, makeOwner, makeState } from '../support/core-state.js';
import { checkProperty } from '../wire/property.js';

type Change =
  | { kind: 'value' | 'tombstone'; name: number }
  | { kind: 'event' }
  | { kind: 'floor'; part: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('value' as const, 'value' as const, 'tombstone' as const),
      name: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('event' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('floor' as const),
      part: fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10),
    }),
  },
);

/** A part of what a server of some version holds: cut anywhere, or as the protocol would. */
interface Part {
  server: number;
  from: number;
  to: number;
  /** It begins where the receiver has got to, or at 0 if the server's floor is above that. */
  follows: boolean;
  /** It ends at the server's version. */
  whole: boolean;
  afterMs: number;
}

const evenly = fc.noBias(fc.nat(2 ** 30));

const part: fc.Arbitrary<Part> = fc.record({
  server: evenly,
  from: evenly,
  to: evenly,
  follows: fc.boolean(),
  whole: fc.boolean(),
  afterMs: fc.constantFrom(0, 0, 0, 50, 1100),
});

test('parts of any size, of any servers and in any order show a state that a server had, or nothing', (t) => {
  const changes = fc.array(change, { minLength: 1, maxLength: 25, size: 'max' });
  const parts = fc.array(part, { maxLength: 40, size: 'max' });
  const property = fc.property(changes, parts, (list, deliveries) => {
    const history = new History(list);
    const receiver = new Receiver(history);
    for (const each of deliveries) receiver.deliver(each);
    receiver.finish();
  });
  checkProperty(property, 2000);
  t.pass();
});

/** All states of one owner's log, by version. A server of a version holds the state of it. */
class History {
  readonly states: { entries: LogEntry[]; floor: number }[] = [{ entries: [], floor: 0 }];

  constructor(changes: readonly Change[]) {
    for (const each of changes) this.#take(each);
  }

  get last(): number {
    return this.states.length - 1;
  }

  /** What is held at a version: values, tombstones above the floor, events. */
  held(version: number): string {
    return describe(this.states[version]!.entries);
  }

  delta(owner: Owner, version: number, from: number, to: number): Delta {
    const { entries, floor } = this.states[version]!;
    const sent = entries.filter((entry) => entry.version > from && entry.version <= to);
    return {
      ...owner.logLife,
      from,
      to,
      asOf: version,
      floor,
      header: new Uint8Array(0),
      entries: sent.map(({ kind, body, payload }) =>
        kind === 'event' ? { body, payload, remainingMs: 1e9 } : { body, payload },
      ),
      requiredFeatures: 0,
    };
  }

  #take(change: Change): void {
    const { entries, floor } = this.states[this.last]!;
    const version = this.states.length;
    if (change.kind === 'floor') {
      const raised = Math.max(floor, Math.floor(change.part * (version - 1)));
      const left = entries.filter((each) => each.kind !== 'tombstone' || each.version > raised);
      this.states.push({ entries: left, floor: raised });
      return;
    }
    const name = change.kind === 'event' ? 'event' : `k${change.name}`;
    const payload = change.kind === 'tombstone' ? new Uint8Array(0) : Uint8Array.of(version);
    const sequence = 1 + entries.filter((each) => each.kind === 'event').length;
    const made = makeEntry(version, change.kind, name, payload, { sequence });
    const kept = entries.filter(
      (each) => each.kind === 'event' || change.kind === 'event' || each.name !== name,
    );
    this.states.push({ entries: [...kept, made], floor });
  }
}

/** The receiving half of a core, and what its application is told. */
class Receiver {
  readonly #state: CoreState = makeState();
  readonly #owner: Owner = makeOwner('1111111111111111');
  readonly #replicas: Replicas;
  #shown = 0;

  constructor(readonly history: History) {
    this.#state.directory.add(this.#owner);
    this.#replicas = new Replicas(this.#state, {
      headerTaken: () => undefined,
      shown: () => undefined,
      scheduleEnd: () => undefined,
    });
  }

  deliver({ server, from, to, follows, whole, afterMs }: Part): void {
    this.#state.nowMs += afterMs;
    const version = server % (this.history.last + 1);
    const begin = follows ? this.#servedFrom(version) : from % (version + 1);
    const end = whole ? version : begin + (to % (version - begin + 1));
    this.#take(this.history.delta(this.#owner, version, begin, end));
  }

  /** A server of the last version answers until all is there, as `serving.ts` would. */
  finish(): void {
    const { last } = this.history;
    for (let i = 0; i < 3 && this.#owner.log.version < last; i++) {
      this.#take(this.history.delta(this.#owner, last, this.#servedFrom(last), last));
      this.#state.nowMs += 1100;
    }
    if (this.#owner.log.version !== last) throw new Error('it never gets there');
  }

  /** As `serving.ts` has it. */
  #servedFrom(server: number): number {
    const { transfer, log } = this.#owner;
    const { floor } = this.history.states[server]!;
    const continues =
      transfer !== undefined && server >= transfer.asOf && floor <= transfer.floorMax;
    const base = log.version >= floor ? log.version : 0;
    return Math.min(continues ? transfer.to : base, server);
  }

  #take(delta: Delta): void {
    const before = this.#held();
    const result = this.#replicas.take(this.#owner, delta);
    const { version } = this.#owner.log;
    if (result === 'refused') throw new Error('an honest part was refused');
    if (version < this.#shown) throw new Error(`back from ${this.#shown} to ${version}`);
    if (version === this.#shown && this.#held() !== before) throw new Error('changed unseen');
    this.#shown = version;
    if (this.#held() !== this.history.held(version)) {
      throw new Error(`at ${version} it shows ${this.#held()}, not ${this.history.held(version)}`);
    }
    this.#checkEvents();
  }

  #held(): string {
    const { log } = this.#owner;
    return describe([...log.between(0, log.version)]);
  }

  /** Each once, in the owner's order, and all that the owner had said by the version shown. */
  #checkEvents(): void {
    const heard = this.#state.effects.flatMap((effect) =>
      effect.type === 'emit' && effect.event.type === 'heard'
        ? [effect.event.payload.bytes[0]]
        : [],
    );
    const said = this.history.states[this.#shown]!.entries.filter((each) => each.kind === 'event');
    const expected = said.map((entry) => entry.version);
    if (heard.join() !== expected.join()) throw new Error(`heard ${heard}, not ${expected}`);
  }
}

function describe(entries: LogEntry[]): string {
  return entries.map(({ kind, name, version }) => `${kind} ${name}=${version}`).join();
}

const OWNER = makeOwner('1111111111111111');

function deltaOf(from: number, to: number, asOf: number, floor = 0): Delta {
  const header = new Uint8Array(0);
  return { ...OWNER.logLife, from, to, asOf, floor, header, entries: [], requiredFeatures: 0 };
}

/** Stages without entries: only the rules of where parts join. */
function staged(delta: Delta, version: number, transfer?: Transfer, nowMs = 0) {
  const log = new Log();
  log.version = version;
  return stage(delta, log, transfer, () => [], nowMs);
}

test('a delta that brings nothing new is stale, one that starts too high leaves a gap', (t) => {
  t.is(staged(deltaOf(0, 5, 5), 5).result, 'stale');
  t.is(staged(deltaOf(6, 7, 7), 5).result, 'gap');
  t.is(staged(deltaOf(5, 7, 7), 5).result, 'complete');
  t.is(staged(deltaOf(5, 6, 7), 5).result, 'staged');
  t.is(staged(deltaOf(3, 6, 6), 5).result, 'complete');
});

test('a floor above what is shown means from 0, and what is then missing is gone', (t) => {
  t.is(staged(deltaOf(5, 9, 9, 7), 5).result, 'stale');
  const { result, transfer } = staged(deltaOf(0, 9, 9, 7), 5);
  t.is(result, 'complete');
  t.true(transfer?.complete);
  t.false(staged(deltaOf(0, 9, 9, 5), 5).transfer?.complete);
});

test('another server goes on with a transfer if it knows as much and its floor is not higher', (t) => {
  const begin = () => staged(deltaOf(0, 4, 9, 0), 0).transfer;
  t.is(staged(deltaOf(4, 9, 9), 0, begin()).result, 'complete');
  t.is(staged(deltaOf(4, 12, 12), 0, begin()).result, 'complete');
  t.is(staged(deltaOf(4, 8, 8), 0, begin()).result, 'stale');
  t.is(staged(deltaOf(4, 12, 12, 3), 0, begin()).result, 'stale');
  t.is(staged(deltaOf(5, 12, 12), 0, begin()).result, 'gap');
});

test('a transfer that goes on must reach the highest version that any part was made at', (t) => {
  const first = staged(deltaOf(0, 4, 9), 0).transfer;
  const second = staged(deltaOf(4, 6, 20), 0, first);
  t.is(second.result, 'staged');
  t.is(second.transfer?.asOf, 20);
});

test('a transfer gives way to another that reaches less far only after a second without progress', (t) => {
  const first = () => staged(deltaOf(0, 4, 9), 0).transfer;
  t.is(staged(deltaOf(0, 8, 8), 0, first(), 1000).result, 'stale');
  t.is(staged(deltaOf(0, 8, 8), 0, first(), 1001).result, 'complete');
});

test('a transfer gives way at once to a complete one when the floor has overtaken it', (t) => {
  const first = staged(deltaOf(0, 4, 9), 0).transfer;
  const { result, transfer } = staged(deltaOf(0, 6, 12, 5), 0, first);
  t.is(result, 'staged');
  t.true(transfer?.complete);
  t.is(transfer?.to, 6);
});

test('a complete transfer that nobody goes on with gives way to a part above what is shown', (t) => {
  const first = () => staged(deltaOf(0, 4, 20, 15), 10).transfer;
  t.is(staged(deltaOf(10, 12, 12), 10, first(), 1000).result, 'gap');
  t.is(staged(deltaOf(10, 12, 12), 10, first(), 1001).result, 'complete');
});
