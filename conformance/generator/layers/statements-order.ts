/** Which statement is taken, which owner is introduced, and which is forgotten. */
import { type OwnerDigest, Status } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, DAVE, said, value } from '../node/peer.js';
import { id64, NODE, type Outcome, PING, Script, seen, to, told } from '../node/script.js';

export const ORDER_MUTATIONS = {
  'incarnation-lower': 'The incarnation is lower than the one held.',
  'incarnation-same': 'The incarnation is the one held.',
  'status-lower': 'The status is lower than the one held, for the same incarnation.',
  'statement-twice': 'The statement comes a second time.',
  'life-older': 'The statement is of an older life.',
  'life-newer': 'The statement is of a life that is not held.',
  'dead-too-long': 'The owner is dead for more than half of deadGraceMs.',
  'uptime-stale': 'The uptime lags by more than any peer bears.',
  'echo-missing': 'The packet has no echo.',
  'no-room': 'As many owners are known as may be, and all are alive.',
} as const;

type Mutation = keyof typeof ORDER_MUTATIONS;

const IGNORED = { result: 'ignore' } as const;
const { generation } = CAROL.life;
const HELD = { a: '1' };
const bob = seen(BOB);

export function orderDrafts(): Draft<'statements'>[] {
  const known = [...taken(), ...outdated(), ...lives(), ...revival(), ...pushed()];
  return [...known, ...introduced(), ...collected(), ...ages()];
}

/** A node to which bob has told of carol: alive, with a key. */
function known(options: Record<string, number> = {}): Script {
  const node = { ...NODE, options: { ...NODE.options, ...options } };
  return new Script(node).introduce(BOB).tell(BOB, CAROL, [value(2, 'a', '1')]);
}

function says(parts: Partial<OwnerDigest> = {}) {
  return { digests: [{ owners: [CAROL.digest({ version: 2, ...parts })] }] };
}

/** Bob is told what the node holds of carol. */
function holds(parts: Record<string, string | number>): Outcome {
  const owners = [{ owner: id64(CAROL.life.owner), ...parts }];
  return { ...IGNORED, sent: [to(BOB.link, { digests: [{ owners }] })] };
}

function carol(parts: Parameters<typeof seen>[3] = {}, version = 2, keys: object = HELD) {
  return { bob, carol: seen(CAROL, version, keys as Record<string, string>, parts) };
}

const REPLAYED = { result: 'reject', layer: 'trust', error: 'replayed' } as const;
const STRANGE = { result: 'reject', layer: 'trust', error: 'no-valid-echo' } as const;
const PINGED = to(BOB.link, { heartbeat: { ping: '*' } });
const DEAD = { status: Status.dead };
const LEFT = { status: Status.left };
const DOWN = [told('down', CAROL)];
/** The death that others tell of may be told to the application a little later. */
const HEARSAY_MS = 2100;

function taken(): Draft<'statements'>[] {
  return [
    {
      ...head('incarnation', '13.1.3', 'A higher incarnation is taken.'),
      ...known()
        .check(BOB, says({ incarnation: 3 }))
        .end(carol({ incarnation: 3 })),
    },
    {
      ...head('dead', '13.1.2', 'Of one incarnation dead goes over alive.'),
      alsoSections: ['13.1.7', '13.1.9'],
      ...known()
        .check(BOB, says(DEAD), { events: DOWN })
        .checkAfter(HEARSAY_MS)
        .end(carol({ status: 'dead' })),
    },
    {
      ...head('left', '13.1.2', 'Of one incarnation left goes over alive.'),
      ...known()
        .check(BOB, says(LEFT), { events: DOWN })
        .end(carol({ status: 'left' })),
    },
    {
      ...head('left-over-dead', '13.1.2', 'Of one incarnation left goes over dead.'),
      ...known()
        .send(BOB, says(DEAD))
        .pause(HEARSAY_MS)
        .check(BOB, says(LEFT))
        .end(carol({ status: 'left' })),
    },
  ];
}

