/** 13.1, 13.2 and 13.5: statements, the own life, and answers to pings. */
import { Status } from '../../wire/packet.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { pause } from './context.js';
import { madeBeside } from './trust.js';

const STATEMENTS: readonly ConformanceCase[] = [
  refusalCase(
    '13.1.3-relayed-life',
    'Who is dead is not made alive by who says so at the same incarnation, nor by packets of its own.',
    {
      prepare: async (t) => {
        const { peer: dead, link: own } = await t.member('dead');
        const { link } = await t.member('relay');
        await link.ping({
          digests: [{ owners: [dead.self.digest({ status: Status.dead, ageMs: 50 })] }],
        });
        await t.eventually(
          { rule: '13.1.3', expected: 'a statement DEAD to be taken' },
          async () => {
            const seen = (await t.digestOf(dead.self.id))?.status;
            return { holds: seen === Status.dead && (await t.statusOf('dead')) === 'dead', seen };
          },
        );
        // That it is told of is later than that it is taken (13.1.9).
        await pause(2200);
        return { dead, own, link };
      },
      attack: async (_t, { dead, own, link }) => {
        const alive = [{ owners: [dead.self.digest()] }];
        await link.ping({ digests: alive });
        await own.ping({ digests: alive });
        await own.ping();
        own.push({ digests: alive });
        await own.ping();
      },
    },
    { attachable: false },
  ),
  conformanceCase(
    '13.1.3-higher-incarnation',
    'A higher incarnation revives, also when somebody else tells of it.',
    async (t) => {
      const { peer: dead } = await t.member('dead');
      const { link } = await t.member('relay');
      await link.ping({
        digests: [{ owners: [dead.self.digest({ status: Status.dead, ageMs: 50 })] }],
      });
      await link.ping({ digests: [{ owners: [dead.self.digest({ incarnation: 1 })] }] });
      const digest = await t.digestOf(dead.self.id);
      const isAlive = digest?.status === Status.alive && digest.incarnation === 1;
      t.check(isAlive, '13.1.3', 'alive at incarnation 1', digest);
      const seen = await t.statusOf('dead');
      t.check(seen === 'alive', '13.1.3', 'a member that is alive', seen);
    },
  ),
  conformanceCase(
    '13.1.2-order',
    'Of statements the higher incarnation counts, then left over dead over alive.',
    async (t) => {
      const { peer } = await t.member('subject');
      const { link } = await t.member('relay');
      const steps = [
        [{ status: Status.dead, ageMs: 1 }, 'dead 0'],
        [{ status: Status.left, ageMs: 1 }, 'left 0'],
        [{ status: Status.dead, ageMs: 1 }, 'left 0'],
        [{ incarnation: 2 }, 'alive 2'],
        [{ incarnation: 1, status: Status.left }, 'alive 2'],
        [{ incarnation: 2, status: Status.dead, ageMs: 1 }, 'dead 2'],
      ] as const;
      for (const [says, wanted] of steps) {
        await link.ping({ digests: [{ owners: [peer.self.digest(says)] }] });
        const digest = await t.digestOf(peer.self.id);
        const word = ['', 'alive', 'dead', 'left'][digest?.status ?? 0];
        const seen = `${word} ${digest?.incarnation}`;
        t.check(seen === wanted, '13.1.2', `${wanted} after ${JSON.stringify(says)}`, seen);
      }
    },
  ),
  refusalCase(
    '13.1.5-dead-too-long',
    'Nobody is introduced who has been dead for more than half of the grace.',
    {
      prepare: (t) => t.member(),
      attack: async (_t, { peer }) => {
        const link = await (await peer.connect()).meet();
        const dead = madeBeside(peer, 'long dead').set('k', 1);
        const digest = dead.digest({ status: Status.dead, ageMs: 43_200_001 });
        await link.ping({ digests: [{ owners: [digest] }], deltas: [dead.delta()] });
      },
      reason: 'dead-too-long',
    },
    { attachable: false },
  ),
  conformanceCase(
    '13.1.7-dead-is-readable',
    'What a node that went down owns stays readable.',
    async (t) => {
      const peer = await t.peer('gone');
      peer.self.set('k', 'still here');
      const link = await peer.join();
      await link.ping({ digests: [{ owners: [peer.self.digest({ status: Status.left })] }] });
      const status = await t.statusOf('gone');
      t.check(status === 'left', '13.1.3', 'a member that has left', status);
      const seen = await t.value('gone', 'k');
      t.check(seen === 'still here', '13.1.7', 'its value', seen);
    },
  ),
];

const OWN_LIFE: readonly ConformanceCase[] = [
  conformanceCase(
    '13.2.2-suspected',
    'A node that hears that it is suspected at its incarnation raises it.',
    async (t) => {
      const { link } = await t.member();
      const own = await t.ownDigest();
      const { owner, logId, generation, incarnation } = own;
      await link.ping({ suspicions: [{ owner, logId, generation, incarnation }] });
      await t.eventually(
        { rule: '13.2.2', expected: `incarnation ${incarnation + 1}` },
        async () => {
          const seen = await t.ownDigest();
          return { holds: seen.incarnation === incarnation + 1, seen };
        },
      );
    },
  ),
  refusalCase(
    '13.2.2-suspected-below',
    'A suspicion below the own incarnation, or of another life, changes nothing.',
    {
      prepare: async (t) => {
        const { link } = await t.member();
        const own = await t.ownDigest();
        await link.ping({ digests: [{ owners: [{ ...own, incarnation: 5 }] }] });
        await t.eventually({ rule: '6.3.3', expected: 'incarnation 6' }, async () => {
          const seen = await t.ownDigest();
          return { holds: seen.incarnation === 6, seen };
        });
        return { link, own };
      },
      attack: async (_t, { link, own }) => {
        const { owner, logId, generation } = own;
        const below = { owner, logId, generation, incarnation: 5 };
        const other = { ...below, logId: 'ffffffffffffffff', incarnation: 9 };
        await link.ping({ suspicions: [below] });
        await link.ping({ suspicions: [other] });
      },
    },
    { attachable: false },
  ),
  conformanceCase(
    '13.5.2-any-number',
    'A ping of any number is answered with that number, on the link on which it came.',
    async (t) => {
      const peer = await t.peer();
      const links = t.has('udp') ? [peer.udp, await peer.connect()] : [await peer.connect()];
      for (const link of links) {
        for (const ping of [1, 2 ** 31, 2 ** 32 - 1]) {
          const after = link.mark;
          link.send({ heartbeat: { ping, answer: 0, roundTripUs: 0 } });
          const awaited = { rule: '13.5.2', expected: `the answer ${ping}` };
          await link.next(({ heartbeat }) => heartbeat?.answer === ping, awaited, after);
        }
      }
    },
    { attachable: true },
  ),
];

export const STATEMENT_CASES: readonly ConformanceCase[] = [...STATEMENTS, ...OWN_LIFE];
