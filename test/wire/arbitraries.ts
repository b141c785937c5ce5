/** Packets, bodies and headers as fast-check makes them: all within the limits of the schema. */
import * as fc from 'fast-check';
import type {
  Delta,
  Digest,
  EntryBody,
  Fingerprint,
  Life,
  OwnerDigest,
  OwnerHeader,
  Packet,
  Range,
  Suspicion,
  Vote,
  Want,
  WireEntry,
} from '../../src/wire/index.js';
import { Encoding, GENERATION_MAX, REMAINING_MS_MAX } from '../../src/wire/index.js';

const hexDigit = fc.constantFrom(...'0123456789abcdef');
export const hex64 = fc.string({ unit: hexDigit, minLength: 16, maxLength: 16 });
export const ownerId = hex64.filter((id) => id !== '0000000000000000');
export const integer = fc.oneof(fc.nat(300), fc.maxSafeNat());
const positive = integer.map((value) => Math.max(1, value));
const uint32 = fc.oneof(fc.nat(300), fc.nat(0xffffffff));
const generation = fc.integer({ min: 1, max: GENERATION_MAX });
const someBytes = fc.uint8Array({ maxLength: 200 });
/** A grapheme may have dozens of bytes: what is too long for a name or a cluster is left out. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .filter((value) => Buffer.byteLength(value) <= 255);

export const life: fc.Arbitrary<Life> = fc.record({ owner: ownerId, logId: hex64, generation });

export const range: fc.Arbitrary<Range> = fc
  .uniqueArray(ownerId, { minLength: 2, maxLength: 2 })
  .chain(([one = '', other = '']) => {
    const [start, end] = one < other ? [one, other] : [other, one];
    return fc.constantFrom<Range>({}, { start }, { end }, { start, end });
  });

/** Disjoint and ascending: neighbouring cuts of the space of ids. */
const fingerprints: fc.Arbitrary<Fingerprint[]> = fc
  .tuple(fc.uniqueArray(ownerId, { maxLength: 6 }), uint32, hex64)
  .map(([cuts, count, sum]) => {
    const ends = cuts.sort();
    return ends.map((end, index) => {
      const start = ends[index - 1];
      return { range: start === undefined ? { end } : { start, end }, count, sum };
    });
  });

const ownerDigest: fc.Arbitrary<OwnerDigest> = fc.record({
  owner: ownerId,
  logId: hex64,
  generation,
  incarnation: uint32,
  status: fc.constantFrom(1, 2, 3),
  version: integer,
  floor: integer,
  ageMs: integer,
  refused: fc.boolean(),
});

const owners = fc
  .uniqueArray(ownerDigest, { selector: (each) => each.owner, maxLength: 8 })
  .map((list) => list.sort((left, right) => (left.owner < right.owner ? -1 : 1)));

/** At most one list of a range and one partial list: others would overlap. */
function disjoint(digests: Digest[]): Digest[] {
  const ranged = digests.filter(({ range }) => range !== undefined).slice(0, 1);
  const partial = digests.filter(({ range }) => range === undefined).slice(0, 1);
  return [...partial, ...ranged];
}

const digest: fc.Arbitrary<Digest> = fc.record(
  { range, owners },
  { requiredKeys: ['owners'], noNullPrototype: true },
);

const want: fc.Arbitrary<Want> = fc.record(
  {
    owner: ownerId,
    logId: hex64,
    generation: fc.oneof(fc.constant(0), generation),
    version: integer,
    stagedTo: integer,
    asOf: integer,
    floorMax: integer,
  },
  {
    requiredKeys: ['owner', 'generation', 'version', 'stagedTo', 'asOf', 'floorMax'],
    noNullPrototype: true,
  },
);

const entry: fc.Arbitrary<WireEntry> = fc.record(
  {
    body: someBytes,
    payload: someBytes,
    remainingMs: integer.map((value) => Math.min(value, REMAINING_MS_MAX)),
  },
  { requiredKeys: ['body', 'payload'], noNullPrototype: true },
);