function outdated(): Draft<'statements'>[] {
  return [
    {
      ...mutant('older-incarnation', 'dead', 'incarnation-lower', '13.1.3'),
      title: 'A death at a lower incarnation is not believed, and contradicted.',
      alsoSections: ['11.4.2'],
      ...known()
        .send(BOB, says({ incarnation: 3 }))
        .check(BOB, says({ ...DEAD, incarnation: 2 }), holds({ incarnation: 3 }))
        .end(carol({ incarnation: 3 })),
    },
    {
      ...mutant('dead-over-left', 'left-over-dead', 'status-lower', '13.1.2'),
      title: 'Dead does not go over left.',
      ...known()
        .send(BOB, says(LEFT))
        .check(BOB, says(DEAD), holds({ status: 'STATUS_LEFT' }))
        .end(carol({ status: 'left' })),
    },
    {
      ...mutant('dead-stale', 'dead', 'uptime-stale', '7.2.2'),
      title: 'A stale packet makes nobody dead.',
      ...known()
        .check(BOB, says(DEAD), { ...REPLAYED, sent: [PINGED] }, { uptimeMs: 0 })
        .end(carol()),
    },
    {
      ...mutant('left-by-stranger', 'left', 'echo-missing', '7.4.1'),
      title: 'A stranger makes nobody leave.',
      ...known().check(BOB, says(LEFT), STRANGE, { as: 'stranger' }).end(carol()),
    },
    {
      ...mutant('same-statement', 'incarnation', 'statement-twice', '13.1.3'),
      title: 'The statement that is held is no news.',
      ...known()
        .send(BOB, says({ incarnation: 3 }))
        .check(BOB, says({ incarnation: 3 }), IGNORED)
        .end(carol({ incarnation: 3 })),
    },
  ];
}

/** Statements about other lives. */
function lives(): Draft<'statements'>[] {
  const raised = { generation: generation + 1 };
  const higher = { logId: 'ffffffffffffffff' };
  const gone = [told('deleted', CAROL, 'a'), told('down', CAROL), told('alive', CAROL)];
  const newer = { generation: `${generation + 1}`, version: null };
  const want = { wants: [{ owner: id64(CAROL.life.owner), ...newer }] };
  return [
    {
      ...head('new-generation', '6.2.3', 'Of a raised generation the old log is shown for now.'),
      alsoSections: ['11.5.3'],
      ...known()
        .check(BOB, says(raised), { sent: [to(BOB.link, want)] })
        .end(carol(raised, 0)),
    },
    {
      ...head('new-log-id', '13.1.6', 'A life with another log id ends what was shown.'),
      notes:
        'Whether the end of a life is told as such, if the next one lives, is a matter of taste.',
      ...known()
        .check(BOB, says({ ...raised, ...higher }), { events: gone })
        .end(carol({ ...raised, ...higher }, 0, {})),
    },
    {
      ...head('higher-log-id', '6.2.2', 'Of one generation the higher log id is the newer life.'),
      notes:
        'Whether the end of a life is told as such, if the next one lives, is a matter of taste.',
      ...known()
        .check(BOB, says(higher), { events: gone })
        .end(carol(higher, 0, {})),
    },
    {
      ...head('generation-first', '13.1.2', 'A higher generation goes over any incarnation.'),
      ...known()
        .send(BOB, says({ ...LEFT, incarnation: 9 }))
        .check(BOB, says(raised), { events: [told('alive', CAROL)] })
        .end(carol(raised, 0)),
    },
    {
      ...mutant('older-generation', 'generation-first', 'life-older', '13.1.2'),
      title: 'No incarnation goes over a higher generation.',
      ...known()
        .check(
          BOB,
          says({ generation: generation - 1, incarnation: 9, ...LEFT }),
          holds({ generation: `${generation}` }),
        )
        .end(carol()),
    },
    {
      ...mutant('lower-log-id', 'higher-log-id', 'life-older', '6.2.2'),
      title: 'Of one generation the lower log id is the older life.',
      ...known()
        .check(BOB, says({ logId: '0000000000000001' }), holds({ generation: `${generation}` }))
        .end(carol()),
    },
  ];
}

