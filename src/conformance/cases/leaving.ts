/** 14 and 15: saying goodbye, and being forgotten. */
import { type Packet, Status } from '../../wire/packet.js';
import { makeWant } from '../peer/make-want.js';
import { type ConformanceCase, conformanceCase } from './case.js';
import type { CaseContext } from './context.js';
import { madeBeside } from './trust.js';

const GIVE_UP_AFTER_MS = 2000;

const saysLeft = (owner: string) => (packet: Packet) =>
  packet.digests.some(({ owners }) =>
    owners.some((each) => each.owner === owner && each.status === Status.left),
  );

/** What a member must be known as before it can be told goodbye. */
async function met(t: CaseContext) {
  const { peer, link } = await t.member();
  await link.ping();
  return { peer, link };
}

export const LEAVING_CASES: readonly ConformanceCase[] = [
  conformanceCase(
    '14.1-says-goodbye',
    'A node that leaves tells its peers so directly, and asks for an acknowledgement.',
    async (t) => {
      const { link } = await met(t);
      const after = link.mark;
      await t.ask('stop', {});
      const told = link.arrived.slice(after).filter(({ packet }) => saysLeft(t.nodeId)(packet));
      t.check(told.length > 0, '14.1', 'its digest with status LEFT', link.seen(after));
      const isAsked = told.some(
        ({ packet }) => packet.token !== undefined && (packet.heartbeat?.ping ?? 0) > 0,
      );
      t.check(isAsked, '14.1', 'a ping with it', link.seen(after));
    },
  ),
  conformanceCase(
    '14.1-last-change',
    'What was set last is known before the node is gone.',
    async (t) => {
      const { link } = await met(t);
      await t.ask('set', { key: 'last', value: 'words' });
      const after = link.mark;
      await t.ask('stop', {});
      const tells = ({ digests, deltas }: Packet) =>
        deltas.some(({ asOf }) => asOf === 2) ||
        digests.some(({ owners }) =>
          owners.some((each) => each.owner === t.nodeId && each.version === 2),
        );
      const isTold = link.arrived.slice(Math.max(0, after - 4)).some(({ packet }) => tells(packet));
      t.check(isTold, '14.1', 'a delta, or a digest at version 2', link.seen(0));
    },
  ),
  conformanceCase(
    '14.3-gives-up',
    'A node that nobody hears is gone after two seconds all the same.',
    async (t) => {
      const { peer } = await met(t);
      peer.answersPings = false;
      const beganMs = performance.now();
      await t.ask('stop', {});
      const tookMs = performance.now() - beganMs;
      const most = GIVE_UP_AFTER_MS + 2500;
      t.check(
        tookMs < most,
        '14.3',
        `the node to be gone within ${most} ms`,
        `${Math.round(tookMs)} ms`,
      );
    },
    { grade: 'SHOULD' },
  ),
  conformanceCase(
    '14.2-serves-while-leaving',
    'Whoever wants something of a node that leaves is served.',
    async (t) => {
      const { peer, link } = await met(t);
      await t.ask('set', { key: 'k', value: 'to be fetched' });
      peer.answersPings = false;
      const stopped = t.ask('stop', {});
      stopped.catch(() => undefined);
      const awaited = { rule: '14.1', expected: 'its digest with status LEFT' };
      await link.next(saysLeft(t.nodeId), awaited, 0);
      const after = link.mark;
      const want = makeWant(t.nodeId);
      await link.ping(
        { wants: [want] },
        { rule: '14.3', expected: 'a node that leaves to answer' },
      );
      await link.until(
        () => link.arrived.slice(after).some(({ packet }) => packet.deltas.length > 0),
        1000,
      );
      const deltas = link.arrived.slice(after).flatMap(({ packet }) => packet.deltas);
      t.check(deltas.length > 0, '14.2', 'a delta', link.seen(after));
      peer.answersPings = true;
      await stopped;
    },
  ),
  conformanceCase(
    '14.1-goodbye-is-heard',
    'Who says that it has left is told as down at once, and is not brought back by an older statement.',
    async (t) => {
      await t.listen('down', 'up');
      const { peer, link } = await t.member('leaver');
      await link.ping({ digests: [{ owners: [peer.self.digest({ status: Status.left })] }] });
      const awaited = { rule: '13.1.3', expected: 'the one that left to be told as down' };
      await t.event((event) => event.event === 'down' && event.peer === 'leaver', awaited);
      await link.ping({ digests: [{ owners: [peer.self.digest()] }] });
      const seen = await t.statusOf('leaver');
      t.check(seen === 'left', '13.1.3', 'it to stay away', seen);
    },
  ),
  conformanceCase(
    '15.1.2-not-shared',
    'In the second half of its grace who has left is not shared.',
    async (t) => {
      const { peer, link } = await t.member('leaver');
      await link.ping({ digests: [{ owners: [peer.self.digest({ status: Status.left })] }] });
      const first = await t.digestOf(peer.self.id);
      t.check(first?.status === Status.left, '10.2.1', 'it to be shared at first', first);
      const awaited = { rule: '15.1.2', expected: 'it not to be shared any more', withinMs: 5000 };
      await t.eventually(awaited, async () => {
        const seen = await t.digestOf(peer.self.id);
        return { holds: seen === undefined, seen };
      });
    },
    { start: { leftGraceMs: 6000 } },
  ),
  conformanceCase(
    '15.2.2-remembered',
    'Who was collected is not introduced by a statement that is no newer; by a newer one it is.',
    async (t) => {
      const { peer, link } = await t.member('leaver');
      const left = peer.self.digest({ status: Status.left });
      await link.ping({ digests: [{ owners: [left] }] });
      const awaited = {
        rule: '15.1.1',
        expected: 'the one that left to be forgotten',
        withinMs: 20_000,
      };
      await t.eventually(awaited, async () => {
        const seen = await t.statusOf('leaver');
        return { holds: seen === undefined, seen };
      });
      const deltas = [peer.self.delta()];
      await link.ping({ digests: [{ owners: [peer.self.digest()] }], deltas });
      await link.ping({ digests: [{ owners: [left] }], deltas });
      const seen = await t.statusOf('leaver');
      t.check(seen === undefined, '15.2.2', 'nobody to be introduced', seen);
      peer.self.incarnation = 1;
      await link.ping({ digests: [{ owners: [peer.self.digest()] }], deltas });
      const back = await t.statusOf('leaver');
      t.check(back === 'alive', '15.2.2', 'a newer statement to introduce it', back);
    },
    { start: { leftGraceMs: 1000 } },
  ),
  conformanceCase(
    '13.1.8-without-header',
    'An owner whose header does not come is neither told of nor shared, and is forgotten.',
    async (t) => {
      await t.listen('up');
      const { peer, link } = await t.member();
      const other = madeBeside(peer, 'nameless');
      await link.ping({ digests: [{ owners: [other.digest()] }] });
      const names = (await t.members()).map(({ name }) => name);
      t.check(!names.includes('nameless'), '13.1.8', 'it not to be a member', names);
      const digest = await t.digestOf(other.id);
      t.check(digest === undefined, '10.2.1', 'it not to be shared', digest);
    },
  ),
];
