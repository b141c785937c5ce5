/** 8.3, 8.5, 8.7 and 9.2: entries and headers that are refused. */
import { encodeEntryBody } from '../../wire/entry-body.js';
import { encodeOwnerHeader } from '../../wire/owner-header.js';
import type { OwnerHeader, WireEntry } from '../../wire/packet.js';
import { json, valueBody } from '../peer/made-owner.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { bytesField, hex, joined, varintField } from './odd-bytes.js';
import { madeBeside } from './trust.js';

const NOTHING = new Uint8Array(0);

/** An entry that is refused: of a body, or of parts around one that is right. */
function badEntry(
  word: string,
  title: string,
  make: (version: number) => Partial<WireEntry> & { readonly body: Uint8Array },
  rule = '8.3.2',
): ConformanceCase {
  return refusalCase(
    `${rule}-${word}`,
    `A delta with ${title} is refused.`,
    {
      prepare: async (t) => {
        const { peer, link } = await t.member();
        peer.self.set('good', 1);
        await link.ping({ deltas: [peer.self.delta(1)] });
        return { peer, link };
      },
      attack: async (_t, { peer, link }) => {
        const { version } = peer.self;
        const to = version + 1;
        const entry: WireEntry = { payload: NOTHING, ...make(to) };
        const delta = { ...peer.self.delta(version, version), to, asOf: to, entries: [entry] };
        await link.ping({ deltas: [delta] });
      },
      reason: 'malformed-entry',
    },
    { attachable: false },
  );
}

const VALUE = 10;
const SAY = 12;
const stamp = (time = 1) => bytesField(3, varintField(1, time));
const content = (field: number, ...parts: Uint8Array[]) => bytesField(field, joined(...parts));
const bodyOf = (version: number | bigint, ...parts: Uint8Array[]) =>
  joined(varintField(1, version), bytesField(2, Buffer.from('bad')), ...parts);
const rightValue = content(VALUE, varintField(1, 1), stamp());

const BAD_ENTRIES: readonly ConformanceCase[] = [
  badEntry('no-content', 'a body without content', (version) => ({ body: bodyOf(version) })),
  badEntry('cut-body', 'a body that is cut off', (version) => ({
    body: bodyOf(version, rightValue).slice(0, -1),
  })),
  badEntry('version-0', 'a body of version 0', () => ({ body: bodyOf(0, rightValue) })),
  badEntry('version-max', 'a body of version 2^53', () => ({
    body: bodyOf(2n ** 53n, rightValue),
  })),
  badEntry('long-name', 'a name of 1025 bytes', (version) => ({
    body: encodeEntryBody(valueBody(version, 'n'.repeat(1025))),
  })),
  badEntry('no-encoding', 'a value without encoding', (version) => ({
    body: bodyOf(version, content(VALUE, stamp())),
  })),
  badEntry('encoding-4', 'an encoding of 4', (version) => ({
    body: bodyOf(version, content(VALUE, varintField(1, 4), stamp())),
  })),
  badEntry('type-of-json', 'a type name with JSON', (version) => ({
    body: bodyOf(
      version,
      content(VALUE, varintField(1, 1), bytesField(2, Buffer.from('a.B')), stamp()),
    ),
  })),
  badEntry('no-type', 'a protobuf value without type name', (version) => ({
    body: bodyOf(version, content(VALUE, varintField(1, 3), stamp())),
  })),
  badEntry('no-stamp', 'a value without stamp', (version) => ({
    body: bodyOf(version, content(VALUE, varintField(1, 1))),
  })),
  badEntry('stamp-0', 'a stamp of time 0', (version) => ({
    body: bodyOf(version, content(VALUE, varintField(1, 1), bytesField(3, NOTHING))),
  })),
  badEntry('origin', 'an origin of 7 bytes', (version) => ({
    body: bodyOf(
      version,
      content(
        VALUE,
        varintField(1, 1),
        bytesField(3, joined(varintField(1, 1), bytesField(2, new Uint8Array(7)))),
      ),
    ),
  })),
  badEntry('sequence-0', 'an event of sequence 0', (version) => ({
    body: bodyOf(version, content(SAY, varintField(2, 1))),
    remainingMs: 60_000,
  })),
  badEntry('parts', 'a body of 17 messages', (version) => ({
    body: bodyOf(version, ...Array(9).fill(rightValue)),
  })),
  badEntry(
    'tombstone-payload',
    'a tombstone with a payload',
    (version) => ({
      body: encodeEntryBody({
        version,
        name: 'good',
        content: { kind: 'tombstone', stamp: { time: 9 } },
      }),
      payload: json(1),
    }),
    '8.5.1',
  ),
  badEntry(
    'tombstone-remaining',
    'a tombstone with a remaining time',
    (version) => ({
      body: encodeEntryBody({
        version,
        name: 'good',
        content: { kind: 'tombstone', stamp: { time: 9 } },
      }),
      remainingMs: 1000,
    }),
    '8.5.1',
  ),
  ...([undefined, 0] as const).map((remainingMs) =>
    badEntry(
      remainingMs === undefined ? 'event-for-ever' : 'event-ended',
      `an event ${remainingMs === undefined ? 'without a remaining time' : 'whose time is over'}`,
      (version) => ({
        body: encodeEntryBody({
          version,
          name: 'e',
          content: { kind: 'say', sequence: 1, encoding: 1, typeName: '' },
        }),
        ...(remainingMs === undefined ? {} : { remainingMs }),
      }),
      '9.2.8',
    ),
  ),
  badEntry(
    'above-to',
    'an entry above its end',
    (version) => ({ body: encodeEntryBody(valueBody(version + 1, 'k')) }),
    '9.2.8',
  ),
  badEntry(
    'at-from',
    'an entry at its beginning',
    (version) => ({ body: encodeEntryBody(valueBody(version - 1, 'k')) }),
    '9.2.8',
  ),
];

