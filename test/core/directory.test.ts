import test from 'ava';
import * as fc from 'fast-check';
import { Directory, fingerprintOf } from '../../src/core/directory.js';
import type { Owner } from '../../src/core/owner.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import { Status } from '../../src/wire/packet.js';
import { makeOwner } from '../support/core-state.js';
import { ownerId, range } from '../wire/arbitraries.js';
import { checkProperty } from '../wire/property.js';

const ids = fc.uniqueArray(ownerId, { maxLength: 30 });

function directoryOf(list: string[], isShared: (owner: Owner) => boolean = () => true): Directory {
  const directory = new Directory(
    (owner) => (isShared(owner) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY),
    () => 0,
  );
  for (const id of list) directory.add(makeOwner(id));
  return directory;
}

test('owners are in the order of their ids, however they came and went', (t) => {
  const property = fc.property(ids, fc.array(fc.nat(100), { maxLength: 20 }), (list, gone) => {
    const directory = directoryOf(list);
    const left = new Set(list);
    for (const which of gone) {
      const id = [...left][which % Math.max(1, left.size)];
      if (id === undefined) continue;
      directory.remove(directory.get(id) as Owner);
      left.delete(id);
    }
    const expected = [...left].sort();
    t.deepEqual(
      [...directory.all()].map((owner) => owner.id),
      expected,
    );
    t.is(directory.size, expected.length);
  });
  checkProperty(property, 300);
});

test('a range is half open and holds the shared owners between its ends', (t) => {
  const shared = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 });
  const property = fc.property(ids, range, shared, (list, bounds, pattern) => {
    const ascending = list.toSorted();
    const isShared = (owner: Owner) =>
      pattern[ascending.indexOf(owner.id) % pattern.length] === true;
    const directory = directoryOf(list, isShared);
    const { start = '', end = 'g' } = bounds;
    const expected = ascending.filter((id, index) => {
      return id >= start && id < end && pattern[index % pattern.length];
    });
    t.deepEqual(
      directory.shared(bounds).map((owner) => owner.id),
      expected,
    );
    t.is(directory.fingerprint(bounds).count, expected.length);
  });
  checkProperty(property, 500);
});

test('the ends of a range: the start belongs to it, the end does not', (t) => {
  const [a, b, c] = ['1000000000000000', '2000000000000000', '3000000000000000'] as const;
  const directory = directoryOf([c, a, b]);
  const idsOf = (start?: string, end?: string) =>
    directory
      .shared({ ...(start && { start }), ...(end && { end }) })
      .map((owner) => owner.id.slice(0, 1))
      .join('');
  t.is(idsOf(a, c), '12');
  t.is(idsOf(b), '23');
  t.is(idsOf(undefined, b), '1');
  t.is(idsOf(), '123');
});

test('the sums of the parts of a cut add up to the sum of the whole', (t) => {
  const property = fc.property(ids, ids, (list, cuts) => {
    const directory = directoryOf(list);
    const ends = cuts.toSorted();
    const parts = [...ends, undefined].map((end, index) => {
      const start = ends[index - 1];
      return directory.fingerprint({ ...(start && { start }), ...(end && { end }) });
    });
    const whole = directory.fingerprint({});
    const sum = parts.reduce((total, part) => total + BigInt(`0x${part.sum}`), 0n) % 2n ** 64n;
    t.is(sum.toString(16).padStart(16, '0'), whole.sum);
    t.is(
      parts.reduce((total, part) => total + part.count, 0),
      whole.count,
    );
  });
  checkProperty(property);
});

test('nothing has the sum of zeros', (t) => {
  t.deepEqual(fingerprintOf({}, []), { range: {}, count: 0, sum: '0000000000000000' });
});

test('the live owners are those without a verdict, once a change is announced', (t) => {
  const directory = directoryOf(['2000000000000000', '1000000000000000']);
  const owner = directory.get('1000000000000000') as Owner;
  t.is(directory.live().length, 2);
  owner.statement.status = Status.dead;
  directory.changed();
  t.deepEqual(
    directory.live().map((each) => each.id),
    ['2000000000000000'],
  );
});

test('names that a prototype has are names like others', (t) => {
  const directory = directoryOf([ownerIdOf('__proto__')]);
  const owner = directory.get(ownerIdOf('__proto__')) as Owner;
  t.is(directory.named('__proto__'), undefined);
  t.is(directory.named('constructor'), undefined);
  owner.name = '__proto__';
  t.is(directory.named('__proto__'), owner);
});
