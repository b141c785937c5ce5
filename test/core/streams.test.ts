import test from 'ava';
import { Mesh } from '../support/mesh.js';

/** More than is pushed, and than fits a datagram. */
const LARGE = 'x'.repeat(5000);

/** Of two nodes whatever stream they have is dead from now on, and neither is told. */
function breakStreams(mesh: Mesh): void {
  const [a, b] = [mesh.address('n0'), mesh.address('n1')];
  mesh.deadStreams.add(`${a}#${b}`).add(`${b}#${a}`);
}

test('a stream that is dead without a word is given up, and a large value comes by another', (t) => {
  const mesh = new Mesh(5);
  const [, reader] = mesh.grow(2);
  mesh.run(2000);
  mesh.set('n0', 'first', LARGE);
  mesh.run(2000);
  breakStreams(mesh);
  mesh.set('n0', 'second', LARGE);
  mesh.run(30_000);
  t.deepEqual(reader!.core.remoteKeys('n0', mesh.nowMs), ['first'], 'it was broken');
  mesh.until(() => reader!.core.remoteKeys('n0', mesh.nowMs).length === 2, 90_000);
  t.is(reader!.core.stats().verdicts, 0);
});

test('a stream that dies without a word kills nobody where there are no datagrams', (t) => {
  const mesh = new Mesh(5);
  const nodes = mesh.grow(3, { udp: false });
  mesh.run(5000);
  breakStreams(mesh);
  mesh.run(30_000);
  for (const node of nodes) {
    t.deepEqual(
      node.events.filter(({ type }) => type === 'peerDown'),
      [],
      node.name,
    );
    t.is(mesh.live(node).length, 2);
  }
  t.deepEqual([...mesh.deadStreams].length, 1, 'one of the two names was that of their stream');
});
