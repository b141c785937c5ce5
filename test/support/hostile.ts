/** Packets that mean harm: bytes that were spoilt on the way, and parts that an honest node never sends. */
import * as fc from 'fast-check';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import type {
  Delta,
  Life,
  OwnerDigest,
  Packet,
  Suspicion,
  Vote,
  Want,
  WireEntry,
} from '../../src/wire/packet.js';

/** What is done to the bytes of a packet. */
export type Spoiling =
  | { kind: 'flip'; at: number; mask: number }
  | { kind: 'cut'; at: number }
  | { kind: 'insert'; at: number; bytes: Uint8Array }
  | { kind: 'repeat'; from: number; length: number }
  | { kind: 'replace'; bytes: Uint8Array };

const place = fc.nat(2000);

export const spoiling: fc.Arbitrary<Spoiling> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('flip' as const),
      at: place,
      mask: fc.integer({ min: 1, max: 255 }),
    }),
  },
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }),
  }),
  fc.record({ kind: fc.constant('repeat' as const), from: place, length: fc.nat(200) }),
  fc.record({ kind: fc.constant('replace' as const), bytes: fc.uint8Array({ maxLength: 300 }) }),
);

export function spoil(original: Uint8Array, how: readonly Spoiling[]): Uint8Array {
  let bytes = original;
  for (const each of how) bytes = spoilOnce(bytes, each);
  return bytes;
}

function spoilOnce(bytes: Uint8Array, how: Spoiling): Uint8Array {
  switch (how.kind) {
    case 'flip': {
      const copy = bytes.slice();
      const at = how.at % Math.max(1, copy.length);
      if (copy.length > 0) copy[at] = (copy[at] as number) ^ how.mask;
      return copy;
    }
    case 'cut':
      return bytes.slice(0, how.at % (bytes.length + 1));
    case 'insert': {
      const at = how.at % (bytes.length + 1);
      return Buffer.concat([bytes.slice(0, at), how.bytes, bytes.slice(at)]);
    }
    case 'repeat': {
      const from = how.from % (bytes.length + 1);
      return Buffer.concat([bytes, bytes.slice(from, from + how.length)]);
    }
    case 'replace':
      return how.bytes;
  }
}

/** Integers where arithmetic goes wrong: 2^53 - 1 is the highest that the wire lets through. */
const integer = fc.constantFrom(
  0,
  1,
  2,
  5,
  2 ** 32,
  Number.MAX_SAFE_INTEGER - 1,
  Number.MAX_SAFE_INTEGER,
);
const incarnation = fc.constantFrom(0, 1, 2 ** 32 - 1);
const text = fc.constantFrom(
  '',
  '__proto__',
  'constructor',
  'toString',
  '*',
  'a:b',
  'k0',
  '\u0000',
);

