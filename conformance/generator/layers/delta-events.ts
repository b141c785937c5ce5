/** What the application is told: values, deletions, what ends, and events, each once. */
import type { Delta, WireEntry } from '../../../src/wire/packet.js';
import { utf8 } from '../hex.js';
import type { Draft } from '../layer-source.js';
import { BOB, Peer, said, tombstone, value } from '../node/peer.js';
import { Script, seen, told } from '../node/script.js';

export const EVENT_MUTATIONS = {
  'tombstone-with-payload': 'The tombstone has a payload.',
  'tombstone-that-ends': 'The tombstone has a remaining time.',
  'event-without-end': 'The event has no remaining time.',
  'event-ended': 'The event has no time left.',
  'sequence-zero': 'The event has the number 0.',
} as const;

type Mutation = keyof typeof EVENT_MUTATIONS;

const REFUSED = { result: 'reject', layer: 'delta', error: 'malformed-entry' } as const;
const START = { bob: seen(BOB) };
const A = value(2, 'a', '1');
const SET_A = told('set', BOB, 'a', '1');
const LUNCH = said(2, 'lunch', 1, '"soup"');
const HEARD_LUNCH = told('heard', BOB, 'lunch', '"soup"');

export function eventDrafts(): Draft<'delta'>[] {
  return [...keys(), ...ends(), ...events(), ...lives(), ...wrong()];
}

function known(entries: readonly WireEntry[] = []): Script {
  return new Script().introduce(BOB, entries);
}

function part(from: number, toVersion: number, entries: WireEntry[]): Delta {
  return BOB.delta({ from, to: toVersion, asOf: toVersion, entries });
}

function keys(): Draft<'delta'>[] {
  const [first, rest] = [
    BOB.delta({ from: 1, to: 2, asOf: 3, entries: [A] }),
    BOB.delta({ from: 2, to: 4, asOf: 4, entries: [tombstone(4, 'a')] }),
  ];
  return [
    {
      ...head('deletion', '8.5.1', 'A tombstone deletes the value of its key.'),
      ...known([A])
        .check(
          BOB,
          { deltas: [part(2, 3, [tombstone(3, 'a')])] },
          { events: [told('deleted', BOB, 'a')] },
        )
        .end({ bob: seen(BOB, 3) }),
    },
    {
      ...head('replaced', '8.4.1', 'A value replaces that of its key.'),
      ...known([A])
        .check(
          BOB,
          { deltas: [part(2, 3, [value(3, 'a', '2')])] },
          { events: [told('set', BOB, 'a', '2')] },
        )
        .end({ bob: seen(BOB, 3, { a: '2' }) }),
    },
    {
      ...head('set-and-deleted', '9.4.2', 'A key set and deleted in one transfer is told as both.'),
      ...known()
        .check(BOB, { deltas: [first] })
        .check(BOB, { deltas: [rest] }, { events: [SET_A, told('deleted', BOB, 'a')] })
        .end({ bob: seen(BOB, 4) }),
    },
    {
      ...head('unreadable', '8.3.3', 'A payload that the application cannot read is taken.'),
      ...known()
        .check(
          BOB,
          { deltas: [part(1, 2, [value(2, 'a', '{')])] },
          { events: [told('set', BOB, 'a', '{')] },
        )
        .end({ bob: seen(BOB, 2, { a: '{' }) }),
    },
  ];
}

function ends(): Draft<'delta'>[] {
  const short = value(2, 'a', '1', { remainingMs: 300 });
  const gone = value(3, 'a', '', { remainingMs: 0 });
  const staged = BOB.delta({ from: 1, to: 2, asOf: 3, entries: [short] });
  const rest = BOB.delta({ from: 2, to: 3, asOf: 3, entries: [value(3, 'b', '2')] });
  return [
    {
      ...head('ends', '8.5.2', 'A value whose time has ended is hidden.'),
      ...known()
        .check(BOB, { deltas: [part(1, 2, [short])] }, { events: [SET_A] })
        .checkAfter(250, { events: [told('expired', BOB, 'a', '1')] })
        .checkAfter(100)
        .end({ bob: seen(BOB, 2) }),
    },
    {
      ...head('ended', '8.2.3', 'A value that has ended counts as a tombstone.'),
      ...known([A])
        .check(BOB, { deltas: [part(2, 3, [gone])] }, { events: [told('deleted', BOB, 'a')] })
        .end({ bob: seen(BOB, 3) }),
    },
    {
      ...head('ended-in-staging', '9.4.3', 'A value that ends before it is shown is not told.'),
      ...known()
        .check(BOB, { deltas: [staged] })
        .pause(400)
        .check(BOB, { deltas: [rest] }, { events: [told('set', BOB, 'b', '2')] })
        .end({ bob: seen(BOB, 3, { b: '2' }) }),
    },
  ];
}

