/** Vectors of serialised messages against this implementation. */
import { isDeepStrictEqual } from 'node:util';
import { bytesOf, type ProtobufVector } from '../../../src/conformance/vectors/index.js';
import { Core } from '../../../src/core/core.js';
import {
  decodeEntryBody,
  decodeOwnerHeader,
  decodePacket,
  encodeEntryBody,
  encodeOwnerHeader,
  encodePacket,
  ownerIdOf,
  type Packet,
} from '../../../src/wire/index.js';
import { entryBodyToJson, ownerHeaderToJson, packetToJson } from '../../../src/wire/json.js';
import { seedOf } from '../../support/core-state.js';
import { DEFAULT_CORE_OPTIONS } from '../../support/mesh.js';
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
export function readMessage(given: ProtobufVector['given']): Reading {
  const bytes = bytesOf(given.bytes);
  switch (given.message) {
    case 'Packet': {
      const read = decodePacket(bytes);
      const reason = read.ok ? reasonOf(read.packet, given.receiver) : read.reason;
      if (!read.ok || reason !== undefined) return { outcome: refusal(reason!) };
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

/** Why a node would refuse a packet because of whose it is. */
function reasonOf(packet: Packet, receiver: ProtobufVector['given']['receiver']) {
  if (receiver === undefined) return undefined;
  const { name, cluster, logId } = receiver;
  const options = { ...DEFAULT_CORE_OPTIONS, name, cluster, generation: 1, addresses: [] };
  const core = new Core(options, seedOf(1));
  // A node draws its own log id: where the sender has the receiver's, it is given the drawn one.
  const sender = { ...packet.sender };
  if (sender.logId === logId) sender.logId = core.self(0).logId;
  core.handle({ type: 'start' }, 0);
  core.handle(
    { type: 'packet', link: 'udp:192.0.2.1:9001', packet: { ...packet, sender }, bytes: 99 },
    1,
  );
  const reasons = Object.keys(core.stats().refusals);
  // Of a node that nobody knows a push is refused: further than here it did not come.
  return reasons.find((reason) => reason !== 'unknown-sender');
}

const TAKEN = { result: 'accept' };
const NONE = new Uint8Array(0);

function refusal(error: string): object {
  return { result: 'reject', layer: layerOf(error), error };
}
