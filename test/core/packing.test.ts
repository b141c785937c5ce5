import test from 'ava';
import * as fc from 'fast-check';
import { emptyParts, type OutgoingDelta, type Parts, pack } from '../../src/core/packing.js';
import { encodePacket } from '../../src/wire/codec.js';
import { INTEGER_MAX } from '../../src/wire/limits.js';
import type { Delta, Packet } from '../../src/wire/packet.js';
import { makePacket, makeState } from '../support/core-state.js';
import { life, ownerId, packet } from '../wire/arbitraries.js';
import { checkProperty } from '../wire/property.js';

const BUDGET = 1155;

function packed(parts: Parts, bytesMax = BUDGET): Packet[] {
  const state = makeState();
  const make = () =>
    makePacket(state, { token: 'aaaaaaaaaaaaaaaa', echo: 'bbbbbbbbbbbbbbbb', uptimeMs: 2 ** 40 });
  const first = make();
  first.heartbeat = { ping: 2 ** 32 - 1, answer: 2 ** 32 - 1, roundTripUs: 2 ** 32 - 1 };
  return pack(parts, first, make, bytesMax);
}

/** Versions that ascend by one to three, payloads of any size, now and then one that fits nowhere. */
const delta: fc.Arbitrary<OutgoingDelta> = fc
  .record({
    life,
    from: fc.oneof(fc.nat(10), fc.nat(20_000)),
    jump: fc.constantFrom(0, 0, 200, 2 ** 40),
    steps: fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.oneof(
          { weight: 8, arbitrary: fc.nat(80) },
          { weight: 3, arbitrary: fc.nat(900) },
          { weight: 1, arbitrary: fc.integer({ min: 1000, max: 3000 }) },
        ),
        fc.boolean(),
      ),
      { maxLength: 30, size: 'max' },
    ),
    beyond: fc.nat(3),
    more: fc.nat(3),
    header: fc.oneof(fc.constant(0), fc.nat(200), fc.constant(2000)),
  })
  .map(({ life: whose, from, jump, steps, beyond, more, header }) => {
    let version = from + jump;
    const entries = steps.map(([step, size, ends]) => {
      version += step;
      const entry = { version, body: new Uint8Array(12), payload: new Uint8Array(size) };
      return ends ? { ...entry, remainingMs: 5000 } : entry;
    });
    const to = version + beyond;
    return {
      ...whose,
      from,
      to,
      asOf: to + more,
      floor: 0,
      header: new Uint8Array(header),
      entries,
      requiredFeatures: 0,
    };
  });

const parts: fc.Arbitrary<Parts> = fc
  .record({
    lists: packet,
    statements: fc.uniqueArray(
      packet
        .map((each) => each.digests.flatMap((digest) => digest.owners)[0])
        .filter((each) => each !== undefined),
      { selector: (each) => each.owner, maxLength: 5 },
    ),
    deltas: fc.uniqueArray(delta, { selector: (each) => each.owner, maxLength: 5 }),
  })
  .map(({ lists, statements, deltas }) => ({
    fingerprints: lists.fingerprints,
    digests: lists.digests,
    statements,
    wants: lists.wants,
    deltas,
    probes: lists.probes,
    suspicions: lists.suspicions,
    votes: lists.votes,
  }));

test('every packet keeps to its budget', (t) => {
  const property = fc.property(parts, fc.constantFrom(400, BUDGET, 256 * 1024), (all, bytesMax) => {
    const fits = all.digests.every((digest) => digest.owners.length * 70 < bytesMax - 150);
    fc.pre(fits);
    for (const each of packed(all, bytesMax)) {
      const bytes = encodePacket(each).length;
      t.true(bytes <= bytesMax, `${bytes} of ${bytesMax}`);
    }
  });
  checkProperty(property, 300);
});

test('a part that begins at 0 and ends at a high version keeps to the budget too', (t) => {
  const life = { owner: '1111111111111111', logId: '1111111111111111', generation: 1 };
  const to = 2 ** 50;
  const header = new Uint8Array(0);
  for (let size = 950; size < BUDGET; size++) {
    const entries = [{ version: to, body: new Uint8Array(12), payload: new Uint8Array(size) }];
    const rest = { from: 0, to, asOf: to, floor: 0, header, entries, requiredFeatures: 0 };
    const packets = packed({ ...emptyParts(), deltas: [{ ...life, ...rest }] });
    for (const packet of packets) t.true(encodePacket(packet).length <= BUDGET, `${size}`);
  }
});

