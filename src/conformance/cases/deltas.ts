/** 9: staging, gaps and holding. */
import { readEntries, readLog } from '../peer/node-state.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { give, shows, wantsFrom, withLog } from './held-log.js';
import { madeBeside } from './trust.js';

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
      peer.library.clear();
      await give(link, peer.self.delta(3, 4));
      await give(other.link, peer.self.delta(4, 5, { asOf: 5 }));
      // Had that been taken, this would be the end of the transfer.
      await give(link, peer.self.delta(5, 6));
      await shows(t, peer, '9.3.4', { a: 1, b: 1 });
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
      peer.library.clear();
      peer.self.raiseGeneration();
      await link.ping({ digests: [{ owners: [peer.self.digest()] }] });
      await give(link, rest);
      await shows(t, peer, '9.3.5', { a: 1, b: 1 });
      // The same part of the new life goes on from nothing that is held.
      await give(link, peer.self.delta(4, 5, { header: peer.self.header }));
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

export const DELTA_CASES: readonly ConformanceCase[] = [...STAGING, ...GAPS];
