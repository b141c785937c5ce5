/** 5: the form of packets, versions and ranges. */
import { encodePacket } from '../../wire/codec.js';
import {
  CLUSTER_BYTES_MAX,
  GENERATION_MAX,
  INTEGER_MAX,
  REMAINING_MS_MAX,
  VALUE_BYTES_MAX,
} from '../../wire/limits.js';
import type { Packet } from '../../wire/packet.js';
import { MadeOwner } from '../peer/made-owner.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { BAD_PING, believed, luringPacket, refusedPacket, sendInVain } from './harm.js';
import {
  bytesField,
  hex,
  joined,
  tag,
  UNKNOWN_FIELD,
  varint,
  varintField,
  WireType,
} from './odd-bytes.js';

const SENDER = 4;
const TOKEN = 6;
const HEARTBEAT = 8;
const PROBE = 13;
const UINT64_MAX = 2n ** 64n - 1n;

/** Something behind a packet that is right. */
const behind =
  (...parts: Uint8Array[]) =>
  (packet: Packet) =>
    joined(encodePacket(packet), ...parts);

/** 100 groups inside each other, and then some. */
function groups(depth: number): Uint8Array {
  const start = tag(UNKNOWN_FIELD, WireType.groupStart);
  const end = tag(UNKNOWN_FIELD, WireType.groupEnd);
  return joined(...Array(depth).fill(start), ...Array(depth).fill(end));
}

const MALFORMED: readonly (readonly [
  word: string,
  title: string,
  spoil: (packet: Packet) => Uint8Array,
])[] = [
  ['cut', 'bytes that end inside a field', (packet) => encodePacket(packet).slice(0, -1)],
  ['field-0', 'a field number of 0', behind(hex('0001'))],
  ['long-tag', 'a tag of more than 5 bytes', behind(hex('8880808080800001'))],
  ['long-varint', 'a varint of 11 bytes', behind(tag(5, 0), hex('8080808080808080808001'))],
  ['long-length', 'a length beyond the end', behind(tag(TOKEN, 2), varint(9), new Uint8Array(8))],
  ['length-2-31', 'a length of 2^32 - 1', behind(tag(UNKNOWN_FIELD, 2), varint(2 ** 32 - 1))],
  ['wire-type', 'a known field of another wire type', behind(tag(TOKEN, 0), varint(1))],
  ['wire-type-6', 'a wire type that does not exist', behind(tag(UNKNOWN_FIELD, 6), varint(1))],
  ['utf-8', 'a text that is not UTF-8', behind(bytesField(3, hex('ff')))],
  ['open-group', 'a group without its end', behind(tag(UNKNOWN_FIELD, WireType.groupStart))],
  ['stray-end', 'the end of a group that was not begun', behind(tag(UNKNOWN_FIELD, 4))],
  ['deep-groups', '101 groups inside each other', behind(groups(101))],
  [
    'inner',
    'an inner message that reaches beyond itself',
    behind(bytesField(HEARTBEAT, hex('0880'))),
  ],
];

