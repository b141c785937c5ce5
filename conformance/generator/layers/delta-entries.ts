/** Bodies of entries: what is taken, and what is refused as malformed. */
import type { WireEntry } from '../../../src/wire/packet.js';
import type { Draft } from '../layer-source.js';
import { BOB, rawEntry, said, tombstone, value } from '../node/peer.js';
import { Script, seen, told } from '../node/script.js';

export const ENTRY_MUTATIONS = {
  'version-zero': 'The version of the body is 0.',
  'version-absent': 'The body has no version.',
  'version-too-high': 'The version of the body is 2^53.',
  'version-above-to': 'The version of the body is above the end of the delta.',
  'version-at-from': 'The version of the body is that at which the delta begins.',
  'entries-descending': 'The entries descend.',
  'version-twice': 'Two entries have the same version.',
  'key-too-long': 'The key has 1025 bytes.',
  'key-not-utf8': 'The key is not UTF-8.',
  'content-missing': 'The body has no content.',
  'content-unknown': 'The body has a content that does not exist.',
  'encoding-absent': 'The encoding is absent.',
  'encoding-unknown': 'The encoding is one that does not exist.',
  'type-name-added': 'A payload of JSON has a type name.',
  'type-name-absent': 'A payload of protobuf has no type name.',
  'type-name-too-long': 'The type name has 256 bytes.',
  'stamp-absent': 'There is no stamp.',
  'stamp-zero': 'The time of the stamp is 0.',
  'stamp-too-high': 'The time of the stamp is 2^53.',
  'origin-short': 'The origin has 7 bytes.',
  'origin-zero': 'The origin is zero.',
  'sequence-too-high': 'The number of the event is 2^53.',
  'tombstone-without-stamp': 'The tombstone has no stamp.',
  'body-cut-off': 'The end of the body is missing.',
  'body-of-many-parts': 'The body holds more messages than BODY_PARTS_MAX.',
} as const;

type Mutation = keyof typeof ENTRY_MUTATIONS;

const REFUSED = { result: 'reject', layer: 'delta', error: 'malformed-entry' } as const;
const START = { bob: seen(BOB) };

// Parts of bodies, in hex: version 2 of the key `a`.
const VERSION = '0802';
const KEY = '120161';
const JSON_FORM = '0801';
const STAMP = '1a020802';
const HIGH = '8080808080808010';

export function entryDrafts(): Draft<'delta'>[] {
  return [...taken(), ...wrongVersions(), ...wrongContents(), ...wrongForms(), ...wrongStamps()];
}

function taken(): Draft<'delta'>[] {
  const longest = 'k'.repeat(1024);
  const typed = valueBody(['0803', '1201', '74', STAMP]);
  const adopted = valueBody([JSON_FORM, '1a0c0802', '1208', 'aabbccddeeff0011']);
  const unknown = `${valueBody([JSON_FORM, STAMP, 'a20601ff'])}a20602beef`;
  return [
    good('value', '8.3.2', 'A value with a stamp is taken.', rawEntry(plainBody(), '1'), 'a'),
    good(
      'value-typed',
      '8.3.2',
      'A payload of protobuf has a type name.',
      rawEntry(typed, '1'),
      'a',
    ),
    good('value-adopted', '8.3.2', 'A stamp may have an origin.', rawEntry(adopted, '1'), 'a'),
    good('longest-key', '8.3.2', 'A key may have 1024 bytes.', value(2, longest, '1'), longest),
    good('empty-key', '8.4.1', 'The empty name is a key.', value(2, '', '1'), ''),
    {
      ...good('unknown-fields', '8.3.1', 'Unknown fields of a body are no fault.', {
        ...rawEntry(unknown, '1'),
      }),
      alsoSections: ['5.2.3'],
    },
    good('many-parts', '5.1.5', 'What comes twice is merged, up to BODY_PARTS_MAX messages.', {
      ...rawEntry(VERSION + KEY + plainValue().repeat(8), '1'),
    }),
    good('body-in-other-order', '5.1.1', 'The fields of a body may come in any order.', {
      ...rawEntry(plainValue() + KEY + VERSION, '1'),
    }),
    {
      ...{ id: 'two-values', section: '9.2.8', title: 'Entries ascend within the delta.' },
      ...check(3, [value(2, 'a', '1'), value(3, 'b', '2')], {
        events: [told('set', BOB, 'a', '1'), told('set', BOB, 'b', '2')],
      }).end({ bob: seen(BOB, 3, { a: '1', b: '2' }) }),
    },
    {
      ...{
        id: 'tombstone',
        section: '8.3.2',
        title: 'A tombstone of a key without value is taken.',
      },
      ...check(2, [tombstone(2, 'a')], {}).end({ bob: seen(BOB, 2) }),
    },
  ];
}