const delta: fc.Arbitrary<Delta> = fc
  .record({
    life,
    versions: fc.array(integer, { minLength: 3, maxLength: 3 }),
    floor: fc.double({ min: 0, max: 1, noNaN: true }),
    header: someBytes,
    entries: fc.array(entry, { maxLength: 5 }),
    requiredFeatures: uint32,
  })
  .map(({ life: whose, versions, floor, ...rest }) => {
    const [from = 0, to = 0, asOf = 0] = versions.sort((left, right) => left - right);
    return { ...whose, from, to, asOf, floor: Math.floor(floor * asOf), ...rest };
  });

const suspicion: fc.Arbitrary<Suspicion> = fc
  .tuple(life, uint32)
  .map(([whose, incarnation]) => ({ ...whose, incarnation }));

const vote: fc.Arbitrary<Vote> = fc
  .tuple(suspicion, fc.constantFrom(1, 2, 3, 4))
  .map(([about, opinion]) => ({ ...about, opinion: opinion as Vote['opinion'] }));

export const packet: fc.Arbitrary<Packet> = fc.record(
  {
    requiredFeatures: fc.constant(0),
    protocol: fc.constant(1),
    cluster: text,
    sender: life,
    uptimeMs: integer,
    token: hex64,
    echo: hex64,
    heartbeat: fc.record({ ping: uint32, answer: uint32, roundTripUs: uint32 }),
    fingerprints,
    digests: fc.array(digest, { maxLength: 3 }).map(disjoint),
    wants: fc.array(want, { maxLength: 3 }),
    deltas: fc.array(delta, { maxLength: 3 }),
    probes: fc.array(life, { maxLength: 3 }),
    suspicions: fc.array(suspicion, { maxLength: 3 }),
    votes: fc.array(vote, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      'requiredFeatures',
      'protocol',
      'cluster',
      'sender',
      'uptimeMs',
      'fingerprints',
      'digests',
      'wants',
      'deltas',
      'probes',
      'suspicions',
      'votes',
    ],
    noNullPrototype: true,
  },
);

const stamp = fc.record(
  { time: positive, origin: ownerId },
  { requiredKeys: ['time'], noNullPrototype: true },
);

const form = fc.oneof(
  fc.record({
    encoding: fc.constantFrom(Encoding.json, Encoding.bytes),
    typeName: fc.constant(''),
  }),
  fc.record({ encoding: fc.constant(Encoding.protobuf), typeName: fc.string({ minLength: 1 }) }),
);

export const entryBody: fc.Arbitrary<EntryBody> = fc.record({
  version: positive,
  name: text,
  content: fc.oneof(
    fc.tuple(form, stamp).map(([how, when]) => ({ kind: 'value' as const, ...how, stamp: when })),
    stamp.map((when) => ({ kind: 'tombstone' as const, stamp: when })),
    fc.tuple(form, positive).map(([how, sequence]) => ({ kind: 'say' as const, sequence, ...how })),
  ),
});

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const transport = fc.constantFrom<'udp' | 'tcp'>('udp', 'tcp');
const port = fc.integer({ min: 1, max: 65_535 });
const none = fc.constant(new Uint8Array(0));

const address = fc.oneof(
  fc.record({ family: fc.constant<4>(4), ip: fc.oneof(bytesOf(4), none), port, transport }),
  fc.record({ family: fc.constant<6>(6), ip: fc.oneof(bytesOf(16), none), port, transport }),
);

const tagName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
);

export const ownerHeader: fc.Arbitrary<OwnerHeader> = fc.record({
  version: positive,
  name: text.filter((name) => name !== ''),
  addresses: fc.array(address, { maxLength: 8 }),
  tags: fc.array(fc.tuple(tagName, text), { maxLength: 10 }).map(tagsOf),
  protocolMin: uint32,
  protocolMax: uint32,
  features: uint32,
  keyIds: fc.array(fc.string({ unit: hexDigit, minLength: 8, maxLength: 8 }), { maxLength: 16 }),
});

function tagsOf(pairs: [string, string][]): Record<string, string> {
  const tags: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) tags[name] = value;
  return tags;
}
