/** 10 and 11: fingerprints, digests, and what is asked and served. */
import { createHash } from 'node:crypto';
import {
  type Fingerprint,
  type OwnerDigest,
  type Range,
  Status,
  type Want,
} from '../../wire/packet.js';
import { MadeOwner } from '../peer/made-owner.js';
import { readDigests } from '../peer/node-state.js';
import type { PeerLink } from '../peer/peer-link.js';
import type { RawPeer } from '../peer/raw-peer.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { madeBeside } from './trust.js';

const DIFFERENT = '0000000000000001';
const NONE = '0000000000000000';
const LISTED_OWNERS_MAX = 10;
const SPLIT_RANGES = 16;
const DATAGRAM_WINDOW_BYTES = 8 * 1024;

/** What PROTOCOL.md, 10.3, says, by node:crypto and integers of any size. */
export function fingerprintOf(digests: readonly OwnerDigest[], range: Range = {}): Fingerprint {
  let sum = 0n;
  for (const digest of digests) {
    const bytes = Buffer.alloc(45);
    bytes.write(digest.owner, 0, 'hex');
    bytes.write(digest.logId, 8, 'hex');
    bytes.writeBigUInt64BE(BigInt(digest.generation), 16);
    bytes.writeUInt32BE(digest.incarnation, 24);
    bytes.writeUInt8(digest.status, 28);
    bytes.writeBigUInt64BE(BigInt(digest.version), 29);
    bytes.writeBigUInt64BE(BigInt(digest.floor), 37);
    sum += createHash('sha256').update(bytes).digest().readBigUInt64BE(0);
  }
  const text = (sum % 2n ** 64n).toString(16).padStart(16, '0');
  return { range, count: digests.length, sum: text };
}

/** Owners whose digests differ in every field, introduced by a member. */
async function various(t: CaseContext): Promise<{ peer: RawPeer; friend: PeerLink }> {
  const { peer } = await t.member();
  const link = await (await peer.connect()).meet();
  const raised = madeBeside(peer, 'raised').set('k', 1);
  raised.incarnation = 0x01020304;
  const dead = madeBeside(peer, 'dead').set('k', 1);
  dead.status = Status.dead;
  const left = madeBeside(peer, 'left').set('k', 1);
  left.status = Status.left;
  const floored = madeBeside(peer, 'floored').set('k', 1);
  floored.floor = floored.version;
  floored.skip(2 ** 33);
  floored.generation = 2 ** 41;
  await peer.introduce(link, raised, dead, left, floored);
  return { peer, friend: await t.friend() };
}

const FINGERPRINTS: readonly ConformanceCase[] = [
  conformanceCase(
    '10.3.1-no-field-left-out',
    'The fingerprint of all owners is the sum over every field of their digests.',
    async (t) => {
      const { friend } = await various(t);
      const digests = [...(await readDigests(friend)).values()];
      t.check(digests.length === 6, '10.2.1', 'digests of six owners', digests.length);
      const stranger = await t.peer();
      const { answer } = await (await stranger.connect()).ping({
        fingerprints: [{ range: {}, count: 99, sum: DIFFERENT }],
      });
      const [mine] = answer.packet.fingerprints;
      const wanted = fingerprintOf(digests);
      t.check(mine?.count === wanted.count, '10.3.3', `count ${wanted.count}`, mine);
      if (mine?.sum === wanted.sum) return;
      t.check(false, '10.3.1', `the sum ${wanted.sum}`, `${mine?.sum}; ${omission(digests, mine)}`);
    },
  ),
  conformanceCase(
    '10.3.4-half-open',
    'The start of a range belongs to it, its end does not.',
    async (t) => {
      const { friend } = await various(t);
      const digests = [...(await readDigests(friend)).values()].sort((a, b) =>
        a.owner < b.owner ? -1 : 1,
      );
      const [, second, , , fifth] = digests;
      if (second === undefined || fifth === undefined) throw new Error('there are too few owners');
      const range = { start: second.owner, end: fifth.owner };
      const stranger = await (await t.peer()).connect();
      const { answer } = await stranger.ping({
        fingerprints: [{ range, count: 99, sum: DIFFERENT }],
      });
      const [mine] = answer.packet.fingerprints;
      const wanted = fingerprintOf(digests.slice(1, 4), range);
      t.check(mine?.count === 3 && mine.sum === wanted.sum, '10.3.4', JSON.stringify(wanted), mine);
    },
  ),
  conformanceCase(
    '11.1.1-agreement',
    'To a fingerprint that agrees nothing is said but the answer to its ping.',
    async (t) => {
      const { friend } = await various(t);
      const digests = [...(await readDigests(friend)).values()];
      const { all } = await friend.ping({ fingerprints: [fingerprintOf(digests)] });
      const parts = all.flatMap(({ packet }) => [...packet.fingerprints, ...packet.digests]);
      t.check(parts.length === 0, '11.1.1', 'an answer without fingerprints and digests', parts);
    },
  ),
  conformanceCase(
    '10.1.2-age',
    'The age of a live owner is 0, that of one that is down grows with time.',
    async (t) => {
      const { friend } = await various(t);
      const aged = async () => {
        const digests = [...(await readDigests(friend)).values()];
        const wrong = digests.find(({ status, ageMs }) => status === Status.alive && ageMs !== 0);
        t.check(wrong === undefined, '10.1.2', 'age 0 of the living', wrong);
        return digests.find(({ status }) => status === Status.dead)?.ageMs ?? 0;
      };
      const first = await aged();
      await pause(500);
      const grownMs = (await aged()) - first;
      t.check(
        grownMs >= 450 && grownMs < 5000,
        '10.1.2',
        'the age to grow by some 500 ms',
        `${grownMs} ms`,
      );
    },
  ),
];

