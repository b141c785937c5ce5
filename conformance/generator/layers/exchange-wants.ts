/** What a node asks for, how, and where. */
import type { JsonObject } from '../../../src/conformance/vectors/upper-layers.js';
import type { OwnerDigest } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, DAVE, NOTHING, value } from '../node/peer.js';
import { id64, PING, Script, seen, to, told } from '../node/script.js';

export const WANT_MUTATIONS = {
  'claim-refused': 'Who claims to know of the log has refused it.',
  'claim-not-above': 'The claim is of the version that is shown.',
  'claim-of-older-life': 'The claim is of an older life.',
} as const;

type Mutation = keyof typeof WANT_MUTATIONS;

const IGNORED = { result: 'ignore' } as const;
const bob = { bob: seen(BOB) };
const OWNER = id64(BOB.life.owner);

export function wantDrafts(): Draft<'exchange'>[] {
  return [...claims(), ...withoutToken(), ...streams(), ...addresses()];
}

function known(): Script {
  return new Script().introduce(BOB);
}

function claim(parts: Partial<OwnerDigest>) {
  return { digests: [{ owners: [BOB.digest(parts)] }] };
}

function asks(parts: JsonObject, link = BOB.link) {
  return to(link, { wants: [{ owner: OWNER, ...parts }], heartbeat: { ping: '*' }, echo: '*' });
}

function claims(): Draft<'exchange'>[] {
  const [logId, generation] = [id64(BOB.life.logId), `${BOB.life.generation}`];
  const staged = BOB.delta({ from: 1, to: 2, asOf: 9, entries: [value(2, 'a', '1')] });
  const older = { generation: BOB.life.generation - 1, version: 5 };
  return [
    {
      ...head('want', '11.5.3', 'Of a life that is held what is shown is told.'),
      alsoSections: ['11.5.1', '11.5.4'],
      ...known()
        .check(BOB, claim({ version: 5 }), { sent: [asks({ logId, generation, version: '1' })] })
        .end(bob),
    },
    {
      ...head('want-new', '11.5.3', 'Of a life of which nothing is shown that is told.'),
      ...known()
        .check(
          BOB,
          { digests: [{ owners: [DAVE.digest()] }] },
          { sent: [to(BOB.link, { wants: [{ owner: id64(DAVE.life.owner), version: null }] })] },
        )
        .end(bob),
    },
    {
      ...head('want-staged', '11.5.3', 'What is staged is told too.'),
      ...known()
        .send(BOB, { deltas: [staged] })
        .check(BOB, claim({ version: 9 }), {
          sent: [asks({ version: '1', stagedTo: '2', asOf: '9', floorMax: '1' })],
        })
        .end(bob),
    },
    {
      ...head('want-without-header', '11.5.3', 'Without the header nothing staged is claimed.'),
      alsoSections: ['9.3.6'],
      ...new Script()
        .greet(BOB)
        .send(BOB, claim({ version: 2 }))
        .send(BOB, { deltas: [BOB.log([value(2, 'a', '1')], { header: NOTHING })] })
        .check(BOB, { heartbeat: PING }, { sent: [asks({ version: null, stagedTo: null })] })
        .checkAfter(3100)
        .end({}),
    },
    {
      ...mutant('claim-refused', 'want', 'claim-refused', '9.6.4'),
      title: 'Who has refused a log is not asked for it.',
      ...known()
        .check(BOB, claim({ version: 5, refused: true }), IGNORED)
        .end(bob),
    },
    {
      ...mutant('claim-not-above', 'want', 'claim-not-above', '11.5.1'),
      title: 'Nothing is asked for that is shown.',
      ...known()
        .check(BOB, claim({ version: 1 }), IGNORED)
        .end(bob),
    },
    {
      ...mutant('claim-of-older-life', 'want', 'claim-of-older-life', '11.5.1'),
      title: 'The log of an older life is not asked for.',
      ...known()
        .check(BOB, claim(older), {
          ...IGNORED,
          sent: [to(BOB.link, { digests: [{ owners: [{ owner: OWNER, generation }] }] })],
          notSent: [to(BOB.link, { wants: '*' })],
        })
        .end(bob),
    },
  ];
}

