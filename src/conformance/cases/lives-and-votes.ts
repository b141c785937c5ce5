/** 13: which of two lives is newer, and when a verdict may be voted. */
import { Opinion } from '../../wire/packet.js';
import { MadeOwner } from '../peer/made-owner.js';
import { type ConformanceCase, conformanceCase } from './case.js';

export const LIFE_AND_VOTE_CASES: readonly ConformanceCase[] = [
  conformanceCase(
    '13.1.2-generation-before-log-id',
    'A life of a higher generation is newer, whatever its log id.',
    async (t) => {
      const peer = await t.peer();
      peer.self.logId = 'ffffffffffffffff';
      const link = await peer.join();
      const home = { ...peer.address, udp: t.has('udp') };
      const later = Object.assign(new MadeOwner(peer.self.name, home), {
        logId: '0000000000000001',
        generation: peer.self.generation + 1,
      });
      await link.ping({ ...peer.list(later.digest()), deltas: [later.delta()] });
      const digest = await t.digestOf(later.id);
      const isLater = digest?.logId === later.logId;
      t.check(isLater, '13.1.2', `log id ${later.logId}`, digest ?? 'no digest');
    },
  ),
  conformanceCase(
    '13.8.1-no-vote-before-the-burst',
    'Who is asked about a suspect says that it probes, or that it cannot tell, and no verdict.',
    async (t) => {
      const { link } = await t.member();
      const { peer: suspect } = await t.member();
      suspect.answersPings = false;
      const after = link.mark;
      await link.ping({ suspicions: [{ ...suspect.self.life, incarnation: 0 }] });
      const hasVoted = { rule: '13.7.6', expected: 'a vote at once' };
      const { packet } = await link.next(({ votes }) => votes.length > 0, hasVoted, after);
      const opinion = packet.votes[0]?.opinion;
      const isOpen = opinion === Opinion.probing || opinion === Opinion.abstain;
      t.check(isOpen, '13.8.1', 'PROBING or ABSTAIN', `${opinion}`);
    },
    { features: ['vote'] },
  ),
];