/** Parts that lie about the given lives and about one that nobody has heard of. */
export function hostileParts(lives: readonly Life[]): fc.Arbitrary<Partial<Packet>> {
  const life = lifeArbitrary(lives);
  return fc.record(
    {
      fingerprints: fc.constantFrom(
        [{ range: {}, count: 2 ** 32 - 1, sum: 'ffffffffffffffff' }],
        [{ range: {}, count: 0, sum: '0000000000000000' }],
        [{ range: { start: '4000000000000000' }, count: 3, sum: '0000000000000001' }],
      ),
      digests: digests(life),
      wants: fc.array(want(life), { maxLength: 4 }),
      deltas: fc.array(delta(life), { maxLength: 4 }),
      probes: fc.array(life, { maxLength: 3 }),
      suspicions: fc.array(suspicion(life), { maxLength: 3 }),
      votes: fc.array(vote(life), { maxLength: 3 }),
      heartbeat: fc.record({
        ping: fc.constantFrom(0, 1, 2 ** 32 - 1),
        answer: fc.constantFrom(0, 1, 2, 3, 2 ** 32 - 1),
        roundTripUs: fc.constantFrom(0, 2 ** 32 - 1),
      }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
}

/** The life as it is, of another start, of another generation, or of an owner that does not exist. */
function lifeArbitrary(lives: readonly Life[]): fc.Arbitrary<Life> {
  const some = fc.constantFrom(...lives, {
    owner: ownerIdOf('nobody'),
    logId: '1111111111111111',
    generation: 1,
  });
  const generation = fc.constantFrom('same', 'next', 'first', 'last');
  const logId = fc.constantFrom('same', '0000000000000000', 'ffffffffffffffff');
  return fc.tuple(some, generation, logId).map(([whose, which, log]) => ({
    owner: whose.owner,
    logId: log === 'same' ? whose.logId : log,
    generation:
      which === 'same'
        ? whose.generation
        : which === 'next'
          ? whose.generation + 1
          : which === 'first'
            ? 1
            : 2 ** 48,
  }));
}

function digests(life: fc.Arbitrary<Life>): fc.Arbitrary<Packet['digests']> {
  const owner: fc.Arbitrary<OwnerDigest> = fc
    .tuple(life, incarnation, fc.constantFrom(1, 2, 3), integer, integer, integer, fc.boolean())
    .map(([whose, raised, status, version, floor, ageMs, refused]) => ({
      ...whose,
      incarnation: raised,
      status: status as OwnerDigest['status'],
      version,
      floor,
      ageMs,
      refused,
    }));
  const owners = fc
    .uniqueArray(owner, { selector: (each) => each.owner, maxLength: 4 })
    .map((list) => list.toSorted((a, b) => (a.owner < b.owner ? -1 : 1)));
  const digest = fc.record(
    { range: fc.constant({}), owners },
    { requiredKeys: ['owners'], noNullPrototype: true },
  );
  return fc.array(digest, { maxLength: 2 });
}

function want(life: fc.Arbitrary<Life>): fc.Arbitrary<Want> {
  return fc
    .tuple(life, fc.boolean(), integer, integer, integer, integer)
    .map(([whose, any, version, stagedTo, asOf, floorMax]) => {
      const { owner, logId, generation } = whose;
      const rest = { version, stagedTo, asOf, floorMax };
      return any ? { owner, generation: 0, ...rest } : { owner, logId, generation, ...rest };
    });
}

function delta(life: fc.Arbitrary<Life>): fc.Arbitrary<Delta> {
  const entries = fc.array(entry(), { maxLength: 3 });
  return fc
    .tuple(life, integer, integer, integer, integer, entries, headerBytes())
    .map(([whose, one, two, three, floor, list, header]) => {
      const [from, to, asOf] = [one, two, three].sort((a, b) => a - b) as [number, number, number];
      return {
        ...whose,
        from,
        to,
        asOf,
        floor: Math.min(floor, asOf),
        header,
        entries: list,
        requiredFeatures: 0,
      };
    });
}

function headerBytes(): fc.Arbitrary<Uint8Array> {
  const name = fc.constantFrom('n0', 'n1', 'nobody', '__proto__', 'evil');
  const made = fc.tuple(name, fc.constantFrom(1, Number.MAX_SAFE_INTEGER)).map(([whose, version]) =>
    encodeOwnerHeader({
      version,
      name: whose,
      addresses: [{ family: 4, ip: Uint8Array.of(10, 9, 9, 9), port: 9000, transport: 'udp' }],
      tags: {},
      protocolMin: 0,
      protocolMax: 2 ** 32 - 1,
      features: 2 ** 32 - 1,
      keyIds: [],
    }),
  );
  return fc.oneof(fc.constant(new Uint8Array(0)), made, fc.uint8Array({ maxLength: 20 }));
}

function entry(): fc.Arbitrary<WireEntry> {
  const version = fc.constantFrom(1, 2, 5, Number.MAX_SAFE_INTEGER);
  const kind = fc.constantFrom('value', 'tombstone', 'say');
  const body = fc.tuple(version, text, kind, integer).map(([at, name, what, number]) => {
    const time = Math.max(1, number);
    const form = { encoding: 1, typeName: '' } as const;
    const content =
      what === 'say'
        ? ({ kind: 'say', sequence: time, ...form } as const)
        : what === 'value'
          ? ({ kind: 'value', ...form, stamp: { time } } as const)
          : ({ kind: 'tombstone', stamp: { time } } as const);
    return encodeEntryBody({ version: at, name, content });
  });
  const made = fc.record(
    {
      body,
      payload: fc.constantFrom(new Uint8Array(0), Buffer.from('1')),
      remainingMs: fc.constantFrom(0, 1, 1000, Number.MAX_SAFE_INTEGER),
    },
    { requiredKeys: ['body', 'payload'], noNullPrototype: true },
  );
  const random = fc.record({
    body: fc.uint8Array({ maxLength: 20 }),
    payload: fc.uint8Array({ maxLength: 5 }),
  });
  return fc.oneof({ weight: 4, arbitrary: made }, random);
}

function suspicion(life: fc.Arbitrary<Life>): fc.Arbitrary<Suspicion> {
  return fc.tuple(life, incarnation).map(([whose, raised]) => ({ ...whose, incarnation: raised }));
}

function vote(life: fc.Arbitrary<Life>): fc.Arbitrary<Vote> {
  return fc
    .tuple(suspicion(life), fc.constantFrom(1, 2, 3, 4))
    .map(([about, opinion]) => ({ ...about, opinion: opinion as Vote['opinion'] }));
}
