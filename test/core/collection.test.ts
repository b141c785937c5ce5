import test from 'ava';
import { Status } from '../../src/wire/packet.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

/** A node that remembers three others, and the nodes that it meets. */
function crowded(count: number): { mesh: Mesh; reader: MeshNode } {
  const mesh = new Mesh(9);
  mesh.recording = true;
  const reader = mesh.start('reader', [], { ownersMax: 4 });
  for (let i = 1; i <= count; i++) mesh.start(`n${i}`, ['reader']);
  mesh.run(3000);
  return { mesh, reader };
}

function known(mesh: Mesh, { core }: MeshNode): string[] {
  const peers = core.peers(mesh.nowMs);
  return peers.map(({ name, status }) => `${name} ${status}`).sort();
}

/** Somebody whom only the reader hears of. */
function meet(mesh: Mesh, name: string, number: number): void {
  const peer = new HandPeer(mesh, name, `10.9.9.${number}:9000`);
  peer.join('reader');
  mesh.run(100);
}

test('a node that remembers as many as it may makes room: who left goes first, then who died first', (t) => {
  const { mesh, reader } = crowded(3);
  mesh.kill('n1');
  mesh.until(() => known(mesh, reader).includes('n1 dead'), 60_000);
  mesh.kill('n2');
  mesh.until(() => known(mesh, reader).includes('n2 dead'), 60_000);
  mesh.input(mesh.node('n3'), { type: 'leave' });
  mesh.run(100);
  t.deepEqual(known(mesh, reader), ['n1 dead', 'n2 dead', 'n3 left']);
  meet(mesh, 'x1', 1);
  t.deepEqual(known(mesh, reader), ['n1 dead', 'n2 dead', 'x1 alive']);
  meet(mesh, 'x2', 2);
  t.deepEqual(known(mesh, reader), ['n2 dead', 'x1 alive', 'x2 alive']);
  const forgotten = reader.events.filter((event) => event.type === 'peerForgotten');
  t.deepEqual(
    forgotten.map((event) => event.name),
    ['n3', 'n1'],
  );
  t.is(reader.core.stats().refusals['too-many-owners'], undefined);
});

test('a node that remembers as many as it may, all of them alive, refuses and counts others', (t) => {
  const { mesh, reader } = crowded(3);
  meet(mesh, 'x1', 1);
  t.deepEqual(known(mesh, reader), ['n1 alive', 'n2 alive', 'n3 alive']);
  t.true((reader.core.stats().refusals['too-many-owners'] ?? 0) > 0);
});

test('a node that is long forgotten is new when it is heard of again, and not before', (t) => {
  const mesh = new Mesh(9);
  mesh.recording = true;
  const reader = mesh.start('reader');
  const peer = new HandPeer(mesh, 'x1', '10.9.9.1:9000');
  peer.join('reader');
  peer.send('reader', { digests: [{ owners: [peer.digest({ status: Status.left })] }] });
  const hear = () => {
    const now = { uptimeMs: 1000 + Math.floor(mesh.nowMs) };
    peer.send('reader', { ...now, heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } });
    peer.send('reader', { ...now, digests: [{ owners: [peer.digest()] }] });
    return reader.core.stats().owners;
  };
  mesh.run(61_000);
  t.is(reader.core.peer('x1', mesh.nowMs), undefined);
  t.is(hear(), 1);
  t.is(reader.core.stats().refusals['remembered-dead'], 1);
  mesh.run(3 * 3_600_000 - 2000);
  t.is(hear(), 1);
  mesh.run(2000);
  t.is(hear(), 2);
});

test('hearsay of one that has been dead for more than half the grace is refused', (t) => {
  const mesh = new Mesh(9);
  mesh.recording = true;
  const reader = mesh.start('reader', [], { deadGraceMs: 100_000 });
  const teller = new HandPeer(mesh, 'teller');
  teller.join('reader');
  const tell = (owner: string, ageMs: number) => {
    const digest = teller.digest({ owner, status: Status.dead, ageMs });
    teller.send('reader', { digests: [{ owners: [digest] }] });
    return reader.core.stats().owners;
  };
  t.is(tell('1111111111111111', 50_000), 3);
  t.is(tell('2222222222222222', 50_001), 3);
  t.is(reader.core.stats().refusals['dead-too-long'], 1);
});
