/** Packets that are well formed and refused for what they say (PROTOCOL.md, "Ranges"). */
import type { Bytes } from '../../../../src/conformance/vectors/vector.js';
import { CLUSTER_BYTES_MAX, GENERATION_MAX, VALUE_BYTES_MAX } from '../../../../src/wire/limits.js';
import { joined, utf8 } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import { ALICE, ALICE_TOKEN, BOB } from '../../samples.js';
import { id, len, num } from '../../wire.js';
import { type PacketReason, refusedPacket } from './draft.js';
import type { Mutation } from './mutations.js';
import { VALUE_BODY, withPayload } from './packets.js';
import * as parts from './samples.js';
import { PROTOCOL, packet, SENDER, UPTIME } from './samples.js';

export function refusedPackets(): Draft<'protobuf'>[] {
  return [
    ...rows('protocol-version', versions()),
    ...rows('unknown-feature', features()),
    ...rows('integer-range', integers()),
    ...rows('bad-id', ids()),
    ...rows('unknown-enum', enums()),
    ...rows('bad-order', orders()),
    ...rows('bad-order', deltas()),
    ...rows('too-large', [
      [
        'cluster-too-long',
        'cluster-longest',
        'too-long',
        cluster('c'.repeat(CLUSTER_BYTES_MAX + 1)),
      ],
      [
        'cluster-bytes',
        'cluster-longest',
        'too-long',
        cluster('\u00eb'.repeat((CLUSTER_BYTES_MAX + 1) / 2)),
      ],
    ]),
    refusedPacket(
      'payload-too-long',
      'payload-longest',
      'too-long',
      'too-large',
      withPayload(VALUE_BYTES_MAX + 1),
      { name: 'VALUE_BYTES_MAX', above: 1 },
    ),
  ];
}

type Row = [name: string, mutationOf: string, mutation: Mutation, bytes: Uint8Array | Bytes];

function rows(error: PacketReason, list: Row[]): Draft<'protobuf'>[] {
  return list.map(([name, of, by, bytes]) => refusedPacket(name, of, by, error, bytes));
}

function cluster(name: string): Uint8Array {
  return joined(PROTOCOL, len(3, utf8(name)), SENDER, UPTIME);
}

function versions(): Row[] {
  const of = (version: number) => joined(num(2, version), SENDER, UPTIME);
  return [
    ['protocol-absent', 'packet', 'protocol-absent', joined(SENDER, UPTIME)],
    ['protocol-zero', 'packet', 'protocol-absent', of(0)],
    ['protocol-2', 'packet', 'protocol-other', of(2)],
    ['protocol-highest', 'packet', 'protocol-other', of(2 ** 32 - 1)],
    [
      'protocol-last',
      'scalar-twice',
      'protocol-other',
      joined(PROTOCOL, SENDER, UPTIME, num(2, 9)),
    ],
  ];
}

function features(): Row[] {
  const of = (bits: number) => joined(num(1, bits), parts.PACKET);
  return [
    ['feature-first', 'packet', 'feature-required', of(1)],
    ['feature-last', 'packet', 'feature-required', of(2 ** 31)],
    ['feature-all', 'packet', 'feature-required', of(2 ** 32 - 1)],
  ];
}

function integers(): Row[] {
  const uptime = (value: bigint) => joined(PROTOCOL, SENDER, num(5, value));
  const sender = (...fields: Uint8Array[]) =>
    joined(PROTOCOL, len(4, id(1, ALICE.owner), id(2, ALICE.logId), ...fields), UPTIME);
  const owner = (field: number, value: bigint) =>
    packet(parts.digest(parts.ownerDigest(num(5, 2), num(field, value))));
  const remaining = (value: bigint) => {
    const entry = len(9, len(1, VALUE_BODY), num(3, value));
    return packet(parts.delta(parts.bounds(7, 9, 9), entry));
  };
  const above = 'integer-above';
  const generation = 'generation-out-of-range';
  return [
    ['uptime-2-53', 'integers-highest', above, uptime(2n ** 53n)],
    ['uptime-2-53-and-1', 'integers-highest', above, uptime(2n ** 53n + 1n)],
    ['uptime-2-64-less-1', 'integers-highest', above, uptime(2n ** 64n - 1n)],
    ['version-2-53', 'integers-highest', above, owner(6, 2n ** 53n)],
    ['age-2-63', 'integers-highest', above, owner(8, 2n ** 63n)],
    ['generation-absent', 'generation-lowest', generation, sender()],
    ['generation-zero', 'generation-lowest', generation, sender(num(3, 0))],
    ['generation-above', 'generation-highest', generation, sender(num(3, GENERATION_MAX + 1))],
    [
      'want-generation-above',
      'want-without-generation',
      generation,
      packet(len(11, id(1, BOB.owner), num(3, GENERATION_MAX + 1))),
    ],
    [
      'vote-generation-zero',
      'opinions',
      generation,
      packet(len(15, id(1, BOB.owner), id(2, BOB.logId), num(5, 1))),
    ],
    ['remaining-above', 'remaining-highest', 'remaining-above', remaining(2n ** 48n + 1n)],
    ['remaining-2-64-less-1', 'remaining-highest', 'remaining-above', remaining(2n ** 64n - 1n)],
  ];
}

