/** The same packets from those who are not believed. */
import type { Packet } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, DAVE, type Peer, value } from '../node/peer.js';
import { ALICE, type How, type Outcome, Script, seen, to } from '../node/script.js';

export const UNTRUSTED_MUTATIONS = {
  'echo-missing': 'The packet has no echo.',
  'echo-wrong': 'The echo is no token that the node has given.',
  'uptime-stale': 'The uptime lags by more than any peer bears.',
  'sender-unknown': 'Nothing is known of the sender.',
} as const;

type Mutation = keyof typeof UNTRUSTED_MUTATIONS;

/** What makes a node answer, if it is believed. */
const QUESTIONS: { of: string; what: string; parts: Partial<Packet> }[] = [
  {
    of: 'list-lacks',
    what: 'A list',
    parts: { digests: [{ range: {}, owners: [] }] },
  },
  {
    of: 'knows-more',
    what: 'A digest',
    parts: { digests: [{ owners: [CAROL.digest()] }] },
  },
  {
    of: 'want',
    what: 'A claim',
    parts: { digests: [{ owners: [BOB.digest({ version: 5 })] }] },
  },
  {
    of: 'serve-anew',
    what: 'A want',
    parts: {
      wants: [{ owner: ALICE.owner, generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 }],
    },
  },
];

export function untrustedDrafts(): Draft<'exchange'>[] {
  return QUESTIONS.flatMap(({ of, what, parts }) => [
    mutant(of, 'echo-missing', '7.4.1', `${what} of a stranger is not believed.`, {
      ...{ from: BOB, parts, how: { as: 'stranger' } },
      outcome: refused('no-valid-echo'),
    }),
    mutant(of, 'echo-wrong', '7.1.3', `${what} with a wrong echo is not believed.`, {
      ...{ from: BOB, parts: { ...parts, echo: '0102030405060708' }, how: { as: 'stranger' } },
      outcome: refused('no-valid-echo'),
    }),
    mutant(of, 'uptime-stale', '7.2.2', `${what} that is stale is not believed.`, {
      ...{ from: BOB, parts, how: { uptimeMs: 0 } },
      outcome: { ...refused('replayed'), sent: [to(BOB.link, { heartbeat: { ping: '*' } })] },
    }),
    mutant(of, 'sender-unknown', '7.3.2', `${what} that somebody unknown pushes is refused.`, {
      ...{ from: DAVE, parts, how: { as: 'push' } },
      outcome: refused('unknown-sender'),
    }),
  ]);
}

interface Attempt {
  from: Peer;
  parts: Partial<Packet>;
  how: How;
  outcome: Outcome;
}

function refused(error: string): Outcome {
  return {
    ...{ result: 'reject', layer: 'trust', error },
    notSent: ['digests', 'wants', 'deltas'].map((field) => to(BOB.link, { [field]: '*' })),
  };
}

function mutant(
  mutationOf: string,
  mutation: Mutation,
  section: string,
  title: string,
  { from, parts, how, outcome }: Attempt,
): Draft<'exchange'> {
  return {
    ...{ id: `${mutationOf}-${mutation}`, mutationOf, mutation, section, title },
    ...new Script()
      .introduce(BOB)
      .tell(BOB, CAROL, [value(2, 'a', '1')])
      .check(from, parts, outcome, how)
      .end({ bob: seen(BOB), carol: seen(CAROL, 2, { a: '1' }) }),
  };
}
