/** Pings, fingerprints and lists, and what is answered to them. */
import type { JsonObject } from '../../../src/conformance/vectors/upper-layers.js';
import type { OwnerDigest } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { fingerprintOf } from '../models/digest.js';
import { BOB, CAROL, Peer, value } from '../node/peer.js';
import { ALICE, id64, type Outcome, PING, Script, seen, to } from '../node/script.js';

export const COMPARE_MUTATIONS = {
  'cluster-other': 'The packet names another cluster than the receiver is in.',
  'sender-is-receiver': 'The packet names the life of its receiver as its sender.',
  'token-and-echo-missing': 'The packet has neither token nor echo.',
  'range-missing': 'The list has no range.',
  'digests-equal': 'The list says what the receiver knows.',
} as const;

type Mutation = keyof typeof COMPARE_MUTATIONS;

const IGNORED = { result: 'ignore' } as const;
const PUSH = { as: 'push' } as const;
const SELF: OwnerDigest = BOB.digest(ALICE);
const bob = { bob: seen(BOB) };
const ANSWER = { heartbeat: { answer: PING.ping } };
const MANY = Array.from({ length: 11 }, (_, index) => new Peer(`peer-${index}`, 20 + index));

export function compareDrafts(): Draft<'exchange'>[] {
  return [...pings(), ...fingerprints(), ...large(), ...lists()];
}

function known(): Script {
  return new Script().introduce(BOB);
}

/** The fingerprint of all that these digests tell of. */
function sumOf(...digests: OwnerDigest[]) {
  return { range: {}, ...fingerprintOf(digests, {}) };
}

function pings(): Draft<'exchange'>[] {
  const refused = (error: string): Outcome => ({ result: 'reject', layer: 'packet', error });
  return [
    {
      ...head('ping', '13.5.2', 'A ping is answered at once, where it came.'),
      alsoSections: ['5.4.2'],
      ...known()
        .check(
          BOB,
          { heartbeat: PING },
          { sent: [to(BOB.link, { ...ANSWER, token: '*', echo: '*' })] },
        )
        .end(bob),
    },
    {
      ...head(
        'ping-of-unknown',
        '13.5.2',
        'A ping is answered whether the sender is known or not.',
      ),
      ...new Script()
        .greet(CAROL)
        .check(CAROL, { heartbeat: PING }, { sent: [to(CAROL.link, ANSWER)] })
        .end({}),
    },
    {
      ...mutant('other-cluster', 'ping', 'cluster-other', '5.4.1'),
      title: 'A packet of another cluster is refused.',
      ...known()
        .check(BOB, { heartbeat: PING, cluster: 'other' }, refused('other-cluster'))
        .end(bob),
    },
    {
      ...mutant('own-packet', 'ping', 'sender-is-receiver', '5.4.3'),
      title: 'A packet that names its receiver as the sender is refused.',
      ...known().check(BOB, { heartbeat: PING, sender: ALICE }, refused('own-packet')).end(bob),
    },
  ];
}

function fingerprints(): Draft<'exchange'>[] {
  const other = { range: {}, count: 2, sum: '0102030405060708' };
  const none = { range: {}, count: 0, sum: '0000000000000000' };
  const both = [{ owner: id64(ALICE.owner) }, { owner: id64(BOB.life.owner), version: '1' }];
  const listed = (digest: JsonObject) => ({
    sent: [to(BOB.link, { ...ANSWER, digests: [digest] })],
  });
  return [
    {
      ...head('agree', '11.1.1', 'Nodes that agree are done with the answer.'),
      ...known()
        .check(
          BOB,
          { heartbeat: PING, fingerprints: [sumOf(SELF, BOB.digest())] },
          { sent: [to(BOB.link, ANSWER)], notSent: having(BOB, ['digests', 'fingerprints']) },
        )
        .end(bob),
    },
    {
      ...head('differ', '11.2.1', 'A range of few owners that differs is listed.'),
      alsoSections: ['11.2.3', '10.4.1'],
      ...known()
        .check(
          BOB,
          { heartbeat: PING, fingerprints: [other] },
          listed({ range: '*', owners: both }),
        )
        .end(bob),
    },
    {
      ...head('differ-from-nothing', '11.2.1', 'Who has nothing is told what there is.'),
      ...known()
        .check(
          BOB,
          { heartbeat: PING, fingerprints: [none] },
          listed({ range: null, owners: both }),
        )
        .end(bob),
    },
    {
      ...head('differ-in-range', '11.2.1', 'Of a range its own owners are listed.'),
      alsoSections: ['11.2.3'],
      ...known()
        .check(
          BOB,
          {
            heartbeat: PING,
            fingerprints: [{ ...other, range: { start: BOB.life.owner } }],
          },
          {
            ...listed({ range: { start: id64(BOB.life.owner) }, owners: both.slice(1) }),
            notSent: [to(BOB.link, { digests: [{ owners: both.slice(0, 1) }] })],
          },
        )
        .end(bob),
    },
    {
      ...mutant('differ-by-push', 'differ', 'token-and-echo-missing', '7.3.4'),
      title: 'Of a push fingerprints are not taken.',
      ...known()
        .check(BOB, { heartbeat: PING, fingerprints: [other] }, IGNORED, PUSH)
        .end(bob),
    },
  ];
}

