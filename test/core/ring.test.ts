import test from 'ava';
import * as fc from 'fast-check';
import type { Owner } from '../../src/core/owner.js';
import { successorOf, WATCHERS, watchedBy, watchersOf } from '../../src/core/ring.js';
import type { CoreState } from '../../src/core/state.js';
import { makeOwner, makeState } from '../support/core-state.js';
import { ownerId } from '../wire/arbitraries.js';
import { checkProperty } from '../wire/property.js';

const ids = fc.uniqueArray(ownerId, { minLength: 1, maxLength: 20 });

function ringOf(list: string[], suspects: boolean[] = []): CoreState {
  const [first, ...others] = list as [string, ...string[]];
  const state = makeState({}, makeOwner(first, { suspected: false }));
  for (const [i, id] of others.entries()) {
    state.directory.add(makeOwner(id, { suspected: suspects[i] === true }));
  }
  return state;
}

const named = (owners: Owner[]) => owners.map((owner) => owner.id);

test('each node is watched by the next four on the ring, or by all others if there are fewer', (t) => {
  const property = fc.property(ids, (list) => {
    const state = ringOf(list);
    const ring = list.toSorted();
    for (const [index, id] of ring.entries()) {
      const expected = [...ring.slice(index + 1), ...ring.slice(0, index)].slice(0, WATCHERS);
      t.deepEqual(named(watchersOf(state, state.directory.get(id) as Owner)), expected);
    }
  });
  checkProperty(property, 200);
  t.is(WATCHERS, 4);
});

test('whom a node watches, those are watched by it', (t) => {
  const suspects = fc.array(fc.boolean(), { maxLength: 20 });
  const property = fc.property(ids, suspects, (list, suspected) => {
    const state = ringOf(list, suspected);
    const trusted = [...state.directory.all()].filter((owner) => !owner.suspected);
    for (const watcher of trusted) {
      const expected = [...state.directory.all()].filter(
        (owner) => owner !== watcher && watchersOf(state, owner).includes(watcher),
      );
      t.deepEqual(named(watchedBy(state, watcher)).sort(), named(expected).sort());
    }
  });
  checkProperty(property, 300);
});

test('a suspected watcher is passed over, and the next takes its place', (t) => {
  const list = [1, 2, 3, 4, 5, 6, 7].map((digit) => `${digit}000000000000000`);
  const state = ringOf(list);
  const [subject, , third, , , sixth] = [...state.directory.all()] as [
    Owner,
    Owner,
    Owner,
    Owner,
    Owner,
    Owner,
  ];
  t.false(watchersOf(state, subject).includes(sixth));
  third.suspected = true;
  t.is(watchersOf(state, subject).length, WATCHERS);
  t.false(watchersOf(state, subject).includes(third));
  t.true(watchersOf(state, subject).includes(sixth));
});

test('a suspect is watched all the same', (t) => {
  const state = ringOf(['1000000000000000', '2000000000000000', '3000000000000000']);
  const suspect = state.directory.get('2000000000000000') as Owner;
  suspect.suspected = true;
  t.true(watchedBy(state, state.self).includes(suspect));
  t.is(watchersOf(state, suspect).length, 2);
});

test('a node alone watches nobody and is watched by nobody', (t) => {
  const state = ringOf(['1000000000000000']);
  t.deepEqual(watchedBy(state, state.self), []);
  t.deepEqual(watchersOf(state, state.self), []);
});

test('the successor is the first after an id, around the ring, of those that are accepted', (t) => {
  const property = fc.property(ids, ownerId, ownerId, (list, id, refused) => {
    const ring = ringOf(list).directory.all();
    const others = list.filter((each) => each !== refused).toSorted();
    const expected = others.find((each) => each > id) ?? others[0];
    t.is(successorOf(ring, id, (owner) => owner.id !== refused)?.id, expected);
  });
  checkProperty(property, 200);
  const ring = ringOf(['00000000000000aa', '00000000000000bb']).directory.all();
  t.is(
    successorOf(ring, '00000000000000aa', () => false),
    undefined,
  );
});
