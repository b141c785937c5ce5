/** 8: versions, entries, values, events, headers and the floor. */
import { decodeEntryBody, encodeEntryBody } from '../../wire/entry-body.js';
import { encodeOwnerHeader } from '../../wire/owner-header.js';
import type { EntryBody, OwnerHeader, WireEntry } from '../../wire/packet.js';
import { json, valueBody } from '../peer/made-owner.js';
import { readEntries, readLog } from '../peer/node-state.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { bytesField, hex, joined, UNKNOWN_FIELD, varintField } from './odd-bytes.js';
import { madeBeside } from './trust.js';

const NOTHING = new Uint8Array(0);

/** The log of a member as the node serves it to others. */
async function served(t: CaseContext, owner: string) {
  const friend = await t.friend();
  const digest = await t.digestOf(owner);
  if (digest === undefined) throw new Error('the case has introduced nobody');
  return readLog(friend, digest);
}

const OWN_LOG: readonly ConformanceCase[] = [
  conformanceCase(
    '8.1.1-versions',
    'Each change takes the next version, from 1, the header among them.',
    async (t) => {
      await t.ask('set', { key: 'a', value: 1 });
      await t.ask('set', { key: 'b', value: 2 });
      await t.ask('set', { key: 'a', value: 3 });
      await t.ask('delete', { key: 'b' });
      await t.ask('say', { event: 'e', value: 4, durationMs: 60_000 });
      const { version } = await t.ownDigest();
      t.check(version === 6, '8.1.1', 'version 6: the header and five changes', `${version}`);
      const seen = readEntries(await served(t, t.nodeId));
      const words = seen.map((each) => `${each.version} ${each.kind} ${each.name}`).join(', ');
      const wanted = '4 value a, 5 tombstone b, 6 say e';
      t.check(words === wanted, '8.1.2', wanted, words);
    },
  ),
  conformanceCase(
    '8.3.3-json-and-bytes',
    'A value is JSON text or plain bytes, as its encoding says.',
    async (t) => {
      await t.ask('set', { key: 'json', value: { a: [1, 'ü'] } });
      await t.ask('set', { key: 'raw', bytes: 'AP8Q' });
      const [first, second] = (await served(t, t.nodeId)).entries;
      const [one, other] = [first, second].map((entry) => decodeEntryBody(entry?.body ?? NOTHING));
      const forms = [one, other].map(
        (body) => body?.content.kind === 'value' && body.content.encoding,
      );
      t.check(forms.join() === '1,2', '8.3.3', 'encodings JSON and BYTES', forms);
      const read = JSON.parse(Buffer.from(first?.payload ?? NOTHING).toString('utf8'));
      t.check(JSON.stringify(read) === '{"a":[1,"ü"]}', '8.3.3', 'the JSON that was set', read);
      const raw = Buffer.from(second?.payload ?? NOTHING).toString('hex');
      t.check(raw === '00ff10', '8.3.3', 'the bytes that were set', raw);
    },
  ),
  conformanceCase('8.2.3-ended-event', 'An event that has ended is not sent.', async (t) => {
    await t.ask('say', { event: 'short', value: 1, durationMs: 200 });
    await t.ask('say', { event: 'long', value: 1, durationMs: 60_000 });
    await pause(500);
    const names = readEntries(await served(t, t.nodeId)).map(({ name }) => name);
    t.check(names.join() === 'long', '8.2.3', 'only the event that lives', names);
  }),
  conformanceCase(
    '8.5.2-own-expired-hides-older',
    'An expired value of the node itself is gone, and no older one comes back.',
    async (t) => {
      await t.ask('set', { key: 'k', value: 'old' });
      await t.ask('set', { key: 'k', value: 'new', ttlMs: 300 });
      await pause(600);
      const { entries } = await t.ask('get', { key: 'k' });
      t.check(entries.length === 0, '8.5.2', 'no value', entries);
      const { entries: sent } = await served(t, t.nodeId);
      const [entry] = sent;
      t.check(sent.length === 1, '8.1.2', 'one entry of the key', `${sent.length}`);
      const isEmpty = entry?.payload.length === 0 && entry.remainingMs === 0;
      t.check(isEmpty, '8.2.3', 'an empty payload and a remaining time of 0', entry);
    },
  ),
  conformanceCase(
    '8.8.1-floor-moves',
    'An owner moves its floor past tombstones that are older than the grace; the move takes a version.',
    async (t) => {
      await t.ask('set', { key: 'kept', value: 1 });
      await t.ask('set', { key: 'gone', value: 1 });
      await t.ask('delete', { key: 'gone' });
      const before = await t.ownDigest();
      const awaited = {
        rule: '8.8.1',
        expected: 'a floor at the tombstone, version 4',
        withinMs: 8000,
      };
      await t.eventually(awaited, async () => {
        const seen = await t.ownDigest();
        return { holds: seen.floor >= 4 && seen.version === before.version + 1, seen };
      });
      const log = await served(t, t.nodeId);
      const names = readEntries(log).map(({ name }) => name);
      t.check(names.join() === 'kept', '8.8.2', 'no tombstone, and the value that lives', names);
    },
    { start: { tombstoneGraceMs: 1000 } },
  ),
];

