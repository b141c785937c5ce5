/**
 * Packets as JSON, in protobuf's own mapping (ProtoJSON): names in lowerCamelCase, 64-bit integers
 * as text, bytes as base64. For tools.
 */
import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { EntryBodySchema, OwnerHeaderSchema } from '../../gen/telepathine/v1/log_pb.js';
import { PacketSchema } from '../../gen/telepathine/v1/packet_pb.js';
import { messageOf, TelepathineError } from '../error.js';
import { READ_OPTIONS } from './structure.js';

/** The JSON of a packet that `decodePacket` takes. */
export function packetToJson(packetBytes: Uint8Array): JsonValue {
  return toJson(PacketSchema, fromBinary(PacketSchema, packetBytes, READ_OPTIONS));
}

/**
 * The bytes of a packet that is given as JSON: for what `encodePacket` has written the same as it
 * wrote. Nothing is checked but the form, so that bad packets can be made on purpose.
 *
 * @throws TelepathineError INVALID_ARGUMENT if it is no packet; the message tells where.
 */
export function packetFromJson(json: unknown): Uint8Array {
  try {
    return toBinary(PacketSchema, fromJson(PacketSchema, json as JsonValue));
  } catch (cause) {
    throw new TelepathineError('INVALID_ARGUMENT', messageOf(cause), { cause });
  }
}

/** The JSON of an entry's body; undefined if it is none. */
export function entryBodyToJson(bytes: Uint8Array): JsonValue | undefined {
  return innerJson(EntryBodySchema, bytes);
}

/** The JSON of an owner's header; undefined if it is none. */
export function ownerHeaderToJson(bytes: Uint8Array): JsonValue | undefined {
  return innerJson(OwnerHeaderSchema, bytes);
}

function innerJson(schema: DescMessage, bytes: Uint8Array): JsonValue | undefined {
  try {
    return toJson(schema, fromBinary(schema, bytes, READ_OPTIONS));
  } catch {
    return undefined;
  }
}
