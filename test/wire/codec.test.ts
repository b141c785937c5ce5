import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import test from 'ava';
import * as fc from 'fast-check';
import { PacketSchema } from '../../gen/telepathine/v1/packet_pb.js';
import { TelepathineError } from '../../src/error.js';
import type { RefusalReason } from '../../src/wire/index.js';
import {
  decodePacket,
  encodePacket,
  GENERATION_MAX,
  PACKET_PARTS_MAX,
  VALUE_BYTES_MAX,
} from '../../src/wire/index.js';
import { packet as anyPacket } from './arbitraries.js';
import { checkProperty } from './property.js';

type Init = MessageInitShape<typeof PacketSchema>;

const id = (last: number) => Uint8Array.of(1, 0, 0, 0, 0, 0, 0, last);
const zeros = new Uint8Array(8);
const life = { owner: id(1), logId: id(2), generation: 5n };
const ownerDigest = { ...life, status: 1 };
const tooLarge = 2n ** 53n;

function bytesWith(change: Init): Uint8Array {
  return toBinary(
    PacketSchema,
    create(PacketSchema, { protocol: 1, sender: life, ...change } as Init),
  );
}

function reasonOf(bytes: Uint8Array): RefusalReason | 'taken' {
  const result = decodePacket(bytes);
  return result.ok ? 'taken' : result.reason;
}

test('what is encoded is decoded to the same packet', (t) => {
  checkProperty(
    fc.property(anyPacket, (packet) => {
      t.deepEqual(decodePacket(encodePacket(packet)), { ok: true, packet });
    }),
    300,
  );
});

test('no bytes make the decoder throw', (t) => {
  checkProperty(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !!decodePacket(bytes)));
  const changed = fc.tuple(anyPacket, fc.nat(), fc.nat(255)).map(([packet, at, value]) => {
    const bytes = encodePacket(packet);
    bytes[at % bytes.length] = value;
    return bytes;
  });
  checkProperty(
    fc.property(changed, (bytes) => !!decodePacket(bytes)),
    1000,
  );
  t.pass();
});

test('a packet that is cut off anywhere is refused or lacks its last parts', (t) => {
  const bytes = bytesWith({ votes: [{ ...life, opinion: 2 }] });
  for (let length = 0; length < bytes.length; length++) {
    const result = decodePacket(bytes.subarray(0, length));
    if (result.ok) t.is(result.packet.votes.length, 0);
  }
  t.is(reasonOf(bytes.subarray(0, bytes.length - 1)), 'malformed');
});

