/** 6: names, lives, joining, and who else uses the name. */
import { GENERATION_MAX } from '../../wire/limits.js';
import { ownerIdOf } from '../../wire/owner-id.js';
import { type OwnerDigest, Status } from '../../wire/packet.js';
import { readEntries, readLog } from '../peer/node-state.js';
import type { PeerLink } from '../peer/peer-link.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { type CaseContext, pause } from './context.js';

const INCARNATION_MAX = 2 ** 32 - 1;
const OTHER_LOG = 'f000000000000001';

/** Tells the node what others say of it, in a packet that it believes. */
async function tell(link: PeerLink, digest: OwnerDigest): Promise<void> {
  await link.ping({ digests: [{ owners: [digest] }] });
}

/** The node hears something of itself, and its own digest changes as the rule says. */
function hearing(
  id: string,
  title: string,
  says: (own: OwnerDigest) => Partial<OwnerDigest>,
  wanted: (own: OwnerDigest) => {
    readonly expected: string;
    readonly is: (now: OwnerDigest) => boolean;
  },
): ConformanceCase {
  return conformanceCase(id, title, async (t) => {
    await t.ask('set', { key: 'k', value: 1 });
    const { link } = await t.member();
    const own = await t.ownDigest();
    await tell(link, { ...own, ...says(own) });
    const { expected, is } = wanted(own);
    await t.eventually({ rule: id.split('-', 1)[0] as string, expected }, async () => {
      const seen = await t.ownDigest();
      return { holds: is(seen), seen };
    });
  });
}

const generationIs = (wanted: number) => ({
  expected: `the node's generation to be ${wanted}`,
  is: ({ generation }: OwnerDigest) => generation === wanted,
});
const incarnationIs = (wanted: number) => ({
  expected: `the node's incarnation to be ${wanted}`,
  is: ({ incarnation, status }: OwnerDigest) => incarnation === wanted && status === Status.alive,
});

const HEARING: readonly ConformanceCase[] = [
  hearing(
    '6.3.1-higher-generation',
    'A node that hears of a higher generation of its own log raises its generation above it.',
    (own) => ({ generation: own.generation + 1000 }),
    (own) => generationIs(own.generation + 1001),
  ),
  hearing(
    '6.3.2-higher-version',
    'A node that hears of a version above its own raises its generation.',
    (own) => ({ version: own.version + 1 }),
    (own) => generationIs(own.generation + 1),
  ),
  hearing(
    '6.3.3-called-dead',
    'A node that hears that it is dead raises its incarnation.',
    () => ({ status: Status.dead, ageMs: 1000 }),
    (own) => incarnationIs(own.incarnation + 1),
  ),
  hearing(
    '6.3.3-called-left',
    'A node that hears that it has left raises its incarnation.',
    () => ({ status: Status.left, ageMs: 1000, incarnation: 3 }),
    () => incarnationIs(4),
  ),
  hearing(
    '6.3.3-higher-incarnation',
    'A node that hears of a higher incarnation raises its own above it.',
    () => ({ incarnation: 7 }),
    () => incarnationIs(8),
  ),
  hearing(
    '6.3.3-incarnation-max',
    'Called dead at the highest incarnation, a node raises its generation.',
    () => ({ status: Status.dead, ageMs: 1000, incarnation: INCARNATION_MAX }),
    (own) => generationIs(own.generation + 1),
  ),
  hearing(
    '6.3.5-newer-life-dead',
    'Of a newer life that is dead nobody will answer: the generation is raised above it.',
    (own) => ({ logId: OTHER_LOG, generation: own.generation + 50, status: Status.dead }),
    (own) => generationIs(own.generation + 51),
  ),
  refusalCase(
    '6.3.4-older-life',
    'A node that hears of an older life under its name does nothing.',
    {
      prepare: async (t) => ({ link: (await t.member()).link, own: await t.ownDigest() }),
      attack: async (_t, { link, own }) => {
        await tell(link, { ...own, logId: OTHER_LOG, generation: own.generation - 1, version: 9 });
      },
    },
    { attachable: false },
  ),
  conformanceCase(
    '6.3.7-newer-life-silent',
    'A node asks who tells of a newer life where that is; if nobody answers, it goes above it.',
    async (t) => {
      const { link } = await t.member();
      const own = await t.ownDigest();
      const after = link.mark;
      await tell(link, { ...own, logId: OTHER_LOG, generation: own.generation + 50 });
      await link.next(
        ({ wants }) => wants.some((want) => want.owner === own.owner && want.logId === undefined),
        { rule: '6.3.5', expected: 'a Want for its own id, without log id' },
        after,
      );
      const wanted = generationIs(own.generation + 51);
      await t.eventually({ rule: '6.3.7', expected: wanted.expected }, async () => {
        const seen = await t.ownDigest();
        return { holds: wanted.is(seen), seen };
      });
    },
  ),
  refusalCase(
    '6.3.8-own-log',
    'A node takes no entries of its own log from outside.',
    {
      prepare: async (t) => {
        await t.ask('set', { key: 'mine', value: 'as it is' });
        return { member: await t.member(), own: await t.ownDigest() };
      },
      attack: async (_t, { member, own }) => {
        const { peer, link } = member;
        const { version } = own;
        peer.self.version = version;
        const forged = peer.self.set('mine', 'forged').delta();
        const { logId, generation, owner } = own;
        const [entry] = forged.entries;
        const delta = { ...forged, owner, logId, generation, header: new Uint8Array(0) };
        const next = { from: version, to: version + 1, asOf: version + 1 };
        await link.ping({ deltas: [{ ...delta, ...next, entries: entry ? [entry] : [] }] });
        await link.ping({
          deltas: [{ ...delta, from: 0, to: version, asOf: version, floor: version }],
        });
      },
    },
    { attachable: false },
  ),
  refusalCase(
    '6.6.1-generation-max',
    'A node does not raise its generation above 2^48.',
    {
      prepare: async (t) => ({ link: (await t.member()).link, own: await t.ownDigest() }),
      attack: async (_t, { link, own }) => {
        await tell(link, { ...own, generation: GENERATION_MAX });
      },
      reason: 'generation-exhausted',
    },
    { attachable: false },
  ),
];

