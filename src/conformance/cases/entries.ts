/** 8: versions, entries, values, events, headers and the floor. */
import { decodeEntryBody, encodeEntryBody } from '../../wire/entry-body.js';
import type { EntryBody } from '../../wire/packet.js';
import { readEntries, readLog } from '../peer/node-state.js';
import { type ConformanceCase, conformanceCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { bytesField, hex, joined, UNKNOWN_FIELD, varintField } from './odd-bytes.js';

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

export const ENTRY_CASES: readonly ConformanceCase[] = [...OWN_LOG, ...RELAYED];
