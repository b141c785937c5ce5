/** Packets that every peer takes. */
import type { Run } from '../../../../src/conformance/vectors/vector.js';
import { encodePacket } from '../../../../src/wire/codec.js';
import { encodeEntryBody } from '../../../../src/wire/entry-body.js';
import { packetToJson } from '../../../../src/wire/json.js';
import {
  GENERATION_MAX,
  INTEGER_MAX,
  PACKET_PARTS_MAX,
  REMAINING_MS_MAX,
} from '../../../../src/wire/limits.js';
import { filled, fromHex, hexOf, joined, utf8 } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import { ALICE, ALICE_TOKEN, BOB, BOB_TOKEN, packetOf } from '../../samples.js';
import { group, groups, id, len, num, tag, varint } from '../../wire.js';
import { taken } from './draft.js';
import * as parts from './samples.js';
import { PACKET, PROTOCOL, packet, SENDER, UPTIME } from './samples.js';

export function packets(): Draft<'protobuf'>[] {
  return [...encodings(), ...repeats(), ...unknowns(), ...integers()];
}

/** The body of A.3 of PROTOCOL.md, of an event and of a value. */
export const VALUE_BODY = encodeEntryBody({
  ...{ version: 8, name: 'colour' },
  content: { kind: 'value', encoding: 1, typeName: '', stamp: { time: 5 } },
});
const SAY_BODY = encodeEntryBody({
  ...{ version: 9, name: 'hello' },
  content: { kind: 'say', sequence: 1, encoding: 1, typeName: '' },
});

/** A packet with every part. */
export const FULL = encodePacket(
  packetOf({
    ...{ token: ALICE_TOKEN, echo: BOB_TOKEN },
    heartbeat: { ping: 7, answer: 3, roundTripUs: 250 },
    fingerprints: [{ range: {}, count: 2, sum: '0334e08738938cbe' }],
    digests: [
      {
        owners: [
          {
            ...{ ...BOB, incarnation: 3, status: 2, version: 5, floor: 1, ageMs: 900 },
            refused: true,
          },
        ],
      },
    ],
    wants: [{ ...BOB, version: 5, stagedTo: 9, asOf: 12, floorMax: 1 }],
    deltas: [
      {
        ...{ ...ALICE, from: 7, to: 9, asOf: 9, floor: 2 },
        header: new Uint8Array(0),
        requiredFeatures: 0,
        entries: [
          { body: VALUE_BODY, payload: utf8('"red"') },
          { body: SAY_BODY, payload: utf8('1'), remainingMs: 19_990 },
        ],
      },
    ],
    probes: [BOB],
    suspicions: [{ ...BOB, incarnation: 1 }],
    votes: [{ ...BOB, incarnation: 1, opinion: 3 }],
  }),
);

function encodings(): Draft<'protobuf'>[] {
  const same = { sameBytes: true } as const;
  const minimal = packetToJson(PACKET) as object;
  const of = (name: string, section: string, title: string, bytes: Uint8Array) =>
    taken('Packet', name, section, title, bytes, { meaning: minimal });
  return [
    taken('Packet', 'packet', '5.4.4', 'A packet without parts is taken.', PACKET, {
      ...{ ...same, alsoSections: ['5.2.1', '5.4.2'] },
    }),
    taken('Packet', 'full', '5.4.4', 'A packet may hold all parts.', FULL, same),
    taken('Packet', 'push', '5.4.4', 'A push has neither token nor echo.', pushed(), same),
    of(
      'fields-reversed',
      '5.1.1',
      'The fields of a message may come in any order.',
      joined(
        UPTIME,
        len(4, num(3, ALICE.generation), id(2, ALICE.logId), id(1, ALICE.owner)),
        PROTOCOL,
      ),
    ),
    of(
      'tags-filled-up',
      '5.1.1',
      'A tag may take 5 bytes.',
      joined(tag(2, 0, 5), varint(1), tag(4, 2, 5), SENDER.subarray(1), UPTIME),
    ),
    of(
      'lengths-filled-up',
      '5.1.1',
      'A length may take 5 bytes.',
      joined(PROTOCOL, tag(4, 2), varint(SENDER.length - 2, 5), SENDER.subarray(2), UPTIME),
    ),
    of(
      'values-filled-up',
      '5.1.1',
      'A varint may take 10 bytes.',
      joined(num(2, 1, 10), SENDER, num(5, 1500, 10)),
    ),
    taken(
      'Packet',
      'defaults-written',
      '5.1.1',
      'A field that is written as 0 or empty is as one that is absent.',
      joined(
        num(1, 0),
        PROTOCOL,
        len(3),
        SENDER,
        UPTIME,
        len(6),
        len(7),
        len(8, num(1, 0), num(2, 0)),
      ),
      { notes: 'Of the heartbeat only its presence is left: it holds no ping and no answer.' },
    ),
    of(
      'groups-deepest',
      '5.1.2',
      'Groups inside groups of unknown fields are skipped, GROUP_DEPTH_MAX deep.',
      joined(PACKET, groups(1000, 100)),
    ),
    taken(
      'Packet',
      'parts-most',
      '5.1.3',
      'A packet may have PACKET_PARTS_MAX messages.',
      manyParts(0),
      {
        ...{ meaning: { ...minimal, heartbeat: {} }, alsoSections: ['5.1.5'] },
        limit: { name: 'PACKET_PARTS_MAX', above: 0 },
      },
    ),
  ];
}