/** What revives an owner that is held to be dead. */
function revival(): Draft<'statements'>[] {
  const dead = () => known().introduce(CAROL).send(BOB, says(DEAD)).pause(HEARSAY_MS);
  const status = { status: 'dead' } as const;
  return [
    {
      ...head('revived', '13.1.3', 'A higher incarnation revives, also by relay.'),
      ...dead()
        .check(BOB, says({ incarnation: 1 }), { events: [told('alive', CAROL)] })
        .end(carol({ incarnation: 1 })),
    },
    {
      ...mutant('relayed-life', 'revived', 'incarnation-same', '13.1.3'),
      title: 'That a node lives which is held dead is not believed of others.',
      ...dead()
        .check(BOB, says(), holds({ status: 'STATUS_DEAD' }))
        .end(carol(status)),
    },
    {
      ...mutant('own-life', 'revived', 'incarnation-same', '13.1.3'),
      id: 'own-life-at-same',
      title: 'That a node lives which is held dead is not believed of itself.',
      ...dead()
        .check(CAROL, says(), {
          ...IGNORED,
          sent: [to(CAROL.link, { digests: [{ owners: [{ status: 'STATUS_DEAD' }] }] })],
        })
        .end(carol(status)),
    },
    {
      ...mutant('revived-stale', 'revived', 'uptime-stale', '7.2.2'),
      title: 'A stale packet revives nobody.',
      ...dead()
        .check(BOB, says({ incarnation: 1 }), { ...REPLAYED, sent: [PINGED] }, { uptimeMs: 0 })
        .end(carol(status)),
    },
    {
      ...head('packet-of-dead', '13.5.5', 'A packet of a node held dead does not revive it.'),
      alsoSections: ['13.5.2'],
      ...dead()
        .check(
          CAROL,
          { heartbeat: PING },
          { sent: [to(CAROL.link, { heartbeat: { answer: 77 } })] },
        )
        .end(carol(status)),
    },
  ];
}

function pushed(): Draft<'statements'>[] {
  const again = { generation: generation + 1 };
  const want = { wants: [{ owner: id64(CAROL.life.owner), logId: null }] };
  return [
    {
      ...head('pushed', '13.1.4', 'A push may tell of a life that is held.'),
      ...{ level: 'full', features: ['udp', 'push'] },
      ...known()
        .check(BOB, says(LEFT), { events: DOWN }, { as: 'push' })
        .end(carol({ status: 'left' })),
    },
    {
      ...mutant('pushed-life', 'pushed', 'life-newer', '13.1.4'),
      title: 'A push cannot begin a life: its sender is asked.',
      ...known()
        .check(BOB, says(again), { ...IGNORED, sent: [to(BOB.link, want)] }, { as: 'push' })
        .end(carol()),
    },
  ];
}

/** Owners that are told of for the first time. */
function introduced(): Draft<'statements'>[] {
  const dave = (parts: Partial<OwnerDigest>) => ({
    digests: [{ owners: [DAVE.digest({ ...DEAD, ...parts })] }],
    deltas: [DAVE.log()],
  });
  const rejected = (error: string): Outcome => ({ result: 'reject', layer: 'digest', error });
  const half = 43_200_000;
  const two = { ...NODE, options: { ...NODE.options, ownersMax: 2 } };
  return [
    {
      ...head('introduced-dead', '13.1.5', 'One that is dead for a short while is introduced.'),
      ...new Script()
        .introduce(BOB)
        .check(BOB, dave({ ageMs: half - 60_000 }), { events: [told('new', DAVE)] })
        .end({ bob, dave: seen(DAVE, 1, {}, { status: 'dead' }) }),
    },
    {
      ...mutant('dead-too-long', 'introduced-dead', 'dead-too-long', '13.1.5'),
      title: 'One that is dead for long is not introduced.',
      ...new Script()
        .introduce(BOB)
        .check(BOB, { ...dave({ ageMs: half + 60_000 }), deltas: [] }, rejected('dead-too-long'))
        .end({ bob }),
    },
    {
      ...head('room-of-dead', '15.3.1', 'One that has left makes room for another.'),
      ...new Script(two)
        .introduce(BOB)
        .send(BOB, { digests: [{ owners: [BOB.digest(LEFT)] }] })
        .check(
          BOB,
          { digests: [{ owners: [CAROL.digest()] }], deltas: [CAROL.log()] },
          { events: [told('forgotten', BOB), told('new', CAROL), told('alive', CAROL)] },
        )
        .end({ carol: seen(CAROL) }),
    },
    {
      ...mutant('no-room', 'room-of-dead', 'no-room', '15.3.1'),
      title: 'Where all are alive and there is no room nobody is introduced.',
      alsoSections: ['13.1.5'],
      ...new Script(two)
        .introduce(BOB)
        .check(BOB, { digests: [{ owners: [CAROL.digest()] }] }, rejected('too-many-owners'))
        .end({ bob }),
    },
  ];
}

