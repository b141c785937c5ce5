/** 12: what is told at once, and the pace of exchanges. */
import type { Packet } from '../../wire/packet.js';
import type { RawPeer } from '../peer/raw-peer.js';
import { type ConformanceCase, conformanceCase } from './case.js';
import { type CaseContext, pause } from './context.js';

const PUSH = { features: ['push'] } as const;
const MESH = 20;
const FANOUT_MAX = 9;

const isPush = ({ token, echo }: Packet) => token === undefined && echo === undefined;
const tellsOf = (owner: string) => (packet: Packet) =>
  isPush(packet) && packet.deltas.some((delta) => delta.owner === owner);

/** As many members as make a mesh that is not small, all of them proven. */
async function crowd(t: CaseContext): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  for (let index = 0; index < MESH; index++) peers.push((await t.member(`member-${index}`)).peer);
  const all = () => peers.every((peer) => peer.arrivals.length > 0);
  await peers[0]?.udp.until(all);
  await pause(100);
  return peers;
}

function toldOf(peers: readonly RawPeer[], owner: string, marks: readonly number[]): RawPeer[] {
  return peers.filter((peer, index) =>
    peer.arrivals.slice(marks[index]).some(({ packet }) => tellsOf(owner)(packet)),
  );
}

const PUSHING: readonly ConformanceCase[] = [
  conformanceCase(
    '12.1.1-pushed',
    'An own change is pushed, without token and echo.',
    async (t) => {
      const { link } = await t.member();
      const after = link.mark;
      await t.ask('set', { key: 'k', value: 'news' });
      const rule = '12.1.1';
      const awaited = { rule, expected: 'a push with a delta of its log' };
      const { packet } = await link.next(tellsOf(t.nodeId), awaited, after);
      const [delta] = packet.deltas;
      const isChange = delta?.from === 1 && delta.to === 2 && delta.entries.length === 1;
      t.check(isChange, '12.1.3', 'a delta from before the change to it', delta);
    },
    PUSH,
  ),
  conformanceCase(
    '12.3.1-announced',
    'A payload above 1 KiB is announced, not pushed.',
    async (t) => {
      const { link } = await t.member();
      const after = link.mark;
      await t.ask('set', { key: 'large', value: 'v'.repeat(1100) });
      const awaited = { rule: '12.3.1', expected: 'a push with the digest at version 2' };
      const isDigest = (packet: Packet) =>
        isPush(packet) &&
        packet.digests.some(({ owners }) =>
          owners.some((each) => each.owner === t.nodeId && each.version === 2),
        );
      await link.next(isDigest, awaited, after);
      const pushed = link.arrived.slice(after).filter(({ packet }) => tellsOf(t.nodeId)(packet));
      t.check(pushed.length === 0, '12.3.1', 'no push with the delta', link.seen(after));
    },
    PUSH,
  ),
  conformanceCase(
    '12.4.1-small-mesh',
    'In a small mesh the origin tells all, and nobody relays.',
    async (t) => {
      const { peer: origin, link } = await t.member('origin');
      const { peer: other, link: there } = await t.member('other');
      await t.ask('set', { key: 'k', value: 1 });
      for (const each of [link, there]) {
        const awaited = { rule: '12.4.1', expected: 'a push to every other node' };
        await each.next(tellsOf(t.nodeId), awaited, 0);
      }
      const after = other.arrivals.length;
      origin.self.set('news', 1);
      link.push({ deltas: [origin.self.delta(1)] });
      await link.ping();
      await pause(300);
      await there.ping();
      const relayed = toldOf([other], origin.self.id, [after]);
      t.check(relayed.length === 0, '12.4.1', 'no push of what a push has brought', there.seen(0));
    },
    PUSH,
  ),
  conformanceCase(
    '12.1.2-fanout',
    'In a larger mesh news goes to the ring successor and some random others, not to all.',
    async (t) => {
      const peers = await crowd(t);
      const marks = peers.map(({ arrivals }) => arrivals.length);
      await t.ask('set', { key: 'k', value: 1 });
      const successor = successorOf(t.nodeId, peers);
      const told = () => toldOf(peers, t.nodeId, marks);
      await successor.udp.until(() => told().includes(successor));
      await pause(100);
      const isRight =
        told().includes(successor) && told().length >= 3 && told().length <= FANOUT_MAX;
      const expected = `a push to ${successor.self.name} and 2 to 8 others`;
      t.check(
        isRight,
        '12.1.2',
        expected,
        told().map(({ self }) => self.name),
      );
    },
    { features: ['push', 'udp'] },
  ),
  conformanceCase(
    '12.2.1-relays',
    'In a larger mesh what a push has brought is passed on once, and not to who told it.',
    async (t) => {
      const peers = await crowd(t);
      const [origin] = peers as [RawPeer];
      const marks = peers.map(({ arrivals }) => arrivals.length);
      origin.self.set('news', 1);
      origin.udp.push({ deltas: [origin.self.delta(1)] });
      const told = () => toldOf(peers, origin.self.id, marks);
      await origin.udp.until(() => told().length >= 2);
      await pause(100);
      const names = told().map(({ self }) => self.name);
      const isRight = names.length >= 2 && names.length <= FANOUT_MAX;
      t.check(isRight, '12.2.1', 'a push to some others', names);
      t.check(!told().includes(origin), '12.1.4', 'no push to who told it', names);
      origin.udp.push({ deltas: [origin.self.delta(1)] });
      await origin.udp.ping();
      await pause(100);
      const again = peers.some(
        (peer, index) =>
          peer.arrivals.slice(marks[index]).filter(({ packet }) => tellsOf(origin.self.id)(packet))
            .length > 1,
      );
      t.check(!again, '12.2.1', 'news to be passed on once', 'somebody was told twice');
    },
    { features: ['push', 'udp'] },
  ),
];