const RELAYED: readonly ConformanceCase[] = [
  conformanceCase(
    '8.2.2-time-held',
    'What remains of an entry is sent less the time that the node has held it.',
    async (t) => {
      const { peer } = await t.member();
      peer.self.say('e', 1, { remainingMs: 60_000 });
      await peer.introduce(await (await peer.connect()).meet(), peer.self);
      await pause(700);
      const [entry] = (await served(t, peer.self.id)).entries;
      const remainingMs = entry?.remainingMs ?? 0;
      const isLess = remainingMs > 30_000 && remainingMs <= 59_400;
      t.check(isLess, '8.2.2', 'some 59,300 ms of 60,000 after 700', `${remainingMs}`);
    },
  ),
  conformanceCase(
    '8.3.1-verbatim',
    'Bodies and headers are passed on as they came, unknown fields included.',
    async (t) => {
      const peer = await t.peer();
      const odd = (body: EntryBody) =>
        joined(
          varintField(UNKNOWN_FIELD, 7),
          encodeEntryBody(body),
          bytesField(UNKNOWN_FIELD, hex('00ff')),
        );
      peer.self.set('k', 1).say('e', 2);
      peer.self.header = joined(bytesField(UNKNOWN_FIELD, hex('aa')), peer.self.header);
      peer.self.entries = peer.self.entries.map((entry) => ({
        ...entry,
        body: odd(decodeEntryBody(entry.body) as EntryBody),
      }));
      await peer.join(await peer.connect());
      const log = await served(t, peer.self.id);
      const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? NOTHING).toString('hex');
      t.check(
        text(log.header) === text(peer.self.header),
        '8.3.1',
        text(peer.self.header),
        text(log.header),
      );
      for (const [index, { body }] of peer.self.entries.entries()) {
        const seen = text(log.entries[index]?.body);
        t.check(seen === text(body), '8.3.1', text(body), seen);
      }
    },
  ),
  conformanceCase(
    '8.3.3-unreadable-payload',
    'A payload that no application can read is taken and passed on.',
    async (t) => {
      const peer = await t.peer();
      peer.self.set('odd', 0, { payload: hex('7b') }).set('after', 1);
      await peer.join();
      const seen = await t.value(peer.self.name, 'after');
      t.check(seen === 1, '8.3.3', 'what comes behind it to be shown', seen);
      const [entry] = (await served(t, peer.self.id)).entries;
      const payload = Buffer.from(entry?.payload ?? NOTHING).toString('hex');
      t.check(payload === '7b', '8.3.3', 'the payload 7b', payload);
    },
  ),
  conformanceCase(
    '8.4.1-names-as-bytes',
    'Names of keys are compared byte by byte; the empty name is one as any other.',
    async (t) => {
      const peer = await t.peer();
      peer.self.set('\u00e9', 'one').set('e\u0301', 'two').set('', 'empty').set('E', 'three');
      await peer.join();
      const seen = await t.values(peer.self.name);
      const wanted = { '\u00e9': 'one', 'e\u0301': 'two', '': 'empty', E: 'three' };
      const isSame = Object.entries(wanted).every(([key, value]) => seen[key] === value);
      t.check(isSame && Object.keys(seen).length === 4, '8.4.1', JSON.stringify(wanted), seen);
    },
  ),
  conformanceCase('8.4.1-replaces', 'A value replaces that of its key.', async (t) => {
    const { peer, link } = await t.member();
    peer.self.set('k', 'first');
    await link.ping({ deltas: [peer.self.delta(1)] });
    peer.self.set('k', 'second');
    await link.ping({ deltas: [peer.self.delta(2)] });
    const seen = await t.value(peer.self.name, 'k');
    t.check(seen === 'second', '8.4.1', 'the second value', seen);
    const entries = readEntries(await served(t, peer.self.id)).length;
    t.check(entries === 1, '8.1.2', 'one entry of the key', `${entries}`);
  }),
  conformanceCase(
    '8.5.2-expired-hides-older',
    'A value that has ended is hidden at once, and no older one of its key comes back.',
    async (t) => {
      await t.listen('expired');
      const { peer, link } = await t.member();
      peer.self.set('k', 'old');
      await link.ping({ deltas: [peer.self.delta(1)] });
      peer.self.set('k', 'new', { remainingMs: 400 });
      await link.ping({ deltas: [peer.self.delta(2)] });
      const first = await t.value(peer.self.name, 'k');
      t.check(first === 'new', '8.4.1', 'the new value while it lives', first);
      const awaited = { rule: '8.5.2', expected: 'the value to expire' };
      await t.event((event) => event.event === 'expired' && event.key === 'k', awaited);
      const seen = await t.values(peer.self.name);
      t.check(Object.keys(seen).length === 0, '8.5.2', 'no value of the key', seen);
      const log = await served(t, peer.self.id);
      const [entry] = log.entries;
      const isEmpty =
        log.entries.length === 1 && entry?.payload.length === 0 && entry.remainingMs === 0;
      t.check(
        isEmpty,
        '8.2.3',
        'its entry with an empty payload and a remaining time of 0',
        log.entries.length,
      );
    },
  ),
  conformanceCase(
    '8.8.2-floor-forgets',
    'Tombstones at or below the floor are forgotten by everybody to whom it is shown.',
    async (t) => {
      const { peer, link } = await t.member();
      peer.self.set('k', 1).set('kept', 1).delete('k');
      await link.ping({ deltas: [peer.self.delta(1)] });
      const before = readEntries(await served(t, peer.self.id)).map(({ kind }) => kind);
      t.check(before.includes('tombstone'), '8.5.1', 'the tombstone to be passed on', before);
      peer.self.floor = peer.self.version;
      peer.self.skip();
      await link.ping({ deltas: [peer.self.delta(peer.self.version - 1)] });
      const log = await served(t, peer.self.id);
      const kinds = readEntries(log).map(({ kind }) => kind);
      t.check(!kinds.includes('tombstone'), '8.8.2', 'no tombstone', kinds);
      t.check(log.floor === peer.self.floor, '8.8.2', `floor ${peer.self.floor}`, `${log.floor}`);
    },
  ),
];

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

export const ENTRY_CASES: readonly ConformanceCase[] = [
  ...OWN_LOG,
  ...RELAYED,
  ...BAD_ENTRIES,
  ...HEADERS,
];
