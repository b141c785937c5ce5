import test from 'ava';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';

test('a node that hears of a namesake, from one whose token it lacks, asks once it has it', (t) => {
  const mesh = new Mesh(7);
  mesh.recording = true;
  const node = mesh.start('n0');
  // The teller sends from one address and names another, at which it has not been met yet.
  const home = new HandPeer(mesh, 'teller', '10.9.9.9:9000');
  const teller = new HandPeer(mesh, 'teller', '10.9.9.8:9000');
  teller.send('n0', { heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } });
  teller.send('n0', { digests: [{ owners: [teller.digest()] }] });
  teller.send('n0', { deltas: [home.header()] });
  const { owner, generation } = node.core.self(mesh.nowMs);
  const life = { owner, logId: 'ffffffffffffffff', generation: generation + 1 };
  teller.push('n0', { digests: [{ owners: [teller.digest(life)] }] });
  const asked = () => home.listen().flatMap(({ wants }) => wants.map((want) => want.owner));
  t.deepEqual(asked(), []);
  const ping = home.received.at(-1)?.packet.heartbeat?.ping ?? 0;
  t.true(ping > 0);
  home.send('n0', { heartbeat: { ping: 0, answer: ping, roundTripUs: 0 } });
  t.deepEqual(asked(), [owner]);
});
