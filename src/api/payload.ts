import type { Message } from '@bufbuild/protobuf';
import { fromBinary, isMessage, toBinary } from '@bufbuild/protobuf';
import type { Payload } from '../core/contract.js';
import { messageOf, TelepathineError } from '../error.js';
import { checkPayloadBytes, checkTypeNameBytes } from '../wire/own-limits.js';
import { Encoding } from '../wire/packet.js';
import { isShallow, JSON_DEPTH_MAX } from './json-depth.js';
import { isSound } from './option-readers.js';
import type { Schemas } from './schemas.js';
import { NO_SCHEMAS } from './schemas.js';

/**
 * A protobuf message as it travels: its full type name and its bytes. Give it to `set` and `say`;
 * what another node sent as a protobuf message comes as one, unless its type is in the option
 * `schemas`.
 */
export class ProtobufValue {
  /**
   * Checked when it is set or said, not here.
   *
   * @param typeName the full name of the message's type, up to 255 bytes of UTF-8.
   * @param bytes the serialised message, up to 1 MiB.
   */
  constructor(
    readonly typeName: string,
    readonly bytes: Uint8Array,
  ) {}
}

/** What a payload holds; absent if it cannot be read. */
export type Decoded = { readonly value: unknown } | undefined;

/**
 * The bytes of a value: raw bytes for a `Uint8Array`, a `ProtobufValue` as it is, a protobuf
 * message (an object with `$typeName`) by its registered schema, and JSON for all else.
 *
 * JSON loses what it cannot express. What would silently come out as something else is refused:
 * functions, symbols, BigInts, NaN, infinities, undefined in an array, Map, Set, Promise, RegExp,
 * Error, binary data or a protobuf message inside something else, and what is nested deeper than 1000
 * levels. Properties that are undefined are left out, and `toJSON` is honoured, as JSON does.
 *
 * @throws TelepathineError NOT_SERIALIZABLE, TOO_LARGE (1 MiB once encoded).
 */
export function encodePayload(value: unknown, schemas = NO_SCHEMAS): Payload {
  const payload = encodeOrRefuse(value, schemas);
  checkPayloadBytes(payload.bytes.length);
  return payload;
}

/** Reads a payload from the network. Never throws; bytes are given as a copy. */
export function decodePayload(payload: Payload, schemas = NO_SCHEMAS): Decoded {
  const { bytes, encoding, typeName } = payload;
  if (encoding === Encoding.bytes) return { value: bytes.slice() };
  if (encoding === Encoding.protobuf) return decodeProtobuf(typeName, bytes, schemas);
  if (encoding !== Encoding.json || !isShallow(bytes)) return undefined;
  try {
    return { value: JSON.parse(utf8.decode(bytes)) };
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Getters and proxies may throw anything, wherever a value is looked at. */
function encodeOrRefuse(value: unknown, schemas: Schemas): Payload {
  try {
    return encode(value, schemas);
  } catch (cause) {
    throw cause instanceof TelepathineError ? cause : notSerializable(messageOf(cause), cause);
  }
}

function encode(value: unknown, schemas: Schemas): Payload {
  if (value instanceof ProtobufValue) return encodeProtobuf(value, schemas);
  if (value instanceof Uint8Array) {
    return { bytes: new Uint8Array(value), encoding: Encoding.bytes, typeName: '' };
  }
  if (isMessage(value)) return encodeMessage(value, schemas);
  const bytes = encoder.encode(toJson(value));
  if (!isShallow(bytes)) throw notSerializable(`it is nested deeper than ${JSON_DEPTH_MAX} levels`);
  return { bytes, encoding: Encoding.json, typeName: '' };
}

function encodeProtobuf({ typeName, bytes: given }: ProtobufValue, schemas: Schemas): Payload {
  if (!isSound(typeName) || typeName === '' || !(given instanceof Uint8Array)) {
    throw notSerializable('a ProtobufValue needs a type name and a Uint8Array');
  }
  checkTypeNameBytes(typeName);
  const bytes = new Uint8Array(given);
  if (!decodeProtobuf(typeName, bytes, schemas)) {
    throw notSerializable(`the bytes are no message of the type ${typeName}`);
  }
  return { bytes, encoding: Encoding.protobuf, typeName };
}

function encodeMessage(message: Message, schemas: Schemas): Payload {
  const { $typeName: typeName } = message;
  const schema = schemas.get(typeName);
  if (!schema) {
    throw notSerializable(
      `the protobuf type '${typeName}' is not registered; give its schema in the option schemas`,
    );
  }
  return { bytes: toBinary(schema, message), encoding: Encoding.protobuf, typeName };
}

function decodeProtobuf(typeName: string, bytes: Uint8Array, schemas: Schemas): Decoded {
  const schema = schemas.get(typeName);
  if (!schema) return { value: new ProtobufValue(typeName, bytes.slice()) };
  try {
    return { value: fromBinary(schema, bytes) };
  } catch {
    return undefined;
  }
}

function toJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, refuseUnsendable);
  if (text === undefined) throw notSerializable('undefined is not a value, `delete` deletes a key');
  return text;
}

/** Of these JSON keeps little or nothing. */
const LOST = [Map, Set, Promise, RegExp, Error];

/** Called by `JSON.stringify` with the object or array that holds the value as `this`. */
function refuseUnsendable(this: unknown, _key: string, value: unknown): unknown {
  const kind = typeof value;
  if (kind === 'function' || kind === 'symbol' || kind === 'bigint') {
    throw notSerializable(`it holds a ${kind}`);
  }
  if (kind === 'number' && !Number.isFinite(value)) throw notSerializable(`it holds ${value}`);
  if (value === undefined && Array.isArray(this)) {
    throw notSerializable('it holds undefined in an array, which JSON would make null');
  }
  const lost = LOST.find((type) => value instanceof type);
  if (lost) throw notSerializable(`it holds a ${lost.name}, of which JSON keeps nothing`);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    throw notSerializable('binary data can only be sent alone, as a Uint8Array');
  }
  if (value instanceof ProtobufValue || isMessage(value)) {
    throw notSerializable('a protobuf message can only be sent alone');
  }
  return value;
}

function notSerializable(reason: string, cause?: unknown): TelepathineError {
  const message =
    `the value cannot be sent: ${reason}; ` +
    'allowed is what JSON can express, a Uint8Array or a protobuf message';
  return new TelepathineError('NOT_SERIALIZABLE', message, cause === undefined ? {} : { cause });
}
