import test from 'ava';
import type { Core } from '../../src/core/core.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

const MIB = 2 ** 20;
const OVERHEAD_BYTES = 650;

function mesh(): { mesh: Mesh; reader: MeshNode } {
  const built = new Mesh(11);
  const reader = built.start('reader', [], { heldBytesMax: MIB });
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
