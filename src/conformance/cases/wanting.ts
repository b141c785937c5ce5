/** 11.5 to 11.7: what is asked, served, and cut into packets. */
import { MadeOwner } from '../peer/made-owner.js';
import { makeWant } from '../peer/make-want.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { pause } from './context.js';
import { madeBeside } from './trust.js';

const DATAGRAM_WINDOW_BYTES = 8 * 1024;

const SERVING: readonly ConformanceCase[] = [
  conformanceCase(
    '11.6.1-unknown-owner',
    'A want for an owner that is not known is answered with nothing.',
    async (t) => {
      const friend = await t.friend();
      const { all } = await friend.ping({ wants: [makeWant('00000000000000ff')] });
      const told = all.flatMap(({ packet }) => [...packet.deltas, ...packet.digests]);
      t.check(told.length === 0, '11.6.1', 'neither delta nor digest', told);
    },
    { attachable: true },
  ),
  conformanceCase(
    '11.6.1-base',
    'A want is served from the version that it names, and with the header only from below it.',
    async (t) => {
      for (const key of ['a', 'b', 'c']) await t.ask('set', { key, value: key });
      const own = await t.ownDigest();
      const { logId, generation } = own;
      const friend = await t.friend();
      const { all } = await friend.ping({
        wants: [makeWant(own.owner, { logId, generation, version: 2 })],
      });
      const [delta] = all.flatMap(({ packet }) => packet.deltas);
      const isRight =
        delta?.from === 2 && delta.to === 4 && delta.asOf === 4 && delta.entries.length === 2;
      t.check(isRight, '11.6.1', 'a delta from 2 to 4 with two entries', delta);
      t.check(delta?.header.length === 0, '9.1.4', 'no header', delta?.header.length);
    },
  ),
  conformanceCase(
    '11.6.1-nothing-newer',
    'A want from the version that is shown is answered with nothing.',
    async (t) => {
      const own = await t.ownDigest();
      const { logId, generation, version } = own;
      const friend = await t.friend();
      const { all } = await friend.ping({
        wants: [makeWant(own.owner, { logId, generation, version })],
      });
      const told = all.flatMap(({ packet }) => packet.deltas);
      t.check(told.length === 0, '11.6.1', 'no delta', told);
    },
  ),
  conformanceCase(
    '11.6.1-newer-life',
    'A want for a newer life than is held gets the digest and no delta.',
    async (t) => {
      const own = await t.ownDigest();
      const friend = await t.friend();
      const life = { logId: own.logId, generation: own.generation + 1 };
      const { all } = await friend.ping({ wants: [makeWant(own.owner, life)] });
      const deltas = all.flatMap(({ packet }) => packet.deltas).length;
      const digests = all.flatMap(({ packet }) => packet.digests).length;
      t.check(deltas === 0 && digests === 1, '11.6.1', 'a digest and no delta', friend.seen(0));
    },
  ),
  conformanceCase(
    '11.6.1-below-the-floor',
    'A want from below the floor is served from 0.',
    async (t) => {
      const { peer } = await t.member();
      const link = await (await peer.connect()).meet();
      const floored = madeBeside(peer, 'floored').set('a', 1).set('b', 1);
      floored.floor = 3;
      floored.skip();
      await peer.introduce(link, floored);
      const { logId, generation } = floored;
      const friend = await t.friend();
      const { all } = await friend.ping({
        wants: [makeWant(floored.id, { logId, generation, version: 2 })],
      });
      const [delta] = all.flatMap(({ packet }) => packet.deltas);
      const isRight = delta?.from === 0 && delta.floor === 3 && delta.entries.length === 2;
      t.check(isRight, '11.6.1', 'a delta from 0 with floor 3', delta);
    },
  ),
  conformanceCase(
    '11.6.3-window',
    'The deltas that answer a packet by datagrams fit a window, and an end says how far they go.',
    async (t) => {
      for (let key = 0; key < 40; key++)
        await t.ask('set', { key: `k${key}`, value: 'v'.repeat(700) });
      const peer = await t.peer();
      const link = await peer.udp.meet();
      const after = link.mark;
      await link.ping({ wants: [makeWant(t.nodeId)] });
      await link.ping();
      const deltas = link.arrived.slice(after).flatMap(({ packet }) => packet.deltas);
      const bytes = link.arrived
        .slice(after)
        .reduce((sum, { envelope }) => sum + envelope.length, 0);
      const most = DATAGRAM_WINDOW_BYTES + 3000;
      t.check(bytes <= most, '11.6.3', `at most some ${most} bytes`, `${bytes}`);
      let to = 0;
      for (const delta of deltas) {
        t.check(delta.from === to, '11.7.2', `a part from ${to}`, `one from ${delta.from}`);
        to = delta.to;
      }
      const isPart = deltas.length > 1 && to < 41 && deltas.every(({ asOf }) => asOf === 41);
      t.check(
        isPart,
        '11.7.2',
        'parts of a whole up to version 41',
        deltas.map(({ from }) => from),
      );
    },
    { features: ['udp'], grade: 'SHOULD' },
  ),
  conformanceCase(
    '11.7.4-large-entry',
    'An entry of 1 MiB comes on a stream that is confirmed.',
    async (t) => {
      await t.ask('set', { key: 'large', value: 'v'.repeat(1_000_000) });
      const friend = await t.friend();
      await friend.ping();
      const { all } = await friend.ping({ wants: [makeWant(t.nodeId, { version: 0 })] });
      const bytes = all.flatMap(({ packet }) => packet.deltas.flatMap((delta) => delta.entries));
      const isThere = bytes.some(({ payload }) => payload.length === 1_000_002);
      t.check(isThere, '11.7.4', 'the entry', friend.seen(0));
    },
  ),
  conformanceCase(
    '11.7.3-more-than-fits',
    'Of an entry that no datagram holds, a part without it says that there is more.',
    async (t) => {
      await t.ask('set', { key: 'large', value: 'v'.repeat(5000) });
      const link = await (await t.peer()).udp.meet();
      const after = link.mark;
      await link.ping({ wants: [makeWant(t.nodeId)] });
      await link.ping();
      const deltas = link.arrived.slice(after).flatMap(({ packet }) => packet.deltas);
      const isPart = deltas.length > 0 && deltas.every((delta) => delta.to < delta.asOf);
      t.check(isPart, '11.7.3', 'a delta that ends below its as_of', deltas);
    },
    { features: ['udp'] },
  ),
];

