/** Limits of single fields that the tests of `test/wire` leave out. */
import test from 'ava';
import { KEY_BYTES } from '../../src/crypto/secretbox.js';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import { decodeEntryBody, encodeEntryBody } from '../../src/wire/entry-body.js';
import { Keyring } from '../../src/wire/index.js';
import { KEY_IDS_MAX, REMAINING_MS_MAX } from '../../src/wire/limits.js';
import { checkRemainingMs } from '../../src/wire/own-limits.js';
import { makePacket, makeState } from '../support/core-state.js';

test("an entry may live 2^48 ms on, in a packet and of a node's own", (t) => {
  const reasonOf = (remainingMs: number) => {
    const life = { owner: '1111111111111111', logId: '1111111111111111', generation: 1 };
    const entries = [{ body: new Uint8Array(0), payload: new Uint8Array(0), remainingMs }];
    const rest = { from: 0, to: 1, asOf: 1, floor: 0, header: new Uint8Array(0) };
    const delta = { ...life, ...rest, entries, requiredFeatures: 0 };
    const decoded = decodePacket(encodePacket(makePacket(makeState(), { deltas: [delta] })));
    return decoded.ok ? 'taken' : decoded.reason;
  };
  t.is(reasonOf(REMAINING_MS_MAX), 'taken');
  t.is(reasonOf(REMAINING_MS_MAX + 1), 'integer-range');
  t.notThrows(() => checkRemainingMs(REMAINING_MS_MAX, 'set'));
  t.throws(() => checkRemainingMs(REMAINING_MS_MAX + 1, 'set'), { code: 'INVALID_ARGUMENT' });
});

test('a body may hold 16 messages', (t) => {
  const stamp = { time: 1 };
  const body = encodeEntryBody({ version: 1, name: '', content: { kind: 'tombstone', stamp } });
  // A tombstone and its stamp are two; an empty stamp, which is merged, is one more each.
  const tombstone = (stamps: number) => {
    const more = Array.from({ length: stamps }, () => [0x0a, 0]).flat();
    return [0x5a, more.length, ...more];
  };
  t.truthy(decodeEntryBody(Uint8Array.of(...body, ...tombstone(13))));
  t.is(decodeEntryBody(Uint8Array.of(...body, ...tombstone(14))), undefined);
});

test('groups of unknown fields may be nested 100 deep, in messages inside a packet too', (t) => {
  const bytes = encodePacket(makePacket(makeState()));
  const groups = (depth: number) => {
    const repeated = (tag: number[]) => Array.from({ length: depth }, () => tag).flat();
    return [...repeated([0xa3, 0x06]), ...repeated([0xa4, 0x06])];
  };
  const inPacket = (depth: number) => decodePacket(Uint8Array.of(...bytes, ...groups(depth)));
  t.true(inPacket(100).ok);
  t.deepEqual(inPacket(101), { ok: false, reason: 'malformed' });
  const stamp = { time: 1 };
  const body = encodeEntryBody({ version: 1, name: '', content: { kind: 'tombstone', stamp } });
  const inStamp = (depth: number) => {
    const content = [0x0a, ...lengthOf(groups(depth))];
    return decodeEntryBody(Uint8Array.of(...body, 0x5a, ...lengthOf(content)));
  };
  t.truthy(inStamp(100));
  t.is(inStamp(101), undefined);
});

test('a keyring holds 16 keys', (t) => {
  const keys = Array.from({ length: KEY_IDS_MAX + 1 }, (_, index) => {
    const id = index.toString(16).padStart(8, '0');
    const idBytes = Uint8Array.of(0, 0, 0, index);
    return { id, idBytes, bytes: new Uint8Array(KEY_BYTES).fill(index) };
  });
  t.is(new Keyring(keys.slice(1)).keyIds.length, 16);
  t.throws(() => new Keyring(keys), { code: 'INVALID_ARGUMENT', message: /1 to 16 keys/ });
});

/** Content behind its length, which takes two bytes. */
function lengthOf(content: readonly number[]): number[] {
  return [(content.length & 0x7f) | 0x80, content.length >> 7, ...content];
}
