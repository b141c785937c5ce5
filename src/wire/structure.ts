/**
 * A walk over serialised bytes before they are decoded: no memory is taken for them until every
 * length lies inside its parent and the number of messages is within bounds.
 *
 * The decoder of protobuf-es is laxer than those of other languages: it lets a nested message reach
 * past its own end and reads a field by its declared type whatever its wire type. Here both are
 * refused, so that all implementations agree on which bytes are well formed.
 */
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';

/** What a message may consist of, as the walk needs it. Made once for each schema. */
export interface Shape {
  /** By field number: the wire type, `UNKNOWN_FIELD` for a number that the schema does not have. */
  wireTypes: Uint8Array;
  /** By field number, of the fields that are messages. */
  children: (Shape | undefined)[];
}

/** What a walk found wrong. */
export type StructureFault = 'malformed' | 'too-many-parts';

/** The shape of a message and of all below it. The schema must not be recursive. */
export function shapeOf(schema: DescMessage): Shape {
  const numbers = schema.fields.map((field) => field.number);
  const size = Math.max(0, ...numbers) + 1;
  const shape: Shape = {
    wireTypes: new Uint8Array(size).fill(UNKNOWN_FIELD),
    children: new Array(size).fill(undefined),
  };
  for (const field of schema.fields) {
    shape.wireTypes[field.number] = wireTypeOf(field);
    if (field.message !== undefined) shape.children[field.number] = shapeOf(field.message);
  }
  return shape;
}

/**
 * Walks over a serialised message. Fields that the schema does not have are skipped.
 *
 * @param partsMax how many messages there may be inside it, at any depth.
 */
export function findFault(
  bytes: Uint8Array,
  shape: Shape,
  partsMax: number,
): StructureFault | undefined {
  const walk: Walk = { bytes, position: 0, partsLeft: partsMax };
  if (walkMessage(walk, shape, bytes.length)) return undefined;
  return walk.partsLeft < 0 ? 'too-many-parts' : 'malformed';
}

interface Walk {
  bytes: Uint8Array;
  position: number;
  partsLeft: number;
}

const UNKNOWN_FIELD = 255;
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED_32 = 5;

/** Of groups inside groups of unknown fields. */
const GROUP_DEPTH_MAX = 100;

/**
 * How what was walked over is decoded. The decoder bounds the depth too, by one number for groups and
 * the messages around them, of which no schema has more than a few.
 */
export const READ_OPTIONS = { readUnknownFields: false, recursionLimit: GROUP_DEPTH_MAX + 10 };

function walkMessage(walk: Walk, shape: Shape, end: number): boolean {
  while (walk.position < end) {
    const tag = readUint32(walk, end);
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (tag < 0 || field === 0) return false;
    const declared = shape.wireTypes[field] ?? UNKNOWN_FIELD;
    if (declared !== UNKNOWN_FIELD && declared !== wireType) return false;
    const child = shape.children[field];
    const good =
      child === undefined
        ? skip(walk, field, wireType, end, GROUP_DEPTH_MAX)
        : walkChild(walk, child, end);
    if (!good) return false;
  }
  return true;
}

function walkChild(walk: Walk, shape: Shape, end: number): boolean {
  if (--walk.partsLeft < 0) return false;
  const length = readUint32(walk, end);
  if (length < 0 || length > end - walk.position) return false;
  return walkMessage(walk, shape, walk.position + length);
}

function skip(walk: Walk, field: number, wireType: number, end: number, depth: number): boolean {
  switch (wireType) {
    case VARINT:
      return skipVarint(walk, end);
    case FIXED_64:
      walk.position += 8;
      return walk.position <= end;
    case LENGTH_DELIMITED: {
      const length = readUint32(walk, end);
      walk.position += length;
      return length >= 0 && walk.position <= end;
    }
    case GROUP_START:
      return skipGroup(walk, field, end, depth);
    case FIXED_32:
      walk.position += 4;
      return walk.position <= end;
    default:
      return false;
  }
}

function skipGroup(walk: Walk, field: number, end: number, depth: number): boolean {
  if (depth === 0) return false;
  while (walk.position < end) {
    const tag = readUint32(walk, end);
    if (tag < 0 || tag >>> 3 === 0) return false;
    if ((tag & 7) === GROUP_END) return tag >>> 3 === field;
    if (!skip(walk, tag >>> 3, tag & 7, end, depth - 1)) return false;
  }
  return false;
}

/** Of the tenth byte only the lowest bit has room in 64: others refuse more, and so must all. */
function skipVarint(walk: Walk, end: number): boolean {
  const { bytes } = walk;
  const last = Math.min(end, walk.position + 9);
  while (walk.position < last) {
    if ((bytes[walk.position++] as number) < 0x80) return true;
  }
  return walk.position < end && (bytes[walk.position++] as number) <= 1;
}

/** A tag or a length: a varint of at most 5 bytes and 32 bits; -1 if it is none. */
function readUint32(walk: Walk, end: number): number {
  const { bytes } = walk;
  const first = walk.position < end ? (bytes[walk.position++] as number) : -1;
  if (first < 0x80) return first;
  let value = first & 0x7f;
  for (let scale = 0x80; scale <= 0x10000000 && walk.position < end; scale *= 0x80) {
    const byte = bytes[walk.position++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value <= 0xffffffff ? value : -1;
  }
  return -1;
}

function wireTypeOf(field: DescField): number {
  const scalar = field.scalar ?? (field.message === undefined ? ScalarType.INT32 : undefined);
  switch (scalar) {
    case undefined:
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH_DELIMITED;
    case ScalarType.BOOL:
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.UINT64:
      return VARINT;
    default:
      /* c8 ignore next -- the schema has no field of another type: this is for whoever adds one */
      throw new Error(`the walk does not know the type of ${field}`);
  }
}
