/** Digests, fingerprints, ranges and lists (PROTOCOL.md, "Digests"). */
import type { JsonObject } from '../../../src/conformance/vectors/upper-layers.js';
import { encodePacket } from '../../../src/wire/codec.js';
import { packetToJson } from '../../../src/wire/json.js';
import { ownerIdOf } from '../../../src/wire/owner-id.js';
import type { Fingerprint, OwnerDigest, Packet, Range } from '../../../src/wire/packet.js';
import { RIGHT, WRONG } from '../claims.js';
import { fromHex, hexOf } from '../hex.js';
import { type Draft, type LayerSource, VectorList } from '../layer-source.js';
import { type DigestMistake, fingerprintOf, hashOf } from '../models/digest.js';
import { BOB } from '../node/peer.js';
import { packetOf } from '../node/script.js';

const MUTATIONS = {
  'floor-omitted': 'The floor is not hashed.',
  'incarnation-omitted': 'The incarnation is not hashed.',
  'status-omitted': 'The status is not hashed.',
  'log-id-omitted': 'The log id is not hashed.',
  'generation-narrow': 'Only the low 32 bits of the generation are hashed.',
  'incarnation-wide': 'The incarnation takes 8 bytes.',
  'status-wide': 'The status takes 4 bytes.',
  'version-and-floor-swapped': 'The floor stands before the version.',
  'integers-little-endian': 'The integers are little-endian.',
  'age-added': 'The age is hashed too.',
  'refused-added': 'The refusal is hashed too.',
  'ids-as-text': 'The ids are hashed as hex digits.',
  'hash-from-end': 'The last 8 bytes of the SHA-256 are taken.',
  'hash-little-endian': 'The bytes of the hash are read in the reverse order.',
  'sum-exclusive-or': 'The hashes are joined by exclusive or.',
  'sum-of-halves': 'No carry goes from the lower half of the sum to the higher one.',
  'hash-of-all': 'The canonical bytes of all owners are hashed at once.',
  'end-included': 'The end belongs to the range.',
  'start-excluded': 'The start does not belong to the range.',
  'range-ignored': 'All owners are summed, whatever the range.',
  'count-of-all': 'All owners are counted, whatever the range.',
  'count-one-less': 'One owner is not counted.',
  'other-count': 'The counts differ.',
  'other-sum': 'The sums differ.',
  'owners-descending': 'The owners of a list descend.',
  'owner-twice': 'An owner is listed twice.',
  'partial-twice': 'There are two lists without range.',
  'ranges-overlap': 'Two ranges overlap.',
  'ranges-descending': 'The ranges descend.',
  'range-empty': 'The end of a range is not above its start.',
  'range-open-inside': 'A range that is not the last has no end.',
  'range-without-start': 'A range that is not the first has no start.',
  'end-short': 'The end of a range has 4 bytes.',
  'sum-long': 'The sum has 9 bytes.',
} as const satisfies Record<DigestMistake, string> & Record<string, string>;

export const digest: LayerSource<'digest'> = {
  layer: 'digest',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'digest'>({
      ...{ layer: 'digest', grade: 'MUST', level: 'basic', features: [] },
    });
    for (const draft of [...hashes(), ...wrongHashes()]) list.add(draft);
    for (const draft of [...sums(), ...wrongSums(), ...agreements()]) list.add(draft);
    for (const draft of [...lists(), ...wrongLists()]) list.add(draft);
    return list.vectors;
  },
  received: ({ given }) => (given.kind === 'packet' ? [{ bytes: fromHex(given.hex) }] : []),
};

type Mutation = keyof typeof MUTATIONS;

// Hashes of digests

const ALIVE = digestOf('alice', { logId: '0123456789abcdef', version: 9, floor: 2 });
const DEAD: OwnerDigest = {
  ...digestOf('bob', { logId: 'fedcba9876543210', generation: 1_700_000_000_001 }),
  ...{ incarnation: 3, status: 2, version: 2 ** 32 + 5, ageMs: 86_400 },
};
const FULL: OwnerDigest = {
  ...digestOf('carol', { logId: 'ffffffffffffffff', generation: 2 ** 48 }),
  ...{ incarnation: 2 ** 32 - 1, status: 3, version: 2 ** 53 - 1, floor: 2 ** 53 - 1 },
};
const BARE = digestOf('dave', { logId: '0000000000000000', generation: 1, version: 0 });
const REFUSED: OwnerDigest = { ...DEAD, refused: true };