function withoutToken(): Draft<'exchange'>[] {
  return [
    {
      ...head(
        'want-without-token',
        '11.5.4',
        'Without a token it pings, and asks with the answer.',
      ),
      ...new Script()
        .introduce(CAROL)
        .tell(CAROL, BOB)
        .check(
          BOB,
          claim({ version: 5 }),
          {
            sent: [to(BOB.link, { heartbeat: { ping: '*' }, echo: null })],
            notSent: [to(BOB.link, { wants: '*' })],
          },
          { as: 'push' },
        )
        .check(
          BOB,
          {},
          { sent: [asks({ version: '1' })], events: [told('contact', BOB)] },
          { answer: true },
        )
        .end({ ...bob, carol: seen(CAROL) }),
    },
  ];
}

/** Answers that say that the rest needs a stream. */
function streams(): Draft<'exchange'>[] {
  const empty = { deltas: [BOB.delta({ from: 1, to: 1, asOf: 5 })] };
  const contact = { events: [told('contact', BOB)] };
  const pinged = to(BOB.stream, { heartbeat: { ping: '*' } });
  return [
    {
      ...head('needs-stream', '9.1.2', 'Where a datagram holds nothing of it a stream is used.'),
      ...{ alsoSections: ['11.5.6'], features: ['udp', 'tcp'] },
      ...known()
        .send(BOB, claim({ version: 5 }))
        .check(BOB, empty)
        .check(BOB, {}, { sent: [pinged], ...contact }, { answer: true })
        .end(bob),
    },
    {
      ...head(
        'stream-refused',
        '11.5.7',
        'What needs a stream that cannot be had is not repeated.',
      ),
      features: ['udp', 'tcp'],
      ...known()
        .send(BOB, claim({ version: 5 }))
        .send(BOB, empty)
        .check(BOB, {}, { sent: [pinged], ...contact }, { answer: true })
        .checkClose(BOB.stream, { notSent: [to(BOB.link, { wants: '*' })] })
        .checkAfter(450)
        .end(bob),
    },
  ];
}

/** Where owners are reached. */
function addresses(): Draft<'exchange'>[] {
  const port = 9555;
  const at = (ip: string, transport = 'udp') => `${transport}:${ip}:${port}`;
  const place = { family: 4, port } as const;
  const nameless = { ...place, ip: NOTHING, transport: 'udp' } as const;
  const streamOnly = { ...place, ip: Uint8Array.of(10, 0, 0, 2), transport: 'tcp' } as const;
  const tells = (address: typeof nameless | typeof streamOnly) => ({
    digests: [{ owners: [BOB.digest()] }],
    deltas: [BOB.delta({ header: BOB.header({ addresses: [address] }) })],
  });
  const events = [told('new', BOB), told('alive', BOB)];
  const set = { do: 'set', name: 'a', value: '1' } as const;
  const both = { ...bob, carol: seen(CAROL) };
  const elsewhere = 'udp:10.0.0.2:4444';
  return [
    {
      ...head(
        'address-unnamed',
        '8.7.4',
        'A node that names no ip is where its packets come from.',
      ),
      ...new Script()
        .introduce(CAROL)
        .send(CAROL, tells(nameless))
        .greet(BOB, { link: elsewhere })
        .send(BOB, {}, { link: elsewhere })
        .checkDo(set, { sent: [to(at('10.0.0.2'), { heartbeat: { ping: '*' } })] })
        .checkAfter(1000)
        .end(both),
    },
    {
      ...head('address-not-of-relay', '8.7.4', 'It is not where those are that tell of it.'),
      ...new Script()
        .introduce(CAROL)
        .check(CAROL, tells(nameless), { events, notSent: [to(at('10.0.0.3'), {})] })
        .checkAfter(2000)
        .end(both),
    },
    {
      ...head('address-of-streams', '8.7.5', 'A node that takes no datagrams is sent none.'),
      features: ['udp', 'tcp'],
      ...new Script()
        .introduce(CAROL)
        .send(CAROL, tells(streamOnly))
        .checkDo(set, {
          sent: [to(at('10.0.0.2', 'tcp'), { heartbeat: { ping: '*' } })],
          notSent: [to(at('10.0.0.2'), {})],
        })
        .checkAfter(1000)
        .end(both),
    },
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
