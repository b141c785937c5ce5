/** 13.3 to 13.9: watching, suspecting, voting and deciding. */
import { Opinion, type Packet, Status, type Vote } from '../../wire/packet.js';
import type { Arrived, PeerLink } from '../peer/peer-link.js';
import type { RawPeer } from '../peer/raw-peer.js';
import { type ConformanceCase, conformanceCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { madeBeside } from './trust.js';

const QUICK = {
  heartbeatIntervalMs: 400,
  burstMs: 2000,
  burstProbes: 20,
  phiToleranceMs: 150,
} as const;
/** How often others are asked in a burst of 16 probes that nothing ends (13.7.3). */
const ROUNDS_OF_A_BURST = 7;
const WATCH = { features: ['watch'], start: QUICK } as const;

const isPing = ({ heartbeat }: Packet) => (heartbeat?.ping ?? 0) > 0;
const pingsOf = (arrivals: readonly Arrived[]) => arrivals.filter(({ packet }) => isPing(packet));

interface Pair {
  readonly suspect: RawPeer;
  readonly witness: RawPeer;
  readonly link: PeerLink;
}

/** Two members that the node has met both; the second keeps answering. */
async function pair(t: CaseContext): Promise<Pair> {
  await t.listen('up', 'down');
  const { peer: suspect } = await t.member('suspect');
  const { peer: witness, link } = await t.member('witness');
  for (const peer of [suspect, witness]) {
    const awaited = { rule: '13.4.2', expected: 'a member to be pinged', withinMs: 8000 };
    const [first] = peer.links;
    await first?.next(isPing, awaited, 0);
  }
  return { suspect, witness, link };
}

const isDown = (name: string) => (event: { event: string; peer?: string }) =>
  event.event === 'down' && event.peer === name;

const WATCHING: readonly ConformanceCase[] = [
  conformanceCase(
    '13.4.2-watches',
    'A watcher pings again and again, with the fingerprint of all owners.',
    async (t) => {
      const { peer, link } = await t.member();
      const isThere = () => pingsOf(peer.arrivals).length >= 5;
      await link.until(isThere, 10_000);
      const pings = pingsOf(peer.arrivals);
      t.check(
        pings.length >= 5,
        '13.4.2',
        'five pings within 10 s at an interval of 400 ms',
        pings.length,
      );
      const some = pings.some(({ packet }) => packet.fingerprints.length > 0);
      t.check(some, '13.4.4', 'the fingerprint of all owners with them', link.seen(0));
    },
    WATCH,
  ),
  conformanceCase(
    '13.9.1-answers-in-the-burst',
    'Who has not answered some pings, and answers in the burst, is not called dead.',
    async (t) => {
      const { suspect } = await pair(t);
      const [link] = suspect.links;
      for (let round = 0; round < 2; round++) {
        suspect.answersPings = false;
        const missed = pingsOf(suspect.arrivals).length;
        const enough = () => pingsOf(suspect.arrivals).length >= missed + 5;
        await link?.until(enough, 8000);
        t.check(enough(), '13.7.1', 'a burst of pings to who does not answer', link?.seen(0));
        suspect.answersPings = true;
        await pause(QUICK.burstMs);
      }
      const news = t.events.filter(isDown('suspect'));
      t.check(news.length === 0, '13.9.1', 'no verdict before a burst is complete', news);
      const digest = await t.digestOf(suspect.self.id);
      t.check(digest?.status === Status.alive, '13.9.1', 'a member that is alive', digest);
    },
    WATCH,
  ),
  conformanceCase(
    '13.7.1-burst',
    'Who does not answer is pinged by a burst, and told that it is suspected.',
    async (t) => {
      const { suspect } = await pair(t);
      suspect.answersPings = false;
      const [link] = suspect.links;
      const begin = suspect.arrivals.length;
      const awaited = { rule: '13.9.1', expected: 'a verdict', withinMs: 10_000 };
      await t.event(isDown('suspect'), awaited);
      const came = suspect.arrivals.slice(begin);
      const pings = pingsOf(came).length;
      const few = Math.floor(QUICK.burstProbes * 0.75);
      t.check(pings >= few, '13.7.1', `a burst of some ${QUICK.burstProbes} pings`, `${pings}`);
      const isTold = came.some(({ packet }) => packet.suspicions.length > 0);
      t.check(isTold, '13.7.3', 'suspicions to the suspect', link?.seen(0));
    },
    WATCH,
  ),
  conformanceCase(
    '13.9.4-verdict',
    'Who stays silent through a burst is dead for all, at its life and incarnation.',
    async (t) => {
      const { suspect } = await pair(t);
      suspect.answersPings = false;
      const awaited = {
        rule: '13.9.4',
        expected: 'the silent member to be told as down',
        withinMs: 10_000,
      };
      await t.event(isDown('suspect'), awaited);
      const digest = await t.digestOf(suspect.self.id);
      const { logId, incarnation } = suspect.self;
      const isDead = digest?.status === Status.dead && digest.logId === logId;
      t.check(isDead && digest.incarnation === incarnation, '13.9.4', 'the statement DEAD', digest);
      t.check((digest?.ageMs ?? 99_999) < 10_000, '13.9.4', 'an age from the verdict on', digest);
    },
    WATCH,
  ),
  conformanceCase(
    '13.9.5-alone-in-doubt',
    'A node that nobody answers keeps its verdict to itself: it shares no statement DEAD.',
    async (t) => {
      await t.listen('down');
      const { peer, link } = await t.member('only');
      const met = { rule: '13.4.2', expected: 'a member to be pinged', withinMs: 8000 };
      await link.next(isPing, met, 0);
      peer.answersPings = false;
      const awaited = { rule: '13.9.5', expected: 'its application to be told', withinMs: 10_000 };
      await t.event(isDown('only'), awaited);
      const digest = await t.digestOf(peer.self.id);
      t.check(digest === undefined, '13.9.5', 'an owner in doubt not to be shared', digest);
    },
    WATCH,
  ),
  conformanceCase(
    '13.5.5-only-answers-count',
    'Who sends, and does not answer, is dead all the same.',
    async (t) => {
      const { suspect } = await pair(t);
      suspect.answersPings = false;
      const [link] = suspect.links;
      const isOver = () => t.events.some(isDown('suspect'));
      const endMs = performance.now() + 10_000;
      while (!isOver() && performance.now() < endMs) {
        link?.send({ heartbeat: { ping: suspect.nextPing(), answer: 0, roundTripUs: 0 } });
        link?.push({ digests: [{ owners: [suspect.self.digest()] }] });
        await pause(50);
      }
      t.check(
        isOver(),
        '13.5.5',
        'packets without an answer to be no sign of life',
        'it is not told as down',
      );
    },
    WATCH,
  ),
  conformanceCase(
    '13.7.7-alive-vote',
    'While another votes that the suspect has answered it, there is no verdict.',
    async (t) => {
      const { suspect, witness, link } = await pair(t);
      const rounds = answerSuspicions(witness, link, Opinion.alive);
      suspect.answersPings = false;
      const news = () => t.events.filter(isDown('suspect'));
      await link.until(() => rounds.count > ROUNDS_OF_A_BURST || news().length > 0, 20_000);
      t.check(news().length === 0, '13.7.7', 'no verdict', news());
      t.check(
        rounds.count > ROUNDS_OF_A_BURST,
        '13.7.3',
        'the other watcher to be asked again and again',
        `${rounds.count} times`,
      );
    },
    WATCH,
  ),
  conformanceCase(
    '13.9.3-probing-is-waited-for',
    'A watcher that says that it is probing is waited for: no verdict with one vote of two.',
    async (t) => {
      const { suspect, witness, link } = await pair(t);
      const rounds = answerSuspicions(witness, link, Opinion.probing);
      suspect.answersPings = false;
      const beganMs = performance.now();
      const awaited = { rule: '13.9.3', expected: 'the verdict in the end', withinMs: 15_000 };
      await t.event(isDown('suspect'), awaited);
      const tookMs = performance.now() - beganMs;
      t.check(rounds.count > 0, '13.7.3', 'the other watcher to be asked', 'it was not');
      // The burst, and one and a half of it again for the votes.
      const least = QUICK.burstMs * 2.3;
      t.check(
        tookMs >= least,
        '13.9.1',
        `no verdict within ${least} ms`,
        `${Math.round(tookMs)} ms`,
      );
    },
    WATCH,
  ),
];

/** Has a peer vote on whoever is suspected in the packets that come to it. */
function answerSuspicions(witness: RawPeer, link: PeerLink, opinion: Opinion): { count: number } {
  const rounds = { count: 0 };
  witness.onArrived = ({ packet }) => {
    const votes: Vote[] = packet.suspicions.map((suspicion) => ({ ...suspicion, opinion }));
    if (votes.length === 0) return;
    rounds.count += 1;
    link.send({ votes });
  };
  return rounds;
}

const VOTING: readonly ConformanceCase[] = [
  conformanceCase(
    '13.7.6-votes',
    'Who is asked about a suspect votes at once, and tells when it has answered.',
    async (t) => {
      const { suspect, link } = await pair(t);
      const after = link.mark;
      const { life, incarnation } = suspect.self;
      await link.ping({ suspicions: [{ ...life, incarnation }] });
      const votes = () => link.arrived.slice(after).flatMap(({ packet }) => packet.votes);
      const isVoted = () => votes().some(({ opinion }) => opinion !== Opinion.alive);
      await link.until(isVoted);
      t.check(isVoted(), '13.7.6', 'a vote PROBING or ABSTAIN', link.seen(after));
      const isAlive = () => votes().some(({ opinion }) => opinion === Opinion.alive);
      await link.until(isAlive);
      t.check(isAlive(), '13.7.7', 'a vote ALIVE once the suspect has answered', link.seen(after));
    },
    { features: ['vote'], start: QUICK },
  ),
  conformanceCase(
    '13.7.6-outdated',
    'Who is asked about a lower incarnation than it holds sends its digest back.',
    async (t) => {
      const { suspect, link } = await pair(t);
      suspect.self.incarnation = 3;
      await link.ping({ digests: [{ owners: [suspect.self.digest()] }] });
      const after = link.mark;
      await link.ping({ suspicions: [{ ...suspect.self.life, incarnation: 2 }] });
      const rule = '13.7.6';
      await link.next(
        ({ digests }) =>
          digests.some(({ owners }) => owners.some((each) => each.incarnation === 3)),
        { rule, expected: 'the digest of the suspect at incarnation 3' },
        after,
      );
      const votes = link.arrived.slice(after).flatMap(({ packet }) => packet.votes);
      t.check(votes.length === 0, rule, 'no vote', votes);
    },
    { features: ['vote'], start: QUICK },
  ),
  conformanceCase(
    '13.7.6-unknown',
    'A suspicion of an owner that is not known is ignored.',
    async (t) => {
      const { peer, link } = await t.member();
      const after = link.mark;
      const { life } = madeBeside(peer, 'unknown');
      await link.ping({ suspicions: [{ ...life, incarnation: 0 }], probes: [life] });
      await link.ping();
      const came = link.arrived
        .slice(after)
        .flatMap(({ packet }) => [...packet.votes, ...packet.digests]);
      t.check(came.length === 0, '13.7.6', 'neither vote nor digest', came);
    },
    { features: ['vote'] },
  ),
  conformanceCase(
    '13.7.8-probes-for-others',
    'A helper pings whom it is asked about, and votes ALIVE if that answers.',
    async (t) => {
      const { suspect, link } = await pair(t);
      const after = link.mark;
      await link.ping({ probes: [suspect.self.life] });
      const awaited = { rule: '13.7.8', expected: 'a vote ALIVE on the one that answers' };
      const isAlive = ({ votes }: Packet) =>
        votes.some(({ owner, opinion }) => owner === suspect.self.id && opinion === Opinion.alive);
      await link.next(isAlive, awaited, after);
    },
    { features: ['vote'], start: QUICK },
  ),
  conformanceCase(
    '13.7.8-silent-about-the-silent',
    'A helper does not vote about one that does not answer it.',
    async (t) => {
      const { suspect, link } = await pair(t);
      suspect.answersPings = false;
      const after = link.mark;
      const asked = suspect.arrivals.length;
      await link.ping({ probes: [suspect.self.life] });
      await link.until(() => pingsOf(suspect.arrivals.slice(asked)).length > 0);
      await link.ping();
      const votes = link.arrived.slice(after).flatMap(({ packet }) => packet.votes);
      const lies = votes.filter(({ opinion }) => opinion === Opinion.alive);
      t.check(lies.length === 0, '13.7.8', 'no vote ALIVE', lies);
    },
    { features: ['vote'], start: { ...QUICK, heartbeatIntervalMs: 3000 } },
  ),
];

export const WATCHING_CASES: readonly ConformanceCase[] = [...WATCHING, ...VOTING];