function hashes(): Draft<'digest'>[] {
  return [
    hash('hash-alive', '10.3.1', 'The canonical bytes are 45, integers big-endian.', ALIVE),
    hash('hash-dead', '10.3.1', 'Incarnation and status are a part of the bytes.', DEAD),
    hash('hash-highest', '10.3.1', 'Integers above 32 bits keep all their bits.', FULL),
    hash('hash-lowest', '10.3.2', 'Zeros are hashed as they are.', BARE),
    hash('hash-refused', '10.3.3', 'Age and refusal are not a part of the bytes.', REFUSED),
  ];
}

function wrongHashes(): Draft<'digest'>[] {
  return [
    wrongHash('10.3.1', 'hash-alive', 'floor-omitted', ALIVE),
    wrongHash('10.3.1', 'hash-dead', 'incarnation-omitted', DEAD),
    wrongHash('10.3.1', 'hash-dead', 'status-omitted', DEAD),
    wrongHash('10.3.1', 'hash-alive', 'log-id-omitted', ALIVE),
    wrongHash('10.3.1', 'hash-highest', 'generation-narrow', FULL),
    wrongHash('10.3.1', 'hash-dead', 'incarnation-wide', DEAD),
    wrongHash('10.3.1', 'hash-alive', 'status-wide', ALIVE),
    wrongHash('10.3.1', 'hash-alive', 'version-and-floor-swapped', ALIVE),
    wrongHash('10.3.1', 'hash-alive', 'integers-little-endian', ALIVE),
    wrongHash('10.3.1', 'hash-alive', 'ids-as-text', ALIVE),
    wrongHash('10.3.2', 'hash-alive', 'hash-from-end', ALIVE),
    wrongHash('10.3.2', 'hash-alive', 'hash-little-endian', ALIVE),
    wrongHash('10.3.3', 'hash-refused', 'age-added', REFUSED),
    wrongHash('10.3.3', 'hash-refused', 'refused-added', REFUSED),
  ];
}

function hash(id: string, section: string, title: string, of: OwnerDigest): Draft<'digest'> {
  return { id, title, section, given: hashClaim(of), expect: RIGHT };
}

function wrongHash(
  section: string,
  mutationOf: string,
  mutation: DigestMistake,
  of: OwnerDigest,
): Draft<'digest'> {
  return { ...notSo(section, mutationOf, mutation), given: hashClaim(of, mutation), expect: WRONG };
}

function hashClaim(of: OwnerDigest, mistake?: DigestMistake) {
  return { kind: 'hash', digest: ownerJson(of), claim: hashOf(of, mistake) } as const;
}

// Fingerprints of ranges

const ALL = [ALIVE, DEAD, FULL, BARE, ...['erin', 'frank', 'grace'].map((name) => digestOf(name))];
ALL.sort((a, b) => (a.owner < b.owner ? -1 : 1));
const [THIRD, SIXTH] = [ALL[2]!.owner, ALL[5]!.owner];
const INNER: Range = { start: THIRD, end: SIXTH };

function sums(): Draft<'digest'>[] {
  return [
    sum('sum-of-none', 'Without owners count and sum are 0.', [], {}),
    sum('sum-of-one', 'The sum of one owner is its hash.', [ALIVE], {}),
    sum('sum-of-all', 'The sum is taken modulo 2^64.', ALL, {}),
    sum('sum-of-range', 'The start belongs to a range, the end does not.', ALL, INNER),
    sum('sum-below', 'An absent start is the lowest id.', ALL, { end: THIRD }),
    sum('sum-above', 'An absent end lies above the highest id.', ALL, { start: SIXTH }),
    sum('sum-of-empty-range', 'A range may have no owners.', ALL, {
      start: '0000000000000001',
      end: '0000000000000002',
    }),
  ];
}

