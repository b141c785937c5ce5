/** What a node does about what is said of itself, and how it leaves. */
import type { JsonObject } from '../../../src/conformance/vectors/upper-layers.js';
import { type OwnerDigest, Status } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { BOB } from '../node/peer.js';
import { ALICE, id64, NODE, type Outcome, Script, seen, to, told } from '../node/script.js';

export const OWN_MUTATIONS = {
  'incarnation-overcome': 'The incarnation has been overcome already.',
  'generation-highest': 'The generation is the highest there is.',
  'node-leaving': 'The node is leaving.',
  'generation-same': 'The generation is the one that was asked about.',
  'version-same': 'The version is the own one.',
} as const;

type Mutation = keyof typeof OWN_MUTATIONS | 'life-older' | 'uptime-stale' | 'echo-missing';

const IGNORED = { result: 'ignore' } as const;
const { generation } = NODE;
const OTHER = 'ffffffffffffffff';
const bob = { bob: seen(BOB) };
const DEAD = { status: Status.dead };

export function ownDrafts(): Draft<'statements'>[] {
  return [...contradicted(), ...suspected(), ...raised(), ...others(), ...leaving()];
}

function known(): Script {
  return new Script().introduce(BOB);
}

/** What bob says of the node. */
function says(parts: Partial<OwnerDigest>) {
  return { digests: [{ owners: [BOB.digest({ ...ALICE, ...parts })] }] };
}

/** What the node says of itself. */
function replies(parts: JsonObject): Outcome {
  const owners = [{ owner: id64(ALICE.owner), logId: id64(ALICE.logId), ...parts }];
  return { sent: [to(BOB.link, { digests: [{ owners }] })] };
}

function refused(error: string): Outcome {
  return { result: 'reject', layer: 'trust', error };
}

function contradicted(): Draft<'statements'>[] {
  const alive = { status: 'STATUS_ALIVE' };
  return [
    {
      ...head('called-dead', '6.3.3', 'A node that is called dead raises its incarnation.'),
      alsoSections: ['13.2.1'],
      ...known()
        .check(BOB, says(DEAD), replies({ ...alive, incarnation: 1 }))
        .end(bob, { incarnation: 1 }),
    },
    {
      ...head('called-dead-later', '6.3.3', 'It goes above the incarnation that it hears.'),
      ...known()
        .check(BOB, says({ ...DEAD, incarnation: 41 }), replies({ ...alive, incarnation: 42 }))
        .end(bob, { incarnation: 42 }),
    },
    {
      ...head('incarnation-heard', '6.3.3', 'A higher incarnation than its own it overcomes.'),
      ...known()
        .check(BOB, says({ incarnation: 7 }), replies({ ...alive, incarnation: 8 }))
        .end(bob, { incarnation: 8 }),
    },
    {
      ...head('incarnation-exhausted', '6.3.3', 'Above the highest incarnation is a generation.'),
      ...known()
        .check(
          BOB,
          says({ ...DEAD, incarnation: 2 ** 32 - 1 }),
          replies({ generation: `${generation + 1}` }),
        )
        .end(bob, { generation: generation + 1 }),
    },
    {
      ...mutant('called-dead-before', 'called-dead', 'incarnation-overcome', '6.3.3'),
      title: 'Of a death that it has contradicted a node hears nothing new.',
      ...known()
        .send(BOB, says({ ...DEAD, incarnation: 41 }))
        .check(BOB, says({ ...DEAD, incarnation: 41 }), {
          ...IGNORED,
          ...replies({ ...alive, incarnation: 42 }),
        })
        .end(bob, { incarnation: 42 }),
    },
    {
      ...mutant('called-dead-stale', 'called-dead', 'uptime-stale', '7.2.2'),
      title: 'A stale packet makes nobody contradict.',
      ...known().check(BOB, says(DEAD), refused('replayed'), { uptimeMs: 0 }).end(bob),
    },
    {
      ...mutant('called-dead-by-stranger', 'called-dead', 'echo-missing', '7.4.1'),
      title: 'A stranger makes nobody contradict.',
      ...known().check(BOB, says(DEAD), refused('no-valid-echo'), { as: 'stranger' }).end(bob),
    },
    {
      ...mutant('called-dead-leaving', 'called-dead', 'node-leaving', '14.4'),
      title: 'A node that leaves does not contradict its death.',
      alsoSections: ['6.3.3'],
      ...known()
        .do({ do: 'leave' })
        .check(BOB, says(DEAD), {
          ...IGNORED,
          ...replies({ status: 'STATUS_LEFT' }),
        })
        .end(bob, { status: 'left' }),
    },
  ];
}

function suspected(): Draft<'statements'>[] {
  const suspicion = (parts: object = {}) => ({
    suspicions: [{ ...ALICE, incarnation: 0, ...parts }],
  });
  return [
    {
      ...head('suspected', '13.2.2', 'A node that is suspected raises its incarnation.'),
      alsoSections: ['13.7.5'],
      ...known()
        .check(BOB, suspicion(), replies({ incarnation: 1 }))
        .end(bob, { incarnation: 1 }),
    },
    {
      ...mutant('suspected-before', 'suspected', 'incarnation-overcome', '13.2.2'),
      title: 'A suspicion of an incarnation that is overcome changes nothing.',
      ...known()
        .send(BOB, suspicion({ incarnation: 4 }))
        .pause(600)
        .check(BOB, suspicion({ incarnation: 4 }), IGNORED)
        .end(bob, { incarnation: 5 }),
    },
    {
      ...mutant('suspected-stale', 'suspected', 'uptime-stale', '7.2.2'),
      title: 'A stale suspicion changes nothing.',
      ...known().check(BOB, suspicion(), refused('replayed'), { uptimeMs: 0 }).end(bob),
    },
    {
      ...mutant('suspected-other-life', 'suspected', 'life-older', '13.7.5'),
      title: 'A suspicion of an earlier life changes nothing.',
      ...known()
        .check(BOB, suspicion({ generation: generation - 1 }), IGNORED)
        .end(bob),
    },
  ];
}