/** The sender is one message, and each of the heartbeats, which are merged, another. */
export function manyParts(above: number): Run[] {
  return [
    { hex: hexOf(PACKET), times: 1 },
    { hex: hexOf(len(8)), times: PACKET_PARTS_MAX - 1 + above },
  ];
}

function pushed(): Uint8Array {
  return packet(parts.delta(parts.bounds(7, 9, 9, 2), entryOf(VALUE_BODY)));
}

function repeats(): Draft<'protobuf'>[] {
  const last = '5.1.5';
  return [
    taken(
      'Packet',
      'scalar-twice',
      last,
      'Of a field that comes twice the last counts.',
      joined(num(2, 9), SENDER, num(5, 1), PACKET, num(5, 1501)),
    ),
    taken(
      'Packet',
      'message-twice',
      last,
      'A message that comes twice is merged.',
      joined(
        PROTOCOL,
        len(4, id(1, BOB.owner), id(2, ALICE.logId)),
        UPTIME,
        len(4, id(1, ALICE.owner), num(3, ALICE.generation)),
      ),
    ),
    taken(
      'Packet',
      'uint32-wide',
      last,
      'Of a uint32 the low 32 bits count.',
      joined(num(2, 2n ** 32n + 1n), SENDER, UPTIME, len(8, num(1, 2n ** 63n + 5n))),
    ),
    taken(
      'Packet',
      'enum-wide',
      last,
      'Of an enum the low 32 bits count.',
      packet(parts.digest(parts.ownerDigest(num(5, 2n ** 32n + 1n)))),
    ),
    taken(
      'Packet',
      'bool-wide',
      last,
      'Any number but 0 is true.',
      packet(parts.digest(parts.ownerDigest(num(5, 1), num(9, 2n ** 32n)))),
    ),
  ];
}

function unknowns(): Draft<'protobuf'>[] {
  const minimal = packetToJson(PACKET) as object;
  const of = (name: string, title: string, bytes: Uint8Array) =>
    taken('Packet', name, '5.2.3', title, bytes, { meaning: minimal });
  const repeated = [num(1000, 1), num(1000, 300), len(1000, varint(1), varint(300))];
  const fixed = [tag(1002, 5), fromHex('01020304'), tag(1003, 1), fromHex('0102030405060708')];
  return [
    of('unknown-repeated', 'Unknown numbers are ignored, packed or not.', packet(...repeated)),
    of('unknown-bytes', 'Unknown bytes are not looked into.', packet(len(1001, fromHex('ff00ff')))),
    of(
      'unknown-group',
      'Unknown groups are ignored with what they hold.',
      packet(group(1000, num(1, 1), len(2, utf8('x')), group(3, ...fixed)), group(1001)),
    ),
    of('unknown-highest', 'The highest field number is 2^29 - 1.', packet(num(2 ** 29 - 1, 1))),
    of(
      'unknown-nested',
      'Unknown fields inside a message are ignored.',
      joined(PROTOCOL, len(4, parts.ALICE_FIELDS, ...fixed), UPTIME, ...fixed),
    ),
  ];
}

function integers(): Draft<'protobuf'>[] {
  const sender = (generation: number) =>
    joined(PROTOCOL, len(4, id(1, ALICE.owner), id(2, ALICE.logId), num(3, generation)), UPTIME);
  const body = (...more: Uint8Array[]) =>
    packet(parts.delta(parts.bounds(7, 9, 9), entryOf(VALUE_BODY, ...more)));
  const highest = joined(num(6, INTEGER_MAX), num(7, INTEGER_MAX), num(8, INTEGER_MAX));
  const range = '5.3.1';
  return [
    taken(
      'Packet',
      'integers-highest',
      range,
      'An integer may be 2^53 - 1.',
      joined(
        PROTOCOL,
        SENDER,
        num(5, INTEGER_MAX),
        parts.digest(parts.ownerDigest(num(5, 2), highest)),
      ),
    ),
    taken('Packet', 'generation-lowest', range, 'A generation may be 1.', sender(1)),
    taken(
      'Packet',
      'generation-highest',
      range,
      'A generation may be GENERATION_MAX.',
      sender(GENERATION_MAX),
    ),
    taken(
      'Packet',
      'want-without-generation',
      range,
      'A Want may have no generation.',
      packet(len(11, id(1, BOB.owner))),
    ),
    taken(
      'Packet',
      'remaining-highest',
      range,
      'An entry may live REMAINING_MS_MAX.',
      body(num(3, REMAINING_MS_MAX)),
    ),
    taken('Packet', 'remaining-absent', '8.2.2', 'Absent time means that it never ends.', body()),
    taken(
      'Packet',
      'remaining-zero',
      '8.2.2',
      'Time that is 0 is not as time that is absent.',
      body(num(3, 0)),
    ),
    taken(
      'Packet',
      'ping-highest',
      '13.5.1',
      'The number of a ping may be 2^32 - 1.',
      packet(len(8, num(1, 2 ** 32 - 1))),
    ),
  ];
}

/** An entry of a delta. */
export function entryOf(body: Uint8Array, ...more: Uint8Array[]): Uint8Array {
  return len(9, len(1, body), ...more);
}

/** A packet with one entry whose payload has so many bytes. */
export function withPayload(length: number): Run[] {
  const before = joined(len(1, VALUE_BODY), tag(2, 2), varint(length));
  const entry = joined(tag(9, 2), varint(before.length + length), before);
  const rest = joined(parts.ALICE_FIELDS, parts.bounds(7, 8, 8), entry);
  const start = joined(PACKET, tag(12, 2), varint(rest.length + length), rest);
  return filled(start, 0x61, length) as Run[];
}