function wrongSums(): Draft<'digest'>[] {
  return [
    wrongSum('10.3.3', 'sum-of-all', 'sum-exclusive-or', {}),
    wrongSum('10.3.3', 'sum-of-all', 'sum-of-halves', {}),
    wrongSum('10.3.3', 'sum-of-all', 'hash-of-all', {}),
    wrongSum('10.3.3', 'sum-of-all', 'count-one-less', {}),
    wrongSum('10.3.4', 'sum-of-range', 'end-included', INNER),
    wrongSum('10.3.4', 'sum-of-range', 'start-excluded', INNER),
    wrongSum('10.3.4', 'sum-of-range', 'range-ignored', INNER),
    wrongSum('10.3.4', 'sum-of-range', 'count-of-all', INNER),
  ];
}

function sum(id: string, title: string, digests: OwnerDigest[], range: Range): Draft<'digest'> {
  const isWhole = range.start === undefined && range.end === undefined;
  const section = isWhole ? '10.3.3' : '10.3.4';
  return { id, title, section, given: sumClaim(digests, range), expect: RIGHT };
}

function wrongSum(
  section: string,
  mutationOf: string,
  mutation: DigestMistake,
  range: Range,
): Draft<'digest'> {
  const given = sumClaim(ALL, range, mutation);
  return { ...notSo(section, mutationOf, mutation), given, expect: WRONG };
}

function sumClaim(digests: readonly OwnerDigest[], range: Range, mistake?: DigestMistake) {
  const claim = fingerprintOf(digests, range, mistake);
  return { kind: 'fingerprint', digests: digests.map(ownerJson), range, claim } as const;
}

function agreements(): Draft<'digest'>[] {
  const mine = { range: {}, ...fingerprintOf(ALL, {}) };
  const none = { range: {}, count: 0, sum: '0000000000000000' };
  const agreement = (
    id: string,
    title: string,
    ours: Fingerprint,
    theirs: Fingerprint,
  ): Draft<'digest'> => ({
    ...{ id, title, section: '10.3.5', expect: RIGHT },
    given: { kind: 'agreement', mine: sumJson(ours), theirs: sumJson(theirs) },
  });
  return [
    agreement('agree', 'Fingerprints of the same count and sum agree.', mine, { ...mine }),
    {
      ...agreement('agree-on-none', 'A sum that is absent is 0.', none, none),
      given: { kind: 'agreement', mine: sumJson(none), theirs: {} },
    },
    {
      ...agreement('other-count', '', mine, { ...mine, count: mine.count + 1 }),
      ...{ mutationOf: 'agree', mutation: 'other-count', expect: WRONG },
      title: 'Fingerprints of the same sum and another count do not agree.',
    },
    {
      ...agreement('other-sum', '', mine, { ...mine, sum: '0000000000000001' }),
      ...{ mutationOf: 'agree', mutation: 'other-sum', expect: WRONG },
      title: 'Fingerprints of the same count and another sum do not agree.',
    },
  ];
}

// Lists

const [A, B, C, D] = [ALL[0]!, ALL[1]!, ALL[2]!, ALL[3]!] as const;
const UPPER: Range = { start: C.owner };
const LOWER: Range = { end: C.owner };

function lists(): Draft<'digest'>[] {
  return [
    packet('partial-list', '10.4.1', 'A list without range is taken.', {
      digests: [{ owners: [A, B] }],
    }),
    packet('list-of-nobody', '10.4.1', 'A range may be listed as empty.', {
      digests: [{ range: LOWER, owners: [] }],
    }),
    packet('lists', '10.4.1', 'Lists of ranges ascend; a partial one may stand beside.', {
      digests: [
        { range: LOWER, owners: [A, B] },
        { range: { start: C.owner, end: D.owner }, owners: [C] },
        { range: { start: D.owner }, owners: [D] },
        { owners: [A] },
      ],
    }),
    packet('sums', '10.3.4', 'Fingerprints of ranges ascend and need not join.', {
      fingerprints: [fingerprint({ end: B.owner }), fingerprint({ start: C.owner })],
    }),
  ];
}

