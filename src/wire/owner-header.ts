/** What an owner says of itself: its header. Pure: the core imports it. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import * as log from '../../gen/telepathine/v1/log_pb.js';
import { bytesFromHex32, hex32FromBytes } from './hex.js';
import { latin1FromBytes } from './latin1.js';
import {
  ADDRESSES_MAX,
  KEY_IDS_MAX,
  NAME_BYTES_MAX,
  TAG_NAME_BYTES_MAX,
  TAG_VALUE_BYTES_MAX,
  TAGS_MAX,
} from './limits.js';
import type { HostAddress, OwnerHeader } from './packet.js';
import { numberOf, refuse } from './refuse.js';
import { sharesTexts, TextCache } from './shared-text.js';
import { findFault, READ_OPTIONS, shapeOf } from './structure.js';
import { compareUtf8, utf8Bytes } from './text.js';

/**
 * The bytes of a header, its tags by ascending name. The limits are checked by whoever made it.
 *
 * @throws TelepathineError INVALID_ARGUMENT for a key id that is no hex text.
 */
export function encodeOwnerHeader(header: OwnerHeader): Uint8Array {
  const names = Object.keys(header.tags).sort(compareUtf8);
  return toBinary(log.OwnerHeaderSchema, {
    $typeName: 'telepathine.v1.OwnerHeader',
    version: BigInt(header.version),
    name: header.name,
    addresses: header.addresses.map(addressMessage),
    tags: names.map((name) => tagMessage(name, header.tags[name] as string)),
    protocolMin: header.protocolMin,
    protocolMax: header.protocolMax,
    features: header.features,
    keyIds: header.keyIds.map(bytesFromHex32),
  });
}

/**
 * The header of some bytes; undefined if they are malformed or out of the limits. Addresses of a
 * family or transport that this implementation does not know are left out. `tags` has no prototype.
 * No bytes make it throw.
 */
export function decodeOwnerHeader(bytes: Uint8Array): OwnerHeader | undefined {
  if (!sharesTexts()) return readHeader(bytes);
  const text = latin1FromBytes(bytes);
  const known = headersRead.get(text);
  if (known !== undefined) return known;
  const header = readHeader(bytes);
  if (header !== undefined) headersRead.set(text, header);
  return header;
}

/** Where many nodes run in one process each of them reads the same headers. */
const headersRead = new TextCache<OwnerHeader>();

function readHeader(bytes: Uint8Array): OwnerHeader | undefined {
  if (findFault(bytes, HEADER_SHAPE, ADDRESSES_MAX + TAGS_MAX) !== undefined) return undefined;
  try {
    return headerOf(fromBinary(log.OwnerHeaderSchema, bytes, READ_OPTIONS));
  } catch {
    return undefined;
  }
}

const HEADER_SHAPE = shapeOf(log.OwnerHeaderSchema);

function addressMessage(address: HostAddress): log.Address {
  return {
    $typeName: 'telepathine.v1.Address',
    family: address.family === 4 ? log.AddressFamily.IPV4 : log.AddressFamily.IPV6,
    ip: address.ip,
    port: address.port,
    transport: address.transport === 'udp' ? log.Transport.UDP : log.Transport.TCP,
  };
}

function tagMessage(name: string, value: string): log.Tag {
  return { $typeName: 'telepathine.v1.Tag', name, value };
}

function headerOf(message: log.OwnerHeader): OwnerHeader {
  const { name, protocolMin, protocolMax, features } = message;
  const nameBytes = utf8Bytes(name);
  if (nameBytes === 0 || nameBytes > NAME_BYTES_MAX) refuse('too-large');
  if (message.version === 0n) refuse('integer-range');
  if (message.addresses.length > ADDRESSES_MAX) refuse('too-large');
  if (message.keyIds.length > KEY_IDS_MAX) refuse('too-large');
  return {
    version: numberOf(message.version),
    name,
    addresses: message.addresses.map(addressOf).filter((address) => address !== undefined),
    tags: tagsOf(message.tags),
    protocolMin,
    protocolMax,
    features,
    keyIds: message.keyIds.map(keyIdOf),
  };
}

function addressOf(message: log.Address): HostAddress | undefined {
  const family = FAMILIES[message.family];
  const transport = TRANSPORTS[message.transport];
  if (family === undefined || transport === undefined) return undefined;
  const { ip, port } = message;
  if (ip.length !== 0 && ip.length !== (family === 4 ? 4 : 16)) refuse('malformed');
  if (port < 1 || port > 65_535) refuse('integer-range');
  return { family, ip: new Uint8Array(ip), port, transport };
}

const FAMILIES = [undefined, 4, 6] as const;
const TRANSPORTS = [undefined, 'udp', 'tcp'] as const;

function tagsOf(messages: log.Tag[]): Record<string, string> {
  if (messages.length > TAGS_MAX) refuse('too-large');
  const tags: Record<string, string> = Object.create(null);
  let before = '';
  for (const { name, value } of messages) {
    if (utf8Bytes(name) > TAG_NAME_BYTES_MAX || utf8Bytes(value) > TAG_VALUE_BYTES_MAX) {
      refuse('too-large');
    }
    // Ascending, and from the empty name, which no tag has: each name once.
    if (compareUtf8(before, name) >= 0) refuse('bad-order');
    tags[name] = value;
    before = name;
  }
  return tags;
}

function keyIdOf(bytes: Uint8Array): string {
  return bytes.length === 4 ? hex32FromBytes(bytes) : refuse('bad-id');
}
