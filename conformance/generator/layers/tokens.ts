/** Tokens, freshness, and who is believed (PROTOCOL.md, "Trust in packets"). */

import { encodePacket } from '../../../src/wire/codec.js';
import type { Packet } from '../../../src/wire/packet.js';
import { type Draft, type LayerSource, VectorList } from '../layer-source.js';
import { BOB, CAROL, DAVE, Peer, value } from '../node/peer.js';
import { receivedOf } from '../node/received.js';
import { ALICE, id64, PING, packetOf, Script, seen, to, told } from '../node/script.js';
import { FRESHNESS_MUTATIONS, freshnessDrafts } from './tokens-freshness.js';

const MUTATIONS = {
  ...FRESHNESS_MUTATIONS,
  'echo-missing': 'The packet has no echo.',
  'echo-wrong': 'The echo is no token that the node has given.',
  'echo-of-other-link': 'The echo is the token that was given on another link.',
  'echo-too-old': 'The token was given more than two periods ago.',
  'token-and-echo-missing': 'The packet has neither token nor echo.',
  'ping-missing': 'The packet has no ping.',
  'wants-added': 'The packet asks for logs too.',
} as const;

export const tokens: LayerSource<'tokens'> = {
  layer: 'tokens',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'tokens'>({
      ...{ layer: 'tokens', grade: 'MUST', level: 'basic', features: ['udp'] },
    });
    for (const draft of [...strangers(), ...echoes(), ...keptTokens()]) list.add(draft);
    for (const draft of freshnessDrafts()) list.add(draft);
    return list.vectors;
  },
  received: receivedOf,
};

type Mutation = keyof typeof MUTATIONS;

/** A token lives for two periods at most, each of an hour at most. */
const TWO_PERIODS_MS = 7_200_000;

const REFUSED = { result: 'reject', layer: 'trust', error: 'no-valid-echo' } as const;
const UNKNOWN = { result: 'reject', layer: 'trust', error: 'unknown-sender' } as const;
const IGNORED = { result: 'ignore' } as const;

const ANSWERED = to(BOB.link, { heartbeat: { answer: PING.ping }, token: '*' });
const INTRODUCED = [
  told('new', BOB),
  told('alive', BOB),
  told('set', BOB, 'colour', '"red"'),
] as const;

// Strangers

function strangers(): Draft<'tokens'>[] {
  const differs = { range: {}, count: 3, sum: '0102030405060708' };
  const answer = to(BOB.link, {
    ...{ heartbeat: { answer: PING.ping }, echo: id64(BOB.token), token: '*' },
    ...{ digests: null, deltas: null },
  });
  const wants = [CAROL, DAVE, ...MANY].map(({ life }) => ({ owner: life.owner, ...NOTHING_HELD }));
  const owners = wants.map(({ owner }) => owner).sort();
  const many = owners.map((owner) => ({ owner, ...NOTHING_HELD }));
  return [
    {
      ...head('stranger', '7.4.2', 'A ping of a stranger is answered, with a token.'),
      ...{ alsoSections: ['7.1.1', '13.5.2'] },
      ...new Script().check(BOB, { heartbeat: PING }, { sent: [answer] }, STRANGER).end({}),
    },
    {
      ...head('stranger-fingerprint', '7.4.2', 'A stranger is told a fingerprint that differs.'),
      ...new Script()
        .check(
          BOB,
          { heartbeat: PING, fingerprints: [differs] },
          { sent: [to(BOB.link, { ...answer.packet, fingerprints: [{ count: 1, sum: '*' }] })] },
          STRANGER,
        )
        .end({}),
    },
    {
      ...mutant('stranger-without-ping', 'stranger-fingerprint', 'ping-missing', '7.4.2'),
      title: 'A stranger that does not ping gets no answer.',
      ...new Script().check(BOB, { fingerprints: [differs] }, IGNORED, STRANGER).end({}),
    },
    {
      ...head('stranger-small', '7.4.3', 'A small packet is answered with three times as much.'),
      ...new Script()
        .check(BOB, { heartbeat: PING }, bounded({ heartbeat: PING }), STRANGER)
        .end({}),
    },
    {
      ...head('stranger-smallest', '7.4.3', 'The smallest fingerprint is answered as a small one.'),
      ...new Script().check(BOB, SMALLEST, bounded(SMALLEST), { ...STRANGER, uptimeMs: 0 }).end({}),
    },
    {
      ...mutant('stranger-wants', 'stranger-small', 'wants-added', '7.4.3'),
      title: 'A stranger that asks for much gets three times as much as it sent, and nothing held.',
      alsoSections: ['7.4.1'],
      ...new Script()
        .do({ do: 'set', name: 'large', value: `"${'x'.repeat(900)}"` })
        .check(
          BOB,
          { heartbeat: PING, wants: [{ owner: ALICE.owner, ...NOTHING_HELD }, ...many] },
          {
            ...REFUSED,
            ...bounded({ heartbeat: PING, wants: many }),
            notSent: [to(BOB.link, { deltas: '*' }), to(BOB.link, { digests: '*' })],
          },
          STRANGER,
        )
        .end({}),
    },
  ];
}

