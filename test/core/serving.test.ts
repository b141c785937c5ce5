import test from 'ava';
import * as fc from 'fast-check';
import { Links } from '../../src/core/links.js';
import { Outbox } from '../../src/core/outbox.js';
import type { Owner } from '../../src/core/owner.js';
import { Pings } from '../../src/core/pings.js';
import { Random } from '../../src/core/random.js';
import { Serving } from '../../src/core/serving.js';
import type { CoreState } from '../../src/core/state.js';
import type { Delta, Want } from '../../src/wire/packet.js';
import { deltaBaseBytes, entryBytes } from '../../src/wire/size.js';
import { makeEntry, makeOwner, makeState, seedOf } from '../support/core-state.js';
import { checkProperty } from '../wire/property.js';

const LINK = 'udp:10.0.0.2:9000';
const WINDOW_BYTES = 8 * 1024;

function servingOf(state: CoreState): { serving: Serving; outbox: Outbox } {
  const links = new Links(new Random(seedOf(1), 'tokens'));
  const outbox = new Outbox(state, links);
  const pings = new Pings(state, links, outbox, () => undefined);
  return { serving: new Serving(state, outbox, links, pings), outbox };
}

function serve(state: CoreState, wants: Want[], link = LINK): Delta[] {
  const { serving, outbox } = servingOf(state);
  serving.answer(link, wants);
  return outbox.to(link).deltas;
}

function ownerOf(index: number, entries: number, size: number): Owner {
  const owner = makeOwner(`${index}`.padStart(16, '0'));
  for (let i = 1; i <= entries; i++) {
    owner.writableLog().append(makeEntry(i, 'value', `k${i}`, new Uint8Array(size)));
  }
  return owner;
}

function wantOf(owner: Owner, parts: Partial<Want> = {}): Want {
  const { logId, generation } = owner.statement;
  const nothing = { version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
  return { owner: owner.id, logId, generation, ...nothing, ...parts };
}

function bytesOf(delta: Delta): number {
  return delta.entries.reduce((sum, entry) => sum + entryBytes(entry), deltaBaseBytes(delta));
}

test('each owner gets its share of the window, and what others leave goes round', (t) => {
  const sizes = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 400 })), {
    minLength: 1,
    maxLength: 12,
  });
  const property = fc.property(sizes, (list) => {
    const state = makeState();
    const owners = list.map(([entries, size], i) => ownerOf(i + 1, 1 + entries, size));
    for (const owner of owners) state.directory.add(owner);
    const deltas = serve(
      state,
      owners.map((owner) => wantOf(owner)),
    );
    const share = Math.floor(WINDOW_BYTES / owners.length);
    const total = deltas.reduce((sum, delta) => sum + bytesOf(delta), 0);
    t.true(total <= WINDOW_BYTES + 600 * owners.length, `${total}`);
    for (const [i, owner] of owners.entries()) {
      const delta = deltas.find((each) => each.owner === owner.id);
      t.truthy(delta, 'an owner starves');
      if (delta === undefined || delta.to === owner.log.version) continue;
      const next = entryBytes(delta.entries[0]!);
      t.true(bytesOf(delta) + next > share, `owner ${i} got ${bytesOf(delta)} of ${share}`);
    }
  });
  checkProperty(property, 300);
});

test('a single owner may have the whole window', (t) => {
  const state = makeState();
  const owner = ownerOf(1, 100, 200);
  state.directory.add(owner);
  const [delta] = serve(state, [wantOf(owner)]) as [Delta];
  t.true(bytesOf(delta) > WINDOW_BYTES - 300 && bytesOf(delta) <= WINDOW_BYTES);
  t.like(delta, { from: 0, to: delta.entries.length, asOf: 100, floor: 0 });
});

test('an asker below the floor is served from 0, one at it from where it is', (t) => {
  const state = makeState();
  const owner = ownerOf(1, 10, 5);
  owner.writableLog().raiseFloor(6);
  state.directory.add(owner);
  t.like(serve(state, [wantOf(owner, { version: 5 })])[0], { from: 0, to: 10, floor: 6 });
  t.like(serve(state, [wantOf(owner, { version: 6 })])[0], { from: 6, to: 10, floor: 6 });
  t.deepEqual(serve(state, [wantOf(owner, { version: 10 })]), []);
});

