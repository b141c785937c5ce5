/** Parts of transfers: which are joined, and when something is shown. */
import type { Delta } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, NOTHING, value } from '../node/peer.js';
import { ALICE, id64, type Outcome, Script, seen, to, told } from '../node/script.js';

export const STAGING_MUTATIONS = {
  'part-missing': 'The last part of the transfer has not come.',
  'from-above': 'The delta begins above what is held.',
  'from-not-zero': 'A transfer that is to be complete does not begin at 0.',
  'delta-twice': 'The delta comes a second time.',
  'as-of-lower': 'The next part is of a sender that shows less.',
  'floor-raised': 'The next part is of a sender that has collected tombstones.',
  'too-soon': 'The transfer that is to give way has made progress just now.',
  'generation-lower': 'The delta is of an older generation.',
  'generation-higher': 'The delta is of a generation that is not known yet.',
  'log-id-lower': 'The delta is of the same generation and a lower log id.',
  'owner-unknown': 'Nothing is known of the owner of the delta.',
  'owner-is-receiver': 'The delta is of the log of the receiver.',
  'feature-unknown': 'The delta needs a feature that does not exist.',
  'header-missing': 'The header has not come.',
} as const;

type Mutation = keyof typeof STAGING_MUTATIONS;

const IGNORED = { result: 'ignore' } as const;
/** STALLED_AFTER_MS is 10000 at most, and 500 at least. */
const STALLED_MS = 10_100;
const RUNNING_MS = 300;

const A = value(2, 'a', '1');
const B = value(3, 'b', '2');
const C = value(5, 'c', '3');
const SET_A = told('set', BOB, 'a', '1');
const SET_B = told('set', BOB, 'b', '2');
const SET_C = told('set', BOB, 'c', '3');
const START = { bob: seen(BOB) };
const SHOWN = { bob: seen(BOB, 3, { a: '1', b: '2' }) };

export function stagingDrafts(): Draft<'delta'>[] {
  return [...single(), ...refused(), ...parts(), ...mixed(), ...complete(), ...headers()];
}

/** A node that shows version 1 of bob's log. */
function known(): Script {
  return new Script().introduce(BOB);
}

function part(from: number, toVersion: number, asOf: number, parts: Partial<Delta> = {}): Delta {
  return BOB.delta({ from, to: toVersion, asOf, ...parts });
}

const WHOLE = part(1, 3, 3, { entries: [A, B] });
const FIRST = part(1, 2, 3, { entries: [A] });
const SECOND = part(2, 3, 3, { entries: [B] });

function single(): Draft<'delta'>[] {
  const want = to(BOB.link, { wants: [{ owner: id64(BOB.life.owner), version: '1' }] });
  return [
    {
      ...head('one-part', '9.4.1', 'What is complete is shown, in the order of the versions.'),
      ...known()
        .check(BOB, { deltas: [WHOLE] }, { events: [SET_A, SET_B] })
        .end(SHOWN),
    },
    {
      ...mutant('part-missing', 'one-part', 'part-missing', '9.3.1'),
      title: 'Of a transfer that is not complete nothing is shown.',
      ...known()
        .check(BOB, { deltas: [FIRST] }, IGNORED)
        .end(START),
    },
    {
      ...mutant('gap', 'one-part', 'from-above', '9.5.1'),
      title: 'What comes above a gap is not shown; after a moment the log is asked for.',
      ...known()
        .check(BOB, { deltas: [SECOND] }, { ...IGNORED, sent: [want] })
        .checkAfter(700)
        .end(START),
    },
    {
      ...mutant('twice', 'one-part', 'delta-twice', '9.3.3'),
      title: 'What is shown already is not told again.',
      ...known()
        .check(BOB, { deltas: [WHOLE] }, { events: [SET_A, SET_B] })
        .check(BOB, { deltas: [WHOLE] }, IGNORED)
        .end(SHOWN),
    },
  ];
}