function wrongLists(): Draft<'digest'>[] {
  const list = (range: Range, owners: OwnerDigest[] = []) => ({ range, owners });
  const sumsOf = (...ranges: Range[]) => ({ fingerprints: ranges.map(fingerprint) });
  const order = 'bad-order';
  return [
    wrongPacket('partial-list', 'owners-descending', order, { digests: [{ owners: [B, A] }] }),
    wrongPacket('partial-list', 'owner-twice', order, { digests: [{ owners: [A, A] }] }),
    wrongPacket('lists', 'partial-twice', order, { digests: [{ owners: [A] }, { owners: [B] }] }),
    wrongPacket('lists', 'ranges-overlap', order, {
      digests: [list({ end: D.owner }, [A]), list(UPPER, [C])],
    }),
    wrongPacket('lists', 'ranges-descending', order, { digests: [list(UPPER), list(LOWER)] }),
    wrongPacket('lists', 'range-empty', order, {
      digests: [list({ start: B.owner, end: B.owner })],
    }),
    wrongPacket('sums', 'ranges-overlap', order, sumsOf({ end: C.owner }, { start: B.owner })),
    wrongPacket('sums', 'ranges-descending', order, sumsOf(UPPER, { end: B.owner })),
    wrongPacket('sums', 'range-open-inside', order, sumsOf({ start: A.owner }, UPPER)),
    wrongPacket('sums', 'range-without-start', order, sumsOf({ end: B.owner }, { end: C.owner })),
    {
      ...wrongPacket('sums', 'end-short', 'bad-id', {}),
      // fingerprints { range { end: 4 bytes } }
      given: rawPacket('4a080a061204', 'aabbccdd'),
    },
    {
      ...wrongPacket('sums', 'sum-long', 'bad-id', {}),
      // fingerprints { count: 1 sum: 9 bytes }
      given: rawPacket('4a0d10011a09', '010203040506070809'),
    },
  ];
}

function fingerprint(range: Range): Fingerprint {
  return { range, count: 1, sum: '0102030405060708' };
}

function packet(
  id: string,
  section: string,
  title: string,
  parts: Partial<Packet>,
): Draft<'digest'> {
  const bytes = encodePacket(packetOf(BOB.life, parts));
  return { id, title, section, given: packetGiven(bytes), expect: RIGHT };
}

function wrongPacket(
  mutationOf: string,
  mutation: Mutation,
  error: string,
  parts: Partial<Packet>,
): Draft<'digest'> {
  return {
    ...packet(`${mutationOf}-${mutation}`, error === 'bad-id' ? '5.3.2' : '5.3.5', '', parts),
    ...{ mutationOf, mutation, title: `A packet is refused if: ${MUTATIONS[mutation]}` },
    expect: { result: 'reject', layer: 'packet', error, connection: 'none' },
  };
}

/** A packet of bob that ends with these bytes. */
function rawPacket(...hex: string[]) {
  const bytes = encodePacket(packetOf(BOB.life));
  return packetGiven(new Uint8Array([...bytes, ...fromHex(hex.join(''))]));
}

function packetGiven(bytes: Uint8Array) {
  const json = packetToJson(bytes) as JsonObject;
  return { kind: 'packet', packet: json, hex: hexOf(bytes) } as const;
}

// Parts

function digestOf(name: string, parts: Partial<OwnerDigest> = {}): OwnerDigest {
  return {
    ...{ owner: ownerIdOf(name), logId: '00000000000000aa', generation: 1_700_000_000_000 },
    ...{ incarnation: 0, status: 1, version: 5, floor: 0, ageMs: 0, refused: false },
    ...parts,
  };
}

function ownerJson(of: OwnerDigest): JsonObject {
  const json = partsJson({ digests: [{ owners: [of] }] }) as {
    digests: [{ owners: [JsonObject] }];
  };
  return json.digests[0].owners[0];
}

function sumJson(of: Fingerprint): JsonObject {
  const json = partsJson({ fingerprints: [of] }) as { fingerprints: [JsonObject] };
  return json.fingerprints[0];
}

function partsJson(parts: Partial<Packet>): unknown {
  return packetToJson(encodePacket(packetOf(BOB.life, parts)));
}

function notSo(section: string, mutationOf: string, mutation: DigestMistake) {
  const title = `It is not so that: ${MUTATIONS[mutation]}`;
  return { id: `not-${mutation}`, title, section, mutationOf, mutation };
}