const RIGHT_HEADER: OwnerHeader = {
  version: 1,
  name: 'intruder',
  addresses: [{ family: 4, ip: Uint8Array.of(127, 0, 0, 1), port: 9, transport: 'udp' }],
  tags: {},
  protocolMin: 1,
  protocolMax: 1,
  features: 0,
  keyIds: [],
};
const addressField = (ip: Uint8Array, port: number) =>
  bytesField(
    3,
    joined(varintField(1, 1), bytesField(2, ip), varintField(3, port), varintField(4, 1)),
  );
const tagField = (name: string, value: string) =>
  bytesField(4, joined(bytesField(1, Buffer.from(name)), bytesField(2, Buffer.from(value))));
const many = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => make(index));

/** What rule 8.7.2 refuses, as additions to a header that is right, or in its place. */
const BAD_HEADERS: readonly (readonly [string, string, Uint8Array])[] = (() => {
  const right = encodeOwnerHeader(RIGHT_HEADER);
  const with_ = (...parts: Uint8Array[]) => joined(right, ...parts);
  return [
    ['cut', 'that is cut off', right.slice(0, -1)],
    ['version-0', 'of version 0', encodeOwnerHeader({ ...RIGHT_HEADER, version: 0 })],
    [
      'version-above',
      'whose version is above the as_of',
      encodeOwnerHeader({ ...RIGHT_HEADER, version: 99 }),
    ],
    ['no-name', 'without a name', encodeOwnerHeader({ ...RIGHT_HEADER, name: '' })],
    ['addresses', 'of 9 addresses', with_(...many(8, () => addressField(new Uint8Array(4), 9)))],
    ['tags', 'of 65 tags', with_(...many(65, (index) => tagField(`t${100 + index}`, '')))],
    ['key-ids', 'of 17 key ids', with_(...many(17, () => bytesField(8, new Uint8Array(4))))],
    ['key-id', 'with a key id of 3 bytes', with_(bytesField(8, new Uint8Array(3)))],
    ['tag-order', 'whose tags do not ascend', with_(tagField('b', ''), tagField('a', ''))],
    ['tag-twice', 'with a tag twice', with_(tagField('a', '1'), tagField('a', '2'))],
    ['tag-name', 'with a tag without name', with_(tagField('', 'v'))],
    ['tag-value', 'with a tag value of 1025 bytes', with_(tagField('a', 'v'.repeat(1025)))],
    ['ip', 'with an ip of 5 bytes', with_(addressField(new Uint8Array(5), 9))],
    ['port-0', 'with port 0', with_(addressField(new Uint8Array(4), 0))],
    ['port-max', 'with port 65536', with_(addressField(new Uint8Array(4), 65_536))],
  ];
})();

function badHeader(id: string, title: string, header: Uint8Array, reason: string): ConformanceCase {
  return refusalCase(
    id,
    title,
    {
      prepare: (t) => t.member(),
      attack: async (_t, { peer }) => {
        const link = await (await peer.connect()).meet();
        const intruder = madeBeside(peer, 'intruder').set('k', 1);
        const parts = { digests: [{ owners: [intruder.digest()] }] };
        await link.ping({ ...parts, deltas: [{ ...intruder.delta(), header }] });
      },
      reason,
    },
    { attachable: false },
  );
}

const HEADERS: readonly ConformanceCase[] = [
  ...BAD_HEADERS.map(([word, what, header]) =>
    badHeader(`8.7.2-${word}`, `A header ${what} is refused.`, header, 'malformed-header'),
  ),
  badHeader(
    '6.1.3-name-mismatch',
    'A header whose name is not that of its owner id is refused.',
    encodeOwnerHeader({ ...RIGHT_HEADER, name: 'somebody else' }),
    'name-mismatch',
  ),
  conformanceCase(
    '8.7.3-unknown-address',
    'An address of unknown family or transport is skipped, and the header taken.',
    async (t) => {
      const peer = await t.peer('modern');
      const odd = bytesField(
        3,
        joined(varintField(1, 9), bytesField(2, hex('aabb')), varintField(4, 7)),
      );
      peer.self.header = joined(peer.self.header, odd);
      await peer.join();
      const seen = await t.statusOf('modern');
      t.check(seen === 'alive', '8.7.3', 'the node to know it', seen);
    },
  ),
];

export const MALFORMED_LOG_CASES: readonly ConformanceCase[] = [...BAD_ENTRIES, ...HEADERS];