test('a transfer is continued by whoever knows as much and has no higher floor', (t) => {
  const state = makeState();
  const owner = ownerOf(1, 10, 5);
  state.directory.add(owner);
  const want = (parts: Partial<Want>) => serve(state, [wantOf(owner, parts)])[0]?.from;
  t.is(want({ stagedTo: 4, asOf: 9, floorMax: 0 }), 4);
  t.is(want({ stagedTo: 4, asOf: 11, floorMax: 0 }), 0);
  owner.writableLog().raiseFloor(3);
  t.is(want({ stagedTo: 4, asOf: 9, floorMax: 2 }), 0);
  t.is(want({ stagedTo: 4, asOf: 9, floorMax: 3 }), 4);
  t.is(want({ stagedTo: 4, asOf: 9, floorMax: 9, version: 7 }), 4);
});

test('an asker that knows another life is served from the beginning, or not if its own is newer', (t) => {
  const state = makeState();
  const owner = ownerOf(1, 3, 5);
  state.directory.add(owner);
  t.like(serve(state, [wantOf(owner, { generation: 0, version: 2 })])[0], { from: 0 });
  t.deepEqual(serve(state, [wantOf(owner, { generation: 2, version: 2 })]), []);
  const { logId, ...anyLife } = wantOf(owner, { generation: 0 });
  t.like(serve(state, [anyLife])[0], { from: 0, to: 3 });
});

test('what ends is sent with the time that remains: ended values as tombstones, ended events not', (t) => {
  const state = makeState();
  const owner = makeOwner('1111111111111111');
  const bytes = Uint8Array.of(1);
  owner
    .writableLog()
    .append(makeEntry(1, 'value', 'a', bytes, { expiresAtMs: state.nowMs + 70.9 }));
  owner.writableLog().append(makeEntry(2, 'value', 'b', bytes, { expiresAtMs: state.nowMs }));
  owner.writableLog().append(makeEntry(3, 'event', 'c', bytes, { expiresAtMs: state.nowMs + 0.5 }));
  owner.writableLog().append(makeEntry(4, 'event', 'd', bytes, { expiresAtMs: state.nowMs + 9 }));
  state.directory.add(owner);
  const [delta] = serve(state, [wantOf(owner)]) as [Delta];
  t.deepEqual(
    delta.entries.map(({ remainingMs, payload }) => [remainingMs, payload.length]),
    [
      [70, 1],
      [0, 0],
      [9, 1],
    ],
  );
  t.is(delta.to, 4);
});

test('nobody is served what is not known, or not shared', (t) => {
  const state = makeState();
  t.deepEqual(serve(state, [wantOf(makeOwner('2222222222222222'))]), []);
  state.announced = false;
  t.deepEqual(serve(state, [wantOf(state.self)]), []);
});

test('a push that would carry much is not made', (t) => {
  const state = makeState();
  const { serving } = servingOf(state);
  const owner = ownerOf(1, 10, 500);
  t.is(serving.recent(owner, 0, 16 * 1024)?.entries.length, 10);
  t.is(serving.recent(owner, 0, 1000), undefined);
  owner.writableLog().append(makeEntry(11, 'value', 'large', new Uint8Array(1025)));
  t.is(serving.recent(owner, 10, 16 * 1024), undefined);
  owner.writableLog().raiseFloor(5);
  t.is(serving.recent(owner, 4, 16 * 1024), undefined);
});

test('a want that gets nothing sends no empty packet', (t) => {
  const state = makeState();
  const owner = ownerOf(1, 3, 5);
  state.directory.add(owner);
  const { serving, outbox } = servingOf(state);
  serving.answer(LINK, [wantOf(owner, { version: 3 })]);
  outbox.flush();
  t.deepEqual(state.effects, []);
  serving.answer(LINK, [wantOf(owner, { version: 2 })]);
  outbox.flush();
  t.is(state.effects.length, 1);
});