const REFUSED: readonly ConformanceCase[] = [
  ...MALFORMED.map(([word, what, spoil]) =>
    refusedPacket(`5.1.2-${word}`, `A packet with ${what} is refused.`, 'malformed', spoil),
  ),
  ...[0, 2, 2 ** 32 - 1].map((protocol) =>
    refusedPacket(
      `5.2.1-version-${protocol}`,
      `A packet of protocol ${protocol} is refused.`,
      'protocol-version',
      (packet) => ({ ...packet, protocol }),
    ),
  ),
  ...[0, 31].map((bit) =>
    refusedPacket(
      `5.2.2-packet-bit-${bit}`,
      `A packet that requires feature bit ${bit} is refused.`,
      'unknown-feature',
      (packet) => ({ ...packet, requiredFeatures: 2 ** bit }),
    ),
  ),
  refusedPacket(
    '5.3.1-uptime',
    'An uptime of 2^53 refuses the packet.',
    'integer-range',
    (packet) => ({ ...packet, uptimeMs: INTEGER_MAX + 1 }),
  ),
  refusedPacket(
    '5.3.1-uptime-max',
    'An uptime of 2^64 - 1 refuses the packet.',
    'integer-range',
    behind(varintField(5, UINT64_MAX)),
  ),
  ...[0, GENERATION_MAX + 1].map((generation) =>
    refusedPacket(
      generation === 0 ? '5.3.1-generation-0' : '5.3.1-generation-max',
      `A generation of ${generation === 0 ? '0' : '2^48 + 1'} refuses the packet.`,
      'integer-range',
      (packet) => ({ ...packet, sender: { ...packet.sender, generation } }),
    ),
  ),
  refusedPacket(
    '5.3.1-version',
    'A version of 2^53 in a digest refuses the packet.',
    'integer-range',
    (packet) => {
      const [digest] = packet.digests;
      const [owner] = digest?.owners ?? [];
      return {
        ...packet,
        digests: owner ? [{ owners: [{ ...owner, version: INTEGER_MAX + 1 }] }] : [],
      };
    },
  ),
  refusedPacket(
    '5.3.1-remaining',
    'A remaining time above 2^48 ms refuses the packet.',
    'integer-range',
    (packet, { peer }) => {
      const intruder = new MadeOwner('intruder', { ...peer.address, udp: true });
      intruder.say('boo', 1, { remainingMs: REMAINING_MS_MAX + 1 });
      return { ...packet, digests: [], deltas: [intruder.delta()] };
    },
  ),
  refusedPacket(
    '5.3.2-short-token',
    'A token of 7 bytes refuses the packet.',
    'bad-id',
    behind(bytesField(TOKEN, new Uint8Array(7))),
  ),
  refusedPacket(
    '5.3.2-zero-owner',
    'An owner id of zeros refuses the packet.',
    'bad-id',
    behind(bytesField(SENDER, bytesField(1, new Uint8Array(8)))),
  ),
  refusedPacket(
    '5.3.2-long-log-id',
    'A log id of 9 bytes refuses the packet.',
    'bad-id',
    behind(bytesField(SENDER, bytesField(2, new Uint8Array(9)))),
  ),
  refusedPacket(
    '5.3.2-no-owner',
    'A probe of no owner refuses the packet.',
    'bad-id',
    behind(bytesField(PROBE, joined(bytesField(2, new Uint8Array(8)), varintField(3, 1)))),
  ),
  ...[0, 4].map((status) =>
    refusedPacket(
      `5.3.3-status-${status}`,
      `A status of ${status} refuses the packet.`,
      'unknown-enum',
      (packet) => withOwner(packet, { status: status as never }),
    ),
  ),
  ...[0, 5].map((opinion) =>
    refusedPacket(
      `5.3.3-opinion-${opinion}`,
      `A vote with opinion ${opinion} refuses the packet.`,
      'unknown-enum',
      (packet) => ({
        ...packet,
        votes: [{ ...packet.sender, incarnation: 0, opinion: opinion as never }],
      }),
    ),
  ),
  refusedPacket(
    '5.3.4-cluster',
    'A cluster name of 256 bytes refuses the packet.',
    'too-large',
    (packet) => ({
      ...packet,
      cluster: 'c'.repeat(CLUSTER_BYTES_MAX + 1),
    }),
  ),
  ...DISORDERS().map(([word, title, spoil]) =>
    refusedPacket(`5.3.5-${word}`, `A packet with ${title} is refused.`, 'bad-order', spoil),
  ),
  refusedPacket(
    '5.4.1-other-cluster',
    'A packet of another cluster is refused.',
    'other-cluster',
    (packet) => ({ ...packet, cluster: 'another' }),
  ),
  refusedPacket(
    '5.4.1-other-cluster-public',
    'In a public mesh a packet of another cluster is refused.',
    'other-cluster',
    (packet) => ({ ...packet, cluster: 'another' }),
    { features: ['public'], start: { keys: [] }, attachable: false },
  ),
  refusalCase('5.4.3-own-packet', 'A packet that names the node itself as its sender is refused.', {
    prepare: async (t) => ({ scene: await believed(t), own: await t.ownLife() }),
    attack: async (_t, { scene, own }) => {
      for (const link of scene.links) {
        const packet = { ...luringPacket(scene, link), sender: own };
        await sendInVain('5.4.3', link, () => link.sendPacketBytes(encodePacket(packet)));
      }
    },
    reason: 'own-packet',
  }),
];

