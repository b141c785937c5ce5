import test from 'ava';
import type { Core } from '../../src/core/core.js';
import { HeldBytes } from '../../src/core/held-bytes.js';
import { lifeOf } from '../../src/core/life.js';
import { Owner } from '../../src/core/owner.js';
import { containerSizes } from '../support/containers.js';
import { makeOwner, makeState } from '../support/core-state.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

const MIB = 2 ** 20;
const OVERHEAD_BYTES = 650;

function mesh(): { mesh: Mesh; reader: MeshNode } {
  const built = new Mesh(11);
  const reader = built.start('reader', [], { heldBytesMax: (MIB * 4) / 3 });
  return { mesh: built, reader };
}

function writer(built: Mesh, name: string, options = {}): void {
  built.start(name, ['reader'], options);
  built.run(1000);
}

function refused({ core }: { core: Core }): number {
  return core.stats().refusals['node-over-limit'] ?? 0;
}

test('what the others hold is taken up to the bound of this node, and not beyond', (t) => {
  const { mesh: built, reader } = mesh();
  writer(built, 'a');
  // JSON adds two quotes; the body holds the key and a few bytes of framing.
  const bytes = (MIB - 3 * OVERHEAD_BYTES) / 2 - 200;
  built.set('a', 'one', 'x'.repeat(bytes));
  built.set('a', 'two', 'x'.repeat(bytes));
  built.run(3000);
  t.deepEqual(reader.core.remoteKeys('a', built.nowMs), ['one', 'two']);
  t.is(refused(reader), 0);
  built.set('a', 'three', 'x'.repeat(2000));
  built.run(3000);
  t.deepEqual(reader.core.remoteKeys('a', built.nowMs), ['one', 'two']);
  t.is(refused(reader), 1);
});

test('an owner that holds much does not shut out what the others hold of little', (t) => {
  const built = new Mesh(11);
  const reader = built.start('reader', [], { heldBytesMax: 2 ** 20, ownersMax: 16 });
  for (const name of ['a', 'b']) writer(built, name);
  for (let count = 0; count < 20; count++) {
    built.set('a', `big${count}`, 'x'.repeat(50_000));
    built.run(500);
  }
  t.is(refused(reader), 1);
  // A sixteenth of a quarter of a mebibyte.
  built.set('b', 'small', 'x'.repeat(12_000));
  built.run(3000);
  t.deepEqual(reader.core.remoteKeys('b', built.nowMs), ['small']);
  built.set('b', 'more', 'x'.repeat(60_000));
  built.run(3000);
  t.deepEqual(reader.core.remoteKeys('b', built.nowMs), ['small']);
  t.is(refused(reader), 2);
});

test('values that replace others take no room', (t) => {
  const { mesh: built, reader } = mesh();
  writer(built, 'a');
  for (let round = 0; round < 20; round++) {
    built.set('a', 'same', String(round).repeat(100_000));
    built.run(500);
  }
  t.deepEqual(reader.core.remoteKeys('a', built.nowMs), ['same']);
  t.is(reader.core.remoteGet('a', 'same', built.nowMs)?.payload.bytes.length, 200_002);
  t.is(refused(reader), 0);
});

test('an owner refused for want of room is asked again when another is forgotten', (t) => {
  const { mesh: built, reader } = mesh();
  for (const name of ['a', 'b']) {
    writer(built, name, { leftGraceMs: 2000 });
    built.set(name, 'big', 'x'.repeat(700_000));
    built.run(3000);
  }
  t.deepEqual(reader.core.remoteKeys('b', built.nowMs), []);
  t.is(refused(reader), 1);
  built.input(built.node('a'), { type: 'leave' });
  built.run(90_000);
  t.is(reader.core.peer('a', built.nowMs), undefined);
  t.deepEqual(reader.core.remoteKeys('b', built.nowMs), ['big']);
});

test('of a packet with many deltas that do not fit, what is held is counted once', (t) => {
  const state = makeState({ heldBytesMax: 1000 });
  const { directory } = state;
  let counts = 0;
  const all = directory.all.bind(directory);
  directory.all = () => {
    counts += 1;
    return all();
  };
  const held = new HeldBytes(state);
  const admits = (payloadBytes: number) => {
    const entries = [{ body: new Uint8Array(0), payload: new Uint8Array(payloadBytes) }];
    const life = { owner: '1111111111111111', logId: '1111111111111111', generation: 1 };
    const rest = { from: 0, to: 1, asOf: 1, floor: 0, header: new Uint8Array(0) };
    return held.admits(makeOwner(life.owner), { ...life, ...rest, entries, requiredFeatures: 0 });
  };
  state.source = { pushed: false, owner: undefined };
  t.true(admits(100));
  for (let refused = 0; refused < 50; refused++) t.false(admits(1000));
  t.is(counts, 1);
  state.source = { pushed: false, owner: undefined };
  t.false(admits(1000));
  t.is(counts, 2);
  held.changed();
  t.false(admits(1000));
  t.is(counts, 3);
});

test('an owner that is gone is not remembered to have been refused', (t) => {
  const state = makeState({ heldBytesMax: 0 });
  const held = new HeldBytes(state);
  const header = new Uint8Array(0);
  const entries = [{ body: new Uint8Array(1), payload: new Uint8Array(1) }];
  for (let number = 1; number <= 100; number++) {
    const owner = new Owner({ ...makeOwner('1111111111111111').statement, owner: `${number}` });
    const reach = { from: 0, to: 1, asOf: 1, floor: 0, requiredFeatures: 0 };
    t.false(held.admits(owner, { ...lifeOf(owner), ...reach, header, entries }));
    held.removed(owner);
  }
  t.is(containerSizes(held).get('HeldBytes.#crowdedOut'), 0);
});
