/** What a node does where others ask it about a third, and when it decides. */
import type { JsonObject } from '../../../src/conformance/vectors/upper-layers.js';
import { Opinion } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, DAVE } from '../node/peer.js';
import { id64, NODE, type Outcome, Script, seen, to, told } from '../node/script.js';

export const VOTE_MUTATIONS = {
  'life-other': 'The life is not the one that is held.',
  'asker-unknown': 'Nothing is known of who asks.',
  'suspect-unknown': 'Nothing is known of the suspect.',
  'vote-of-suspect': 'The vote is that of the suspect.',
  'vote-alive': 'The vote is that the suspect lives.',
  'nobody-asked': 'No burst runs.',
  'vote-on-other-incarnation': 'The vote is about another incarnation.',
} as const;

type Mutation = keyof typeof VOTE_MUTATIONS;

const IGNORED = { result: 'ignore' } as const;
const BURST_MS = 1000;
const NODE_IN_HASTE = {
  ...NODE,
  options: { ...NODE.options, burstMs: BURST_MS, burstProbes: 40 },
};
const both = { bob: seen(BOB), carol: seen(CAROL) };
const LIFE = { ...CAROL.life, incarnation: 0 };
const OWNER = id64(CAROL.life.owner);
const PING_CAROL = to(CAROL.link, { heartbeat: { ping: '*' } });

export function voteDrafts(): Draft<'statements'>[] {
  return [...probes(), ...questions(), ...verdicts()];
}

/** A node that knows bob and carol, and has been answered by carol. */
function met(): Script {
  return known().pause(400).send(CAROL, {}, { answer: true });
}

function known(): Script {
  return new Script(NODE_IN_HASTE).introduce(BOB).introduce(CAROL);
}

function voted(opinion: string): Outcome {
  return { sent: [to(BOB.link, { votes: [{ owner: OWNER, opinion: `OPINION_${opinion}` }] })] };
}

function probes(): Draft<'statements'>[] {
  const probe = { probes: [CAROL.life] };
  const alive = { ...voted('ALIVE'), events: [told('contact', CAROL)] };
  return [
    {
      ...head('probe', '13.7.8', 'A helper pings the node, and tells if it answers.'),
      ...known()
        .check(BOB, probe, { sent: [PING_CAROL] })
        .check(CAROL, {}, alive, { answer: true })
        .end(both),
    },
    {
      ...mutant('probe-of-other-life', 'probe', 'life-other', '13.7.8'),
      title: 'A helper pings no life but the one that it holds.',
      ...known()
        .check(BOB, { probes: [{ ...CAROL.life, generation: 5 }] }, IGNORED)
        .end(both),
    },
    {
      ...mutant('probe-of-stranger', 'probe', 'asker-unknown', '7.3.3'),
      title: 'Nobody probes for a sender that is not known.',
      ...known().greet(DAVE).check(DAVE, probe, IGNORED).end(both),
    },
  ];
}

function questions(): Draft<'statements'>[] {
  const suspicion = { suspicions: [LIFE] };
  const held = (parts: JsonObject) => ({
    sent: [to(BOB.link, { digests: [{ owners: [{ owner: OWNER, ...parts }] }] })],
  });
  const votedDead = voted('DEAD').sent ?? [];
  return [
    {
      ...head('asked', '13.7.6', 'Who is asked about a node probes it, and says so.'),
      alsoSections: ['13.8.1'],
      ...met()
        .check(BOB, suspicion, { sent: [PING_CAROL, ...(voted('PROBING').sent ?? [])] })
        .end(both),
    },
    {
      ...head('asked-unmet', '13.8.2', 'Who was never answered by the suspect abstains.'),
      ...known().check(BOB, suspicion, voted('ABSTAIN')).end(both),
    },
    {
      ...head('asked-of-the-past', '13.7.6', 'Who knows of a higher incarnation says so.'),
      ...known()
        .send(BOB, { digests: [{ owners: [CAROL.digest({ incarnation: 2 })] }] })
        .check(BOB, suspicion, held({ incarnation: 2 }))
        .end({ ...both, carol: seen(CAROL, 1, {}, { incarnation: 2 }) }),
    },
    {
      ...head('asked-and-answered', '13.7.7', 'That the suspect has answered is told.'),
      ...met()
        .check(BOB, suspicion, voted('PROBING'))
        .check(CAROL, {}, { ...voted('ALIVE'), events: [told('contact', CAROL)] }, { answer: true })
        .end(both),
    },
    {
      ...head('asked-in-vain', '13.8.3', 'When a burst is not answered that is told.'),
      ...met()
        .check(BOB, suspicion, { sent: [...(voted('PROBING').sent ?? []), ...votedDead] })
        .checkAfter(BURST_MS + 100)
        .end(both),
    },
    {
      ...head('asked-alone', '13.9.2', 'Who was asked decides alone only after asking the others.'),
      alsoSections: ['13.9.3', '13.9.5'],
      ...met()
        .send(BOB, suspicion)
        .pause(BURST_MS + 400)
        .check(
          BOB,
          {},
          {
            events: [told('suspect', CAROL), told('suspect', BOB), told('down', CAROL)],
          },
        )
        .checkAfter(BURST_MS + 100)
        .end({ ...both, carol: seen(CAROL, 1, {}, { status: 'dead' }) }),
    },
    {
      ...mutant('asked-of-unknown', 'asked', 'suspect-unknown', '13.7.6'),
      title: 'Of a suspect that is not known nothing is said.',
      ...known()
        .check(BOB, { suspicions: [{ ...DAVE.life, incarnation: 0 }] }, IGNORED)
        .end(both),
    },
    {
      ...mutant('asked-by-stranger', 'asked', 'asker-unknown', '13.7.6'),
      title: 'A sender that is not known is told nothing of a suspect.',
      ...met().greet(DAVE).check(DAVE, suspicion, IGNORED).end(both),
    },
  ];
}

