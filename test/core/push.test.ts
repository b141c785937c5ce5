import test from 'ava';
import { decodePacket } from '../../src/wire/codec.js';
import type { Packet } from '../../src/wire/packet.js';
import { Mesh } from '../support/mesh.js';

/** More than is pushed, and than fits a datagram: it is fetched over a stream. */
const LARGE = 'x'.repeat(5000);

interface Pushed {
  to: string;
  kind: 'udp' | 'tcp';
  packet: Packet;
}

/** What a node pushes while something is done. */
function pushes(mesh: Mesh, name: string, run: () => void): Pushed[] {
  const before = mesh.sent.length;
  run();
  const flights = mesh.sent.slice(before).filter(({ from }) => from === mesh.address(name));
  return flights.flatMap(({ to, kind, bytes }) => {
    const decoded = decodePacket(bytes);
    if (!decoded.ok || decoded.packet.token !== undefined) return [];
    return [{ to, kind, packet: decoded.packet }];
  });
}

/** In which of the next milliseconds, of which the first is 0, a node pushes. */
function timesOf(mesh: Mesh, name: string, forMs: number, each: () => void): number[] {
  const times: number[] = [];
  for (let ms = 0; ms < forMs; ms++) {
    const count = pushes(mesh, name, () => {
      each();
      mesh.run(1);
    }).length;
    if (count > 0) times.push(ms);
  }
  return times;
}

function entriesOf(pushed: Pushed[]): number {
  const deltas = pushed.flatMap(({ packet }) => packet.deltas);
  return deltas.reduce((sum, { entries }) => sum + entries.length, 0);
}

function joined(nodes: number, options = {}): Mesh {
  const mesh = new Mesh(5, {}, options);
  mesh.recording = true;
  mesh.grow(nodes);
  mesh.run(3000);
  return mesh;
}

/** A mesh of nodes that have streams with each other. */
function streaming(nodes: number, options = {}): Mesh {
  const mesh = joined(nodes, options);
  for (const name of mesh.nodes.keys()) mesh.set(name, 'large', LARGE);
  mesh.run(1000);
  return mesh;
}

function sayMany(mesh: Mesh, name: string, count = 20): void {
  for (let event = 0; event < count; event++) mesh.say(name, 'e', 'x'.repeat(200));
}

test('changes that keep coming are pushed every 5, 10 and then 20 ms, and one by itself at once', (t) => {
  const mesh = joined(2);
  const say = () => mesh.say('n0', 'e', 1);
  t.deepEqual(timesOf(mesh, 'n0', 90, say), [0, 4, 14, 34, 54, 74]);
  mesh.run(100);
  let said = 0;
  const sayTwice = () => said++ < 2 && say();
  t.deepEqual(timesOf(mesh, 'n0', 50, sayTwice), [0, 4]);
});

test('in a small mesh the news of others does not make the own wait', (t) => {
  const mesh = joined(3);
  let ms = 0;
  const times = timesOf(mesh, 'n1', 300, () => {
    mesh.say('n0', 'e', ms);
    if (ms++ % 50 === 49) mesh.say('n1', 'own', ms);
  });
  t.deepEqual(times, [49, 99, 149, 199, 249, 299]);
  t.true(mesh.node('n1').heard.length > 200);
});

test('a push that fits a datagram goes by one, and a larger one in a packet over the stream', (t) => {
  const mesh = streaming(2);
  const small = pushes(mesh, 'n0', () => {
    mesh.say('n0', 'e', 1);
    mesh.run(20);
  });
  t.deepEqual(
    small.map(({ kind }) => kind),
    ['udp'],
  );
  const large = pushes(mesh, 'n0', () => {
    sayMany(mesh, 'n0');
    mesh.run(30);
  });
  t.deepEqual(
    large.map(({ kind, packet }) => `${kind} ${packet.deltas[0]?.entries.length}`),
    ['udp 1', 'tcp 19'],
  );
  t.is(mesh.node('n1').heard.length, 21);
});

test('a node without a stream gets a large push by datagrams', (t) => {
  const mesh = streaming(2);
  for (const name of ['n0', 'n1']) mesh.delete(name, 'large');
  mesh.run(1000);
  mesh.start('n2', ['n0']);
  const third = mesh.address('n2');
  mesh.run(1000);
  sayMany(mesh, 'n0');
  mesh.run(100);
  const large = pushes(mesh, 'n0', () => {
    sayMany(mesh, 'n0');
    mesh.run(30);
  });
  const kinds = (to: string) =>
    new Set(large.slice(2).flatMap((each) => (each.to === to ? each.kind : [])));
  t.deepEqual([...kinds(mesh.address('n1'))], ['tcp']);
  t.deepEqual([...kinds(third)], ['udp']);
  for (const name of ['n1', 'n2']) t.is(mesh.node(name).heard.length, 40);
});

test('without datagrams a large push is one packet from the first on', (t) => {
  const mesh = joined(3, { udp: false });
  mesh.run(60_000);
  const large = pushes(mesh, 'n0', () => {
    sayMany(mesh, 'n0');
    mesh.run(30);
  });
  t.deepEqual([...new Set(large.map(({ kind }) => kind))], ['tcp']);
  for (const to of ['n1', 'n2'])
    t.is(large.filter((each) => each.to === mesh.address(to)).length, 2);
  t.is(entriesOf(large), 2 * 20);
});

test('a stream on which a ping has waited for 3 s carries no large push', (t) => {
  const mesh = streaming(2);
  mesh.run(5000);
  const [one, other] = ['n0', 'n1'].map((name) => mesh.address(name));
  mesh.deadStreams.add(`${one}#${other}`).add(`${other}#${one}`);
  const kinds = () => {
    const large = pushes(mesh, 'n0', () => {
      sayMany(mesh, 'n0');
      mesh.run(30);
    }).filter(({ packet }) => (packet.deltas[0]?.entries.length ?? 0) > 1);
    return [...new Set(large.map(({ kind }) => kind))];
  };
  t.deepEqual(kinds(), ['tcp']);
  mesh.run(2900);
  t.deepEqual(kinds(), ['tcp']);
  mesh.run(200);
  t.deepEqual(kinds(), ['udp']);
});
