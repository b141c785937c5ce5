/** 9: staging, showing, gaps and lives of logs. */
import type { Delta, Packet } from '../../wire/packet.js';
import { readEntries, readLog } from '../peer/node-state.js';
import type { PeerLink } from '../peer/peer-link.js';
import type { RawPeer } from '../peer/raw-peer.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { madeBeside } from './trust.js';

/** A member whose log has `a` and `b`, at version 3, all of it shown. */
async function withLog(t: CaseContext): Promise<{ peer: RawPeer; link: PeerLink }> {
  const { peer, link } = await t.member();
  peer.self.set('a', 1).set('b', 1);
  await link.ping({ deltas: [peer.self.delta(1)] });
  const seen = await t.values(peer.self.name);
  t.check(seen['a'] === 1 && seen['b'] === 1, '9.4.1', 'a delta that is whole to be shown', seen);
  // What the case leaves out it wants to be left out.
  peer.library.clear();
  return { peer, link };
}

/** Sends deltas in a packet that is believed, and waits until it was taken. */
async function give(link: PeerLink, ...deltas: Delta[]): Promise<void> {
  await link.ping({ deltas });
}

async function shows(
  t: CaseContext,
  peer: RawPeer,
  rule: string,
  wanted: Record<string, unknown>,
): Promise<void> {
  const seen = await t.values(peer.self.name);
  const keys = Object.keys(wanted);
  const isSame =
    keys.length === Object.keys(seen).length && keys.every((key) => seen[key] === wanted[key]);
  t.check(isSame, rule, `the keys ${JSON.stringify(wanted)}`, seen);
}

const wantsFrom = (owner: string) => (packet: Packet) =>
  packet.wants.some((want) => want.owner === owner);

const STAGING: readonly ConformanceCase[] = [
  conformanceCase(
    '9.3.1-staged-not-shown',
    'Of a transfer nothing is shown, claimed or served before all of it is there.',
    async (t) => {
      await t.listen('set', 'say', 'deleted');
      const { peer, link } = await withLog(t);
      const told = t.events.length;
      peer.self.set('c', 1).say('e', 1).delete('a').set('d', 1);
      await give(link, peer.self.delta(3, 5));
      await shows(t, peer, '9.3.1', { a: 1, b: 1 });
      t.check(t.events.length === told, '9.3.1', 'nothing to be told', t.events.slice(told));
      const digest = await t.digestOf(peer.self.id);
      t.check(digest?.version === 3, '9.3.1', 'version 3 to be claimed', digest);
      const log = await readLog(await t.friend(), peer.self.digest());
      const names = readEntries(log).map(({ name }) => name);
      t.check(names.join() === 'a,b', '9.3.1', 'only a and b to be served', names);
      await give(link, peer.self.delta(5, 7));
      await shows(t, peer, '9.4.1', { b: 1, c: 1, d: 1 });
      const order = t.events
        .slice(told)
        .map((each) => ('key' in each ? `${each.event} ${each.key}` : each.event));
      const wanted = 'set c, say, deleted a, set d';
      t.check(order.join(', ') === wanted, '9.4.2', wanted, order.join(', '));
    },
  ),
  conformanceCase(
    '9.3.1-overwritten-in-between',
    'A key that a later part overwrites is not shown by the earlier one.',
    async (t) => {
      const { peer, link } = await withLog(t);
      // Version 4 set b anew; a had its version 2 replaced by 5: of 3..4 only b is left.
      peer.self.set('b', 2).set('a', 2);
      await give(link, peer.self.delta(3, 4));
      await shows(t, peer, '9.3.1', { a: 1, b: 1 });
      await give(link, peer.self.delta(4, 5));
      await shows(t, peer, '9.4.1', { a: 2, b: 2 });
    },
  ),
  conformanceCase(
    '9.3.4-other-sender-goes-on',
    'Another sender continues a transfer if it shows at least the as_of given, and not if less.',
    async (t) => {
      const { peer, link } = await withLog(t);
      peer.self.set('c', 1).set('d', 1).set('e', 1);
      const other = await t.member('other');
      other.peer.library.clear();
      await give(link, peer.self.delta(3, 4));
      await give(other.link, peer.self.delta(4, 5, { asOf: 5 }));
      await shows(t, peer, '9.3.3', { a: 1, b: 1 });
      await give(other.link, peer.self.delta(4, 6));
      await shows(t, peer, '9.3.4', { a: 1, b: 1, c: 1, d: 1, e: 1 });
    },
  ),
  conformanceCase(
    '9.3.5-new-life-drops-transfer',
    'A new life of the owner drops what is staged.',
    async (t) => {
      const { peer, link } = await withLog(t);
      peer.self.set('c', 'earlier').set('d', 'earlier');
      await give(link, peer.self.delta(3, 4));
      const rest = peer.self.delta(4, 5);
      peer.self.raiseGeneration();
      await link.ping({ digests: [{ owners: [peer.self.digest()] }] });
      await give(link, rest);
      await shows(t, peer, '9.3.5', { a: 1, b: 1 });
    },
  ),
  conformanceCase(
    '9.3.6-header-first',
    'Nothing of a life is shown, or told, before its header is there.',
    async (t) => {
      const { peer } = await t.member();
      const link = await (await peer.connect()).meet();
      const other = madeBeside(peer, 'nameless').set('k', 1);
      const header = other.header;
      const bare = other.delta(0, other.version, { header: new Uint8Array(0) });
      await link.ping({ digests: [{ owners: [other.digest()] }], deltas: [bare] });
      t.check(
        (await t.statusOf('nameless')) === undefined,
        '13.1.8',
        'nobody to be told of it',
        'it is a member',
      );
      t.check((await t.digestOf(other.id)) === undefined, '10.2.1', 'it not to be shared', 'it is');
      await give(link, other.delta(other.version, other.version, { header }));
      const seen = await t.value('nameless', 'k');
      t.check(seen === 1, '9.3.6', 'the header to complete the transfer', seen);
    },
  ),
  conformanceCase(
    '9.2.8-refused-then-right',
    'A delta that is refused leaves the transfer as it was: the right one is taken.',
    async (t) => {
      const { peer, link } = await withLog(t);
      peer.self.set('c', 1).set('d', 1);
      await give(link, peer.self.delta(3, 4));
      const bad = { body: Uint8Array.of(8), payload: new Uint8Array(0) };
      await give(link, peer.self.delta(4, 5, { entries: [bad] }));
      await shows(t, peer, '9.2.8', { a: 1, b: 1 });
      await give(link, peer.self.delta(4, 5));
      await shows(t, peer, '9.2.8', { a: 1, b: 1, c: 1, d: 1 });
    },
  ),
];