function vote(opinion: Opinion, parts: object = {}) {
  return { votes: [{ ...LIFE, ...parts, opinion }] };
}

/** Bob has asked about carol, who does not answer any more, and probes her himself. */
function asked(script = met()): Script {
  return script.send(BOB, { suspicions: [LIFE] }).send(BOB, vote(Opinion.probing));
}

const BURST_IS_OVER_MS = BURST_MS + 100;

function verdicts(): Draft<'statements'>[] {
  const dead = { ...both, carol: seen(CAROL, 1, {}, { status: 'dead' }) };
  const news = { digests: [{ owners: [{ owner: OWNER, status: 'STATUS_DEAD' }] }] };
  const down = [told('down', CAROL)];
  return [
    {
      ...head('verdict', '13.9.1', 'Two votes make a verdict.'),
      alsoSections: ['13.9.4'],
      ...asked()
        .check(BOB, vote(Opinion.dead), { sent: [to(BOB.link, news)], events: down })
        .checkAfter(BURST_IS_OVER_MS)
        .end(dead),
    },
    {
      ...head('verdict-late', '13.9.1', 'A vote that comes after the burst is counted.'),
      ...asked(met().introduce(DAVE))
        .pause(BURST_IS_OVER_MS)
        .check(BOB, vote(Opinion.dead), { sent: [to(DAVE.link, news)], events: down })
        .checkAfter(100)
        .end({ ...dead, dave: seen(DAVE) }),
    },
    {
      ...mutant('vote-alive', 'verdict', 'vote-alive', '13.9.2'),
      title: 'A vote that the suspect lives ends the burst.',
      alsoSections: ['13.7.7'],
      ...asked()
        .check(BOB, vote(Opinion.alive), IGNORED)
        .checkAfter(2 * BURST_IS_OVER_MS)
        .end(both),
    },
    ...uncounted(),
  ];
}

/** Votes that do not count: the node waits for that of bob. */
function uncounted(): Draft<'statements'>[] {
  const dead = vote(Opinion.dead);
  const section = '13.8.4';
  return [
    {
      ...mutant('vote-of-suspect', 'verdict', 'vote-of-suspect', section),
      title: 'The suspect has no vote.',
      ...asked().check(CAROL, dead, IGNORED).checkAfter(BURST_IS_OVER_MS).end(both),
    },
    {
      ...mutant('vote-on-other-incarnation', 'verdict', 'vote-on-other-incarnation', section),
      title: 'A vote counts for its incarnation only.',
      ...asked()
        .check(BOB, vote(Opinion.dead, { incarnation: 1 }), IGNORED)
        .checkAfter(BURST_IS_OVER_MS)
        .end(both),
    },
    {
      ...mutant('vote-of-stranger', 'verdict', 'asker-unknown', section),
      title: 'A sender that is not known has no vote.',
      ...asked().greet(DAVE).check(DAVE, dead, IGNORED).checkAfter(BURST_IS_OVER_MS).end(both),
    },
    {
      ...mutant('vote-unasked', 'verdict', 'nobody-asked', section),
      title: 'A vote that comes while no burst runs is not counted.',
      ...met().check(BOB, dead, IGNORED).end(both),
    },
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
