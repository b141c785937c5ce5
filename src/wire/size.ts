/**
 * How many bytes the parts of a packet take, so that the core packs by budget without encoding. All
 * are upper bounds, exact but for the lengths of messages whose content is counted apart (at most 3
 * bytes a digest or delta). Each includes its own tag and length. The fields' numbers and types are
 * those of `proto/`; a property test holds both together. Pure: the core imports it.
 */
import { ZERO_HEX64 } from './hex.js';
import type {
  Delta,
  Fingerprint,
  Life,
  OwnerDigest,
  Packet,
  Range,
  Suspicion,
  Vote,
  Want,
  WireEntry,
} from './packet.js';
import { utf8Bytes } from './text.js';

/** A packet without its repeated parts. */
export function packetBaseBytes(packet: Packet): number {
  const { heartbeat } = packet;
  return (
    varint(packet.requiredFeatures) +
    varint(packet.protocol) +
    textBytes(packet.cluster) +
    lifeBytes(packet.sender) +
    varint(packet.uptimeMs) +
    (packet.token === undefined ? 0 : ID_BYTES) +
    (packet.echo === undefined ? 0 : ID_BYTES) +
    (heartbeat === undefined
      ? 0
      : message(varint(heartbeat.ping) + varint(heartbeat.answer) + varint(heartbeat.roundTripUs)))
  );
}

/** One fingerprint of a packet. */
export function fingerprintBytes({ range, count, sum }: Fingerprint): number {
  const whole = range.start === undefined && range.end === undefined;
  const sumBytes = sum === ZERO_HEX64 ? 0 : ID_BYTES;
  return message((whole ? 0 : rangeBytes(range)) + varint(count) + sumBytes);
}

/** A digest of a packet, without its owners. */
export function digestBaseBytes(range?: Range): number {
  return OPEN_MESSAGE_BYTES + (range === undefined ? 0 : rangeBytes(range));
}

/** One owner of a digest. */
export function ownerDigestBytes(owner: OwnerDigest): number {
  return message(
    lifeContentBytes(owner) +
      varint(owner.incarnation) +
      varint(owner.status) +
      varint(owner.version) +
      varint(owner.floor) +
      varint(owner.ageMs) +
      (owner.refused ? 2 : 0),
  );
}

/** One want of a packet. */
export function wantBytes(want: Want): number {
  return message(
    ID_BYTES +
      (want.logId === undefined ? 0 : ID_BYTES) +
      varint(want.generation) +
      varint(want.version) +
      varint(want.stagedTo) +
      varint(want.asOf) +
      varint(want.floorMax),
  );
}

/** A delta of a packet, without its entries. */
export function deltaBaseBytes(delta: Delta): number {
  return (
    OPEN_MESSAGE_BYTES +
    lifeContentBytes(delta) +
    varint(delta.from) +
    varint(delta.to) +
    varint(delta.asOf) +
    varint(delta.floor) +
    bytesField(delta.header.length) +
    varint(delta.requiredFeatures)
  );
}

/** One entry of a delta. */
export function entryBytes({ body, payload, remainingMs }: WireEntry): number {
  // Present at 0 as well.
  const remainingBytes = remainingMs === undefined ? 0 : 1 + varintBytes(remainingMs);
  return message(bytesField(body.length) + bytesField(payload.length) + remainingBytes);
}

/** One suspicion of a packet. */
export function suspicionBytes(suspicion: Suspicion): number {
  return message(lifeContentBytes(suspicion) + varint(suspicion.incarnation));
}

/** One vote of a packet. */
export function voteBytes(vote: Vote): number {
  return message(lifeContentBytes(vote) + varint(vote.incarnation) + varint(vote.opinion));
}

/** One probe of a packet, or its sender. */
export function lifeBytes(life: Life): number {
  return message(lifeContentBytes(life));
}

/** Every field's number is below 16: a tag is one byte. A length below 128 is one byte too. */
const ID_BYTES = 1 + 1 + 8;

/** A tag and a length of up to 4 bytes, enough for 256 MiB. */
const OPEN_MESSAGE_BYTES = 1 + 4;

function lifeContentBytes(life: Life): number {
  return ID_BYTES + ID_BYTES + varint(life.generation);
}

function rangeBytes({ start, end }: Range): number {
  return message((start === undefined ? 0 : ID_BYTES) + (end === undefined ? 0 : ID_BYTES));
}

/** An integer field with its tag; 0 is not written. */
function varint(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest /= 128) bytes++;
  return bytes;
}

/** A field of bytes with its tag and length; empty ones are not written. */
function bytesField(length: number): number {
  return length === 0 ? 0 : message(length);
}

function textBytes(text: string): number {
  return bytesField(utf8Bytes(text));
}

function message(contentBytes: number): number {
  return 1 + varintBytes(contentBytes) + contentBytes;
}