/** A node that knows more owners than it would list. */
function large(): Draft<'exchange'>[] {
  const peers = Object.fromEntries(MANY.map((peer) => [peer.name, seen(peer)]));
  const script = () =>
    known().send(BOB, {
      digests: MANY.map((peer) => peer.digest())
        .sort(byOwner)
        .map((digest) => ({
          range: { start: digest.owner, end: next(digest.owner) },
          owners: [digest],
        })),
      deltas: MANY.map((peer) => peer.log()),
    });
  const few = { range: {}, count: 3, sum: '0102030405060708' };
  const owners = [ALICE, BOB.life, ...MANY.map(({ life }) => life)]
    .map(({ owner }) => owner)
    .sort();
  const [second, last] = [owners[1] as string, owners.at(-1) as string];
  return [
    {
      ...head(
        'many-against-few',
        '11.2.1',
        'Where the other has few owners it is let to list them.',
      ),
      ...script()
        .check(
          BOB,
          { heartbeat: PING, fingerprints: [few] },
          {
            sent: [to(BOB.link, { ...ANSWER, fingerprints: [{ count: owners.length }] })],
            notSent: having(BOB, ['digests']),
          },
        )
        .end({ ...bob, ...peers }),
    },
    {
      ...head('split', '11.2.2', 'A range of many owners is split into parts that cover it.'),
      ...{ level: 'full', features: ['udp', 'split'] },
      alsoSections: ['11.2.3'],
      grade: 'MAY',
      notes: 'A node may split otherwise.',
      ...script()
        .check(
          BOB,
          { heartbeat: PING, fingerprints: [{ ...few, count: 30 }] },
          {
            sent: [
              to(BOB.link, {
                fingerprints: [
                  { range: { start: null, end: id64(second) }, count: 1 },
                  { range: { start: id64(last), end: null }, count: 1 },
                ],
              }),
            ],
          },
        )
        .end({ ...bob, ...peers }),
    },
  ];
}

function lists(): Draft<'exchange'>[] {
  const script = () => known().tell(BOB, CAROL, [value(2, 'a', '1')]);
  const view = { ...bob, carol: seen(CAROL, 2, { a: '1' }) };
  const carol = { digests: [{ owners: [{ owner: id64(CAROL.life.owner), version: '2' }] }] };
  const whole = [SELF, BOB.digest()].sort(byOwner);
  const all = (version: number) => [...whole, CAROL.digest({ version })].sort(byOwner);
  const older = { digests: [{ range: {}, owners: all(1) }] };
  return [
    {
      ...head('knows-more', '11.4.2', 'A list is answered with what is known better.'),
      ...script()
        .check(BOB, older, { sent: [to(BOB.link, carol)] })
        .end(view),
    },
    {
      ...head('list-lacks', '11.4.2', 'Of a range it is answered with what the list lacks.'),
      ...script()
        .check(BOB, { digests: [{ range: {}, owners: whole }] }, { sent: [to(BOB.link, carol)] })
        .end(view),
    },
    {
      ...mutant('partial-lacks', 'list-lacks', 'range-missing', '10.4.1'),
      title: 'What a partial list lacks is not known to be missing.',
      ...script()
        .check(BOB, { digests: [{ owners: whole }] }, IGNORED)
        .end(view),
    },
    {
      ...mutant('knows-as-much', 'knows-more', 'digests-equal', '11.4.2'),
      title: 'A list that says what is known is not answered.',
      ...script()
        .check(BOB, { digests: [{ range: {}, owners: all(2) }] }, IGNORED)
        .end(view),
    },
    {
      ...mutant('knows-more-partial', 'knows-more', 'range-missing', '11.4.2'),
      title: 'A partial list is an answer itself: a higher version is no answer to it.',
      ...script()
        .check(BOB, { digests: [{ owners: all(1) }] }, IGNORED)
        .end(view),
    },
    {
      ...mutant('knows-more-by-push', 'knows-more', 'token-and-echo-missing', '11.4.3'),
      title: 'A list that is pushed is not answered.',
      ...script().check(BOB, older, IGNORED, PUSH).end(view),
    },
  ];
}

function byOwner(one: { owner: string }, other: { owner: string }): number {
  return one.owner < other.owner ? -1 : 1;
}

/** No packet to a peer has any of these fields. */
function having(peer: Peer, fields: string[]) {
  return fields.map((field) => to(peer.link, { [field]: '*' }));
}

function next(owner: string): string {
  return (BigInt(`0x${owner}`) + 1n).toString(16).padStart(16, '0');
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