function events(): Draft<'delta'>[] {
  const dinner = said(4, 'dinner', 2);
  const short = said(2, 'lunch', 1, '"soup"', 300);
  const staged = BOB.delta({ from: 1, to: 2, asOf: 3, entries: [short] });
  const rest = BOB.delta({ from: 2, to: 3, asOf: 3, entries: [value(3, 'a', '1')] });
  return [
    {
      ...head('event', '8.6.2', 'An event fires once it is shown.'),
      ...known()
        .check(BOB, { deltas: [part(1, 2, [LUNCH])] }, { events: [HEARD_LUNCH] })
        .end({ bob: seen(BOB, 2) }),
    },
    {
      ...head('events-in-order', '8.6.3', 'Events fire in the order of the log, among its values.'),
      ...known()
        .check(
          BOB,
          { deltas: [part(1, 4, [LUNCH, value(3, 'a', '1'), dinner])] },
          { events: [HEARD_LUNCH, SET_A, told('heard', BOB, 'dinner', 'null')] },
        )
        .end({ bob: seen(BOB, 4, { a: '1' }) }),
    },
    {
      ...head('event-number-again', '8.6.2', 'An event whose number has fired does not fire.'),
      ...known([LUNCH])
        .check(BOB, { deltas: [part(2, 3, [said(3, 'lunch', 1, '"stew"')])] })
        .end({ bob: seen(BOB, 3) }),
    },
    {
      ...head('event-ended-in-staging', '9.4.3', 'An event that ends before it is shown is lost.'),
      ...known()
        .check(BOB, { deltas: [staged] })
        .pause(400)
        .check(BOB, { deltas: [rest] }, { events: [SET_A] })
        .end({ bob: seen(BOB, 3, { a: '1' }) }),
    },
  ];
}

/** The log of another generation, or of another log id. */
function lives(): Draft<'delta'>[] {
  const raised = { ...BOB.life, generation: BOB.life.generation + 1 };
  const again = new Peer('bob', 2, 1);
  const digest = (life: typeof raised, version: number) => ({
    digests: [{ owners: [BOB.digest({ ...life, version })] }],
  });
  const [one, two] = [value(2, 'a', '1'), value(3, 'b', '2')];
  return [
    {
      ...head('raised-generation', '9.4.2', 'Values written anew are not told again.'),
      alsoSections: ['6.2.3'],
      ...known([one, two])
        .check(
          BOB,
          {
            ...digest(raised, 3),
            deltas: [BOB.log([value(2, 'b', '2', {}, { time: 3 }), value(3, 'a', '3')], raised)],
          },
          { events: [told('set', BOB, 'a', '3')] },
        )
        .end({ bob: seen(BOB, 3, { b: '2', a: '3' }, { generation: raised.generation }) }),
    },
    {
      ...head('raised-and-lacking', '9.4.1', 'What the log written anew lacks is deleted.'),
      ...known([one, value(3, 'b', '2')])
        .check(
          BOB,
          { ...digest(raised, 2), deltas: [BOB.log([one], raised)] },
          { events: [told('deleted', BOB, 'b')] },
        )
        .end({ bob: seen(BOB, 2, { a: '1' }, { generation: raised.generation }) }),
    },
    {
      ...head('events-of-raised', '8.6.2', 'Events said anew do not fire again, later ones do.'),
      ...known([LUNCH])
        .check(
          BOB,
          { ...digest(raised, 3), deltas: [BOB.log([LUNCH, said(3, 'tea', 2)], raised)] },
          { events: [told('heard', BOB, 'tea', 'null')] },
        )
        .end({ bob: seen(BOB, 3, {}, { generation: raised.generation }) }),
    },
    {
      ...head('events-of-new-log', '8.6.3', 'A new log id numbers its events from 1.'),
      notes:
        'Whether the end of a life is told as such, if the next one lives, is a matter of taste.',
      ...known([LUNCH])
        .check(
          again,
          {
            digests: [{ owners: [again.digest({ version: 2 })] }],
            deltas: [again.log([LUNCH])],
          },
          { events: [told('down', BOB), told('alive', BOB), HEARD_LUNCH] },
        )
        .end({ bob: seen(again, 2) }),
    },
  ];
}

function wrong(): Draft<'delta'>[] {
  const { remainingMs: _remainingMs, ...endless } = LUNCH;
  const of = (
    id: string,
    mutationOf: string,
    mutation: Mutation,
    section: string,
    entry: WireEntry,
  ) => ({
    ...{ id, mutationOf, mutation, section },
    title: `A delta is refused if: ${EVENT_MUTATIONS[mutation]}`,
    ...known([])
      .check(BOB, { deltas: [part(1, 3, [entry])] }, REFUSED)
      .end(START),
  });
  const removal = tombstone(3, 'a');
  const paid = { ...removal, payload: utf8('1') };
  return [
    of('tombstone-with-payload', 'deletion', 'tombstone-with-payload', '8.5.1', paid),
    of('tombstone-that-ends', 'deletion', 'tombstone-that-ends', '8.5.1', {
      ...removal,
      remainingMs: 1000,
    }),
    of('event-without-end', 'event', 'event-without-end', '9.2.8', endless),
    of('event-ended', 'event', 'event-ended', '8.2.3', { ...LUNCH, remainingMs: 0 }),
    of('event-without-number', 'event', 'sequence-zero', '8.3.2', said(2, 'lunch', 0)),
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}
