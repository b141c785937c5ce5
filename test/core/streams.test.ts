import test from 'ava';
import { Opinion } from '../../src/wire/packet.js';
import { Rig } from '../simulation/rig.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

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

for (const [when, diesAfter] of [
  ['before it carries news', 0],
  ['while it carries news', 500],
] as const) {
  test(`no event is lost with a stream that dies without a word ${when}`, (t) => {
    const mesh = new Mesh(5);
    const [, hearer] = mesh.grow(2);
    mesh.run(2000);
    for (const name of ['n0', 'n1']) mesh.set(name, 'first', LARGE);
    mesh.run(5000);
    for (let event = 0; event < 4000; event++) {
      if (event === diesAfter) breakStreams(mesh);
      mesh.say('n0', 'e', `${event} ${'x'.repeat(400)}`, 5000);
      mesh.run(2);
    }
    mesh.run(5000);
    t.is(hearer!.heard.length, 4000);
  });
}

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

test('on a slow line a stream stays until the log that was asked for there has come', (t) => {
  const network = { latency: 10, bandwidthBytesPerSecond: 100_000 };
  for (const seed of [1, 2, 3]) {
    const rig = new Rig({ seed, nodes: 2, node: { udp: false }, network });
    rig.run(5000);
    rig.set(0, 'large', 200_000);
    rig.run(30_000);
    const { core, clock } = rig.machine(1);
    t.deepEqual(core?.remoteKeys('n0', clock.local(rig.world.nowMs())), ['large'], `seed ${seed}`);
  }
});

test('a vote that nobody asked for closes no stream', (t) => {
  const mesh = new Mesh(5, { latencyMinMs: 20, latencyMaxMs: 40 });
  mesh.recording = true;
  const [good, reader] = mesh.grow(2, { udp: false }) as [MeshNode, MeshNode];
  const stranger = new HandPeer(mesh);
  for (let time = 0; time < 3; time++) {
    stranger.join(reader.name);
    mesh.run(200);
  }
  t.true(mesh.live(reader).includes(stranger.name), 'it is believed as far as a member is');
  let closes = 0;
  const { core } = reader;
  const handle = core.handle.bind(core);
  core.handle = (input, nowMs) => {
    const effects = handle(input, nowMs);
    closes += effects.filter(({ type }) => type === 'close').length;
    return effects;
  };
  const { owner, logId, generation, incarnation } = good.core.self(mesh.nowMs);
  const life = { owner, logId, generation, incarnation };
  for (let time = 0; time < 250; time++) {
    stranger.send(reader.name, {
      suspicions: [life],
      votes: [{ ...life, opinion: Opinion.alive }],
    });
    mesh.run(20);
  }
  t.is(closes, 0);
});
