import test from 'ava';
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