const GAPS: readonly ConformanceCase[] = [
  refusalCase(
    '9.3.3-gap',
    'A delta that starts above what is held is not shown.',
    {
      prepare: withLog,
      attack: async (_t, { peer, link }) => {
        peer.self.set('c', 1).set('d', 1);
        await give(link, peer.self.delta(4, 5));
        await link.ping({ digests: [{ owners: [peer.self.digest({ version: 3 })] }] });
      },
    },
    { attachable: false },
  ),
  conformanceCase(
    '9.5.1-gap-is-asked-for',
    'What a held delta lacks is asked for, from the version that is shown.',
    async (t) => {
      const { peer, link } = await withLog(t);
      peer.self.set('c', 1).set('d', 1);
      const after = link.mark;
      await give(link, peer.self.delta(4, 5));
      const { packet } = await link.next(
        wantsFrom(peer.self.id),
        { rule: '9.5.1', expected: 'a Want for the log' },
        after,
      );
      const want = packet.wants.find(({ owner }) => owner === peer.self.id);
      const isBase = want?.logId === peer.self.logId && want.version === 3;
      t.check(isBase, '11.5.3', 'a Want that names the life, from version 3', want);
    },
  ),
  conformanceCase(
    '9.5.1-held',
    'A delta that overtakes the one before it is held for it.',
    async (t) => {
      const { peer, link } = await withLog(t);
      peer.self.set('c', 1).set('d', 1);
      const deltas = [peer.self.delta(4, 5), peer.self.delta(3, 4, { asOf: 4 })];
      await give(link, ...deltas);
      await shows(t, peer, '9.5.1', { a: 1, b: 1, c: 1, d: 1 });
    },
    { grade: 'SHOULD' },
  ),
  refusalCase(
    '9.3.3-stale',
    'A delta that reaches no further than what is shown changes nothing.',
    {
      prepare: withLog,
      attack: async (_t, { peer, link }) => {
        const forged = madeBeside(peer, peer.self.name).set('a', 'forged').set('b', 'forged');
        const { entries } = forged.delta();
        await give(
          link,
          peer.self.delta(0, 3, { entries }),
          peer.self.delta(1, 2, { asOf: 2, entries: [] }),
        );
      },
    },
    { attachable: false },
  ),
  refusalCase(
    '9.3.3-floor-above',
    'A delta that starts at what is shown, under a higher floor, is not taken: it may lack what is gone.',
    {
      prepare: withLog,
      attack: async (_t, { peer, link }) => {
        peer.self.delete('a').set('c', 1);
        peer.self.floor = 4;
        peer.self.entries = peer.self.entries.filter(({ key }) => key !== 'a');
        peer.self.skip();
        await give(link, peer.self.delta(3));
      },
    },
    { attachable: false },
  ),
  conformanceCase(
    '9.4.1-floor-complete',
    'After a transfer from 0 under a higher floor, what it lacks is gone, and told as deleted.',
    async (t) => {
      await t.listen('deleted');
      const { peer, link } = await withLog(t);
      peer.self.delete('a').set('c', 1);
      peer.self.floor = 4;
      peer.self.entries = peer.self.entries.filter(({ key }) => key !== 'a');
      peer.self.skip();
      await give(link, peer.self.delta(0));
      await shows(t, peer, '9.4.1', { b: 1, c: 1 });
      const awaited = { rule: '9.4.1', expected: 'a to be told as deleted' };
      await t.event((event) => event.event === 'deleted' && event.key === 'a', awaited);
      const digest = await t.digestOf(peer.self.id);
      t.check(digest?.floor === 4, '9.4.1', 'floor 4', digest);
    },
  ),
];

