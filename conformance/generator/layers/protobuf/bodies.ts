/** Bodies of entries (PROTOCOL.md, "Bodies"). */
import { encodeEntryBody } from '../../../../src/wire/entry-body.js';
import { INTEGER_MAX, KEY_BYTES_MAX, TYPE_NAME_BYTES_MAX } from '../../../../src/wire/limits.js';
import type { EntryBody } from '../../../../src/wire/packet.js';
import { fromHex, joined, utf8 } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import { ALICE } from '../../samples.js';
import { id, len, num } from '../../wire.js';
import { refusedPart, taken } from './draft.js';
import type { Mutation } from './mutations.js';

export function bodies(): Draft<'protobuf'>[] {
  return [...written(), ...encoded(), ...wrong().map(refused)];
}

const VERSION = num(1, 8);
const NAME = len(2, utf8('colour'));
const JSON_ENCODING = 1;
const STAMP = num(1, 5);

function written(): Draft<'protobuf'>[] {
  const value = { kind: 'value', encoding: 1, typeName: '', stamp: { time: 5 } } as const;
  const say = { kind: 'say', sequence: 1, encoding: 1, typeName: '' } as const;
  const stamp = { time: 6, origin: ALICE.owner };
  const of = (
    name: string,
    section: string,
    title: string,
    { version = 8, name: key = 'colour', content = value }: Partial<EntryBody>,
  ) => {
    const bytes = encodeEntryBody({ version, name: key, content });
    return taken('EntryBody', name, section, title, bytes, { sameBytes: true });
  };
  const longest = 'k'.repeat(KEY_BYTES_MAX);
  const typeName = 't'.repeat(TYPE_NAME_BYTES_MAX);
  const ofType = { ...value, encoding: 3, typeName } as const;
  return [
    of('body-value', '8.4.1', 'A value has an encoding and a stamp.', {}),
    of('body-name-empty', '8.4.1', 'The empty name is a key as any other.', { name: '' }),
    of('body-name-longest', '8.3.2', 'A name may have 1024 bytes.', { name: longest }),
    of('body-version-highest', '8.3.2', 'A version may be 2^53 - 1.', { version: INTEGER_MAX }),
    of('body-bytes', '8.3.3', 'A payload may be plain bytes.', {
      content: { ...value, encoding: 2 },
    }),
    of('body-protobuf', '8.3.3', 'A protobuf payload has a type name.', { content: ofType }),
    of('body-origin', '8.4.2', 'A stamp may state its origin.', { content: { ...value, stamp } }),
    of('body-stamp-highest', '8.4.2', 'A stamp may be 2^53 - 1.', {
      content: { ...value, stamp: { time: INTEGER_MAX } },
    }),
    of('body-tombstone', '8.5.1', 'A tombstone has a stamp.', {
      ...{ version: 300, content: { kind: 'tombstone', stamp } },
    }),
    of('body-say', '8.6.2', 'An event has a sequence.', {
      version: 9,
      name: 'hello',
      content: say,
    }),
    of('body-sequence-highest', '8.6.2', 'A sequence may be 2^53 - 1.', {
      content: { ...say, sequence: INTEGER_MAX },
    }),
  ];
}

function encoded(): Draft<'protobuf'>[] {
  const value = (...fields: Uint8Array[]) => len(10, ...fields);
  const whole = value(num(1, JSON_ENCODING), len(3, STAMP));
  const say = len(12, num(1, 1), num(2, 1));
  const unknown = len(77, fromHex('ff'));
  const of = (name: string, section: string, title: string, ...fields: Uint8Array[]) =>
    taken('EntryBody', name, section, title, joined(...fields));
  const sixteen = Array.from({ length: 15 }, () => value(num(1, JSON_ENCODING)));
  return [
    of('body-content-first', '8.3.2', 'The content may stand first.', whole, NAME, VERSION),
    {
      ...of('body-content-twice', '8.3.2', 'Of two contents the last counts.', VERSION, say, whole),
      alsoSections: ['5.1.5'],
    },
    {
      ...of(
        'body-content-merged',
        '8.3.2',
        'One content that comes twice is merged.',
        ...[VERSION, NAME, value(len(3, STAMP)), value(num(1, JSON_ENCODING))],
      ),
      alsoSections: ['5.1.5'],
    },
    {
      ...of(
        'body-parts-most',
        '8.3.1',
        'A body may hold 16 messages.',
        VERSION,
        ...[...sixteen.slice(1), whole],
      ),
      notes: 'They are 15 values, which are merged, and a stamp.',
    },
    of(
      'body-unknown-fields',
      '8.3.1',
      'Unknown fields of a body are ignored.',
      ...[unknown, VERSION, NAME, value(num(1, 1), unknown, len(3, STAMP, unknown)), unknown],
    ),
  ];
}