function raised(): Draft<'statements'>[] {
  const by = (more: number) => replies({ generation: `${generation + more}`, incarnation: null });
  return [
    {
      ...head('generation-heard', '6.3.1', 'A higher generation of its own it goes above.'),
      alsoSections: ['6.6.1'],
      ...known()
        .check(BOB, says({ generation: generation + 5 }), by(6))
        .end(bob, { generation: generation + 6 }),
    },
    {
      ...head('version-heard', '6.3.2', 'A version above its own makes it raise its generation.'),
      ...known()
        .check(BOB, says({ version: 99 }), by(1))
        .end(bob, { generation: generation + 1 }),
    },
    {
      ...mutant('version-same', 'version-heard', 'version-same', '6.3.2'),
      title: 'Its own version it hears with no effect.',
      ...known()
        .check(BOB, says({ version: 1 }), IGNORED)
        .end(bob),
    },
    {
      ...mutant('generation-before', 'generation-heard', 'life-older', '6.3.1'),
      title: 'An earlier generation of its own makes it say which it has.',
      ...known()
        .check(BOB, says({ generation: generation - 5 }), { ...IGNORED, ...by(0) })
        .end(bob),
    },
    {
      ...mutant('generation-exhausted', 'generation-heard', 'generation-highest', '6.6.1'),
      title: 'No generation above GENERATION_MAX is ever sent.',
      ...known()
        .check(BOB, says({ generation: 2 ** 48 }), {
          ...{ result: 'reject', layer: 'identity', error: 'generation-exhausted' },
        })
        .end(bob),
    },
  ];
}

/** Other log ids under the own name. */
function others(): Draft<'statements'>[] {
  const other = (parts: Partial<OwnerDigest>) => says({ logId: OTHER, ...parts });
  const ask = {
    sent: [to(BOB.link, { wants: [{ owner: id64(ALICE.owner), logId: null }] })],
  };
  const later = generation + 10;
  /** CONFLICT_CHECK_MS is 5000 at most. */
  const asked = () =>
    known()
      .check(BOB, other({ generation: later }), ask)
      .pause(5100);
  return [
    {
      ...head('other-life-down', '6.3.5', 'Of a newer life that is down nobody need be asked.'),
      alsoSections: ['6.3.7'],
      ...known()
        .check(BOB, other({ generation: later, ...DEAD }), replies({ generation: `${later + 1}` }))
        .end(bob, { generation: later + 1 }),
    },
    {
      ...mutant('other-life-older', 'other-life-down', 'life-older', '6.3.4'),
      title: 'Of an older life under its name a node takes no notice.',
      ...known()
        .check(BOB, other({ generation: generation - 10, ...DEAD }), {
          ...IGNORED,
          ...replies({ generation: `${generation}` }),
        })
        .end(bob),
    },
    {
      ...head('other-life', '6.3.5', 'Who says that a newer life has the name is asked for it.'),
      alsoSections: ['6.3.7'],
      ...known()
        .check(BOB, other({ generation: later }), ask)
        .checkAfter(5100)
        .end(bob, { generation: later + 1 }),
    },
    {
      ...head('other-life-raised', '6.3.7', 'At a higher generation it is asked about again.'),
      ...asked()
        .check(BOB, other({ generation: later + 10 }), ask)
        .end(bob, { generation: later + 1 }),
    },
    {
      ...mutant('other-life-again', 'other-life-raised', 'generation-same', '6.3.7'),
      title: 'At the generation that was asked about it is not asked about again.',
      ...asked()
        .check(BOB, other({ generation: later }), {
          ...IGNORED,
          ...replies({ generation: `${later + 1}` }),
        })
        .end(bob, { generation: later + 1 }),
    },
  ];
}

function leaving(): Draft<'statements'>[] {
  const goodbye = to(BOB.link, {
    ...{ heartbeat: { ping: '*' }, fingerprints: '*' },
    digests: [{ owners: [{ owner: id64(ALICE.owner), status: 'STATUS_LEFT' }] }],
  });
  return [
    {
      ...head('leaves', '14.1', 'A node that leaves says so, and pings, until it is answered.'),
      alsoSections: ['14.2', '14.3'],
      ...known()
        .checkDo({ do: 'leave' }, { sent: [goodbye] })
        .check(BOB, {}, { events: [told('contact', BOB), told('left')] }, { answer: true })
        .end(bob, { status: 'left' }),
    },
    {
      ...head('leaves-and-serves', '14.2', 'Who still wants something has not acknowledged.'),
      ...known()
        .do({ do: 'set', name: 'a', value: '1' })
        .do({ do: 'leave' })
        .check(
          BOB,
          { wants: [{ ...ALICE, version: 1, stagedTo: 0, asOf: 0, floorMax: 0 }] },
          {
            sent: [to(BOB.link, { deltas: [{ owner: id64(ALICE.owner), from: '1', to: '2' }] })],
            events: [told('contact', BOB)],
          },
          { answer: true },
        )
        .end(bob, { status: 'left' }),
    },
    {
      ...head('leaves-in-vain', '14.3', 'Leaving takes no longer than a minute.'),
      ...known()
        .checkDo({ do: 'leave' }, { sent: [goodbye], events: [told('left')] })
        .checkAfter(60_100)
        .end(bob, { status: 'left' }),
    },
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