/** A node that is called by a name of its own and joins by a peer, whose answers the case decides. */
async function joiner(t: CaseContext, joinTimeoutMs: number) {
  const port = await t.freePort();
  const seed = await t.peer('seed', { node: { ip: t.address.ip, port }, ...t.meshOf() });
  const started = t.another({
    name: 'joiner',
    port,
    seeds: [`${seed.address.ip}:${seed.address.port}`],
    joinTimeoutMs,
    keys: t.started.keys,
  });
  // A case that fails before does not wait for it.
  started.catch(() => undefined);
  return { seed, started };
}

const JOINING: readonly ConformanceCase[] = [
  conformanceCase(
    '6.1.2-owner-id',
    'The owner id is of the UTF-8 of the name, taken as it is.',
    async (t) => {
      const { owner } = await t.ownLife();
      const wanted = ownerIdOf('Zoe\u0308');
      t.check(owner === wanted, '6.1.2', `owner id ${wanted}`, owner);
    },
    { start: { name: 'Zoe\u0308' } },
  ),
  conformanceCase(
    '6.2.1-new-life',
    'Each start is a new life: another log id.',
    async (t) => {
      const before = await t.ownLife();
      await t.restart();
      const after = await t.ownLife();
      t.check(after.logId !== before.logId, '6.2.1', 'another log id', after.logId);
      const expected = 'a generation that is not below the earlier one';
      t.check(after.generation >= before.generation, '6.2.1', expected, after);
    },
    { features: ['restart'] },
  ),
  conformanceCase(
    '6.4.2-asks-for-its-name',
    'A node that joins asks the seed that has answered for its own id.',
    async (t) => {
      const { seed, started } = await joiner(t, 2000);
      await seed.udp.until(() => seed.arrivals.some(({ packet }) => packet.wants.length > 0));
      const wants = seed.arrivals.flatMap(({ packet }) => packet.wants);
      const isAsked = wants.some(
        ({ owner, logId }) => owner === ownerIdOf('joiner') && logId === undefined,
      );
      t.check(isAsked, '6.4.2', 'a Want for its own id, without log id', wants);
      await started;
    },
  ),
  conformanceCase(
    '6.4.4-silent-until-joined',
    'Before it has joined a node answers pings, and does not announce itself.',
    async (t) => {
      const { seed, started } = await joiner(t, 1500);
      seed.answersPings = false;
      let hasJoined = false;
      started.then(
        () => {
          hasJoined = true;
        },
        () => undefined,
      );
      await seed.udp.until(() => seed.arrivals.length > 0);
      const { transport } = seed.arrivals[0]?.link ?? seed.udp;
      const link = transport === 'udp' ? seed.udp : await seed.connect();
      await link.ping({}, { rule: '6.4.4', expected: 'a node that joins to answer pings' });
      await link.ping({ fingerprints: [{ range: {}, count: 0, sum: '0000000000000000' }] });
      const early = hasJoined ? [] : [...seed.arrivals];
      t.check(!hasJoined, '6.4.3', 'a node to wait for its seed for joinTimeoutMs', 'it did not');
      for (const { packet } of early) {
        const announced =
          packet.digests.flatMap(({ owners }) => owners).length + packet.deltas.length;
        const counted = packet.fingerprints.reduce((sum, { count }) => sum + count, 0);
        const expected = 'neither digests nor deltas, and fingerprints of nobody';
        t.check(announced + counted === 0, '6.4.4', expected, packet);
      }
      await started;
    },
  ),
];