test('nothing is lost: all lists are there, and the statements by ascending owner', (t) => {
  const property = fc.property(parts, (all) => {
    const packets = packed(all);
    for (const name of ['fingerprints', 'wants', 'probes', 'suspicions', 'votes'] as const) {
      t.deepEqual(
        packets.flatMap((each) => each[name] as unknown[]),
        all[name] as unknown[],
      );
    }
    const digests = packets.flatMap((each) => each.digests);
    const partial = digests.filter((digest) => digest.range === undefined);
    t.deepEqual(
      partial.flatMap((digest) => digest.owners.map((owner) => owner.owner)),
      all.statements.map((owner) => owner.owner).sort(),
    );
    t.deepEqual(
      digests.filter((digest) => digest.range !== undefined).flatMap((digest) => digest.owners),
      all.digests.flatMap((digest) => digest.owners),
    );
  });
  checkProperty(property, 300);
});

/** What the parts of a delta say together; an empty part at the end only announces. */
function joined(whole: Delta, cut: Delta[]): string | undefined {
  let position = whole.from;
  for (const each of cut) {
    if (each.from !== position) return `a part starts at ${each.from}, not ${position}`;
    if (each.asOf !== whole.asOf || each.floor !== whole.floor) return 'another as_of or floor';
    if (each !== cut[0] && each.header.length > 0) return 'the header is repeated';
    position = each.to;
  }
  const expected = (whole as OutgoingDelta).entries.filter((entry) => entry.version <= position);
  const entries = cut.flatMap((each) => each.entries);
  return entries.length === expected.length && entries.every((entry, i) => entry === expected[i])
    ? undefined
    : 'other entries';
}

test('the parts of a delta joined again are the whole, or end before an entry that fits nowhere', (t) => {
  const property = fc.property(parts, (all) => {
    const packets = packed(all);
    for (const whole of all.deltas) {
      const cut = packets.flatMap((each) => each.deltas.filter((one) => one.owner === whole.owner));
      t.true(cut.length > 0);
      t.is(joined(whole, cut), undefined);
      const end = (cut.at(-1) as Delta).to;
      if (end === whole.to) continue;
      const next = whole.entries.find((entry) => entry.version > end);
      const tooLarge = (next?.payload.length ?? 0) > 900 || whole.header.length > 900;
      t.true(tooLarge, `it ends at ${end} of ${whole.to}`);
      t.true((cut.at(-1) as Delta).asOf > end);
    }
  });
  checkProperty(property, 300);
});

test('an entry that fits no packet is announced by an empty part whose as_of lies above', (t) => {
  const entries = [{ version: 1, body: new Uint8Array(12), payload: new Uint8Array(2000) }];
  const whole: OutgoingDelta = {
    owner: '1111111111111111',
    logId: '2222222222222222',
    generation: 1,
    from: 0,
    to: 1,
    asOf: 1,
    floor: 0,
    header: new Uint8Array(50),
    entries,
    requiredFeatures: 0,
  };
  const deltas = packed({ ...emptyParts(), deltas: [whole] }).flatMap((each) => each.deltas);
  t.is(deltas.length, 1);
  t.like(deltas[0], { from: 0, to: 0, asOf: 1, entries: [] });
});

test('many statements are spread over packets that all keep to the budget', (t) => {
  const ids = fc.sample(fc.uniqueArray(ownerId, { minLength: 200, maxLength: 200, size: 'max' }), {
    numRuns: 1,
    seed: 1,
  })[0] as string[];
  const statements = ids.map((owner) => ({
    owner,
    logId: 'ffffffffffffffff',
    generation: 2 ** 48,
    incarnation: 2 ** 32 - 1,
    status: 2 as const,
    version: INTEGER_MAX,
    floor: INTEGER_MAX,
    ageMs: INTEGER_MAX,
    refused: true,
  }));
  const packets = packed({ ...emptyParts(), statements });
  t.true(packets.every((each) => encodePacket(each).length <= BUDGET));
  const listed = packets.flatMap((each) => each.digests.flatMap((digest) => digest.owners));
  t.deepEqual(
    listed.map((owner) => owner.owner),
    ids.toSorted(),
  );
});
