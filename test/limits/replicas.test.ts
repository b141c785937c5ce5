/** What a node takes of another: all that an owner may have, twice while a transfer runs. */
import test from 'ava';
import { Replicas } from '../../src/core/replicas.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import {
  BYTES_PER_OWNER_MAX,
  EVENTS_PER_OWNER_MAX,
  KEYS_PER_OWNER_MAX,
  VALUE_BYTES_MAX,
} from '../../src/wire/limits.js';
import { Encoding, type WireEntry } from '../../src/wire/packet.js';
import { makeOwner, makeState } from '../support/core-state.js';
import { idOf } from './core-parts.js';

const OVERLAP = 2;
const LARGEST = new Uint8Array(VALUE_BYTES_MAX);

/** A node that takes deltas of one owner, of whose transfer the end never comes. */
class Taker {
  readonly state = makeState({ heldBytesMax: 2 ** 40 });
  readonly owner = makeOwner(idOf(1));
  readonly #replicas = new Replicas(this.state, {
    headerTaken: () => undefined,
    shown: () => undefined,
    scheduleEnd: () => undefined,
  });
  /** High, so that all bodies are of one length. */
  #version = 2 ** 30;
  #to = 0;

  /** A delta of entries with payloads of these sizes. */
  take(payloadBytes: readonly number[]): string {
    const from = this.#to;
    const entries = payloadBytes.map((bytes): WireEntry => {
      this.#version += 1;
      return { body: bodyOf(this.#version), payload: LARGEST.subarray(0, bytes) };
    });
    const { owner, logId, generation } = this.owner;
    const header = new Uint8Array(0);
    this.#to = this.#version;
    const reach = { from, to: this.#to, asOf: 2 ** 40, floor: 0 };
    const delta = { owner, logId, generation, ...reach, header, entries, requiredFeatures: 0 };
    return this.#replicas.take(this.owner, delta);
  }
}

function bodyOf(version: number): Uint8Array {
  const content = { kind: 'value', encoding: Encoding.bytes, typeName: '', stamp: { time: 1 } };
  return encodeEntryBody({ version, name: '', content } as never);
}

test('512 MiB of an owner are taken, one byte more is refused, and so is all that follows', (t) => {
  const taker = new Taker();
  const bodyBytes = bodyOf(2 ** 30).length;
  const entryBytes = VALUE_BYTES_MAX + bodyBytes;
  const limit = OVERLAP * BYTES_PER_OWNER_MAX;
  const full = Math.floor(limit / entryBytes);
  for (let taken = 0; taken < full; taken++) t.is(taker.take([VALUE_BYTES_MAX]), 'staged');
  const left = limit - full * entryBytes;
  t.is(taker.take([left - bodyBytes]), 'staged');
  t.is(taker.owner.transfer?.bytes, limit);
  t.is(taker.take([0]), 'refused');
  t.is(taker.take([0]), 'refused');
  t.deepEqual(
    [...taker.state.counts.refusals],
    [
      ['owner-over-limit', 1],
      ['owner-refused', 1],
    ],
  );
});

test('400,000 keys and events of an owner are taken, and one more is refused', (t) => {
  const taker = new Taker();
  const limit = OVERLAP * (KEYS_PER_OWNER_MAX + EVENTS_PER_OWNER_MAX);
  const some = Array.from({ length: 10_000 }, () => 0);
  for (let taken = 0; taken < limit; taken += some.length) t.is(taker.take(some), 'staged');
  t.is(taker.owner.transfer?.entries.length, limit);
  t.is(taker.take([0]), 'refused');
  t.is(taker.state.counts.refusals.get('owner-over-limit'), 1);
});
