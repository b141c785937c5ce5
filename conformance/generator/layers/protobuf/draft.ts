/** How vectors of serialised messages are put together. */
import type { ProtobufVector } from '../../../../src/conformance/vectors/lower-layers.js';
import type { Bytes } from '../../../../src/conformance/vectors/vector.js';
import { entryBodyToJson, ownerHeaderToJson, packetToJson } from '../../../../src/wire/json.js';
import { hexOf } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import type { Mutation } from './mutations.js';

type Message = ProtobufVector['given']['message'];
type Limit = ProtobufVector['given']['limit'];

interface More extends Pick<Partial<Draft<'protobuf'>>, 'alsoSections' | 'notes' | 'features'> {
  /** Absent: what the generated code reads. Null: it is left out, because it would be long. */
  meaning?: object | null;
  ownerId?: string;
  sameBytes?: true;
  limit?: Limit;
}

/** A message that is taken. */
export function taken(
  message: Message,
  name: string,
  section: string,
  title: string,
  bytes: Uint8Array | Bytes,
  more: More = {},
): Draft<'protobuf'> {
  const { alsoSections, notes, features, limit, ownerId, sameBytes } = more;
  const meaning = more.meaning === undefined ? meaningOf(message, bytes) : more.meaning;
  return {
    ...{ id: name, title, section },
    ...(alsoSections && { alsoSections }),
    ...(features && { features }),
    ...(notes && { notes }),
    given: givenOf(message, bytes, limit),
    expect: {
      ...{ result: 'accept', connection: 'kept' },
      ...(meaning !== null && { meaning }),
      ...(sameBytes && { sameBytes }),
      ...(ownerId && { ownerId }),
    },
  };
}

/** A packet that is refused for a reason. */
export function refusedPacket(
  name: string,
  mutationOf: string,
  mutation: Mutation,
  error: PacketReason,
  bytes: Uint8Array | Bytes,
  limit?: Limit,
): Draft<'protobuf'> {
  const { section, title } = REASONS[error];
  return {
    ...{ id: name, title, section, mutationOf, mutation },
    given: givenOf('Packet', bytes, limit),
    expect: { result: 'reject', layer: 'packet', error, connection: 'kept' },
  };
}

/** A body or a header that has its delta refused. */
export function refusedPart(
  message: 'EntryBody' | 'OwnerHeader',
  name: string,
  mutationOf: string,
  mutation: Mutation,
  title: string,
  bytes: Uint8Array,
): Draft<'protobuf'> {
  const isBody = message === 'EntryBody';
  const error = isBody ? 'malformed-entry' : 'malformed-header';
  return {
    ...{ id: name, title, section: isBody ? '8.3.2' : '8.7.2', mutationOf, mutation },
    given: givenOf(message, bytes),
    expect: { result: 'reject', layer: 'delta', error, connection: 'kept' },
  };
}

/** The reasons for which a packet is refused when it is read. */
export type PacketReason = keyof typeof REASONS;

const REASONS = {
  malformed: { section: '5.1.2', title: 'Bytes that are no serialised packet are refused.' },
  'too-many-parts': { section: '5.1.3', title: 'A packet with too many messages is refused.' },
  'protocol-version': { section: '5.2.1', title: 'A packet of another protocol is refused.' },
  'unknown-feature': { section: '5.2.2', title: 'A packet that needs a feature is refused.' },
  'integer-range': { section: '5.3.1', title: 'An integer out of its range refuses the packet.' },
  'bad-id': { section: '5.3.2', title: 'An id that is none refuses the packet.' },
  'unknown-enum': { section: '5.3.3', title: 'An unknown value of an enum refuses the packet.' },
  'too-large': { section: '5.3.4', title: 'A field above its limit refuses the packet.' },
  'bad-order': { section: '5.3.5', title: 'Parts in a wrong order refuse the packet.' },
} as const;

function givenOf(message: Message, bytes: Uint8Array | Bytes, limit?: Limit) {
  const plain = bytes instanceof Uint8Array ? hexOf(bytes) : bytes;
  return { message, bytes: plain, ...(limit && { limit }) };
}

function meaningOf(message: Message, bytes: Uint8Array | Bytes): object {
  if (!(bytes instanceof Uint8Array)) throw new Error('say what it means, or null');
  const read = { Packet: packetToJson, EntryBody: entryBodyToJson, OwnerHeader: ownerHeaderToJson };
  const json = read[message](bytes);
  if (json === undefined) throw new Error('it cannot be read');
  return json as object;
}
