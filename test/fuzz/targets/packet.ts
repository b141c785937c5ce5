import { deepStrictEqual, ok } from 'node:assert/strict';
import { decodePacket, encodePacket } from '../../../src/wire/codec.js';
import {
  GENERATION_MAX,
  INTEGER_MAX,
  REMAINING_MS_MAX,
  VALUE_BYTES_MAX,
} from '../../../src/wire/limits.js';
import type { Packet } from '../../../src/wire/packet.js';
import type { PacketRefusalReason } from '../../../src/wire/refusal.js';
import { boundOf } from '../../support/packet-size.js';
import { BYTE_MUTATIONS } from '../mutations.js';
import { PROTOBUF_MUTATIONS, withoutFields } from '../protobuf.js';
import { listWords, type Target } from '../target.js';

/** Packets: what is taken is within the schema's limits and comes back the same. */
export const packetTarget: Target = {
  name: 'packet',
  inputBytesMax: 4096,
  cpuMsMax: 500,
  batch: 1000,
  mutations: [...BYTE_MUTATIONS, ...PROTOBUF_MUTATIONS],
  smaller: withoutFields,
  run(input) {
    const decoded = decodePacket(input);
    if (!decoded.ok) {
      ok(REASONS.has(decoded.reason), `the reason '${decoded.reason}'`);
      return decoded.reason;
    }
    // The packet holds copies: what becomes of the bytes is nothing to it.
    input.fill(0xa5);
    const { packet } = decoded;
    checkRanges(packet);
    const bytes = encodePacket(packet);
    deepStrictEqual(decodePacket(bytes), decoded);
    checkSize(packet, bytes.length);
    return outcomeOf(packet);
  },
};

/** The parts that a packet has. */
export function outcomeOf(packet: Packet): string {
  const { fingerprints, digests, wants, deltas, probes, suspicions, votes } = packet;
  const owners = digests.flatMap((digest) => digest.owners);
  const entries = deltas.flatMap((delta) => delta.entries);
  const ranged = digests.filter((digest) => digest.range !== undefined);
  const lists = { fingerprints, digests, ranged, owners, wants, deltas, entries };
  const trust = [packet.token && 'token', packet.echo && 'echo', packet.heartbeat && 'heartbeat'];
  return `${trust.filter(Boolean).join(' ')} ${listWords({ ...lists, probes, suspicions, votes })}`;
}

const REASON_LIST: Record<PacketRefusalReason, true> = {
  malformed: true,
  'too-many-parts': true,
  'unknown-feature': true,
  'protocol-version': true,
  'integer-range': true,
  'bad-id': true,
  'unknown-enum': true,
  'bad-order': true,
  'too-large': true,
};
const REASONS = new Set<string>(Object.keys(REASON_LIST));

const isId = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
const isOwner = (value: unknown) => isId(value) && value !== '0000000000000000';
const isWithin = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const isUint32 = isWithin(0, 2 ** 32 - 1);
const isInteger = isWithin(0, INTEGER_MAX);
const isBytes = (value: unknown) => value instanceof Uint8Array;

/** What each field of a packet, at any depth, must be. Lists and messages are looked into. */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  requiredFeatures: isUint32,
  protocol: isWithin(1, 1),
  cluster: (value) => typeof value === 'string' && Buffer.byteLength(value) <= 255,
  owner: isOwner,
  logId: isId,
  token: isId,
  echo: isId,
  sum: isId,
  start: isId,
  end: isId,
  generation: isWithin(0, GENERATION_MAX),
  incarnation: isUint32,
  count: isUint32,
  ping: isUint32,
  answer: isUint32,
  roundTripUs: isUint32,
  uptimeMs: isInteger,
  version: isInteger,
  floor: isInteger,
  floorMax: isInteger,
  stagedTo: isInteger,
  asOf: isInteger,
  from: isInteger,
  to: isInteger,
  ageMs: isInteger,
  remainingMs: isWithin(0, REMAINING_MS_MAX),
  status: isWithin(1, 3),
  opinion: isWithin(1, 4),
  refused: (value) => typeof value === 'boolean',
  header: isBytes,
  body: isBytes,
  payload: (value) => value instanceof Uint8Array && value.length <= VALUE_BYTES_MAX,
};

function checkRanges(message: object): void {
  for (const [name, value] of Object.entries(message)) {
    const isGood = FIELDS[name];
    if (isGood !== undefined) ok(isGood(value), `${name} is ${String(value)}`);
    else if (Array.isArray(value)) value.forEach(checkRanges);
    else checkRanges(value);
  }
}

function checkSize(packet: Packet, bytes: number): void {
  const bound = boundOf(packet);
  const open = packet.digests.length + packet.deltas.length;
  ok(bytes <= bound && bound - bytes <= 3 * open, `${bytes} bytes, thought to be ${bound}`);
}