function refused(): Draft<'delta'>[] {
  const { generation } = BOB.life;
  const rejected = (error: string): Outcome => ({ result: 'reject', layer: 'delta', error });
  // The reason is one of packets, and stands for the delta here.
  const unknown = { result: 'reject', layer: 'packet', error: 'unknown-feature' } as const;
  const entries = [A, B];
  const of = (parts: Partial<Delta>, outcome: Outcome) =>
    known()
      .check(BOB, { deltas: [{ ...WHOLE, ...parts }] }, outcome)
      .end(START);
  return [
    {
      ...mutant('older-life', 'one-part', 'generation-lower', '9.2.2'),
      title: 'A delta of an older generation is refused.',
      ...of({ generation: generation - 1 }, rejected('old-generation')),
    },
    {
      ...mutant('newer-life', 'one-part', 'generation-higher', '9.2.2'),
      title: 'A delta of a generation that is not known is refused.',
      ...of({ generation: generation + 1 }, rejected('unknown-owner')),
    },
    {
      ...mutant('lower-log-id', 'one-part', 'log-id-lower', '9.2.2'),
      title: 'A delta of a lower log id is refused as older.',
      alsoSections: ['6.2.2'],
      ...of({ logId: '0000000000000001' }, rejected('old-generation')),
    },
    {
      ...mutant('unknown-owner', 'one-part', 'owner-unknown', '9.2.2'),
      title: 'A delta of an owner that is not known is refused.',
      ...of({ ...CAROL.life }, rejected('unknown-owner')),
    },
    {
      ...mutant('own-log', 'one-part', 'owner-is-receiver', '9.2.1'),
      title: 'Nobody takes entries of its own log.',
      alsoSections: ['6.3.8'],
      ...of({ ...ALICE, from: 0, to: 9, asOf: 9, entries }, IGNORED),
    },
    {
      ...mutant('unknown-feature', 'one-part', 'feature-unknown', '9.2.4'),
      title: 'A delta that needs an unknown feature is refused.',
      alsoSections: ['5.2.2'],
      ...of({ requiredFeatures: 1 }, unknown),
    },
    {
      ...mutant('refused-owner', 'one-part', 'feature-unknown', '9.2.5'),
      title: 'Once it has needed an unknown feature, deltas of the log are refused.',
      alsoSections: ['9.6.2'],
      ...known()
        .check(BOB, { deltas: [{ ...WHOLE, requiredFeatures: 1 }] }, unknown)
        .check(BOB, { deltas: [WHOLE] }, rejected('owner-refused'))
        .end(START),
    },
  ];
}

function parts(): Draft<'delta'>[] {
  const beginning = part(1, 2, 5, { entries: [A] });
  const rest = part(2, 5, 5, { entries: [B, C] });
  const all = { bob: seen(BOB, 5, { a: '1', b: '2', c: '3' }) };
  return [
    {
      ...head('two-parts', '9.3.3', 'The parts of a transfer are shown together.'),
      alsoSections: ['9.3.1'],
      ...known()
        .check(BOB, { deltas: [beginning] })
        .check(BOB, { deltas: [rest] }, { events: [SET_A, SET_B, SET_C] })
        .end(all),
    },
    {
      ...mutant('continued-by-less', 'two-parts', 'as-of-lower', '9.3.4'),
      title: 'A sender that shows less than the transfer was promised cannot continue it.',
      ...known()
        .check(BOB, { deltas: [beginning] })
        .check(BOB, { deltas: [part(2, 3, 3, { entries: [B] })] }, IGNORED)
        .end(START),
    },
    {
      ...mutant('continued-with-floor', 'two-parts', 'floor-raised', '9.3.4'),
      title: 'A sender whose floor is higher than the base cannot continue a transfer.',
      ...known()
        .check(BOB, { deltas: [beginning] })
        .check(BOB, { deltas: [{ ...rest, floor: 4 }] }, IGNORED)
        .end(START),
    },
    {
      ...mutant('first-part-twice', 'two-parts', 'delta-twice', '9.3.3'),
      title: 'A part that comes twice is not the next.',
      ...known()
        .check(BOB, { deltas: [beginning] })
        .check(BOB, { deltas: [beginning] }, IGNORED)
        .end(START),
    },
    {
      ...head('overlapping-parts', '9.3.3', 'Of parts that overlap each entry is taken once.'),
      ...known()
        .check(BOB, { deltas: [FIRST] })
        .check(BOB, { deltas: [WHOLE] }, { events: [SET_A, SET_B] })
        .end(SHOWN),
    },
    {
      ...head('part-below-version', '9.3.3', 'Of a delta from below only what is new is taken.'),
      ...known()
        .send(BOB, { deltas: [part(1, 2, 2, { entries: [A] })] })
        .check(BOB, { deltas: [part(0, 3, 3, { entries: [A, B] })] }, { events: [SET_B] })
        .end(SHOWN),
    },
  ];
}

