/** How `diff` reads a node, against nodes that are made up. */
import test from 'ava';
import type { Asker, Parts } from '../../src/cli/ask/asker.js';
import { LogCopy } from '../../src/cli/diff/log-copy.js';
import { readDigests } from '../../src/cli/diff/read-node.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { type Delta, Encoding, type OwnerDigest, Status } from '../../src/wire/packet.js';
import { packetWith } from '../node/fake-core.js';

const LIFE = { owner: '1'.repeat(16), logId: '2'.repeat(16), generation: 3 };

/** A node that knows so many owners, and lists at most 5000 at once. */
function nodeWith(count: number): { asker: Asker; questions: Parts[] } {
  const owners = Array.from({ length: count }, (_, index): OwnerDigest => {
    const owner = ((BigInt(index + 1) * 2n ** 64n) / BigInt(count + 2)).toString(16);
    const life = { ...LIFE, owner: owner.padStart(16, '0') };
    const statement = { incarnation: 0, status: Status.alive, ageMs: 0, refused: false };
    return { ...life, ...statement, version: 1, floor: 0 };
  });
  const questions: Parts[] = [];
  const ask: Asker['ask'] = async (parts, isEnough) => {
    questions.push(parts);
    const { range, count: theirs } = parts.fingerprints![0]!;
    if (theirs > 0) {
      return isEnough(
        packetWith({ fingerprints: [{ range: {}, count, sum: 'f'.repeat(16) }] }),
        true,
      );
    }
    const { start = '', end = 'g' } = range;
    const listed = owners.filter(({ owner }) => owner >= start && owner < end).slice(0, 5000);
    isEnough(packetWith({ digests: [{ owners: listed.slice(0, 10) }] }), false);
    return isEnough(packetWith({ digests: [{ owners: listed.slice(10) }] }), true);
  };
  return { asker: { ask } as Asker, questions };
}

for (const count of [1, 30, 4000, 9001]) {
  test(`all of ${count} nodes are read, as many at once as one tells`, async (t) => {
    const { asker, questions } = nodeWith(count);
    const digests = await readDigests(asker, 1000);
    t.is(digests?.size, count);
    t.is(questions.length, 1 + Math.ceil(count / 4000));
  });
}

test('a node that does not answer in time is not read in part', async (t) => {
  const { asker } = nodeWith(9001);
  const { ask } = asker;
  let asked = 0;
  const fails = { ask: async (...given) => ++asked < 3 && ask(...given) } as Asker;
  t.is(await readDigests(fails, 1000), undefined);
});

test('a log is joined from its parts; what comes twice, or too early, does no harm', (t) => {
  const copy = new LogCopy();
  t.false(copy.isComplete);
  const parts = [
    part(0, 2, 4, [value(1, 'a', '1'), value(2, 'b', '2')]),
    part(3, 4, 4, [value(4, 'late', '0')]),
    part(0, 2, 4, [value(1, 'a', '1'), value(2, 'b', '2')]),
    part(2, 4, 4, [value(3, 'a', '3'), tombstone(4, 'b')]),
  ];
  for (const each of parts) copy.take(each);
  t.true(copy.isComplete);
  t.deepEqual(shown(copy), ['a=3']);
});

test('a part with a higher floor, or of another life, begins anew', (t) => {
  const copy = new LogCopy();
  copy.take(part(0, 2, 4, [value(1, 'old', '1')]));
  copy.take(part(2, 6, 6, [value(5, 'gap', '1')], 3));
  t.is(copy.to, 2);
  copy.take(part(0, 6, 6, [value(5, 'new', '1')], 3));
  t.deepEqual(shown(copy), ['new=1']);
  copy.take({ ...part(0, 1, 1, [value(1, 'life', '2')]), logId: '9'.repeat(16) });
  t.deepEqual(shown(copy), ['life=2']);
});

test('entries that cannot be read are passed over, and so are values that have ended', (t) => {
  const copy = new LogCopy();
  const ended = { ...value(2, 'ended', ''), remainingMs: 0 };
  const broken = { body: Uint8Array.of(255), payload: new Uint8Array(0) };
  copy.take(part(0, 3, 3, [value(1, 'a', '1'), ended, broken]));
  t.deepEqual(shown(copy), ['a=1']);
});

function part(from: number, to: number, asOf: number, entries: Delta['entries'], floor = 0): Delta {
  const header = new Uint8Array(0);
  return { ...LIFE, from, to, asOf, floor, header, entries, requiredFeatures: 0 };
}

function value(version: number, name: string, json: string) {
  const kind = { kind: 'value', encoding: Encoding.json, typeName: '' } as const;
  const body = encodeEntryBody({ version, name, content: { ...kind, stamp: { time: 1 } } });
  return { body, payload: new TextEncoder().encode(json) };
}

function tombstone(version: number, name: string) {
  const content = { kind: 'tombstone', stamp: { time: 1 } } as const;
  return { body: encodeEntryBody({ version, name, content }), payload: new Uint8Array(0) };
}

function shown(copy: LogCopy): string[] {
  const { values } = copy.read();
  return [...values].map(([key, { payload }]) => `${key}=${new TextDecoder().decode(payload)}`);
}