const refused: Record<string, [RefusalReason, Init]> = {
  'another protocol version': ['protocol-version', { protocol: 2 }],
  'no protocol version': ['protocol-version', { protocol: 0 }],
  'an unknown required feature': ['unknown-feature', { requiredFeatures: 1 }],
  'the highest required feature': ['unknown-feature', { requiredFeatures: 0x80000000 }],
  'a cluster of 256 bytes': ['too-large', { cluster: 'é'.repeat(128) }],
  'no sender': ['bad-id', { sender: undefined } as unknown as Init],
  'a sender of zeros': ['bad-id', { sender: { ...life, owner: zeros } }],
  'a sender without a log id': ['bad-id', { sender: { ...life, logId: new Uint8Array(0) } }],
  'a sender of 7 bytes': ['bad-id', { sender: { ...life, owner: id(1).subarray(1) } }],
  'generation 0': ['integer-range', { sender: { ...life, generation: 0n } }],
  'a generation above 2^48': [
    'integer-range',
    { sender: { ...life, generation: BigInt(GENERATION_MAX) + 1n } },
  ],
  'an uptime of 2^53': ['integer-range', { uptimeMs: tooLarge }],
  'an uptime of 2^64 - 1': ['integer-range', { uptimeMs: 2n ** 64n - 1n }],
  'a token of 9 bytes': ['bad-id', { token: new Uint8Array(9) }],
  'an echo of 1 byte': ['bad-id', { echo: new Uint8Array(1) }],
  'a sum of 4 bytes': ['bad-id', { fingerprints: [{ sum: new Uint8Array(4) }] }],
  'an empty range': ['bad-order', { fingerprints: [{ range: { start: id(1), end: id(1) } }] }],
  'a range that ends at zero': ['bad-order', { digests: [{ range: { end: zeros } }] }],
  'fingerprints that overlap': ['bad-order', { fingerprints: [{}, {}] }],
  'fingerprints that descend': [
    'bad-order',
    {
      fingerprints: [
        { range: { start: id(3), end: id(4) } },
        { range: { start: id(1), end: id(2) } },
      ],
    },
  ],
  'a digest with an owner twice': [
    'bad-order',
    { digests: [{ owners: [ownerDigest, ownerDigest] }] },
  ],
  'a digest without a status': ['unknown-enum', { digests: [{ owners: [life] }] }],
  'a status that is not known': [
    'unknown-enum',
    { digests: [{ owners: [{ ...life, status: 4 as 3 }] }] },
  ],
  'a digest version of 2^53': [
    'integer-range',
    { digests: [{ owners: [{ ...ownerDigest, version: tooLarge }] }] },
  ],
  'a digest age of 2^53': [
    'integer-range',
    { digests: [{ owners: [{ ...ownerDigest, ageMs: tooLarge }] }] },
  ],
  'a want of nobody': ['bad-id', { wants: [{ owner: zeros }] }],
  'a want with a log id of 3 bytes': [
    'bad-id',
    { wants: [{ owner: id(1), logId: new Uint8Array(3) }] },
  ],
  'a want with floor_max 2^53': [
    'integer-range',
    { wants: [{ owner: id(1), floorMax: tooLarge }] },
  ],
  'a delta from above to': ['bad-order', { deltas: [{ ...life, from: 2n, to: 1n, asOf: 3n }] }],
  'a delta to above as_of': ['bad-order', { deltas: [{ ...life, to: 2n, asOf: 1n }] }],
  'a floor above as_of': ['bad-order', { deltas: [{ ...life, to: 1n, asOf: 1n, floor: 2n }] }],
  'a remaining time of 2^53': [
    'integer-range',
    { deltas: [{ ...life, entries: [{ remainingMs: tooLarge }] }] },
  ],
  'a payload above 1 MiB': [
    'too-large',
    { deltas: [{ ...life, entries: [{ payload: new Uint8Array(VALUE_BYTES_MAX + 1) }] }] },
  ],
  'a vote without an opinion': ['unknown-enum', { votes: [life] }],
  'an opinion that is not known': ['unknown-enum', { votes: [{ ...life, opinion: 5 as 4 }] }],
  'a suspicion of nobody': ['bad-id', { suspicions: [{ ...life, owner: zeros }] }],
  'a probe of generation 0': ['integer-range', { probes: [{ ...life, generation: 0n }] }],
};

for (const [what, [reason, change]] of Object.entries(refused)) {
  test(`a packet with ${what} is refused as ${reason}`, (t) => {
    t.is(reasonOf(bytesWith(change)), reason);
  });
}

test('the limits themselves are taken', (t) => {
  const largest = 2n ** 53n - 1n;
  const bytes = bytesWith({
    cluster: 'x'.repeat(255),
    sender: { ...life, generation: BigInt(GENERATION_MAX) },
    uptimeMs: largest,
    fingerprints: [{}],
    deltas: [
      {
        ...life,
        from: largest,
        to: largest,
        asOf: largest,
        floor: largest,
        entries: [{ payload: new Uint8Array(VALUE_BYTES_MAX), remainingMs: 0n }],
        requiredFeatures: 0xffffffff,
      },
    ],
  });
  const result = decodePacket(bytes);
  if (!result.ok) return t.fail(result.reason);
  t.is(result.packet.uptimeMs, Number.MAX_SAFE_INTEGER);
  t.is(result.packet.deltas[0]?.requiredFeatures, 0xffffffff);
  t.is(result.packet.deltas[0]?.entries[0]?.remainingMs, 0);
  return t.deepEqual(result.packet.fingerprints, [
    { range: {}, count: 0, sum: '0000000000000000' },
  ]);
});