const LIVES: readonly ConformanceCase[] = [
  refusalCase(
    '9.2.2-old-generation',
    'A delta, or a digest, of an earlier life is refused.',
    {
      prepare: async (t) => {
        const { peer, link } = await withLog(t);
        peer.self.raiseGeneration(10);
        await link.ping({
          digests: [{ owners: [peer.self.digest()] }],
          deltas: [peer.self.delta()],
        });
        await shows(t, peer, '9.4.1', { a: 1, b: 1 });
        return { peer, link };
      },
      attack: async (_t, { peer, link }) => {
        peer.self.raiseGeneration(-10).set('a', 'from before');
        const digests = [{ owners: [peer.self.digest({ incarnation: 9, version: 99 })] }];
        await link.ping({ digests, deltas: [peer.self.delta(3), peer.self.delta()] });
        peer.self.raiseGeneration(10);
      },
      reason: 'old-generation',
    },
    { attachable: false },
  ),
  refusalCase(
    '9.2.2-unknown-owner',
    'A delta of an owner that is not known is refused.',
    {
      prepare: (t) => t.member(),
      attack: async (_t, { peer, link }) => {
        await give(link, madeBeside(peer, 'unknown').set('k', 1).delta());
      },
      reason: 'unknown-owner',
    },
    { attachable: false },
  ),
  conformanceCase(
    '9.2.4-delta-feature',
    'A delta that requires an unknown feature is refused alone; its owner is asked about no more.',
    async (t) => {
      const { peer, link } = await withLog(t);
      const other = madeBeside(peer, 'modern');
      await (await (await peer.connect()).meet()).ping({
        digests: [{ owners: [other.digest()] }],
        deltas: [other.delta()],
      });
      peer.self.set('c', 1);
      other.set('k', 1);
      await give(link, other.delta(1, 2, { requiredFeatures: 1 }), peer.self.delta(3));
      await shows(t, peer, '5.2.2', { a: 1, b: 1, c: 1 });
      const seen = await t.value('modern', 'k');
      t.check(seen === undefined, '5.2.2', 'nothing of the delta that requires a feature', seen);
      const digest = await t.digestOf(other.id);
      t.check(digest?.refused === true, '9.6.2', 'the owner to be refused', digest);
      await give(link, other.delta(1));
      t.check(
        (await t.value('modern', 'k')) === undefined,
        '9.6.2',
        'none of its deltas',
        'one was taken',
      );
    },
  ),
  refusalCase(
    '9.6.4-refused-not-asked',
    'A digest that is marked as refused is no ground to ask.',
    {
      prepare: withLog,
      attack: async (t, { peer, link }) => {
        const after = link.mark;
        await link.ping({
          digests: [{ owners: [peer.self.digest({ version: 9, refused: true })] }],
        });
        await pause(150);
        await link.ping();
        const isAsked = link.arrived
          .slice(after)
          .some(({ packet }) => wantsFrom(peer.self.id)(packet));
        t.check(!isAsked, '9.6.4', 'no Want for its log', link.seen(after));
      },
    },
    { attachable: false },
  ),
  conformanceCase(
    '9.4.1-earlier-generation-replaced',
    'A later generation of a log id replaces the log shown, when its own is there, and not before.',
    async (t) => {
      const { peer, link } = await withLog(t);
      peer.self.raiseGeneration();
      peer.self.entries = peer.self.entries.filter(({ key }) => key !== 'a');
      await link.ping({ digests: [{ owners: [peer.self.digest()] }] });
      await shows(t, peer, '6.2.3', { a: 1, b: 1 });
      const claimed = await t.digestOf(peer.self.id);
      const isNone = claimed === undefined || claimed.version === 0;
      t.check(isNone, '10.1.1', 'version 0 while only an earlier generation is shown', claimed);
      await give(link, peer.self.delta());
      await shows(t, peer, '9.4.1', { b: 1 });
    },
  ),
  conformanceCase(
    '9.4.2-same-value-not-told',
    'A value that is the same, in a generation that was raised, is not told again.',
    async (t) => {
      const { peer, link } = await withLog(t);
      await t.listen('set', 'deleted');
      const told = t.events.length;
      peer.self.raiseGeneration().set('c', 1);
      await link.ping({ digests: [{ owners: [peer.self.digest()] }], deltas: [peer.self.delta()] });
      await t.members();
      const news = t.events
        .slice(told)
        .map((each) => ('key' in each ? `${each.event} ${each.key}` : each.event));
      t.check(news.join() === 'set c', '9.4.2', 'only c to be told', news);
    },
  ),
  conformanceCase(
    '13.1.6-new-log-id',
    'A new life with another log id ends what was shown of the old one.',
    async (t) => {
      await t.listen('deleted');
      const { peer, link } = await withLog(t);
      peer.self.raiseGeneration();
      peer.self.logId = 'aaaaaaaaaaaaaaaa';
      await link.ping({ digests: [{ owners: [peer.self.digest()] }] });
      await shows(t, peer, '13.1.6', {});
      const awaited = { rule: '13.1.6', expected: 'its keys to be told as deleted' };
      await t.event((event) => event.event === 'deleted' && event.key === 'b', awaited);
    },
  ),
];

