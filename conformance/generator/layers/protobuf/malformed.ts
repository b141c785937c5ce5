/** Bytes that are no serialised packet (PROTOCOL.md, "Form"). */
import { fromHex, joined, utf8 } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import { ALICE } from '../../samples.js';
import { groups, id, len, num, tag, varint } from '../../wire.js';
import { refusedPacket } from './draft.js';
import type { Mutation } from './mutations.js';
import { FULL, manyParts } from './packets.js';
import * as parts from './samples.js';
import { PACKET, PROTOCOL, packet, SENDER, UPTIME } from './samples.js';

export function malformed(): Draft<'protobuf'>[] {
  const lists = [...cuts(), ...tagsAndLengths(), ...varints(), ...wireTypes(), ...texts()];
  return [
    ...[...lists, ...groupTags()].map(([name, of, by, bytes]) =>
      // A length is to be checked before memory is taken for what it announces.
      ({
        ...refusedPacket(name, of, by, 'malformed', bytes),
        ...(by === 'length-past-parent' && { alsoSections: ['5.1.4'] }),
      }),
    ),
    refusedPacket('parts-one-more', 'parts-most', 'parts-added', 'too-many-parts', manyParts(1), {
      ...{ name: 'PACKET_PARTS_MAX', above: 1 },
    }),
  ];
}

type Row = [name: string, mutationOf: string, mutation: Mutation, bytes: Uint8Array];

function cuts(): Row[] {
  const fixed = joined(PACKET, tag(1002, 5), fromHex('01020304'), tag(1003, 1));
  return [
    ['cut-in-varint', 'packet', 'cut-off', PACKET.subarray(0, -1)],
    ['cut-behind-tag', 'packet', 'cut-off', PACKET.subarray(0, -2)],
    ['cut-in-message', 'packet', 'cut-off', PACKET.subarray(0, 12)],
    ['cut-in-last-part', 'full', 'cut-off', FULL.subarray(0, -1)],
    ['cut-in-fixed', 'unknown-nested', 'cut-off', joined(fixed, fromHex('01020304050607'))],
    ['field-zero', 'packet', 'field-number-zero', packet(num(0, 1))],
    ['field-zero-bytes', 'packet', 'field-number-zero', packet(len(0, utf8('x')))],
    [
      'field-zero-nested',
      'packet',
      'field-number-zero',
      joined(PROTOCOL, len(4, parts.ALICE_FIELDS, num(0, 1)), UPTIME),
    ],
    ['zero-behind', 'packet', 'zero-byte-behind', joined(PACKET, fromHex('00'))],
    ['zeros-behind', 'packet', 'zero-byte-behind', joined(PACKET, fromHex('00000000'))],
  ];
}

function tagsAndLengths(): Row[] {
  const sender = SENDER.subarray(2);
  const wide = joined(
    varint(sender.length, 4).map((byte, at) => (at < 4 ? byte | 0x80 : byte)),
    fromHex('10'),
  );
  const past = joined(PROTOCOL, tag(4, 2), varint(sender.length + 30), sender, UPTIME);
  const inner = joined(id(1, ALICE.owner), num(3, 1), tag(2, 2), varint(9), fromHex(ALICE.logId));
  const of = (length: Uint8Array) => joined(PROTOCOL, tag(4, 2), length, sender, UPTIME);
  return [
    [
      'tag-of-6-bytes',
      'tags-filled-up',
      'tag-too-long',
      joined(tag(2, 0, 6), varint(1), SENDER, UPTIME),
    ],
    [
      'tag-of-6-bytes-unknown',
      'unknown-repeated',
      'tag-too-long',
      packet(tag(1000, 0, 6), varint(1)),
    ],
    [
      'tag-of-33-bits',
      'unknown-highest',
      'tag-too-wide',
      packet(fromHex('80808080 10'), varint(1)),
    ],
    [
      'tag-of-35-bits',
      'unknown-highest',
      'tag-too-wide',
      packet(fromHex('f8ffffff 7f'), varint(1)),
    ],
    ['length-of-6-bytes', 'lengths-filled-up', 'length-too-long', of(varint(sender.length, 6))],
    ['length-of-33-bits', 'lengths-filled-up', 'length-too-wide', of(wide)],
    ['length-highest', 'packet', 'length-past-parent', packet(tag(1001, 2), fromHex('ffffffff0f'))],
    [
      'length-of-31-bits',
      'packet',
      'length-past-parent',
      packet(tag(1001, 2), fromHex('ffffffff07')),
    ],
    ['length-past-end', 'packet', 'length-past-parent', past],
    [
      'length-past-message',
      'packet',
      'length-past-parent',
      joined(PROTOCOL, len(4, inner), UPTIME),
    ],
  ];
}

