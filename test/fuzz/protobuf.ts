import type { Random } from '../../src/core/random.js';
import { joined } from './bytes.js';
import type { Mutation } from './target.js';

/** A field as it stands in serialised bytes. */
export interface Field {
  number: number;
  wireType: number;
  /** Of a varint its bytes; of a field with a length its content. */
  content: Uint8Array;
  /** Written in place of the true length. */
  lie?: number;
}

/**
 * Changes of serialised messages that keep the lengths of what is around them right, so that the
 * reader comes as far as the change. Each looks for a field at a random depth.
 */
export const PROTOBUF_MUTATIONS: readonly Mutation[] = [
  inFields(repeatField),
  inFields(dropField),
  inFields(moveField),
  inFields(edgeContent),
  inFields(edgeContent),
  inFields(copyContent),
  inFields(copyContent),
  inFields(neighbouringVarint),
  inFields(otherTag),
  inFields(lie),
  inFields(wrap),
  inFields(takeField),
  inFields(takeField),
];

/** The fields of a message; undefined if the bytes are none. */
export function readFields(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (tag === undefined || tag.value < 8) return undefined;
    const wireType = tag.value & 7;
    const number = Math.floor(tag.value / 8);
    const content = contentAt(bytes, tag.end, wireType);
    if (content === undefined) return undefined;
    fields.push({ number, wireType, content });
    at = content.byteOffset - bytes.byteOffset + content.length;
  }
  return fields;
}

export function writeFields(fields: readonly Field[]): Uint8Array {
  return joined(
    fields.flatMap(({ number, wireType, content, lie }) => {
      const tag = varint(BigInt(number) * 8n + BigInt(wireType));
      return wireType === 2
        ? [tag, varint(BigInt(lie ?? content.length)), content]
        : [tag, content];
    }),
  );
}

/** The message without one of its fields, at any depth, for each in turn. */
export function* withoutFields(input: Uint8Array): Generator<Uint8Array> {
  const fields = readFields(input) ?? [];
  for (let at = 0; at < fields.length; at++) yield writeFields(fields.toSpliced(at, 1));
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] as Field;
    if (field.wireType !== 2) continue;
    for (const content of withoutFields(field.content)) {
      yield writeFields(fields.with(at, { ...field, content }));
    }
  }
}

/** An integer as a varint. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

type FieldChange = (fields: Field[], at: number, random: Random, others: Field[]) => void;

const DEPTH_MAX = 4;
const EDGE_VARINTS = [
  ...[0n, 1n, 2n, 127n, 128n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 48n, 2n ** 48n + 1n],
  ...[2n ** 53n - 2n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 70n],
].map(varint);
/** Ids of zeros and of ones, nothing, text that is no UTF-8, text that is a name of JavaScript's. */
const EDGE_CONTENTS = ['0000000000000000', 'ffffffffffffffff', '', 'c0', 'edb080', '00']
  .map((hex) => Buffer.from(hex, 'hex'))
  .concat(['__proto__', '*', 'a:b', 'error'].map((text) => Buffer.from(text)));

function inFields(change: FieldChange): Mutation {
  return (input, random, other) => changed(input, random, other, change, DEPTH_MAX);
}

/** Changes a field of this message, or goes into one that is a message itself. */
function changed(
  input: Uint8Array,
  random: Random,
  other: Uint8Array,
  change: FieldChange,
  depth: number,
): Uint8Array {
  const fields = readFields(input);
  if (fields === undefined || fields.length === 0) return input;
  const at = random.below(fields.length);
  const field = fields[at] as Field;
  const isMessage = field.wireType === 2 && (readFields(field.content)?.length ?? 0) > 0;
  if (isMessage && depth > 0 && random.real() < 0.7) {
    field.content = changed(field.content, random, contentLike(field, other), change, depth - 1);
  } else {
    change(fields, at, random, readFields(other) ?? []);
  }
  return writeFields(fields);
}