function successorOf(owner: string, peers: readonly RawPeer[]): RawPeer {
  const sorted = [...peers].sort((a, b) => (a.self.id < b.self.id ? -1 : 1));
  return (sorted.find(({ self }) => self.id > owner) ?? sorted[0]) as RawPeer;
}

const PACE: readonly ConformanceCase[] = [
  conformanceCase(
    '12.5.1-exchanges',
    'A node opens an exchange with a live one from time to time: a ping, and a fingerprint of all.',
    async (t) => {
      const { link } = await t.member();
      const isOpening = ({ heartbeat, fingerprints }: Packet) =>
        (heartbeat?.ping ?? 0) > 0 &&
        fingerprints.some(({ range }) => range.start === undefined && range.end === undefined);
      const awaited = { rule: '12.5.1', expected: 'a ping with a fingerprint', withinMs: 8000 };
      await link.next(isOpening, awaited, 0);
    },
  ),
  conformanceCase(
    '12.6.1-seeds-are-called',
    'A node that knows nobody goes on calling its seeds.',
    async (t) => {
      const port = await t.freePort();
      const seed = await t.peer('seed', { node: { ip: t.address.ip, port }, ...t.meshOf() });
      seed.answersPings = false;
      const seeds = [`${seed.address.ip}:${seed.address.port}`];
      await t.another({ name: 'caller', port, seeds, keys: t.started.keys });
      const after = seed.arrivals.length;
      await seed.udp.until(() => seed.arrivals.length >= after + 3, 10_000);
      const calls = seed.arrivals.length - after;
      t.check(calls >= 3, '12.6.1', 'three calls after it has joined', `${calls}`);
    },
  ),
  conformanceCase(
    '12.6.1-absent-are-called',
    'A node that is alone calls who has left it, so that partitions heal.',
    async (t) => {
      const { peer, link } = await t.member();
      peer.answersPings = false;
      await link.ping({ digests: [{ owners: [peer.self.digest({ status: 2, ageMs: 100 })] }] });
      const after = peer.arrivals.length;
      const isCalled = () =>
        peer.arrivals.slice(after).some(({ packet }) => packet.fingerprints.length > 0);
      await link.until(isCalled, 10_000);
      t.check(isCalled(), '12.6.1', 'an exchange with one that is dead', link.seen(0));
    },
  ),
];

export const NEWS_CASES: readonly ConformanceCase[] = [...PUSHING, ...PACE];
