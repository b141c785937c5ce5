import test from 'ava';
import fc from 'fast-check';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import type { WireEntry } from '../../src/wire/packet.js';
import { ForgedLife } from '../support/forged-life.js';

const SLAB_BYTES = 1024;

/** Entries as they are after a packet with them was encoded and decoded. */
function decoded(entries: WireEntry[]): WireEntry[] {
  const life = new ForgedLife('n0', '10.0.0.1:9000');
  const delta = life.delta({ to: entries.length, asOf: entries.length, entries });
  const read = decodePacket(encodePacket(life.blank({ deltas: [delta] })));
  if (!read.ok) throw new Error(read.reason);
  return read.packet.deltas[0]?.entries ?? [];
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** The memory that stays with these parts. */
function memoryOf(parts: Uint8Array[]): number {
  const buffers = new Set(parts.map(({ buffer }) => buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

const part = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 1500 }));

test('entries come out as they went in, however long their parts, and none in the frame', (t) => {
  const property = fc.property(fc.array(fc.record({ body: part, payload: part })), (entries) => {
    const out = decoded(entries);
    t.deepEqual(out, entries);
    for (const { body, payload } of out) {
      for (const { length, buffer } of [body, payload]) {
        t.true(buffer.byteLength <= Math.max(length, SLAB_BYTES));
      }
    }
  });
  fc.assert(property, { numRuns: 200, seed: 1 });
});

test('small entries share memory, of which one that stays keeps at most 1024 bytes', (t) => {
  for (const [body, payload] of [
    [20, 20],
    [0, 20],
    [20, 0],
    [500, 500],
    [300, 500],
    [7, 511],
  ] as const) {
    const entries = Array.from({ length: 200 }, (_, index) => ({
      body: filled(body, index),
      payload: filled(payload, index),
    }));
    const out = decoded(entries);
    const kept = Math.max(...out.map((entry) => memoryOf([entry.body, entry.payload])));
    t.true(kept <= SLAB_BYTES, `${body} and ${payload} bytes keep ${kept}`);
    const all = memoryOf(out.flatMap((entry) => [entry.body, entry.payload]));
    t.true(all < 2 * 200 * (body + payload), `${body} and ${payload} bytes take ${all}`);
  }
  const [first, second] = decoded([
    { body: filled(20, 1), payload: filled(20, 2) },
    { body: filled(20, 3), payload: filled(20, 4) },
  ]);
  t.is(first?.body.buffer, second?.payload.buffer);
});

test('a part of more than half a slab is alone, and takes no memory beside its own', (t) => {
  const out = decoded([
    { body: filled(20, 1), payload: filled(513, 2) },
    { body: filled(20, 3), payload: filled(100_000, 4) },
  ]);
  t.deepEqual(
    out.map(({ payload }) => payload.buffer.byteLength),
    [513, 100_000],
  );
  t.is(memoryOf(out.map(({ body }) => body)), 40);
});

test('parts without bytes keep nothing', (t) => {
  const [entry] = decoded([{ body: filled(0, 0), payload: filled(0, 0) }]);
  t.is(memoryOf([entry!.body, entry!.payload]), 0);
});