function withOwner(
  packet: Packet,
  parts: Partial<Packet['digests'][number]['owners'][number]>,
): Packet {
  const [owner] = packet.digests[0]?.owners ?? [];
  return owner === undefined
    ? packet
    : { ...packet, digests: [{ owners: [{ ...owner, ...parts }] }] };
}

/** What rule 5.3.5 names. */
function DISORDERS(): (readonly [string, string, (packet: Packet) => Packet])[] {
  const whole = { range: {}, count: 1, sum: '0000000000000001' };
  const low = { ...whole, range: { end: '8000000000000000' } };
  const high = { ...whole, range: { start: '8000000000000000' } };
  const delta = (parts: object) => (packet: Packet) => ({
    ...packet,
    deltas: packet.deltas.map((each) => ({ ...each, entries: [], ...parts })),
  });
  return [
    [
      'same-owner-twice',
      'a digest with the same owner twice',
      (packet) => {
        const [owner] = packet.digests[0]?.owners ?? [];
        return { ...packet, digests: owner ? [{ owners: [owner, owner] }] : [] };
      },
    ],
    [
      'two-lists',
      'two partial lists',
      (packet) => ({ ...packet, digests: [{ owners: [] }, { owners: [] }] }),
    ],
    [
      'overlap',
      'fingerprints that overlap',
      (packet) => ({ ...packet, fingerprints: [whole, whole] }),
    ],
    [
      'descending',
      'fingerprints that descend',
      (packet) => ({ ...packet, fingerprints: [high, low] }),
    ],
    [
      'empty-range',
      'a range that ends where it starts',
      (packet) => ({
        ...packet,
        fingerprints: [{ ...whole, range: { start: '8000000000000000', end: '8000000000000000' } }],
      }),
    ],
    ['from-above-to', 'a delta that ends before it starts', delta({ from: 2, to: 1, asOf: 2 })],
    ['to-above-as-of', 'a delta that ends above its as_of', delta({ from: 0, to: 3, asOf: 2 })],
    [
      'floor-above-as-of',
      'a delta whose floor is above its as_of',
      delta({ from: 0, to: 2, asOf: 2, floor: 3 }),
    ],
  ];
}

const LARGE: readonly ConformanceCase[] = [
  refusedPacket(
    '5.1.3-too-many-parts',
    'A packet of more than 65,536 messages is refused.',
    'too-many-parts',
    behind(...Array(65_537).fill(bytesField(HEARTBEAT, new Uint8Array(0)))),
    // Only a stream carries so many.
    { features: ['tcp'], start: { udp: false }, attachable: false },
  ),
  refusedPacket(
    '5.3.4-payload',
    'A payload above 1 MiB refuses the packet.',
    'too-large',
    (packet, { peer }) => {
      const intruder = new MadeOwner('intruder', { ...peer.address, udp: true });
      intruder.set('k', 0, { payload: new Uint8Array(VALUE_BYTES_MAX + 1) });
      return { ...packet, deltas: [intruder.delta()] };
    },
    { features: ['tcp'], start: { udp: false }, attachable: false },
  ),
];

/** A packet as no encoder writes it, but as every reader must take it. */
function taken(id: string, title: string, write: (packet: Packet) => Uint8Array): ConformanceCase {
  return conformanceCase(
    id,
    title,
    async (t) => {
      const scene = await believed(t);
      for (const link of scene.links) {
        const after = link.mark;
        link.sendPacketBytes(
          write(link.packet({ heartbeat: { ping: BAD_PING, answer: 0, roundTripUs: 0 } })),
        );
        const rule = id.split('-', 1)[0] as string;
        const awaited = { rule, expected: 'an answer to the ping of such a packet' };
        await link.next(({ heartbeat }) => heartbeat?.answer === BAD_PING, awaited, after);
      }
    },
    { attachable: true },
  );
}

