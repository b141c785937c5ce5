/** Packets between the core's form and their bytes. No bytes make `decodePacket` throw. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { PacketSchema } from '../../gen/telepathine/v1/packet_pb.js';
import { messageOf, TelepathineError } from '../error.js';
import { packetFromMessage } from './from-message.js';
import { PACKET_PARTS_MAX } from './limits.js';
import type { Packet } from './packet.js';
import type { PacketRefusalReason, Refusal } from './refusal.js';
import { Refused } from './refuse.js';
import { findFault, READ_OPTIONS, shapeOf } from './structure.js';
import { messageFromPacket } from './to-message.js';

/** A packet that was read. */
export interface DecodedPacket {
  ok: true;
  packet: Packet;
}

/**
 * The bytes of a packet.
 *
 * @throws TelepathineError INVALID_ARGUMENT for an id that is no hex text, and for an integer that is
 * negative, not whole, or over the width of its field.
 */
export function encodePacket(packet: Packet): Uint8Array {
  try {
    return toBinary(PacketSchema, messageFromPacket(packet));
  } catch (cause) {
    if (cause instanceof TelepathineError) throw cause;
    const message = `the packet cannot be encoded: ${messageOf(cause)}`;
    throw new TelepathineError('INVALID_ARGUMENT', message, { cause });
  }
}

/**
 * The packet of some bytes, all of it checked against the schema's comments. What is left to the
 * core: bodies and headers are still closed, deltas keep their `requiredFeatures`, entries may be in
 * any order. The packet holds copies: keeping a part of it does not keep `bytes`.
 */
export function decodePacket(bytes: Uint8Array): DecodedPacket | Refusal<PacketRefusalReason> {
  const fault = findFault(bytes, PACKET_SHAPE, PACKET_PARTS_MAX);
  if (fault !== undefined) return { ok: false, reason: fault };
  try {
    const message = fromBinary(PacketSchema, bytes, READ_OPTIONS);
    return { ok: true, packet: packetFromMessage(message) };
  } catch (error) {
    // Of a well-formed structure the decoder refuses text that is not UTF-8.
    return { ok: false, reason: error instanceof Refused ? error.reason : 'malformed' };
  }
}

const PACKET_SHAPE = shapeOf(PacketSchema);