const WANTING: readonly ConformanceCase[] = [
  conformanceCase(
    '11.5.3-wants-what-is-claimed',
    'A claim that is worth it is asked for: any life of whom the node does not hold.',
    async (t) => {
      const { peer, link } = await t.member();
      const other = new MadeOwner('claimed', { ...peer.address, udp: true }).set('k', 1);
      const after = link.mark;
      link.send({ digests: [{ owners: [other.digest()] }] });
      const rule = '11.5.3';
      const { packet } = await link.next(
        ({ wants }) => wants.some(({ owner }) => owner === other.id),
        { rule, expected: 'a Want for the owner that was claimed' },
        after,
      );
      const want = packet.wants.find(({ owner }) => owner === other.id);
      t.check(want?.version === 0, rule, 'a Want from 0', want);
      t.check(packet.echo === link.token, '11.5.4', 'an echo', packet.echo);
      t.check((packet.heartbeat?.ping ?? 0) > 0, '11.5.4', 'a ping with it', packet.heartbeat);
      peer.library.set(other.id, other);
      await t.eventually(
        { rule: '11.5.5', expected: 'the claim to be asked for until it is there' },
        async () => {
          const seen = await t.value('claimed', 'k');
          return { holds: seen === 1, seen };
        },
      );
    },
  ),
  conformanceCase(
    '11.5.3-continues',
    'A want for what is staged tells how far that reaches.',
    async (t) => {
      const { peer, link } = await t.member();
      peer.library.clear();
      peer.self.set('a', 1).set('b', 1).set('c', 1);
      const after = link.mark;
      const digests = [{ owners: [peer.self.digest()] }];
      link.send({ digests, deltas: [peer.self.delta(1, 2)] });
      const { packet } = await link.next(
        ({ wants }) =>
          wants.some(({ owner, stagedTo }) => owner === peer.self.id && stagedTo === 2),
        { rule: '11.5.3', expected: 'a Want with staged_to 2' },
        after,
      );
      const want = packet.wants.find(({ owner }) => owner === peer.self.id);
      const isRight = want?.version === 1 && want.asOf === 4 && want.logId === peer.self.logId;
      t.check(isRight, '11.5.3', 'version 1, as_of 4 and the life', want);
    },
  ),
  refusalCase(
    '11.5.1-nothing-worth-asking',
    'What is claimed no higher than it is shown is not asked for.',
    {
      prepare: (t) => t.member(),
      attack: async (t, { peer, link }) => {
        const after = link.mark;
        await link.ping({ digests: [{ owners: [peer.self.digest()] }] });
        await pause(150);
        await link.ping();
        const wants = link.arrived.slice(after).flatMap(({ packet }) => packet.wants);
        t.check(wants.length === 0, '11.5.1', 'no Want', wants);
      },
    },
    { attachable: false },
  ),
  conformanceCase(
    '11.5.5-gives-up',
    'A question that brings nothing is not repeated for ever.',
    async (t) => {
      const { peer, link } = await t.member();
      const other = madeBeside(peer, 'never told');
      link.send({ digests: [{ owners: [other.digest()] }] });
      await pause(4000);
      const after = peer.arrivals.length;
      await pause(1500);
      const wants = peer.arrivals.slice(after).filter(({ packet }) => packet.wants.length > 0);
      t.check(
        wants.length <= 1,
        '11.5.5',
        'the question to be dropped',
        `${wants.length} more in 1.5 s`,
      );
    },
    { grade: 'SHOULD' },
  ),
];

export const WANTING_CASES: readonly ConformanceCase[] = [...SERVING, ...WANTING];