function varints(): Row[] {
  const uptime = (hex: string) => joined(PROTOCOL, SENDER, tag(5, 0), fromHex(hex));
  return [
    [
      'varint-of-11-bytes',
      'values-filled-up',
      'varint-too-long',
      joined(PROTOCOL, SENDER, num(5, 1500, 11)),
    ],
    ['varint-of-11-bytes-unknown', 'unknown-repeated', 'varint-too-long', packet(num(1000, 1, 11))],
    [
      'varint-of-11-bytes-uint32',
      'values-filled-up',
      'varint-too-long',
      joined(num(2, 1, 11), SENDER),
    ],
    ['varint-of-65-bits', 'values-filled-up', 'varint-too-wide', uptime('dc8b8080808080808002')],
    ['varint-of-70-bits', 'values-filled-up', 'varint-too-wide', uptime('dc8b808080808080807f')],
    [
      'varint-of-65-bits-uint32',
      'values-filled-up',
      'varint-too-wide',
      joined(tag(2, 0), fromHex('81808080808080808002'), SENDER, UPTIME),
    ],
    [
      'varint-of-65-bits-unknown',
      'unknown-repeated',
      'varint-too-wide',
      packet(tag(1000, 0), fromHex('81808080808080808002')),
    ],
  ];
}

function wireTypes(): Row[] {
  const heartbeat = (...fields: Uint8Array[]) => packet(len(8, ...fields));
  return [
    [
      'number-as-fixed',
      'packet',
      'wire-type-other',
      joined(tag(2, 5), fromHex('01000000'), SENDER, UPTIME),
    ],
    ['message-as-number', 'packet', 'wire-type-other', joined(PROTOCOL, num(4, 1), UPTIME)],
    ['number-packed', 'full', 'wire-type-other', heartbeat(len(1, varint(7)))],
    [
      'message-as-group',
      'packet',
      'wire-type-other',
      joined(PROTOCOL, tag(4, 3), tag(4, 4), UPTIME),
    ],
    [
      'enum-as-bytes',
      'statuses',
      'wire-type-other',
      packet(parts.digest(parts.ownerDigest(len(5, varint(1))))),
    ],
    ['wire-type-6', 'packet', 'wire-type-unknown', packet(tag(1000, 6), varint(1))],
    ['wire-type-7', 'packet', 'wire-type-unknown', packet(tag(1000, 7), varint(1))],
  ];
}

function texts(): Row[] {
  const cluster = (hex: string) => joined(PROTOCOL, len(3, fromHex(hex)), SENDER, UPTIME);
  const texts: [name: string, hex: string][] = [
    ['text-continuation', '6180'],
    ['text-cut', '61e282'],
    ['text-overlong', 'c0af'],
    ['text-surrogate', 'eda080'],
    ['text-above-unicode', 'f4908080'],
  ];
  return texts.map(([name, hex]) => [name, 'cluster-text', 'text-not-utf8', cluster(hex)]);
}

function groupTags(): Row[] {
  return [
    ['group-open', 'unknown-group', 'group-not-ended', packet(tag(1000, 3), num(1, 1))],
    [
      'group-open-in-message',
      'unknown-group',
      'group-not-ended',
      joined(PROTOCOL, len(4, parts.ALICE_FIELDS, tag(1000, 3)), UPTIME, tag(1000, 4)),
    ],
    ['group-end', 'unknown-group', 'group-end-alone', packet(tag(1000, 4))],
    [
      'group-ends-otherwise',
      'unknown-group',
      'group-end-other',
      packet(tag(1000, 3), tag(1001, 4)),
    ],
    [
      'group-field-zero',
      'unknown-group',
      'field-number-zero',
      packet(tag(1000, 3), num(0, 1), tag(1000, 4)),
    ],
    ['groups-101', 'groups-deepest', 'groups-too-deep', packet(groups(1000, 101))],
    ['groups-1000', 'groups-deepest', 'groups-too-deep', packet(groups(1000, 1000))],
  ];
}