function ids(): Row[] {
  const sender = (...fields: Uint8Array[]) => joined(PROTOCOL, len(4, ...fields), UPTIME);
  const rest = [id(2, ALICE.logId), num(3, ALICE.generation)];
  const zero = id(1, parts.NO_ID);
  return [
    ['token-of-7-bytes', 'token-zero', 'id-length', packet(id(6, ALICE_TOKEN.slice(2)))],
    ['echo-of-9-bytes', 'full', 'id-length', packet(id(7, `${ALICE_TOKEN}00`))],
    ['owner-of-4-bytes', 'packet', 'id-length', sender(id(1, '2bd806c9'), ...rest)],
    ['sum-of-7-bytes', 'sum-zero', 'id-length', packet(len(9, num(2, 1), id(3, '00000000000000')))],
    [
      'range-start-of-1-byte',
      'range-ends-absent',
      'id-length',
      packet(len(9, parts.range('40', ''))),
    ],
    ['sender-absent', 'packet', 'id-absent', joined(PROTOCOL, UPTIME)],
    ['sender-empty', 'packet', 'id-absent', sender()],
    ['owner-absent', 'packet', 'id-absent', sender(...rest)],
    ['log-id-absent', 'packet', 'id-absent', sender(id(1, ALICE.owner), num(3, 1))],
    ['want-owner-absent', 'want-of-any-life', 'id-absent', packet(len(11))],
    ['sender-owner-zero', 'packet', 'owner-zero', sender(zero, ...rest)],
    [
      'digest-owner-zero',
      'statuses',
      'owner-zero',
      packet(parts.digest(len(2, zero, ...rest, num(5, 1)))),
    ],
    ['want-owner-zero', 'want-of-any-life', 'owner-zero', packet(len(11, zero))],
    ['delta-owner-zero', 'delta-of-nothing', 'owner-zero', packet(len(12, zero, ...rest))],
    ['probe-owner-zero', 'full', 'owner-zero', packet(len(13, zero, ...rest))],
  ];
}

function enums(): Row[] {
  const status = (...fields: Uint8Array[]) => packet(parts.digest(parts.ownerDigest(...fields)));
  const opinion = (...fields: Uint8Array[]) => packet(len(15, parts.BOB_FIELDS, ...fields));
  return [
    ['status-absent', 'statuses', 'enum-absent', status()],
    ['status-zero', 'statuses', 'enum-absent', status(num(5, 0))],
    ['status-4', 'statuses', 'enum-unknown', status(num(5, 4))],
    ['status-negative', 'statuses', 'enum-unknown', status(num(5, 2n ** 64n - 1n))],
    ['opinion-absent', 'opinions', 'enum-absent', opinion()],
    ['opinion-zero', 'opinions', 'enum-absent', opinion(num(5, 0))],
    ['opinion-5', 'opinions', 'enum-unknown', opinion(num(5, 5))],
    ['opinion-128', 'opinions', 'enum-unknown', opinion(num(5, 128))],
  ];
}

function orders(): Row[] {
  const [one, two, three] = parts.QUARTERS;
  const [alice, bob] = [parts.ALICE_FIELDS, parts.BOB_FIELDS].map((life) =>
    len(2, life, num(5, 1)),
  );
  const ranges = (...list: [start: string, end: string][]) =>
    packet(...list.map(([start, end]) => parts.fingerprint(start, end)));
  const lists = (...list: [start: string, end: string][]) =>
    packet(...list.map(([start, end]) => parts.digest(parts.range(start, end))));
  const of = 'ranges-adjacent';
  return [
    ['owners-reversed', of, 'order-reversed', packet(parts.digest(bob!, alice!))],
    ['owner-doubled', of, 'order-doubled', packet(parts.digest(alice!, alice!))],
    ['partial-list-doubled', of, 'order-doubled', packet(parts.digest(alice!), parts.digest(bob!))],
    ['ranges-reversed', of, 'order-reversed', ranges([two, three], [one, two])],
    ['lists-reversed', of, 'order-reversed', lists([two, three], [one, two])],
    ['ranges-overlap', of, 'ranges-overlap', ranges([one, three], [two, ''])],
    ['lists-overlap', of, 'ranges-overlap', lists([one, three], [two, ''])],
    ['range-doubled', of, 'order-doubled', ranges([one, two], [one, two])],
    ['range-without-end', of, 'range-open', ranges([one, ''], [two, three])],
    ['range-without-start', of, 'range-open', ranges([one, two], ['', three])],
    ['whole-and-range', of, 'range-open', packet(len(9, num(2, 1)), parts.fingerprint(one, two))],
    ['list-without-end', of, 'range-open', lists([one, ''], [two, three])],
    ['range-of-nothing', of, 'range-empty', ranges([one, one])],
    ['range-backwards', of, 'range-empty', ranges([two, one])],
    ['range-to-zero', of, 'range-empty', ranges(['', parts.NO_ID])],
    ['list-of-nothing', of, 'range-empty', lists([one, one])],
  ];
}

function deltas(): Row[] {
  const of = (...bounds: [from: number, to: number, asOf: number, floor?: number]) =>
    packet(parts.delta(parts.bounds(...bounds)));
  return [
    ['delta-backwards', 'delta-of-nothing', 'bounds-crossed', of(8, 7, 9)],
    ['delta-beyond-as-of', 'delta-of-nothing', 'bounds-crossed', of(7, 10, 9)],
    ['delta-floor-beyond', 'delta-of-nothing', 'bounds-crossed', of(7, 7, 9, 10)],
    ['delta-without-to', 'delta-of-nothing', 'bounds-crossed', of(7, 0, 9)],
    ['delta-without-as-of', 'delta-of-nothing', 'bounds-crossed', of(7, 7, 0)],
  ];
}
