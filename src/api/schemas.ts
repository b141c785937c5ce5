import type { DescMessage } from '@bufbuild/protobuf';
import { TYPE_NAME_BYTES_MAX } from '../wire/limits.js';
import { invalidOption } from './option-readers.js';

/** The protobuf types that an application has registered, by their full names. */
export type Schemas = ReadonlyMap<string, DescMessage>;

/** None is registered. */
export const NO_SCHEMAS: Schemas = new Map();

const SCHEMAS_MAX = 10_000;

/**
 * Reads the option `schemas`.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no array of message descriptors, has two of
 * one name, or one whose name is longer than 255 bytes.
 */
export function readSchemas(given: unknown, option: string): Schemas {
  if (!Array.isArray(given) || given.length > SCHEMAS_MAX) {
    throw invalidOption(option, given, `an array of at most ${SCHEMAS_MAX} message descriptors`);
  }
  const schemas = new Map<string, DescMessage>();
  for (const schema of given) {
    if (!isMessageDescriptor(schema)) {
      throw invalidOption(option, schema, 'message descriptors, as protobuf-es generates them');
    }
    if ((schemas.get(schema.typeName) ?? schema) !== schema) {
      throw invalidOption(option, `${schema.typeName} twice`, 'one descriptor of each type');
    }
    schemas.set(schema.typeName, schema);
  }
  return schemas;
}

function isMessageDescriptor(given: unknown): given is DescMessage {
  const { kind, typeName } = Object(given) as Partial<DescMessage>;
  if (kind !== 'message' || typeof typeName !== 'string') return false;
  const bytes = Buffer.byteLength(typeName);
  return bytes > 0 && bytes <= TYPE_NAME_BYTES_MAX;
}