const say = (t: CaseContext) =>
  t.events.flatMap((event) => (event.event === 'say' && 'value' in event ? [event.value] : []));

const EVENTS: readonly ConformanceCase[] = [
  conformanceCase(
    '8.6.2-fires-once',
    'An event fires once, however often its delta comes.',
    async (t) => {
      await t.listen('say');
      const { peer, link } = await withLog(t);
      peer.self.say('e', 'first').say('e', 'second');
      for (const from of [3, 3, 4, 0, 3]) await give(link, peer.self.delta(from));
      peer.self.set('z', 1);
      for (const from of [3, 5]) await give(link, peer.self.delta(from));
      await t.members();
      t.check(say(t).join() === 'first,second', '8.6.2', 'first and second, once each', say(t));
    },
  ),
  conformanceCase(
    '8.6.2-raised-generation',
    'An event that has fired does not fire again in a raised generation; a new one does.',
    async (t) => {
      await t.listen('say');
      const { peer, link } = await withLog(t);
      peer.self.say('e', 'once');
      await give(link, peer.self.delta(3));
      peer.self.raiseGeneration().say('e', 'new');
      await link.ping({ digests: [{ owners: [peer.self.digest()] }], deltas: [peer.self.delta()] });
      await t.members();
      t.check(say(t).join() === 'once,new', '8.6.2', 'once and new, once each', say(t));
    },
  ),
  conformanceCase('8.6.3-new-log-id', 'A new log id begins its events again at 1.', async (t) => {
    await t.listen('say');
    const { peer, link } = await withLog(t);
    peer.self.say('e', 'earlier life');
    await give(link, peer.self.delta(3));
    const next = madeBeside(peer, peer.self.name).say('e', 'later life');
    next.generation = peer.self.generation + 1;
    peer.self = next;
    await link.ping({ digests: [{ owners: [next.digest()] }], deltas: [next.delta()] });
    await t.members();
    t.check(say(t).join() === 'earlier life,later life', '8.6.3', 'both', say(t));
  }),
  conformanceCase('8.6.3-in-order', "Keys and events are told in the owner's order.", async (t) => {
    const { peer } = await withLog(t);
    await t.listen('set', 'say', 'deleted');
    const told = t.events.length;
    const wanted: string[] = [];
    for (let round = 0; round < 10; round++) {
      peer.self.set(`k${round}`, round).say('e', round);
      wanted.push(`set ${round}`, `say ${round}`);
    }
    const link = await (await peer.connect()).meet();
    await give(link, peer.self.delta(3));
    await t.members();
    const seen = t.events
      .slice(told)
      .map((each) => `${each.event} ${'value' in each ? each.value : ''}`);
    t.check(seen.join() === wanted.join(), '8.6.3', wanted.join(', '), seen.join(', '));
  }),
  conformanceCase(
    '9.4.2-set-and-deleted',
    'A key that was set and deleted within one transfer is told as both.',
    async (t) => {
      const { peer, link } = await withLog(t);
      await t.listen('set', 'deleted');
      const told = t.events.length;
      peer.self.set('c', 1);
      const set = peer.self.delta(3, 4).entries;
      peer.self.delete('c');
      const entries = [...set, ...peer.self.delta(4, 5).entries];
      await give(link, peer.self.delta(3, 5, { entries }));
      await t.members();
      const seen = t.events.slice(told).map(({ event }) => event);
      t.check(seen.join() === 'set,deleted', '9.4.2', 'set and deleted', seen);
    },
  ),
];

export const DELTA_CASES: readonly ConformanceCase[] = [...STAGING, ...GAPS, ...LIVES, ...EVENTS];