const STRANGER = { as: 'stranger' } as const;
const NOTHING_HELD = { generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
const MANY = Array.from({ length: 20 }, (_, index) => new Peer(`peer-${index}`, 20 + index));
const SMALLEST: Partial<Packet> = {
  heartbeat: { ping: 1, answer: 0, roundTripUs: 0 },
  fingerprints: [{ range: {}, count: 0, sum: '0000000000000000' }],
};

/** Three times the bytes of a plain envelope with these parts. */
function bounded(parts: Partial<Packet>) {
  const packet = packetOf(BOB.life, { token: BOB.token, ...parts });
  return { bytesMax: { to: BOB.link, bytes: 3 * (1 + encodePacket(packet).length) } };
}

// Echoes

function echoes(): Draft<'tokens'>[] {
  const parts = () => {
    const log = BOB.log([value(2, 'colour', '"red"')]);
    return { digests: [{ owners: [BOB.digest({ version: 2 })] }], deltas: [log] };
  };
  const other = `${BOB.link.slice(0, -1)}1`;
  const bob = { bob: seen(BOB, 2, { colour: '"red"' }) };
  return [
    {
      ...head('echo', '7.3.1', 'A packet that echoes the token is believed.'),
      ...new Script()
        .greet(BOB)
        .check(BOB, parts(), { events: [...INTRODUCED] })
        .end(bob),
    },
    {
      ...head('echo-later', '7.1.3', 'A token is good for a minute at least.'),
      ...new Script()
        .greet(BOB)
        .pause(59_000)
        .check(BOB, parts(), { events: [...INTRODUCED] })
        .end(bob),
    },
    {
      ...mutant('no-echo', 'echo', 'echo-missing', '7.4.1'),
      title: 'Nothing that a stranger tells is believed.',
      ...new Script().greet(BOB).check(BOB, parts(), REFUSED, STRANGER).end({}),
    },
    {
      ...mutant('wrong-echo', 'echo', 'echo-wrong', '7.1.3'),
      title: 'An echo that is no token makes a stranger.',
      ...new Script()
        .greet(BOB)
        .check(BOB, { ...parts(), echo: '0102030405060708' }, REFUSED, STRANGER)
        .end({}),
    },
    {
      ...mutant('echo-of-other-link', 'echo', 'echo-of-other-link', '7.1.2'),
      title: 'A token is good on its own link only.',
      ...new Script()
        .greet(BOB)
        .greet(BOB, { link: other })
        .check(BOB, parts(), REFUSED, { echo: other })
        .end({}),
    },
    {
      ...mutant('echo-too-late', 'echo-later', 'echo-too-old', '7.1.3'),
      title: 'A token is good for two periods at most.',
      ...new Script().greet(BOB).pause(TWO_PERIODS_MS).check(BOB, parts(), REFUSED).end({}),
    },
    {
      ...mutant('push-of-unknown', 'echo', 'token-and-echo-missing', '7.3.2'),
      title: 'A push of a sender that is not known is refused.',
      ...new Script().greet(BOB).check(BOB, parts(), UNKNOWN, PUSH).end({}),
    },
  ];
}

const PUSH = { as: 'push' } as const;

// Whose token is kept

function keptTokens(): Draft<'tokens'>[] {
  const token = 'cccccccccccccccc';
  const exchange = (echo: string) =>
    to(BOB.link, { echo: id64(echo), fingerprints: '*', heartbeat: { ping: '*' } });
  const bob = { bob: seen(BOB) };
  return [
    {
      ...head('token-replaced', '7.1.4', 'The token of a solicited packet is echoed from then on.'),
      ...new Script()
        .introduce(BOB)
        .check(BOB, { heartbeat: PING, token }, { sent: [ANSWERED, exchange(token)] })
        .checkAfter(400)
        .end(bob),
    },
    {
      ...mutant('token-of-stranger', 'token-replaced', 'echo-missing', '7.1.4'),
      title: 'The token of a stranger is used for nothing but its answer.',
      ...new Script()
        .introduce(BOB)
        .check(BOB, { token }, { ...IGNORED, sent: [exchange(BOB.token)] }, STRANGER)
        .checkAfter(400)
        .end(bob),
    },
  ];
}

// Drafts

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