type Row = [name: string, mutationOf: string, mutation: Mutation, bytes: Uint8Array];

function refused([name, of, by, bytes]: Row): Draft<'protobuf'> {
  const title = 'A body that is none has its delta refused.';
  return refusedPart('EntryBody', `body-${name}`, `body-${of}`, by, title, bytes);
}

function wrong(): Row[] {
  const body = (...fields: Uint8Array[]) => joined(VERSION, NAME, len(10, ...fields));
  const typed = (...fields: Uint8Array[]) => body(...fields, len(3, STAMP));
  const stamped = (...fields: Uint8Array[]) => body(num(1, 1), len(3, ...fields));
  const versioned = (...fields: Uint8Array[]) =>
    joined(...fields, NAME, len(10, num(1, 1), len(3, STAMP)));
  const said = (...fields: Uint8Array[]) => joined(VERSION, NAME, len(12, ...fields));
  const typeName = (length: number) => len(2, utf8('t'.repeat(length)));
  const good = typed(num(1, 1));
  const many = Array.from({ length: 15 }, () => len(10, num(1, 1)));
  return [
    ['cut', 'value', 'cut-off', good.subarray(0, -1)],
    ['cut-to-nothing', 'value', 'cut-off', new Uint8Array(0)],
    ['zero-behind', 'value', 'zero-byte-behind', joined(good, fromHex('00'))],
    ['version-absent', 'value', 'number-absent', versioned()],
    ['version-zero', 'value', 'number-absent', versioned(num(1, 0))],
    ['version-2-53', 'version-highest', 'integer-above', versioned(num(1, 2n ** 53n))],
    ['name-long', 'name-longest', 'too-long', long(KEY_BYTES_MAX + 1)],
    [
      'name-long-bytes',
      'name-longest',
      'too-long',
      joined(
        VERSION,
        len(2, utf8('\u20ac'.repeat(342))),
        good.subarray(VERSION.length + NAME.length),
      ),
    ],
    [
      'name-not-text',
      'value',
      'text-not-utf8',
      joined(VERSION, len(2, fromHex('ff')), good.subarray(VERSION.length + NAME.length)),
    ],
    ['content-absent', 'value', 'content-absent', joined(VERSION, NAME)],
    ['content-unknown', 'value', 'content-absent', joined(VERSION, NAME, len(13, num(1, 1)))],
    ['parts-17', 'parts-most', 'parts-added', joined(VERSION, ...many, len(10, len(3, STAMP)))],
    ['encoding-absent', 'value', 'enum-absent', typed()],
    ['encoding-4', 'value', 'enum-unknown', typed(num(1, 4))],
    ['say-encoding-4', 'say', 'enum-unknown', said(num(1, 1), num(2, 4))],
    ['type-with-json', 'value', 'type-name-astray', typed(num(1, 1), typeName(3))],
    ['type-with-bytes', 'bytes', 'type-name-astray', typed(num(1, 2), typeName(3))],
    ['type-absent', 'protobuf', 'type-name-astray', typed(num(1, 3))],
    ['type-long', 'protobuf', 'too-long', typed(num(1, 3), typeName(TYPE_NAME_BYTES_MAX + 1))],
    ['stamp-absent', 'value', 'stamp-absent', body(num(1, 1))],
    ['tombstone-stamp-absent', 'tombstone', 'stamp-absent', joined(VERSION, NAME, len(11))],
    ['stamp-zero', 'value', 'number-absent', stamped()],
    ['stamp-2-53', 'stamp-highest', 'integer-above', stamped(num(1, 2n ** 53n))],
    ['origin-of-7-bytes', 'origin', 'id-length', stamped(STAMP, id(2, ALICE.owner.slice(2)))],
    ['origin-zero', 'origin', 'owner-zero', stamped(STAMP, id(2, '0000000000000000'))],
    ['sequence-absent', 'say', 'number-absent', said(num(2, 1))],
    ['sequence-2-53', 'sequence-highest', 'integer-above', said(num(1, 2n ** 53n), num(2, 1))],
    ['stamp-as-number', 'value', 'wire-type-other', body(num(1, 1), num(3, 5))],
  ];
}

function long(length: number): Uint8Array {
  const content = len(10, num(1, JSON_ENCODING), len(3, STAMP));
  return joined(VERSION, len(2, utf8('k'.repeat(length))), content);
}
