/** What a node answers to who asks for logs, and what it pushes. */
import type { JsonObject } from '../../../src/conformance/vectors/upper-layers.js';
import type { Want } from '../../../src/wire/packet.js';
import { fromHex, joined } from '../hex.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, said, tombstone, value } from '../node/peer.js';
import { ALICE, id64, Script, seen, to, told } from '../node/script.js';

export const SERVING_MUTATIONS = {
  'want-not-below': 'The asker shows as much as there is.',
  'want-of-newer-life': 'The asker knows of a newer life.',
  'want-of-unknown': 'Nothing is known of the owner.',
  'want-of-nameless': 'The header of the owner is not known.',
  'want-pushed': 'The packet has neither token nor echo.',
} as const;

type Mutation = keyof typeof SERVING_MUTATIONS;

const IGNORED = { result: 'ignore' } as const;
const bob = { bob: seen(BOB) };
const OWN = id64(ALICE.owner);

export function servingDrafts(): Draft<'exchange'>[] {
  return [...bases(), ...refused(), ...relayed(), ...ending(), ...large(), ...pushes()];
}

/** A node whose log has two keys, at versions 2 and 3. */
function known(): Script {
  return new Script()
    .do({ do: 'set', name: 'a', value: '1' })
    .do({ do: 'set', name: 'b', value: '2' })
    .introduce(BOB);
}