/** Owners that are forgotten, and what is remembered of them. */
function collected(): Draft<'statements'>[] {
  const event = said(2, 'lunch', 1);
  const short = { leftGraceMs: 1000 };
  const node = { ...NODE, options: { ...NODE.options, ...short } };
  const left = () =>
    new Script(node)
      .introduce(BOB)
      .tell(BOB, CAROL, [{ ...event, remainingMs: 500 }])
      .send(BOB, { digests: [{ owners: [CAROL.digest({ version: 2, ...LEFT })] }] });
  const again = (parts: Partial<OwnerDigest>) => ({
    digests: [{ owners: [CAROL.digest({ version: 2, ...parts })] }],
    deltas: [CAROL.log([event])],
  });
  const rejected = { result: 'reject', layer: 'digest', error: 'remembered-dead' } as const;
  return [
    {
      ...head('forgotten', '15.1.1', 'One that has left is forgotten after leftGraceMs.'),
      ...left()
        .checkAfter(10, { events: [told('forgotten', CAROL)] })
        .checkAfter(1100)
        .end({ bob }),
    },
    {
      ...head('introduced-again', '15.2.2', 'A newer statement introduces what was forgotten.'),
      notes: 'The numbers of its events go on: the event has fired before.',
      ...left()
        .pause(1200)
        .check(BOB, again({ incarnation: 1 }), {
          events: [told('new', CAROL), told('alive', CAROL)],
        })
        .end({ bob, carol: seen(CAROL, 2, {}, { incarnation: 1 }) }),
    },
    {
      ...mutant('remembered', 'introduced-again', 'incarnation-same', '15.2.2'),
      title: 'An old statement does not bring back what was forgotten.',
      alsoSections: ['13.1.5'],
      ...left()
        .pause(1200)
        .check(BOB, { ...again({}), deltas: [] }, rejected)
        .end({ bob }),
    },
  ];
}

/** How long one has been down. */
function ages(): Draft<'statements'>[] {
  const owner = CAROL.life.owner;
  const nothing = { generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
  const wants = { wants: [{ owner, ...nothing }] };
  const reply = (ageMs: string) =>
    to(BOB.link, { digests: [{ owners: [{ owner: id64(owner), ageMs }] }], deltas: '*' });
  const dead = (ageMs: number) => says({ ...DEAD, ageMs });
  const view = carol({ status: 'dead' });
  return [
    {
      ...head(
        'age',
        '10.1.2',
        'The time since a death is that which was told, and what has passed.',
      ),
      alsoSections: ['10.2.1'],
      ...known()
        .send(BOB, dead(1000))
        .pause(4990)
        .check(BOB, wants, { sent: [reply('6000')] })
        .end(view),
    },
    {
      ...mutant('age-above-half', 'age', 'dead-too-long', '13.1.3'),
      title: 'A death longer ago than half of the grace is passed on no more.',
      alsoSections: ['10.2.1', '15.1.2'],
      ...known().send(BOB, dead(80_000_000)).pause(4990).check(BOB, wants, IGNORED).end(view),
    },
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