const CONFLICTS: readonly ConformanceCase[] = [
  conformanceCase(
    '6.5.2-later-stops',
    'A node whose name an earlier one holds asks once more, and stops.',
    async (t) => {
      await t.listen('stopped');
      const peer = await t.peer(t.nodeName);
      peer.uptimeOffsetMs = 1_000_000;
      const link = await peer.link();
      await link.meet();
      const rule = '6.5.2';
      const asks = { rule, expected: 'a ping to the earlier holder of the name' };
      await link.next(({ heartbeat }) => (heartbeat?.ping ?? 0) > 0, asks, 0);
      const isStopped = { rule, expected: 'the node to stop because its name is taken' };
      await t.event(({ event }) => event === 'stopped', isStopped);
    },
  ),
  conformanceCase(
    '6.5.2-silent-claim',
    'Who claims to hold the name longer, and then does not answer, stops nobody.',
    async (t) => {
      await t.listen('stopped');
      const peer = await t.peer(t.nodeName);
      peer.uptimeOffsetMs = 1_000_000;
      peer.answersPings = false;
      const link = await peer.link();
      await link.meet();
      const asks = { rule: '6.5.2', expected: 'a ping to the earlier holder of the name' };
      await link.next(({ heartbeat }) => (heartbeat?.ping ?? 0) > 0, asks, 0);
      await pause(600);
      await (await t.friend()).ping({}, { rule: '6.5.2', expected: 'the node to go on' });
      t.check(t.events.length === 0, '6.5.2', 'the node to go on', 'it stopped');
    },
  ),
  conformanceCase(
    '6.5.3-earlier-goes-on',
    'A node that was there first goes on, and raises its generation above the other one.',
    async (t) => {
      await pause(400);
      const own = await t.ownDigest();
      const peer = await t.peer(t.nodeName);
      peer.uptimeOffsetMs = 0;
      peer.self.generation = own.generation + 500;
      await (await peer.link()).meet();
      const wanted = generationIs(own.generation + 501);
      await t.eventually({ rule: '6.5.3', expected: wanted.expected }, async () => {
        const seen = await t.ownDigest();
        return { holds: wanted.is(seen), seen };
      });
    },
  ),
  conformanceCase(
    '6.6.2-written-anew',
    'A raised generation begins a log anew: what lives, in its old order, and no tombstones.',
    async (t) => {
      for (const key of ['a', 'b', 'gone']) await t.ask('set', { key, value: key });
      await t.ask('say', { event: 'e', value: 1, durationMs: 60_000 });
      await t.ask('set', { key: 'a', value: 'anew' });
      await t.ask('delete', { key: 'gone' });
      const { link } = await t.member();
      const own = await t.ownDigest();
      await tell(link, { ...own, generation: own.generation + 1 });
      await t.eventually({ rule: '6.6.1', expected: 'a raised generation' }, async () => {
        const seen = await t.ownDigest();
        return { holds: seen.generation > own.generation, seen };
      });
      const log = await readLog(await t.friend(), await t.ownDigest());
      const seen = readEntries(log).map(({ version, kind, name }) => `${version} ${kind} ${name}`);
      const wanted = ['2 value b', '3 say e', '4 value a'];
      t.check(seen.join() === wanted.join(), '6.6.2', wanted.join(', '), seen.join(', '));
      t.check(log.floor === 0, '6.6.2', 'floor 0', `${log.floor}`);
    },
  ),
];

export const IDENTITY_CASES: readonly ConformanceCase[] = [...JOINING, ...HEARING, ...CONFLICTS];