function wrongVersions(): Draft<'delta'>[] {
  const [a, b] = [value(2, 'a', '1'), value(3, 'b', '2')];
  return [
    bad('value', 'version-zero', [rawEntry(`0800${KEY}${plainValue()}`, '1')]),
    bad('value', 'version-absent', [rawEntry(`${KEY}${plainValue()}`, '1')]),
    bad('value', 'version-too-high', [rawEntry(`08${HIGH}${KEY}${plainValue()}`, '1')]),
    bad('two-values', 'version-above-to', [a, value(4, 'b', '2')], '9.2.8'),
    bad('two-values', 'version-at-from', [value(1, 'a', '1'), b], '9.2.8'),
    bad('two-values', 'entries-descending', [b, a], '9.2.8'),
    bad('two-values', 'version-twice', [a, value(2, 'b', '2')], '9.2.8'),
  ];
}

function wrongContents(): Draft<'delta'>[] {
  const whole = plainBody();
  return [
    bad('longest-key', 'key-too-long', [value(2, 'k'.repeat(1025), '1')]),
    bad('value', 'key-not-utf8', [rawEntry(`${VERSION}1202c328${plainValue()}`, '1')]),
    bad('value', 'content-missing', [rawEntry(VERSION + KEY, '1')]),
    bad('value', 'content-unknown', [rawEntry(`${VERSION}${KEY}6a00`, '1')]),
    bad('value', 'body-cut-off', [rawEntry(whole.slice(0, -2), '1')]),
    bad('many-parts', 'body-of-many-parts', [
      rawEntry(VERSION + KEY + plainValue().repeat(9), '1'),
    ]),
  ];
}

function wrongForms(): Draft<'delta'>[] {
  const long = `128002${'74'.repeat(256)}`;
  return [
    bad('value', 'encoding-absent', [rawEntry(valueBody([STAMP]), '1')]),
    bad('value', 'encoding-unknown', [rawEntry(valueBody(['0804', STAMP]), '1')]),
    bad('value', 'type-name-added', [rawEntry(valueBody([JSON_FORM, '120174', STAMP]), '1')]),
    bad('value-typed', 'type-name-absent', [rawEntry(valueBody(['0803', STAMP]), '1')]),
    bad('value-typed', 'type-name-too-long', [rawEntry(valueBody(['0803', long, STAMP]), '1')]),
  ];
}

function wrongStamps(): Draft<'delta'>[] {
  const of = (...stamp: string[]) => [rawEntry(valueBody([JSON_FORM, ...stamp]), '1')];
  return [
    bad('value', 'stamp-absent', of()),
    bad('value', 'stamp-zero', of('1a00')),
    bad('value', 'stamp-too-high', of(`1a0908${HIGH}`)),
    bad('value-adopted', 'origin-short', of('1a0b0802', '1207', '01'.repeat(7))),
    bad('value-adopted', 'origin-zero', of('1a0c0802', '1208', '00'.repeat(8))),
    bad('tombstone', 'tombstone-without-stamp', [rawEntry(`${VERSION}${KEY}5a00`)]),
    bad('event', 'sequence-too-high', [said(2, 'lunch', 2 ** 53)]),
  ];
}

// Drafts

function check(toVersion: number, entries: WireEntry[], outcome: Parameters<Script['check']>[2]) {
  const delta = BOB.delta({ from: 1, to: toVersion, asOf: toVersion, entries });
  return new Script().introduce(BOB).check(BOB, { deltas: [delta] }, outcome);
}

function good(id: string, section: string, title: string, entry: WireEntry, key = 'a') {
  const events = [told('set', BOB, key, '1')];
  return {
    id,
    section,
    title,
    ...check(2, [entry], { events }).end({ bob: seen(BOB, 2, { [key]: '1' }) }),
  };
}

function bad(
  mutationOf: string,
  mutation: Mutation,
  entries: WireEntry[],
  section = '8.3.2',
): Draft<'delta'> {
  return {
    ...{ id: `bad-${mutation}`, mutationOf, mutation, section },
    title: `A delta is refused if: ${ENTRY_MUTATIONS[mutation]}`,
    ...check(1 + entries.length, entries, REFUSED).end(START),
  };
}

function plainValue(): string {
  return `52${lengthOf(JSON_FORM + STAMP)}${JSON_FORM}${STAMP}`;
}

function plainBody(): string {
  return VERSION + KEY + plainValue();
}

/** A body whose value is made of these fields. */
function valueBody(fields: readonly string[]): string {
  const whole = fields.join('');
  return `${VERSION}${KEY}52${lengthOf(whole)}${whole}`;
}

/** The length of hex digits' bytes, as a varint. */
function lengthOf(hex: string): string {
  const length = hex.length / 2;
  const bytes = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return Buffer.from(bytes).toString('hex');
}
