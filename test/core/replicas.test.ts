import test from 'ava';
import type { Owner } from '../../src/core/owner.js';
import { type DeltaResult, Replicas } from '../../src/core/replicas.js';
import type { CoreState } from '../../src/core/state.js';
import {
  BYTES_PER_OWNER_MAX,
  EVENTS_PER_OWNER_MAX,
  KEYS_PER_OWNER_MAX,
  VALUE_BYTES_MAX,
} from '../../src/wire/limits.js';
import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import type { Delta, WireEntry } from '../../src/wire/packet.js';
import { makeEntry, makeOwner, makeState } from '../support/core-state.js';

/** What one node holds of another. */
class Bench {
  readonly state: CoreState = makeState({ heldBytesMax: Number.MAX_SAFE_INTEGER });
  readonly owner: Owner = makeOwner(ownerIdOf('b'));
  readonly replicas = new Replicas(this.state, {
    headerTaken: () => undefined,
    shown: () => undefined,
    scheduleEnd: () => undefined,
  });

  take(changes: Partial<Delta>): DeltaResult {
    const { owner, logId, generation } = this.owner.statement;
    return this.replicas.take(this.owner, {
      ...{ owner, logId, generation, from: 0, to: 1, asOf: 1, floor: 0 },
      ...{ header: new Uint8Array(0), entries: [], requiredFeatures: 0 },
      ...changes,
    });
  }

  /** A part that is not the last, with so many tombstones or, if it has a size, values. */
  part(from: number, count: number, payloadBytes?: number): DeltaResult {
    const payload = new Uint8Array(payloadBytes ?? 0);
    const kind = payloadBytes === undefined ? 'tombstone' : 'value';
    const entries = Array.from({ length: count }, (_, index): WireEntry => {
      const { body } = makeEntry(from + index + 1, kind, 'k');
      return { body, payload };
    });
    return this.take({ from, to: from + count, asOf: Number.MAX_SAFE_INTEGER, entries });
  }

  refusals(reason: string): number {
    return this.state.counts.refusals.get(reason) ?? 0;
  }
}

test('an owner whose log needs a feature that this node lacks is refused from then on', (t) => {
  const bench = new Bench();
  t.is(bench.part(0, 1), 'staged');
  t.is(bench.take({ from: 1, to: 2, asOf: 2, requiredFeatures: 2 ** 31 }), 'refused');
  t.is(bench.refusals('unknown-feature'), 1);
  t.true(bench.owner.refused);
  t.is(bench.owner.transfer, undefined);
  t.is(bench.part(1, 1), 'refused');
  t.is(bench.refusals('owner-refused'), 1);
});

test('a transfer may hold twice the entries that an owner may have, and no more', (t) => {
  const bench = new Bench();
  const most = 2 * (KEYS_PER_OWNER_MAX + EVENTS_PER_OWNER_MAX);
  t.is(bench.part(0, 1), 'staged');
  const { entries } = bench.owner.transfer!;
  while (entries.length < most - 1) entries.push(entries[0]!);
  t.is(bench.part(1, 1), 'staged');
  t.is(bench.part(2, 1), 'refused');
  t.is(bench.refusals('owner-over-limit'), 1);
  t.true(bench.owner.refused);
});

test('a transfer may hold twice the bytes that an owner may have, and no more', (t) => {
  const bench = new Bench();
  const values = (2 * BYTES_PER_OWNER_MAX) / VALUE_BYTES_MAX - 1;
  for (let from = 0; from < values; from++) t.is(bench.part(from, 1, VALUE_BYTES_MAX), 'staged');
  t.is(bench.part(values, 1, VALUE_BYTES_MAX), 'refused');
  t.is(bench.refusals('owner-over-limit'), 1);
});

test('a header whose name does not make the id of its owner is refused', (t) => {
  const bench = new Bench();
  const versions = { protocolMin: 1, protocolMax: 1, features: 0 };
  const header = { version: 1, name: 'c', addresses: [], tags: {}, ...versions, keyIds: [] };
  t.is(bench.take({ header: encodeOwnerHeader(header) }), 'refused');
  t.is(bench.refusals('name-mismatch'), 1);
});

test('a second name under the id of a node that is known is refused', (t) => {
  const bench = new Bench();
  const versions = { protocolMin: 1, protocolMax: 1, features: 0 };
  const header = { version: 1, name: 'b', addresses: [], tags: {}, ...versions, keyIds: [] };
  const bytes = encodeOwnerHeader(header);
  // No two names with one hash are known: the first one is put there by hand.
  bench.owner.setHeader(new Uint8Array(0), { ...header, version: 0, name: 'a' });
  t.is(bench.take({ header: bytes }), 'refused');
  t.is(bench.refusals('owner-id-collision'), 1);
  t.is(bench.owner.name, 'a');
  bench.owner.setHeader(new Uint8Array(0), { ...header, version: 0 });
  t.not(bench.take({ header: bytes }), 'refused');
});
