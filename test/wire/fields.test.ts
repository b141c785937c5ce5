import test from 'ava';
import * as fc from 'fast-check';
import { encodePacket } from '../../src/wire/codec.js';
import type { Field, FieldValue } from '../../src/wire/fields.js';
import { packetFields } from '../../src/wire/fields.js';
import { entryBodyToJson, ownerHeaderToJson, packetFromJson } from '../../src/wire/json.js';
import { packet } from './arbitraries.js';
import { checkProperty } from './property.js';

function read(hex: string) {
  return packetFields(new Uint8Array(Buffer.from(hex, 'hex')));
}

function shown({ name, start, end, value }: Field): string {
  return `${name} ${start}-${end} ${valueText(value)}`;
}

function valueText(value: FieldValue): string {
  if (value.kind === 'message') return `{${value.fields.map(shown).join(', ')}}`;
  return value.kind === 'bytes' ? Buffer.from(value.value).toString('hex') : `${value.value}`;
}

test('the fields of a packet follow each other without a gap, at every depth', (t) => {
  const check = (fields: readonly Field[], from: number, to: number) => {
    let at = from;
    for (const { start, end, value } of fields) {
      if (start !== at || end <= start) throw new Error(`${start} is not ${at}`);
      at = end;
      const first = value.kind === 'message' ? value.fields[0] : undefined;
      if (value.kind === 'message' && first) check(value.fields, first.start, end);
    }
    if (at !== to) throw new Error(`${at} is not ${to}`);
  };
  const property = fc.property(packet, (each) => {
    const bytes = encodePacket(each);
    const { fields, faultAt } = packetFields(bytes);
    if (faultAt !== undefined) throw new Error(`${faultAt}`);
    check(fields, 0, bytes.length);
  });
  t.notThrows(() => checkProperty(property, 200));
});

for (const [what, hex, expected] of [
  ['a number', '1001', 'protocol 0-2 1'],
  [
    'a number of 32 bits, of which the rest is lost',
    '08ffffffffff01',
    'required_features 0-7 4294967295',
  ],
  ['text', '1a0161', 'cluster 0-3 a'],
  ['text that is not UTF-8', '1a01ff', 'cluster 0-3 ff'],
  ['an enum', '52041202' + '2802', 'digests 0-6 {owners 2-6 {status 4-6 DEAD}}'],
  [
    'an enum of a value that nobody knows',
    '52041202' + '2809',
    'digests 0-6 {owners 2-6 {status 4-6 9}}',
  ],
  ['a boolean', '52041202' + '4801', 'digests 0-6 {owners 2-6 {refused 4-6 true}}'],
  ['an unknown varint', 'f80105', '#31 0-3 5'],
  ['an unknown field of 8 bytes', 'f9010102030405060708', '#31 0-10 0102030405060708'],
  ['an unknown field of 4 bytes', 'fd0101020304', '#31 0-6 01020304'],
  ['an unknown field with a length', 'fa01020102', '#31 0-5 0102'],
  ['a body', '62064a040a020801', 'deltas 0-8 {entries 2-8 {body 4-8 {version 6-8 1}}}'],
  ['a body that is none', '62064a040a02ffff', 'deltas 0-8 {entries 2-8 {body 4-8 ffff}}'],
] as const) {
  test(`${what} is read, with its place`, (t) => {
    const { fields, faultAt } = read(hex);
    t.is(fields.map(shown).join(), expected);
    t.is(faultAt, undefined);
  });
}

for (const [what, hex, faultAt] of [
  ['a length beyond the end', '10011a05', 2],
  ['a varint without its end', '100110ff', 2],
  ['a varint of more than 10 bytes', `10${'ff'.repeat(11)}01`, 0],
  ['the field number 0', '10010001', 2],
  ['a group', '1001fb01', 2],
  ['a length beyond the parent', '10015203120528', 4],
] as const) {
  test(`${what} ends the reading there, and what is before it is kept`, (t) => {
    const { fields, faultAt: found } = read(hex);
    t.is(found, faultAt);
    if (faultAt > 0) t.is(shown(fields[0] as Field), 'protocol 0-2 1');
  });
}

test('what is no packet, body or header has no bytes or JSON', (t) => {
  t.throws(() => packetFromJson({ protocol: 'one' }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => packetFromJson(5), { code: 'INVALID_ARGUMENT' });
  t.is(entryBodyToJson(Uint8Array.of(0xff)), undefined);
  t.is(ownerHeaderToJson(Uint8Array.of(0xff)), undefined);
});

test('200,000 fields of a packet are read, and no more', (t) => {
  // An empty field of an unknown number, of type bytes: a tag and a length of 0.
  const fields = (count: number) => new Uint8Array(2 * count).map((_, at) => (at % 2 ? 0 : 0x7a));
  t.is(packetFields(fields(200_000)).fields.length, 200_000);
  const more = packetFields(fields(200_001));
  t.is(more.fields.length, 200_000);
  t.is(more.faultAt, 400_000);
});