/** Which field a wrong sum leaves out, if it is one. */
function omission(digests: readonly OwnerDigest[], mine: Fingerprint | undefined): string {
  const blanks: Partial<OwnerDigest>[] = [
    ...[{ owner: NONE }, { logId: NONE }, { generation: 0 }, { incarnation: 0 }],
    ...[{ status: 0 as never }, { version: 0 }, { floor: 0 }],
  ];
  const found = blanks.find((blank) => {
    return fingerprintOf(digests.map((digest) => ({ ...digest, ...blank }))).sum === mine?.sum;
  });
  return found === undefined
    ? 'no single field is left out'
    : `it leaves out ${Object.keys(found)}`;
}

/** A member that has told of so many owners. */
async function crowd(t: CaseContext, count: number): Promise<PeerLink> {
  const { peer } = await t.member();
  const link = await (await peer.connect()).meet();
  const owners = Array.from({ length: count }, (_, index) => madeBeside(peer, `crowd-${index}`));
  for (let at = 0; at < owners.length; at += 4)
    await peer.introduce(link, ...owners.slice(at, at + 4));
  return t.friend();
}

const COMPARING: readonly ConformanceCase[] = [
  conformanceCase(
    '11.2.1-nothing-in-common',
    'Who counts nobody in a range is told the digests of it, as a partial list.',
    async (t) => {
      const { friend } = await various(t);
      const { all } = await friend.ping({ fingerprints: [{ range: {}, count: 0, sum: NONE }] });
      const lists = all.flatMap(({ packet }) => packet.digests);
      const owners = lists.flatMap((list) => list.owners).length;
      const isPartial = lists.every(({ range }) => range === undefined);
      t.check(owners === 6 && isPartial, '11.2.1', 'six digests without range', friend.seen(0));
    },
  ),
  conformanceCase('11.2.1-listed', 'A range of few owners that differs is listed.', async (t) => {
    const { friend } = await various(t);
    const range = { start: '0000000000000001' };
    const { all } = await friend.ping({ fingerprints: [{ range, count: 5, sum: DIFFERENT }] });
    const lists = all.flatMap(({ packet }) =>
      packet.digests.filter((list) => list.range !== undefined),
    );
    const owners = lists.flatMap((list) => list.owners).length;
    t.check(owners === 6, '11.2.1', 'a list of the range with six owners', friend.seen(0));
    t.check(
      lists[0]?.range?.start === range.start,
      '11.2.3',
      'lists that cover the range',
      lists[0],
    );
  }),
  conformanceCase(
    '11.2.2-split',
    'A range of many owners on both sides is split into parts that cover it, each with its sum.',
    async (t) => {
      const friend = await crowd(t, 40);
      const digests = [...(await readDigests(friend)).values()];
      const { all } = await friend.ping({
        fingerprints: [{ range: {}, count: 30, sum: DIFFERENT }],
      });
      const parts = all.flatMap(({ packet }) => packet.fingerprints);
      const most = `2 to ${SPLIT_RANGES} fingerprints`;
      t.check(parts.length >= 2 && parts.length <= SPLIT_RANGES, '11.2.2', most, friend.seen(0));
      parts.forEach(({ range }, index) => {
        const isJoined = range.start === parts[index - 1]?.range.end;
        t.check(isJoined, '11.2.2', 'parts that cover the range without gaps', parts);
      });
      t.check(parts.at(-1)?.range.end === undefined, '11.2.2', 'a last part without end', parts);
      for (const part of parts) {
        const { start = '', end = 'g' } = part.range;
        const within = digests.filter(({ owner }) => owner >= start && owner < end);
        const wanted = fingerprintOf(within, part.range);
        const isRight = wanted.count === part.count && wanted.sum === part.sum;
        t.check(isRight, '10.3.3', JSON.stringify(wanted), part);
      }
    },
    { features: ['split'] },
  ),
  conformanceCase(
    '11.2.1-few-against-many',
    'Who has many owners where the other has few gives its fingerprint, and the other lists.',
    async (t) => {
      const friend = await crowd(t, LISTED_OWNERS_MAX + 5);
      const { all } = await friend.ping({
        fingerprints: [{ range: {}, count: 3, sum: DIFFERENT }],
      });
      const parts = all.flatMap(({ packet }) => [...packet.fingerprints, ...packet.digests]);
      t.check(parts.length > 0, '11.2.3', 'a list, digests or fingerprints', friend.seen(0));
    },
  ),
  conformanceCase(
    '11.4.2-better',
    'A list is answered with the digests of which the node knows better, and with those it lacks.',
    async (t) => {
      const { peer, friend } = await various(t);
      const digests = [...(await readDigests(friend)).values()];
      const older = digests
        .filter(({ owner }) => owner === peer.self.id || owner === t.nodeId)
        .map((digest) => ({ ...digest, version: digest.version - 1 }))
        .sort((a, b) => (a.owner < b.owner ? -1 : 1));
      const { all } = await friend.ping({ digests: [{ range: {}, owners: older }] });
      const told = all.flatMap(({ packet }) => packet.digests.flatMap((list) => list.owners));
      const ids = new Set(told.map(({ owner }) => owner));
      t.check(ids.size === 6, '11.4.2', 'digests of all six owners', told);
    },
  ),
  conformanceCase(
    '11.4.2-partial-lacks-nothing',
    'Of a partial list what is missing is not told.',
    async (t) => {
      const { peer, friend } = await various(t);
      const own = (await readDigests(friend)).get(peer.self.id);
      const { all } = await friend.ping({ digests: [{ owners: own ? [own] : [] }] });
      const told = all.flatMap(({ packet }) => packet.digests.flatMap((list) => list.owners));
      t.check(told.length === 0, '11.4.2', 'no digests', told);
    },
  ),
];

const ask = (owner: string, parts: Partial<Want> = {}): Want => {
  return { owner, generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0, ...parts };
};

const SERVING: readonly ConformanceCase[] = [
  conformanceCase(
    '11.6.1-unknown-owner',
    'A want for an owner that is not known is answered with nothing.',
    async (t) => {
      const friend = await t.friend();
      const { all } = await friend.ping({ wants: [ask('00000000000000ff')] });
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
        wants: [ask(own.owner, { logId, generation, version: 2 })],
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
        wants: [ask(own.owner, { logId, generation, version })],
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
      const { all } = await friend.ping({ wants: [ask(own.owner, life)] });
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
        wants: [ask(floored.id, { logId, generation, version: 2 })],
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
      await link.ping({ wants: [ask(t.nodeId)] });
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
      const { all } = await friend.ping({ wants: [ask(t.nodeId, { version: 0 })] });
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
      await link.ping({ wants: [ask(t.nodeId)] });
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

export const DIGEST_CASES: readonly ConformanceCase[] = [
  ...FINGERPRINTS,
  ...COMPARING,
  ...SERVING,
  ...WANTING,
];
