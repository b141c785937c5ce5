/** 10 and 11: fingerprints, digests, and what is asked and served. */
import { createHash } from 'node:crypto';
import { type Fingerprint, type OwnerDigest, type Range, Status } from '../../wire/packet.js';
import { readDigests } from '../peer/node-state.js';
import type { PeerLink } from '../peer/peer-link.js';
import type { RawPeer } from '../peer/raw-peer.js';
import { type ConformanceCase, conformanceCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { madeBeside } from './trust.js';

const DIFFERENT = '0000000000000001';
const NONE = '0000000000000000';
const LISTED_OWNERS_MAX = 10;
const SPLIT_RANGES = 16;

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
  conformanceCase(
    '11.4.2-partial-not-echoed',
    'Of a partial list what the node holds more of is not told: it is an answer itself.',
    async (t) => {
      const { peer, friend } = await various(t);
      const own = (await readDigests(friend)).get(peer.self.id);
      const older = own ? [{ ...own, version: own.version - 1 }] : [];
      const { all } = await friend.ping({ digests: [{ owners: older }] });
      const told = all.flatMap(({ packet }) => packet.digests.flatMap((list) => list.owners));
      t.check(older.length === 1 && told.length === 0, '11.4.2', 'no digests', told);
    },
  ),
];

export const DIGEST_CASES: readonly ConformanceCase[] = [...FINGERPRINTS, ...COMPARING];