test('unknown fields of every wire type are ignored, inside messages too', (t) => {
  // Field 100, by wire type; the group holds a varint and another group.
  const unknown = [
    [0xa0, 0x06, 0xff, 0x01],
    [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
    [0xa2, 0x06, 2, 0xff, 0xff],
    [0xa3, 0x06, 0x08, 1, 0x13, 0x14, 0xa4, 0x06],
    [0xa5, 0x06, 1, 2, 3, 4],
  ].flat();
  const plain = bytesWith({ wants: [{ owner: id(7) }] });
  const want = [0x0a, 8, ...id(7), ...unknown];
  const bytes = Uint8Array.of(...bytesWith({}), ...unknown, 0x5a, want.length, ...want, ...unknown);
  t.deepEqual(decodePacket(bytes), decodePacket(plain));
});

test('a field given again replaces the earlier one', (t) => {
  const twice = Uint8Array.of(...bytesWith({ uptimeMs: 5n }), ...[0x28, 9]);
  t.deepEqual(decodePacket(twice), decodePacket(bytesWith({ uptimeMs: 9n })));
});

const malformed: Record<string, number[]> = {
  'field number 0': [0x00, 0x01],
  'a tag of 6 bytes': [0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00],
  'a tag above 32 bits': [0xf8, 0xff, 0xff, 0xff, 0x1f, 0x00],
  'a varint of 11 bytes': [0x28, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  'a varint of 65 bits': [0x28, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
  'a varint that is cut off': [0x28, 0x80],
  'a known field of another wire type': [0x2a, 0x01, 0x05],
  'a message that is cut off': [0x5a, 0x05, 0x0a],
  'a field that reaches past its message': [0x5a, 0x03, 0x0a, 0x08, 1, 2, 3, 4, 5, 6, 7, 8],
  'a length of 2^32 - 1': [0x5a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  'a group that does not end': [0xa3, 0x06, 0x08, 0x01],
  'a group with another end': [0xa3, 0x06, 0xac, 0x06],
  'the end of a group that did not begin': [0xa4, 0x06],
  'wire type 6': [0xa6, 0x06],
  'groups nested a thousand deep': Array.from({ length: 2000 }, () => 0x0b),
  'a cluster that is not UTF-8': [0x1a, 0x02, 0xc3, 0x28],
  'a surrogate in UTF-8': [0x1a, 0x03, 0xed, 0xa0, 0x80],
  'a long cluster that is not UTF-8': [0x1a, 40, ...new Array(39).fill(0x61), 0xff],
};

for (const [what, suffix] of Object.entries(malformed)) {
  test(`a packet with ${what} is malformed`, (t) => {
    t.is(reasonOf(Uint8Array.of(...bytesWith({}), ...suffix)), 'malformed');
  });
}

test('more messages than the limit are refused before they take memory', (t) => {
  const base = bytesWith({});
  const bytes = new Uint8Array(base.length + 2 * PACKET_PARTS_MAX);
  bytes.set(base);
  for (let at = base.length; at < bytes.length; at += 2) bytes[at] = 0x52;
  // The sender is a message too. Below the limit it is refused for what it says, not for its size.
  t.is(reasonOf(bytes.subarray(0, bytes.length - 2)), 'bad-order');
  t.is(reasonOf(bytes), 'too-many-parts');
});

test('lists of ranges that overlap, and a second partial list, are refused', (t) => {
  const [low, middle, high] = [1, 2, 3].map((byte) => new Uint8Array(8).fill(byte));
  const reasonWith = (...ranges: ({ start?: Uint8Array; end?: Uint8Array } | undefined)[]) =>
    reasonOf(bytesWith({ digests: ranges.map((range) => (range ? { range } : {})) } as Init));
  t.is(reasonWith({ end: middle! }, { start: middle! }), 'taken');
  t.is(reasonWith(undefined, { start: low!, end: high! }), 'taken');
  t.is(reasonWith({ end: high! }, { start: middle! }), 'bad-order');
  t.is(reasonWith({ start: middle! }, { end: middle! }), 'bad-order');
  t.is(reasonWith({}, {}), 'bad-order');
  t.is(reasonWith(undefined, undefined), 'bad-order');
});

test('what was decoded does not change with the bytes it came from', (t) => {
  const entries = [{ body: Uint8Array.of(1, 2, 3), payload: Uint8Array.of(4) }];
  const bytes = Buffer.from(bytesWith({ deltas: [{ ...life, header: id(9), entries }] }));
  const result = decodePacket(bytes);
  bytes.fill(0);
  if (!result.ok) return t.fail(result.reason);
  const [delta] = result.packet.deltas;
  t.deepEqual(delta?.entries, entries);
  return t.deepEqual(delta?.header, id(9));
});

test('an id that is no hex text is a mistake of the caller', (t) => {
  const [sample] = fc.sample(anyPacket, 1);
  for (const owner of ['', '0123', '0123456789ABCDEF', '0123456789abcde٣', '0123456789abcdeg']) {
    const sender = { owner, logId: '0123456789abcdef', generation: 1 };
    t.throws(() => encodePacket({ ...(sample as never as object), sender } as never), {
      code: 'INVALID_ARGUMENT',
    });
  }
});

for (const uptimeMs of [-1, 1.5, 2 ** 64]) {
  test(`a packet with the integer ${uptimeMs} is the caller's mistake, not a bare error`, (t) => {
    const [sample] = fc.sample(anyPacket, { numRuns: 1, seed: 1 });
    t.throws(() => encodePacket({ ...sample!, uptimeMs }), {
      instanceOf: TelepathineError,
      code: 'INVALID_ARGUMENT',
    });
  });
}
