import test from 'ava';
import type { Digest, OwnerDigest } from '../../src/wire/packet.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';

for (const [count, kind] of [
  [65, 'udp'],
  [66, 'tcp'],
] as const) {
  test(`an exchange with one who knows ${count - 2} nodes more goes on by ${kind}`, (t) => {
    const mesh = new Mesh(7);
    mesh.recording = true;
    mesh.start('n0');
    const peer = new HandPeer(mesh, 'peer');
    peer.join('n0');
    const before = mesh.sent.length;
    peer.send('n0', { fingerprints: [{ range: {}, count, sum: '1'.repeat(16) }] });
    const answers = mesh.sent.slice(before).filter(({ to }) => to === peer.address);
    t.deepEqual([...new Set(answers.map((answer) => answer.kind))], [kind]);
  });
}

/** What a node that has set a value 3 times answers to a list that says so much of its log. */
function answersTo(list: (own: OwnerDigest) => Digest): OwnerDigest[] {
  const mesh = new Mesh(7);
  mesh.recording = true;
  mesh.start('n0');
  for (let value = 0; value < 3; value++) mesh.set('n0', 'a', value);
  const peer = new HandPeer(mesh, 'peer');
  peer.join('n0');
  mesh.run(1000);
  const { owner, logId, generation, incarnation } = mesh.node('n0').core.self(mesh.nowMs);
  peer.listen();
  peer.send('n0', {
    digests: [list(peer.digest({ owner, logId, generation, incarnation, version: 2 }))],
  });
  const told = peer.listen().flatMap((packet) => packet.digests.flatMap(({ owners }) => owners));
  return told.filter((digest) => digest.owner === owner);
}

test('a list of a range is answered with a higher version', (t) => {
  const [told] = answersTo((own) => ({ range: {}, owners: [own] }));
  t.true((told?.version ?? 0) > 2);
});

test('a partial list is not answered with a higher version, which would be answered in turn', (t) => {
  t.deepEqual(
    answersTo((own) => ({ owners: [own] })),
    [],
  );
});

test('a partial list is answered with a newer statement', (t) => {
  const older = (own: OwnerDigest) => ({ ...own, generation: own.generation - 1 });
  t.is(answersTo((own) => ({ owners: [older(own)] })).length, 1);
});