function wants(parts: Partial<Want>): { wants: Want[] } {
  const nothing = { generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
  return { wants: [{ owner: ALICE.owner, ...nothing, ...parts }] };
}

function served(delta: JsonObject, more: JsonObject = {}, link = BOB.link) {
  return to(link, { deltas: [{ owner: OWN, ...delta }], ...more });
}

function payload(text: string): JsonObject {
  return { payload: Buffer.from(text).toString('base64') };
}

const { logId, generation } = ALICE;
const HELD = { logId, generation };

function bases(): Draft<'exchange'>[] {
  const all = {
    from: null,
    to: '3',
    asOf: '3',
    header: '*',
    entries: [payload('1'), payload('2')],
  };
  const digest = { digests: [{ owners: [{ owner: OWN, version: '3' }] }] };
  const last = { from: '2', to: '3', asOf: '3', header: null, entries: [payload('2')] };
  const first = [served({ entries: [payload('1')] })];
  return [
    {
      ...head('serve', '11.6.1', 'What lies above the version of the asker is sent.'),
      alsoSections: ['9.1.1'],
      ...known()
        .check(BOB, wants({ ...HELD, version: 2 }), { sent: [served(last)], notSent: first })
        .end(bob),
    },
    {
      ...head('serve-anew', '11.6.1', 'Who knows no life is sent all, behind the digest.'),
      alsoSections: ['11.6.4', '9.1.4'],
      ...known()
        .check(BOB, wants({}), { sent: [served(all, digest)] })
        .end(bob),
    },
    {
      ...head('serve-older-life', '11.6.1', 'Who knows an older life is sent all of the newer.'),
      ...known()
        .check(BOB, wants({ logId, generation: generation - 1, version: 2 }), {
          sent: [served(all, digest)],
        })
        .end(bob),
    },
    {
      ...head('serve-staged', '11.6.1', 'A transfer is continued where it stands.'),
      ...known()
        .check(BOB, wants({ ...HELD, stagedTo: 2, asOf: 3 }), {
          sent: [served(last)],
          notSent: first,
        })
        .end(bob),
    },
    {
      ...head('serve-staged-of-more', '11.6.1', 'One that is promised more begins again.'),
      ...known()
        .check(BOB, wants({ ...HELD, stagedTo: 2, asOf: 9 }), { sent: [served(all)] })
        .end(bob),
    },
  ];
}

function refused(): Draft<'exchange'>[] {
  const newer = { logId, generation: generation + 1 };
  const digest = to(BOB.link, { digests: [{ owners: [{ owner: OWN }] }] });
  return [
    {
      ...mutant('serve-nothing', 'serve', 'want-not-below', '11.6.1'),
      title: 'Who shows as much is sent nothing.',
      ...known()
        .check(BOB, wants({ ...HELD, version: 3 }), IGNORED)
        .end(bob),
    },
    {
      ...mutant('serve-newer-life', 'serve-older-life', 'want-of-newer-life', '11.6.1'),
      title: 'Who knows of a newer life is sent no delta.',
      ...known()
        .check(BOB, wants(newer), {
          ...IGNORED,
          sent: [digest],
          notSent: [to(BOB.link, { deltas: '*' })],
        })
        .end(bob),
    },
    {
      ...mutant('serve-unknown', 'serve-anew', 'want-of-unknown', '11.6.1'),
      title: 'Of an owner that is not known nothing is sent.',
      ...known()
        .check(BOB, wants({ owner: CAROL.life.owner }), IGNORED)
        .end(bob),
    },
    {
      ...mutant('serve-nameless', 'serve-anew', 'want-of-nameless', '10.2.1'),
      title: 'An owner whose header is not known is not served.',
      alsoSections: ['13.1.8'],
      ...known()
        .send(BOB, { digests: [{ owners: [CAROL.digest()] }] })
        .check(BOB, wants({ owner: CAROL.life.owner }), IGNORED)
        .end(bob),
    },
    {
      ...mutant('serve-push', 'serve', 'want-pushed', '7.3.4'),
      title: 'Of a push no wants are taken.',
      ...known()
        .check(BOB, wants({ ...HELD, version: 2 }), IGNORED, { as: 'push' })
        .end(bob),
    },
  ];
}

/** Logs of others, passed on. */
function relayed(): Draft<'exchange'>[] {
  // Unknown fields, in an order that no encoder has.
  const body = fromHex('a20601ff 52060801 1a020805 120161 0802');
  const header = joined(fromHex('a2060102'), BOB.header());
  const log = BOB.delta({
    ...{ to: 2, asOf: 2, header },
    entries: [{ ...value(2, 'a', '1'), body }],
  });
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const owner = id64(BOB.life.owner);
  const removal = BOB.delta({ from: 3, to: 4, asOf: 4, floor: 3 });
  return [
    {
      ...head('relay-verbatim', '8.3.1', 'Bodies and headers are passed on byte for byte.'),
      alsoSections: ['8.7.1', '5.2.3'],
      ...new Script()
        .greet(BOB)
        .send(BOB, { digests: [{ owners: [BOB.digest({ version: 2 })] }], deltas: [log] })
        .introduce(CAROL)
        .check(CAROL, wants({ owner: BOB.life.owner }), {
          sent: [
            to(CAROL.link, {
              deltas: [{ owner, header: base64(header), entries: [{ body: base64(body) }] }],
            }),
          ],
        })
        .end({ bob: seen(BOB, 2, { a: '1' }), carol: seen(CAROL) }),
    },
    {
      ...head('relay-floor', '8.8.2', 'Tombstones at or below the floor are not passed on.'),
      alsoSections: ['11.6.1'],
      ...new Script()
        .introduce(BOB, [value(2, 'a', '1'), tombstone(3, 'a')])
        .send(BOB, { deltas: [removal] })
        .introduce(CAROL)
        .check(CAROL, wants({ owner: BOB.life.owner, ...lifeOfBob(), version: 2 }), {
          sent: [
            to(CAROL.link, { deltas: [{ owner, from: null, to: '4', floor: '3', entries: null }] }),
          ],
        })
        .end({ bob: seen(BOB, 4), carol: seen(CAROL) }),
    },
  ];
}

function lifeOfBob() {
  return { logId: BOB.life.logId, generation: BOB.life.generation };
}

/** What ends, passed on. */
function ending(): Draft<'exchange'>[] {
  const owner = id64(BOB.life.owner);
  const value1 = value(2, 'a', '1', { remainingMs: 10_000 });
  const script = (afterMs: number) =>
    new Script()
      .introduce(CAROL)
      .introduce(BOB, [value1, said(3, 'lunch', 1, 'null', 10_000)])
      .pause(afterMs);
  const asked = wants({ owner: BOB.life.owner });
  const sent = (delta: JsonObject) => to(CAROL.link, { deltas: [{ owner, ...delta }] });
  return [
    {
      ...head('relay-remaining', '8.2.2', 'What remains is sent less the time that it was held.'),
      ...script(2990)
        .check(CAROL, asked, {
          sent: [sent({ to: '3', entries: [{ remainingMs: '7000', ...payload('1') }] })],
        })
        .end({ bob: seen(BOB, 3, { a: '1' }), carol: seen(CAROL) }),
    },
    {
      ...head('relay-ended', '8.2.3', 'An ended value is sent as such, an ended event not at all.'),
      ...script(20_000)
        .check(CAROL, asked, {
          sent: [sent({ to: '3', entries: [{ remainingMs: '0', payload: null }] })],
          notSent: [sent({ entries: [payload('null')] })],
        })
        .end({ bob: seen(BOB, 3), carol: seen(CAROL) }),
    },
  ];
}

/** Logs that take several packets, or a stream. */
function large(): Draft<'exchange'>[] {
  const text = `"${'x'.repeat(300)}"`;
  const long = `"${'x'.repeat(2000)}"`;
  const many = () => {
    const script = new Script();
    for (let index = 0; index < 8; index++)
      script.do({ do: 'set', name: `k${index}`, value: text });
    return script.introduce(BOB);
  };
  const streamOnly = { family: 4, ip: Uint8Array.of(10, 0, 0, 2), port: 9000 } as const;
  const header = BOB.header({ addresses: [{ ...streamOnly, transport: 'tcp' }] });
  const one = () => new Script().do({ do: 'set', name: 'a', value: long }).introduce(BOB);
  return [
    {
      ...head('serve-many', '11.7.2', 'A delta is cut into packets, the first with the header.'),
      alsoSections: ['2.8', '11.7.1'],
      ...many()
        .check(BOB, wants({}), {
          sent: [
            served({ from: null, asOf: '9', header: '*' }),
            served({ from: '*', asOf: '9', header: null }),
            served({ to: '9' }),
          ],
        })
        .end(bob),
    },
    {
      ...head('serve-too-large', '11.7.3', 'What no datagram holds is not sent by one.'),
      alsoSections: ['9.1.2'],
      ...one()
        .check(BOB, wants({ ...HELD, version: 1 }), {
          sent: [served({ from: '1', to: '1', asOf: '2', entries: null })],
        })
        .end(bob),
    },
    {
      ...head('serve-by-stream', '11.7.4', 'On a confirmed stream an entry of any size is sent.'),
      ...{ alsoSections: ['3.3.3'], features: ['tcp'] },
      ...one()
        .greet(BOB, { link: BOB.stream })
        .check(
          BOB,
          wants({ ...HELD, version: 1 }),
          { sent: [served({ from: '1', to: '2', entries: [payload(long)] }, {}, BOB.stream)] },
          { link: BOB.stream },
        )
        .end(bob),
    },
    {
      ...head('serve-unconfirmed', '3.3.1', 'A stream that is not confirmed has small frames.'),
      ...{ alsoSections: ['3.3.4', '11.6.5', '11.7.3'], features: ['tcp'] },
      ...new Script()
        .introduce(CAROL)
        .send(CAROL, {
          digests: [{ owners: [BOB.digest()] }],
          deltas: [BOB.delta({ header })],
        })
        .do({ do: 'set', name: 'a', value: long })
        .check(
          BOB,
          wants({ ...HELD, version: 1 }),
          {
            sent: [
              to(BOB.stream, { heartbeat: { ping: '*' } }),
              served({ from: '1', to: '1', asOf: '2', entries: null }, {}, BOB.stream),
            ],
            notSent: [to(BOB.stream, { deltas: [{ entries: '*' }] })],
            events: [told('contact', BOB)],
          },
          { link: BOB.stream, answer: true },
        )
        .end({ ...bob, carol: seen(CAROL) }),
    },
  ];
}

function pushes(): Draft<'exchange'>[] {
  const set = (text: string) => ({ do: 'set', name: 'a', value: text }) as const;
  const delta = { from: '1', to: '2', asOf: '2', entries: [payload('1')] };
  const push = { token: null, echo: null };
  return [
    {
      ...head('push', '12.1.1', 'A change is pushed at once, without token and echo.'),
      alsoSections: ['7.1.1', '12.1.3'],
      ...new Script()
        .introduce(BOB)
        .checkDo(set('1'), { sent: [served(delta, push)] })
        .checkAfter(100)
        .end(bob),
    },
    {
      ...head('push-announced', '12.3.1', 'A large change is announced by its digest.'),
      ...new Script()
        .introduce(BOB)
        .checkDo(set(`"${'x'.repeat(1023)}"`), {
          sent: [to(BOB.link, { ...push, digests: [{ owners: [{ owner: OWN, version: '2' }] }] })],
          notSent: [to(BOB.link, { deltas: '*' })],
        })
        .checkAfter(100)
        .end(bob),
    },
    {
      ...head(
        'push-unproven',
        '12.1.6',
        'An address that has not proven itself is pinged instead.',
      ),
      ...new Script()
        .introduce(CAROL)
        .tell(CAROL, BOB)
        .checkDo(set('1'), {
          sent: [to(CAROL.link, { ...push, deltas: '*' })],
          notSent: [to(BOB.link, { deltas: '*' })],
        })
        .checkAfter(100)
        .end({ ...bob, carol: seen(CAROL) }),
    },
    {
      ...head('push-of-deletion', '12.1.3', 'Changes made at once travel together.'),
      ...new Script()
        .introduce(BOB)
        .checkDo(set('1'))
        .checkDo(
          { do: 'delete', name: 'a' },
          { sent: [served({ to: '3', entries: [{ payload: null }] })] },
        )
        .checkAfter(100)
        .end(bob),
    },
  ].map((draft) => ({ ...draft, level: 'full' as const, features: ['udp', 'push'] as const }));
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
