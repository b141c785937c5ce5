/** Joining, and two nodes of one name. */
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, Peer } from '../node/peer.js';
import { ALICE, id64, NODE, PING, Script, to, told } from '../node/script.js';

export const NAME_MUTATIONS = {
  'not-joined': 'The node has not joined yet.',
  'uptime-lower': 'The other has started later.',
  'nobody-answers': 'The other does not answer when it is asked again.',
} as const;

type Mutation = keyof typeof NAME_MUTATIONS;

const IGNORED = { result: 'ignore' } as const;
const OWN = id64(ALICE.owner);
const { generation } = NODE;

export function nameDrafts(): Draft<'exchange'>[] {
  return [...joining(), ...beforeJoining(), ...conflicts()];
}

const NEWCOMER = { ...NODE, seeds: [BOB.link.slice('udp:'.length)] };
const SLOW = { ...NEWCOMER, options: { ...NODE.options, joinTimeoutMs: 60_000 } };
const ASKED = to(BOB.link, { wants: [{ owner: OWN, logId: null }], heartbeat: { ping: '*' } });
const CALLED = to(BOB.link, { heartbeat: { ping: '*' } });

function joining(): Draft<'exchange'>[] {
  const start = { do: 'start' } as const;
  const fingerprint = to(BOB.link, { fingerprints: '*', heartbeat: { ping: '*' } });
  return [
    {
      ...head('join', '6.4.2', 'A newcomer asks a seed that answers for its own name.'),
      alsoSections: ['6.4.5'],
      ...new Script(SLOW, false)
        .checkDo(start, { sent: [CALLED] })
        .check(BOB, {}, { sent: [ASKED] }, { answer: true })
        .check(BOB, {}, { sent: [fingerprint], events: [told('joined')] }, { answer: true })
        .end({}),
    },
    {
      ...head('join-alone', '6.4.3', 'Where no seed answers it joins all the same.'),
      ...new Script(NEWCOMER, false)
        .checkDo(start, { sent: [CALLED], events: [told('joined')] })
        .checkAfter(600)
        .end({}),
    },
    {
      ...head('join-without-seeds', '6.4.1', 'Without seeds it has joined when it starts.'),
      ...new Script(NODE, false).checkDo(start, { events: [told('joined')] }).end({}),
    },
    {
      ...head('join-after-life', '6.4.2', 'It goes above what the seed knows of its name.'),
      alsoSections: ['6.3.7'],
      ...new Script(SLOW, false)
        .checkDo(start, { sent: [CALLED] })
        .check(BOB, {}, { sent: [ASKED] }, { answer: true })
        .check(
          BOB,
          {
            digests: [
              {
                owners: [
                  BOB.digest({
                    ...{ owner: ALICE.owner, logId: 'ffffffffffffffff', status: 2 },
                    generation: generation + 10,
                  }),
                ],
              },
            ],
          },
          { sent: [fingerprint], events: [told('joined')] },
          { answer: true },
        )
        .end({}, { generation: generation + 11 }),
    },
  ];
}

/** What a node keeps to itself until it has joined. */
function beforeJoining(): Draft<'exchange'>[] {
  const nothing = { generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
  const differs = { range: {}, count: 3, sum: '0102030405060708' };
  const asked = { wants: [{ owner: ALICE.owner, ...nothing }] };
  return [
    {
      ...head('not-joined', '6.4.4', 'Before it has joined a node answers, and is not in its sum.'),
      ...new Script(SLOW)
        .check(
          CAROL,
          { heartbeat: PING, fingerprints: [differs] },
          {
            sent: [
              to(CAROL.link, { heartbeat: { answer: PING.ping }, fingerprints: [{ count: null }] }),
            ],
          },
          { as: 'stranger' },
        )
        .end({}),
    },
    {
      ...head('joined-is-served', '10.2.1', 'Once it has joined a node serves its own log.'),
      ...new Script()
        .greet(CAROL)
        .check(CAROL, asked, { sent: [to(CAROL.link, { deltas: [{ owner: OWN, header: '*' }] })] })
        .end({}),
    },
    {
      ...mutant('not-joined-is-not-served', 'joined-is-served', 'not-joined', '6.4.4'),
      title: 'Before it has joined a node does not serve its own log.',
      ...new Script(SLOW).greet(CAROL).check(CAROL, asked, IGNORED).end({}),
    },
  ];
}

/** Another that answers under the own name. */
function conflicts(): Draft<'exchange'>[] {
  const other = new Peer(NODE.name, 9);
  const earlier = { ...other.life, generation: generation - 5 };
  const asked = to(other.link, { heartbeat: { ping: '*' } });
  const answered = to(other.link, { heartbeat: { answer: PING.ping } });
  /** YIELD_AFTER_MS_MIN and YIELD_SPREAD_MS are 2200 together at most. */
  const YIELD_MS = 2300;
  const met = () => new Script().greet(other);
  return [
    {
      ...head('name-taken', '6.5.2', 'The later of two that have one name stops.'),
      alsoSections: ['6.5.1'],
      ...met()
        .check(other, { heartbeat: PING }, { sent: [answered, asked] })
        .pause(YIELD_MS)
        .check(other, {}, { events: [told('name-taken')] }, { answer: true })
        .end({}),
    },
    {
      ...mutant('name-kept', 'name-taken', 'uptime-lower', '6.5.3'),
      title: 'The earlier of two that have one name goes on.',
      ...met()
        .pause(5000)
        .check(
          other,
          { heartbeat: PING, sender: earlier },
          { ...IGNORED, sent: [answered], notSent: [asked] },
          { uptimeMs: 100 },
        )
        .checkAfter(YIELD_MS)
        .end({}),
    },
    {
      ...mutant('name-not-answered', 'name-taken', 'nobody-answers', '6.5.2'),
      title: 'Where the earlier one does not answer, the later goes on.',
      ...met()
        .check(other, { heartbeat: PING }, { ...IGNORED, sent: [answered, asked] })
        .checkAfter(YIELD_MS)
        .checkAfter(20_000)
        .end({}),
    },
    {
      ...head('name-outdone', '6.5.3', 'The earlier one goes above the life of the later.'),
      ...met()
        .pause(5000)
        .check(other, { heartbeat: PING }, { sent: [answered] }, { uptimeMs: 100 })
        .end({}, { generation: other.life.generation + 1 }),
    },
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
