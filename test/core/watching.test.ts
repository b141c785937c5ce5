import test from 'ava';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

const NODES = 12;

/** The nodes in the order of the ring. */
function ringOf(nodes: readonly MeshNode[]): MeshNode[] {
  return [...nodes].sort((a, b) => (ownerIdOf(a.name) < ownerIdOf(b.name) ? -1 : 1));
}

/** Until all survivors know that a node is gone, that died together with its first two watchers. */
function noticedAfterMs(killedAtMs: number): number {
  const mesh = new Mesh(31);
  const ring = ringOf(mesh.grow(NODES));
  mesh.run(killedAtMs);
  const [gone, ...others] = ring.slice(0, 3) as [MeshNode, ...MeshNode[]];
  for (const { name } of [gone, ...others]) mesh.kill(name);
  const startMs = mesh.nowMs;
  const survivors = ring.slice(3);
  mesh.until(() => survivors.every((node) => !mesh.live(node).includes(gone.name)), 30_000);
  return mesh.nowMs - startMs;
}

test('who died together with its watchers is noticed hardly later', (t) => {
  const times = Array.from({ length: 8 }, (_, i) => noticedAfterMs(5000 + i * 500));
  t.true(Math.max(...times) < 5200);
});