const TAKEN: readonly ConformanceCase[] = [
  taken('5.1.1-reversed', 'Fields in any order are taken.', (packet) => {
    const { owner, logId, generation } = packet.sender;
    const sender = joined(
      varintField(3, generation),
      bytesField(2, hex(logId)),
      bytesField(1, hex(owner)),
    );
    return joined(
      bytesField(HEARTBEAT, varintField(1, BAD_PING)),
      ...(packet.echo === undefined ? [] : [bytesField(7, hex(packet.echo))]),
      ...(packet.token === undefined ? [] : [bytesField(TOKEN, hex(packet.token))]),
      varintField(5, packet.uptimeMs),
      bytesField(SENDER, sender),
      bytesField(3, Buffer.from(packet.cluster)),
      varintField(2, packet.protocol),
    );
  }),
  taken('5.1.1-long-varints', 'Varints with bytes that are not needed are taken.', (packet) =>
    joined(encodePacket({ ...packet, protocol: 0 }), tag(2, 0), hex('818080808080808000')),
  ),
  taken('5.1.5-last-counts', 'Of a field that comes twice the last counts.', (packet) =>
    joined(encodePacket({ ...packet, protocol: 9 }), varintField(2, 1)),
  ),
  taken('5.1.5-merged', 'Embedded messages that come twice are merged.', (packet) =>
    joined(
      encodePacket({ ...packet, heartbeat: { ping: 1, answer: 0, roundTripUs: 7 } }),
      bytesField(HEARTBEAT, varintField(1, BAD_PING)),
    ),
  ),
  taken('5.1.5-low-32-bits', 'A uint32 keeps the low 32 bits of its varint.', (packet) =>
    joined(
      encodePacket(packet),
      bytesField(HEARTBEAT, varintField(1, 2n ** 32n + BigInt(BAD_PING))),
    ),
  ),
  taken('5.2.3-unknown-fields', 'Unknown fields of every wire type are ignored.', (packet) =>
    joined(
      encodePacket(packet),
      varintField(UNKNOWN_FIELD, UINT64_MAX),
      joined(tag(UNKNOWN_FIELD + 1, WireType.fixed64), new Uint8Array(8)),
      bytesField(UNKNOWN_FIELD + 2, hex('ff00')),
      joined(tag(UNKNOWN_FIELD + 3, WireType.fixed32), new Uint8Array(4)),
      bytesField(HEARTBEAT, varintField(UNKNOWN_FIELD, 1)),
      groups(100),
    ),
  ),
  conformanceCase(
    '5.4.4-no-parts',
    'A packet without parts is valid, and is not answered.',
    async (t) => {
      const { links } = await believed(t);
      for (const link of links) {
        const after = link.mark;
        link.send();
        await link.ping();
        const came = link.arrived.slice(after).length;
        t.check(came === 1, '5.4.4', 'only the answer to the ping behind it', link.seen(after));
      }
    },
    { attachable: true },
  ),
  conformanceCase(
    '5.4.2-sender-and-uptime',
    'Every packet names the life that sends it, and its uptime, which grows as time does.',
    async (t) => {
      const link = await (await t.peer()).link();
      const first = (await link.ping()).answer;
      await new Promise((resolve) => setTimeout(resolve, 300));
      const last = (await link.ping()).answer;
      const lives = new Set(link.arrived.map(({ packet }) => JSON.stringify(packet.sender)));
      t.check(lives.size === 1, '5.4.2', 'one life in all packets', [...lives].join(' '));
      const passedMs = last.atMs - first.atMs;
      const toldMs = last.packet.uptimeMs - first.packet.uptimeMs;
      const expected = `the uptime to grow by some ${Math.round(passedMs)} ms`;
      const holds = Math.abs(toldMs - passedMs) < 1000 && toldMs > 200;
      t.check(holds, '5.4.2', expected, `${toldMs} ms`);
    },
    { attachable: true },
  ),
];

export const PACKET_CASES: readonly ConformanceCase[] = [...TAKEN, ...REFUSED, ...LARGE];
