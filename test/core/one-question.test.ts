import test from 'ava';
import { decodePacket } from '../../src/wire/codec.js';
import type { Packet } from '../../src/wire/packet.js';
import { Mesh } from '../support/mesh.js';

const NODES = 60;
const KEYS = 20;
const VALUE = 'x'.repeat(4000);

test('while the reply to a question on a stream is on its way no other is asked there', (t) => {
  const mesh = new Mesh(7);
  mesh.recording = true;
  const names = Array.from({ length: NODES }, (_, index) => `n${index}`);
  for (const name of names) mesh.start(name, name === 'n0' ? [] : ['n0']);
  mesh.run(3000);
  for (const name of names) for (let key = 0; key < KEYS; key++) mesh.set(name, `k${key}`, VALUE);
  mesh.run(10_000);
  const before = mesh.sent.length;
  const late = mesh.start('late', ['n0']);
  mesh.run(2000);
  for (const name of names) t.is(late.core.remoteKeys(name, mesh.nowMs).length, KEYS);
  const asked = new Map<string, number>();
  let questions = 0;
  for (const { from, to, packet } of streamPackets(mesh, before)) {
    if (from === late.address && packet.wants.length > 0) {
      questions += 1;
      t.is(asked.get(to), undefined, 'a second question');
      asked.set(to, packet.heartbeat?.ping ?? 0);
    }
    if (asked.get(from) === packet.heartbeat?.answer) asked.delete(from);
  }
  t.true(questions > 2);
});

test('on a stream the answer comes with the last packet of the reply', (t) => {
  const mesh = new Mesh(8);
  mesh.recording = true;
  mesh.start('n0');
  for (let key = 0; key < 200; key++) mesh.set('n0', `k${key}`, VALUE);
  mesh.run(1000);
  mesh.start('n1', ['n0']);
  mesh.run(3000);
  const deltas = streamPackets(mesh, 0).filter(({ packet }) => packet.deltas.length > 0);
  t.true(deltas.length > 2);
  t.is(deltas[0]?.packet.heartbeat?.answer ?? 0, 0);
  t.true((deltas.at(-1)?.packet.heartbeat?.answer ?? 0) > 0);
});

function streamPackets(mesh: Mesh, first: number): { from: string; to: string; packet: Packet }[] {
  const flights = mesh.sent.slice(first).filter(({ kind }) => kind === 'tcp');
  return flights.flatMap(({ from, to, bytes }) => {
    const decoded = decodePacket(bytes);
    return decoded.ok ? [{ from, to, packet: decoded.packet }] : [];
  });
}
