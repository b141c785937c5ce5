/** 3.2 and 7.3: what the node takes of whom it trusts, and of nobody else. */
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { pingFrame } from './framing.js';

/** Above what a stream carries that is not trusted. */
const LARGE_BYTES = 5000;
const NUMBER = 907;
const NETWORK = { features: ['tcp'], attachable: true } as const;

export const TRUST_LIMIT_CASES: readonly ConformanceCase[] = [
  conformanceCase(
    '3.2.2-trusted-takes-large',
    'On a stream that has echoed a token a frame above 1200 bytes is taken.',
    async (t) => {
      const link = await t.friend();
      const after = link.mark;
      link.sendRaw(pingFrame(link, NUMBER, LARGE_BYTES));
      const awaited = { rule: '3.2.2', expected: `an answer to a frame of ${LARGE_BYTES} bytes` };
      await link.next(({ heartbeat }) => heartbeat?.answer === NUMBER, awaited, after);
    },
    NETWORK,
  ),
  refusalCase(
    '7.3.2-unknown-pusher-extends-nothing',
    "Somebody whom nobody knows cannot extend a member's log by a push.",
    {
      prepare: async (t) => {
        const { peer: member } = await t.member();
        return { member, unknown: await t.peer('unknown') };
      },
      attack: async (_t, { member, unknown }) => {
        member.self.set('forged', 1);
        const link = await unknown.link();
        link.push({ deltas: [member.self.delta(1)] });
        await link.ping();
      },
      reason: 'unknown-sender',
    },
    { attachable: false },
  ),
];
