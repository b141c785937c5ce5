/** Vectors of serialised messages against this implementation. */
import { isDeepStrictEqual } from 'node:util';
import { bytesOf, type ProtobufVector } from '../../../src/conformance/vectors/index.js';
import {
  decodeEntryBody,
  decodeOwnerHeader,
  decodePacket,
  encodeEntryBody,
  encodeOwnerHeader,
  encodePacket,
  ownerIdOf,
} from '../../../src/wire/index.js';
import { entryBodyToJson, ownerHeaderToJson, packetToJson } from '../../../src/wire/json.js';
import { differences, layerOf } from './outcome.js';

/** What is tested, so that a test can put something broken in its place. */
export type Read = (given: ProtobufVector['given']) => Reading;

interface Reading {
  outcome: object;
  /** What was read, written anew. */
  encoded?: Uint8Array;
  meaning?: unknown;
  ownerId?: string;
}

export function checkProtobuf(
  { given, expect }: ProtobufVector,
  read: Read = readMessage,
): string[] {
  const { meaning, sameBytes, ownerId, ...expected } = expect;
  const reading = read(given);
  const where = 'this implementation';
  return [
    ...differences({ ...reading.outcome, connection: 'kept' }, expected, where),
    ...(meaning === undefined || isDeepStrictEqual(reading.meaning, meaning)
      ? []
      : [`${where}: it means ${JSON.stringify(reading.meaning)}`]),
    ...(ownerId === undefined ? [] : differences({ id: reading.ownerId }, { id: ownerId }, where)),
    ...(sameBytes !== true || Buffer.from(bytesOf(given.bytes)).equals(reading.encoded ?? NONE)
      ? []
      : [`${where}: other bytes are written`]),
  ];
}

/** What is taken is written anew, so that its meaning is what the core holds of it. */
export function readMessage({ message, bytes: given }: ProtobufVector['given']): Reading {
  const bytes = bytesOf(given);
  switch (message) {
    case 'Packet': {
      const read = decodePacket(bytes);
      if (!read.ok) return { outcome: refusal(read.reason) };
      const encoded = encodePacket(read.packet);
      return { outcome: TAKEN, encoded, meaning: packetToJson(encoded) };
    }
    case 'EntryBody': {
      const body = decodeEntryBody(bytes);
      if (body === undefined) return { outcome: refusal('malformed-entry') };
      const encoded = encodeEntryBody(body);
      return { outcome: TAKEN, encoded, meaning: entryBodyToJson(encoded) };
    }
    case 'OwnerHeader': {
      const header = decodeOwnerHeader(bytes);
      if (header === undefined) return { outcome: refusal('malformed-header') };
      const encoded = encodeOwnerHeader(header);
      const ownerId = ownerIdOf(header.name);
      return { outcome: TAKEN, encoded, meaning: ownerHeaderToJson(encoded), ownerId };
    }
  }
}

const TAKEN = { result: 'accept' };
const NONE = new Uint8Array(0);

function refusal(error: string): object {
  return { result: 'reject', layer: layerOf(error), error };
}
