import test from 'ava';
import { Opinion, Status } from '../../src/wire/packet.js';
import { ForgedLife } from '../support/forged-life.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';

test('who does not know yet where a node is does not vote that it is dead', (t) => {
  const mesh = new Mesh(7);
  mesh.recording = true;
  mesh.grow(3);
  const asker = new HandPeer(mesh);
  asker.join('n0');
  mesh.run(500);
  const { life } = new ForgedLife('unheard', '10.9.9.8:9000');
  const claim = { incarnation: 0, status: Status.alive, version: 1, floor: 0, ageMs: 0 };
  asker.send('n0', { digests: [{ owners: [{ ...life, ...claim, refused: false }] }] });
  mesh.run(200);
  for (let time = 0; time < 60; time++) {
    asker.send('n0', { suspicions: [{ ...life, incarnation: 0 }] });
    mesh.run(300);
  }
  asker.listen();
  const heard = asker.received.map(({ packet }) => packet);
  const votes = heard.flatMap((packet) => packet.votes).filter(({ owner }) => owner === life.owner);
  const opinions = new Set(votes.map(({ opinion }) => opinion));
  t.deepEqual([...opinions], [Opinion.abstain]);
  const told = heard.flatMap(({ digests }) => digests.flatMap(({ owners }) => owners));
  const statuses = told.filter(({ owner }) => owner === life.owner).map(({ status }) => status);
  t.false(statuses.includes(Status.dead));
});