/** Transfers that other senders go on with, and such as have come to a stop. */
function mixed(): Draft<'delta'>[] {
  const stuck = part(1, 2, 9, { entries: [A] });
  const later = value(6, 'b', '4');
  return [
    {
      ...head('continued-by-other', '9.3.4', 'One that shows more may continue a transfer.'),
      ...known()
        .introduce(CAROL)
        .check(BOB, { deltas: [FIRST] })
        .check(
          CAROL,
          { deltas: [part(2, 6, 6, { entries: [C, later] })] },
          { events: [SET_A, SET_C, told('set', BOB, 'b', '4')] },
        )
        .end({ bob: seen(BOB, 6, { a: '1', c: '3', b: '4' }), carol: seen(CAROL) }),
    },
    {
      ...head('stalled', '9.3.3', 'A transfer that has come to a stop gives way to another.'),
      ...known()
        .check(BOB, { deltas: [stuck] })
        .pause(STALLED_MS)
        .check(BOB, { deltas: [WHOLE] }, { events: [SET_A, SET_B] })
        .end(SHOWN),
    },
    {
      ...mutant('not-stalled', 'stalled', 'too-soon', '9.3.3'),
      title: 'A transfer that has just made progress gives way to none that reaches less far.',
      ...known()
        .check(BOB, { deltas: [stuck] })
        .pause(RUNNING_MS)
        .check(BOB, { deltas: [WHOLE] }, IGNORED)
        .end(START),
    },
    {
      ...head('gap-closed', '9.5.1', 'What has come too early is taken when the gap is closed.'),
      grade: 'SHOULD',
      ...known()
        .check(BOB, { deltas: [SECOND] })
        .check(BOB, { deltas: [FIRST] }, { events: [SET_A, SET_B] })
        .end(SHOWN),
    },
  ];
}

/** Transfers from 0, since the floor is above what is shown. */
function complete(): Draft<'delta'>[] {
  const entries = [value(7, 'b', '5'), value(8, 'd', '6')];
  const whole = part(0, 9, 9, { floor: 5, header: BOB.header(), entries });
  const both = () => new Script().introduce(BOB, [A, B]);
  const before = { bob: seen(BOB, 3, { a: '1', b: '2' }) };
  return [
    {
      ...head('complete', '9.4.1', 'What a complete transfer lacks is gone.'),
      alsoSections: ['8.1.2'],
      ...both()
        .check(
          BOB,
          { deltas: [whole] },
          {
            events: [
              told('deleted', BOB, 'a'),
              told('set', BOB, 'b', '5'),
              told('set', BOB, 'd', '6'),
            ],
          },
        )
        .end({ bob: seen(BOB, 9, { b: '5', d: '6' }) }),
    },
    {
      ...mutant('floor-above', 'complete', 'from-not-zero', '9.3.3'),
      title: 'Under a floor above what is shown only a transfer from 0 will do.',
      ...both()
        .check(BOB, { deltas: [{ ...whole, from: 1, header: NOTHING }] }, IGNORED)
        .end(before),
    },
    {
      ...mutant('complete-in-part', 'complete', 'part-missing', '9.3.1'),
      title: 'Nothing is gone before the whole of a complete transfer is there.',
      ...both()
        .check(BOB, { deltas: [{ ...whole, to: 7, entries: entries.slice(0, 1) }] }, IGNORED)
        .end(before),
    },
  ];
}

/** Nothing is shown before the header is there. */
function headers(): Draft<'delta'>[] {
  const claimed = () =>
    new Script().greet(BOB).send(BOB, { digests: [{ owners: [BOB.digest({ version: 2 })] }] });
  const log = BOB.log([A]);
  const events = [told('new', BOB), told('alive', BOB), SET_A];
  const bob = { bob: seen(BOB, 2, { a: '1' }) };
  return [
    {
      ...head('header-and-entries', '9.1.4', 'With its header a log is shown.'),
      ...claimed()
        .check(BOB, { deltas: [log] }, { events })
        .end(bob),
    },
    {
      ...mutant('header-missing', 'header-and-entries', 'header-missing', '9.1.4'),
      title: 'Without its header nothing of a log is shown.',
      ...claimed()
        .check(BOB, { deltas: [{ ...log, header: NOTHING }] }, IGNORED)
        .end({}),
    },
    {
      ...head('header-later', '9.3.6', 'A header that comes later completes the transfer.'),
      ...claimed()
        .check(BOB, { deltas: [{ ...log, header: NOTHING }] })
        .check(BOB, { deltas: [{ ...log, to: 0, entries: [] }] }, { events })
        .end(bob),
    },
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