/** The content of a field of the same number in another message; that message itself if none is. */
function contentLike({ number }: Field, other: Uint8Array): Uint8Array {
  return readFields(other)?.find((field) => field.number === number)?.content ?? other;
}

function repeatField(fields: Field[], at: number, random: Random): void {
  const times = random.real() < 0.9 ? 1 : random.below(80);
  const copies = Array.from({ length: times }, () => fields[at] as Field);
  fields.splice(random.below(fields.length + 1), 0, ...copies);
}

function dropField(fields: Field[], at: number): void {
  fields.splice(at, 1);
}

function moveField(fields: Field[], at: number, random: Random): void {
  const [field] = fields.splice(at, 1);
  fields.splice(random.below(fields.length + 1), 0, field as Field);
}

function edgeContent(fields: Field[], at: number, random: Random): void {
  const field = fields[at] as Field;
  const edges = field.wireType === 0 ? EDGE_VARINTS : EDGE_CONTENTS;
  field.content = edges[random.below(edges.length)] as Uint8Array;
}

/** The content of another field: a version of another version, an id of another id. */
function copyContent(fields: Field[], at: number, random: Random, others: Field[]): void {
  const field = fields[at] as Field;
  const like = [...fields, ...others].filter(({ wireType }) => wireType === field.wireType);
  const from = like[random.below(like.length)];
  if (from !== undefined) field.content = from.content;
}

function neighbouringVarint(fields: Field[], at: number, random: Random): void {
  const field = fields[at] as Field;
  const value = field.wireType === 0 ? readVarint(field.content, 0)?.value : undefined;
  if (value === undefined) return;
  const step = random.real() < 0.5 ? 1 : -1;
  field.content = varint(BigInt(Math.max(0, value + step)));
}

function otherTag(fields: Field[], at: number, random: Random): void {
  const field = fields[at] as Field;
  if (random.real() < 0.5) field.number = 1 + random.below(20);
  else field.wireType = random.below(8);
}

/** A length that is not that of the content. */
function lie(fields: Field[], at: number, random: Random): void {
  const field = fields[at] as Field;
  const lies = [field.content.length - 1, field.content.length + 1, 0, 2 ** 31, 2 ** 32 - 1];
  field.lie = Math.max(0, lies[random.below(lies.length)] as number);
}

/** A field inside a field, or inside groups of unknown numbers. */
function wrap(fields: Field[], at: number, random: Random): void {
  const field = fields[at] as Field;
  if (random.real() < 0.5) {
    field.content = writeFields([{ ...field }]);
    field.wireType = 2;
    return;
  }
  const depth = 1 + random.below(120);
  const nothing = new Uint8Array(0);
  const starts = Array.from({ length: depth }, () => ({
    number: 30,
    wireType: 3,
    content: nothing,
  }));
  const ends = starts.map((start) => ({ ...start, wireType: 4 }));
  fields.splice(at, 1, ...starts, field, ...ends);
}

function takeField(fields: Field[], at: number, random: Random, others: Field[]): void {
  const taken = others[random.below(others.length)];
  if (taken !== undefined) fields.splice(at, random.below(2), taken);
}

/** Of a value above 2^53 only the size is right. */
function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start; at < Math.min(bytes.length, start + 10); at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}

function contentAt(bytes: Uint8Array, at: number, wireType: number): Uint8Array | undefined {
  switch (wireType) {
    case 0: {
      const end = readVarint(bytes, at)?.end;
      return end === undefined ? undefined : bytes.subarray(at, end);
    }
    case 1:
      return at + 8 <= bytes.length ? bytes.subarray(at, at + 8) : undefined;
    case 2: {
      const length = readVarint(bytes, at);
      if (length === undefined || length.end + length.value > bytes.length) return undefined;
      return bytes.subarray(length.end, length.end + length.value);
    }
    case 5:
      return at + 4 <= bytes.length ? bytes.subarray(at, at + 4) : undefined;
    default:
      return undefined;
  }
}
