/** 8.6, 9.2 and 9.4: lives of logs, and what is told of them to the application. */
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { give, shows, wantsFrom, withLog } from './held-log.js';
import { madeBeside } from './trust.js';

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

export const LOG_LIFE_CASES: readonly ConformanceCase[] = [...LIVES, ...EVENTS];
