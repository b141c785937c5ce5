import test from 'ava';
import { decodePacket } from '../../src/wire/codec.js';
import { Status } from '../../src/wire/packet.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

function grown(count: number): { mesh: Mesh; nodes: MeshNode[] } {
  const mesh = new Mesh(21);
  const nodes = mesh.grow(count);
  mesh.run(3000);
  return { mesh, nodes };
}

/** The names of those whose ends a node has told of. */
function downs({ events }: MeshNode): string[] {
  return events.flatMap((event) => (event.type === 'peerDown' ? [event.name] : []));
}

/** The owners that a node has called dead in what it sent. */
function saidToBeDead(mesh: Mesh, name: string): string[] {
  const sent = mesh.sent.filter(({ from }) => from === mesh.address(name));
  return sent.flatMap(({ bytes }) => {
    const decoded = decodePacket(bytes);
    if (!decoded.ok) throw new Error(decoded.reason);
    const owners = decoded.packet.digests.flatMap((digest) => digest.owners);
    return owners.filter(({ status }) => status === Status.dead).map(({ owner }) => owner);
  });
}

/** Nothing reaches the node, what it sends arrives. */
function deafen(mesh: Mesh, name: string): void {
  mesh.mayPass = (_, to) => to !== mesh.address(name);
}

test('what a deaf node takes the others for stays its own matter', (t) => {
  const { mesh, nodes } = grown(6);
  const [deaf, ...others] = nodes as [MeshNode, ...MeshNode[]];
  mesh.recording = true;
  deafen(mesh, 'n0');
  mesh.run(80_000);
  t.deepEqual(mesh.live(deaf), []);
  mesh.mayPass = () => true;
  mesh.run(20_000);
  t.deepEqual(saidToBeDead(mesh, 'n0'), []);
  for (const other of others) {
    t.deepEqual(downs(other), ['n0'], other.name);
    t.is(mesh.live(other).length, 5);
  }
  t.is(mesh.live(deaf).length, 5);
});

test('of two that die at once, the one that is not back stays down where one was left', (t) => {
  const { mesh, nodes } = grown(3);
  const [left] = nodes as [MeshNode];
  mesh.kill('n1');
  mesh.kill('n2');
  mesh.run(20_000);
  t.deepEqual(mesh.live(left), []);
  left.events.length = 0;
  mesh.start('n1', ['n0']);
  mesh.run(20_000);
  t.deepEqual(mesh.live(left), ['n1']);
  const seen = left.events.filter(({ type }) => type === 'peerAlive');
  t.deepEqual(
    seen.map((event) => 'name' in event && event.name),
    ['n1'],
  );
  t.is(left.core.stats().verdicts, 3);
});

test('a node that hears again sees the others again', (t) => {
  const { mesh, nodes } = grown(3);
  const [deaf] = nodes as [MeshNode];
  deafen(mesh, 'n0');
  mesh.run(20_000);
  t.deepEqual(mesh.live(deaf), []);
  mesh.mayPass = () => true;
  const tookMs = mesh.until(() => mesh.live(deaf).length === 2, 20_000);
  t.true(tookMs < 10_000, `${tookMs} ms`);
});

test('a node whose line comes and goes stays down until the line has held', (t) => {
  const { mesh, nodes } = grown(5);
  const [, watcher] = nodes as [MeshNode, MeshNode];
  for (let turn = 0; turn < 5; turn++) {
    deafen(mesh, 'n0');
    mesh.run(20_000);
    mesh.mayPass = () => true;
    mesh.run(20_000);
  }
  t.deepEqual(downs(watcher), ['n0']);
  t.false(mesh.live(watcher).includes('n0'));
  mesh.run(20_000);
  t.true(mesh.live(watcher).includes('n0'));
});

test('who was cut off for longer than a minute is back as soon as it answers', (t) => {
  const { mesh, nodes } = grown(5);
  const [, watcher] = nodes as [MeshNode, MeshNode];
  deafen(mesh, 'n0');
  mesh.run(70_000);
  mesh.mayPass = () => true;
  const tookMs = mesh.until(() => mesh.live(watcher).includes('n0'), 30_000);
  t.true(tookMs < 10_000, `${tookMs} ms`);
});

/** One node that stays; the others come one by one, and each is killed before the next one comes. */
function oneByOne(count: number, deadGraceMs: number): { stays: MeshNode; saw: string[][] } {
  const mesh = new Mesh(3, {}, { heartbeatIntervalMs: 2500, burstMs: 6000, deadGraceMs });
  const stays = mesh.start('stays');
  const saw = Array.from({ length: count }, (_, index) => {
    const guest = mesh.start(`guest${index}`, ['stays']);
    mesh.run(6000);
    mesh.kill(guest.name);
    const { events } = guest;
    mesh.run(30_000);
    return events.flatMap((event) => (event.type === 'peerAlive' ? [event.name] : []));
  });
  return { stays, saw };
}

test('a guest that comes and goes does not keep a dead one from being forgotten', (t) => {
  const { stays } = oneByOne(10, 120_000);
  const known = stays.core.names('all');
  t.true(known.length <= 4, `${known}`);
  t.false(known.includes('guest0'));
});

test('who comes to a lonely node is not told that those who are gone live', (t) => {
  const { saw } = oneByOne(5, 24 * 3_600_000);
  for (const names of saw) t.deepEqual(names, ['stays']);
});

test('somebody who suspects a node again and again calls forth two contradictions a second', (t) => {
  const { mesh, nodes } = grown(4);
  const [target] = nodes as [MeshNode];
  mesh.recording = true;
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(1000);
  const { owner, logId, generation, incarnation } = target.core.self(mesh.nowMs);
  for (let count = 0; count < 100; count++) {
    const suspicion = { owner, logId, generation, incarnation: incarnation + count };
    evil.send('n0', { suspicions: [suspicion] });
    mesh.run(50);
  }
  const now = target.core.self(mesh.nowMs);
  t.is(now.generation, generation);
  t.true(now.incarnation > incarnation + 80, `${now.incarnation}: above what was suspected`);
  const pushed = mesh.sent.filter(({ from }) => from === mesh.address('n0'));
  const told = new Set(pushed.flatMap(({ bytes }) => incarnationsOf(bytes, owner)));
  t.true(told.size <= 12, `${told.size} in 5 s`);
});

/** What a packet says of an owner's incarnation. */
function incarnationsOf(bytes: Uint8Array, owner: string): number[] {
  const decoded = decodePacket(bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  const owners = decoded.packet.digests.flatMap((digest) => digest.owners);
  return owners.filter((each) => each.owner === owner).map((each) => each.incarnation);
}
