/**
 * The body of an entry: what an owner wrote, kept by everyone as the owner's own bytes. Pure: the
 * core imports it.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import * as log from '../../gen/telepathine/v1/log_pb.js';
import { bytesFromHex64, hex64FromBytes, ZERO_HEX64 } from './hex.js';
import { KEY_BYTES_MAX, TYPE_NAME_BYTES_MAX } from './limits.js';
import { Encoding, type EntryBody, type Stamp } from './packet.js';
import { numberOf, refuse } from './refuse.js';
import { findFault, READ_OPTIONS, shapeOf } from './structure.js';
import { utf8Bytes } from './text.js';

/**
 * The bytes of a body. The owner checks the limits before: they are not checked again here.
 *
 * @throws TelepathineError INVALID_ARGUMENT for an origin that is no hex text.
 */
export function encodeEntryBody(body: EntryBody): Uint8Array {
  return toBinary(log.EntryBodySchema, {
    $typeName: 'telepathine.v1.EntryBody',
    version: BigInt(body.version),
    name: body.name,
    content: contentMessage(body.content),
  });
}

/**
 * The body of some bytes; undefined if they are malformed, out of the limits, or hold none of the
 * contents that this implementation knows. No bytes make it throw.
 */
export function decodeEntryBody(bytes: Uint8Array): EntryBody | undefined {
  if (findFault(bytes, BODY_SHAPE, BODY_PARTS_MAX) !== undefined) return undefined;
  try {
    const message = fromBinary(log.EntryBodySchema, bytes, READ_OPTIONS);
    if (utf8Bytes(message.name) > KEY_BYTES_MAX) return undefined;
    return {
      version: positiveOf(message.version),
      name: message.name,
      content: contentOf(message.content),
    };
  } catch {
    return undefined;
  }
}

const BODY_SHAPE = shapeOf(log.EntryBodySchema);
/** A body has two at most, a content and a stamp; a writer may repeat them. */
const BODY_PARTS_MAX = 16;

function contentMessage(content: EntryBody['content']): log.EntryBody['content'] {
  switch (content.kind) {
    case 'value': {
      const { encoding, typeName } = content;
      const stamp = stampMessage(content.stamp);
      return {
        case: 'value',
        value: { $typeName: 'telepathine.v1.Value', encoding, typeName, stamp },
      };
    }
    case 'tombstone': {
      const stamp = stampMessage(content.stamp);
      return { case: 'tombstone', value: { $typeName: 'telepathine.v1.Tombstone', stamp } };
    }
    case 'say': {
      const { encoding, typeName } = content;
      const sequence = BigInt(content.sequence);
      return {
        case: 'say',
        value: { $typeName: 'telepathine.v1.Say', sequence, encoding, typeName },
      };
    }
  }
}

function stampMessage(stamp: Stamp): log.Stamp {
  return {
    $typeName: 'telepathine.v1.Stamp',
    time: BigInt(stamp.time),
    origin: stamp.origin === undefined ? new Uint8Array(0) : bytesFromHex64(stamp.origin),
  };
}

function contentOf(content: log.EntryBody['content']): EntryBody['content'] {
  switch (content.case) {
    case 'value':
      return { kind: 'value', ...formOf(content.value), stamp: stampOf(content.value.stamp) };
    case 'tombstone':
      return { kind: 'tombstone', stamp: stampOf(content.value.stamp) };
    case 'say':
      return {
        kind: 'say',
        sequence: positiveOf(content.value.sequence),
        ...formOf(content.value),
      };
    default:
      return refuse('malformed');
  }
}

function formOf(message: log.Value | log.Say): { encoding: Encoding; typeName: string } {
  const { encoding, typeName } = message;
  if (encoding < 1 || encoding > 3) refuse('unknown-enum');
  // The type's name belongs to protobuf payloads, and only to them.
  if (((encoding as number) === Encoding.protobuf) !== typeName.length > 0) refuse('malformed');
  if (utf8Bytes(typeName) > TYPE_NAME_BYTES_MAX) refuse('too-large');
  return { encoding: encoding as number as Encoding, typeName };
}

function stampOf(message: log.Stamp | undefined): Stamp {
  if (message === undefined) refuse('malformed');
  const time = positiveOf(message.time);
  if (message.origin.length === 0) return { time };
  if (message.origin.length !== 8) refuse('bad-id');
  const origin = hex64FromBytes(message.origin);
  return origin === ZERO_HEX64 ? refuse('bad-id') : { time, origin };
}

function positiveOf(value: bigint): number {
  return value === 0n ? refuse('integer-range') : numberOf(value);
}
