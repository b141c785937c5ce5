import test from 'ava';
import type { Peer } from '../../src/api/peer.js';
import { TestMesh } from './test-mesh.js';

test('a value that one node sets is read by the other, who is told of it', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const told: unknown[] = [];
  b!.on('set', function (peer, key, value, expiresAt) {
    told.push([this.event, this === b, peer, key, value, expiresAt]);
  });
  b!.on('set:room:*', (peer, key, value) => told.push([peer, key, value]));
  a!.on('set', () => t.fail('a node does not hear itself'));
  a!.set('room:1', { temperature: 21 });
  await mesh.run(1000);
  t.deepEqual(told, [
    ['set', true, 'n1', 'room:1', { temperature: 21 }, undefined],
    ['n1', 'room:1', { temperature: 21 }],
  ]);
  t.deepEqual(b!.getRemote('n1', 'room:1'), { temperature: 21 });
  t.deepEqual(b!.getRemoteKeys('n1'), ['room:1']);
  t.deepEqual(b!.find('room:1'), [['n1', { temperature: 21 }]]);
  t.deepEqual(b!.entriesOf('n1'), [['room:1', { temperature: 21 }]]);
  t.deepEqual(a!.get('room:1'), { temperature: 21 });
});

test('an event that one node says is heard by all others, once, and not by itself', async (t) => {
  const mesh = new TestMesh();
  const nodes = await mesh.start(5);
  const heard: string[] = [];
  for (const node of nodes) {
    node.hear('greeting:*', function (data, from) {
      heard.push(`${node.peer_name} ${String(this.event)} ${String(data)} ${from}`);
    });
  }
  nodes[0]!.say('greeting:morning', 'hello');
  await mesh.run(5000);
  t.deepEqual(
    heard.sort(),
    ['n2', 'n3', 'n4', 'n5'].map((name) => `${name} greeting:morning hello n1`),
  );
});

test('an event without data is heard with null', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const heard: unknown[] = [];
  b!.hear('x', (data) => heard.push(data));
  a!.say('x');
  a!.say('x', 5, 1000, true);
  await mesh.run(3000);
  t.deepEqual(heard, [null, 5]);
});

test('bytes are carried as they are', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  a!.set('blob', new Uint8Array([0, 255, 1]));
  await mesh.run(1000);
  t.deepEqual(b!.getRemote('n1', 'blob'), new Uint8Array([0, 255, 1]));
});

test('a value expires everywhere, and everybody is told whose it was', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const told: unknown[] = [];
  const expiresAt = mesh.clock.wallMs() + 5000;
  for (const node of [a!, b!]) {
    node.on('key:expired', (peer, key, value, at) => {
      told.push([node.peer_name, peer, key, value, Math.abs((at ?? 0) - expiresAt) < 50]);
    });
  }
  let given: number | undefined;
  b!.on('set', (_peer, _key, _value, at) => {
    given = at;
  });
  a!.set('k', 1, expiresAt);
  await mesh.run(4000);
  t.true(Math.abs((given ?? 0) - expiresAt) < 50);
  t.is(b!.getRemote('n1', 'k'), 1);
  await mesh.run(1500);
  t.is(a!.get('k'), undefined);
  t.is(b!.getRemote('n1', 'k'), undefined);
  t.deepEqual(told.sort(), [
    ['n1', 'n1', 'k', 1, true],
    ['n2', 'n1', 'k', 1, true],
  ]);
});

test('a deleted key goes everywhere, and the others are told', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const told: unknown[] = [];
  b!.on('key:deleted', (peer, key) => told.push([peer, key]));
  a!.set('k', 1);
  await mesh.run(500);
  t.true(a!.delete('k'));
  t.false(a!.delete('k'));
  t.is(a!.get('k'), undefined);
  await mesh.run(500);
  t.deepEqual(told, [['n1', 'k']]);
  t.deepEqual(b!.getRemoteKeys('n1'), []);
});

test('a node is told who comes, goes, dies and returns', async (t) => {
  const mesh = new TestMesh();
  const told: string[] = [];
  const a = mesh.node();
  const b = mesh.node({ tags: { role: 'worker' } });
  a.on('peer:new', (peer: Peer) =>
    told.push(`new ${peer.name} ${peer.address}:${peer.port} ${peer.tags['role']}`),
  );
  for (const event of ['start', 'stop', 'leave'] as const) {
    a.on(`peer:${event}`, (peer) => told.push(`${event} ${peer}`));
  }
  a.start();
  b.start();
  await mesh.until(() => a.livePeers().length === 1);
  t.deepEqual(told, ['new n2 10.0.0.2:9000 worker', 'start n2']);
  t.true(a.peer('n2')?.alive);
  mesh.network.crash('10.0.0.2:9000');
  await mesh.until(() => a.deadPeers().length === 1);
  t.deepEqual(told.splice(0), ['new n2 10.0.0.2:9000 worker', 'start n2', 'stop n2']);
  t.is(a.peer('n2')?.status, 'dead');
  t.deepEqual(a.allPeers(), ['n2']);
  await mesh.settled(b.stop());
  b.start();
  await mesh.until(() => a.livePeers().length === 1);
  t.deepEqual(told.splice(0), ['start n2']);
  await mesh.settled(b.stop());
  await mesh.run(100);
  t.deepEqual(told, ['leave n2', 'stop n2']);
  t.is(a.peer('n2')?.status, 'left');
});

test('what is not known reads as undefined or empty', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  for (const name of ['nobody', '__proto__', 'constructor', '', 'n1']) {
    t.is(a!.getRemote(name, 'k'), undefined);
    t.deepEqual(a!.getRemoteKeys(name), []);
    t.deepEqual(a!.entriesOf(name), []);
    t.is(a!.peer(name), undefined);
  }
  t.deepEqual(a!.find('__proto__'), []);
  t.is(a!.get('__proto__'), undefined);
});

test('heartbeats count as values where that is wanted, and nobody believes them', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node({ emitValueOnHeartBeat: true }).believe('*').start();
  mesh.node().start();
  const seen: unknown[] = [];
  a.on('set:heartbeat', (peer, key, value) => seen.push([peer, key, typeof value]));
  await mesh.run(10_000);
  t.true(seen.length > 3);
  t.deepEqual(seen[0], ['n2', 'heartbeat', 'number']);
  t.deepEqual(a.keys(), []);
});

test('names that mean something to JavaScript or to patterns are ordinary keys', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const keys = ['*', '**', 'a:b', '__proto__', 'constructor', 'error', 'toString'];
  const told: string[] = [];
  b!.know('secret', () => t.fail());
  b!.on('error', () => t.fail());
  b!.on('set', (_peer, key) => told.push(key));
  for (const key of keys) a!.set(key, key);
  await mesh.run(1000);
  t.deepEqual(told, keys);
  t.deepEqual(b!.getRemoteKeys('n1'), keys);
  t.deepEqual(a!.keys(), keys);
  for (const key of keys) t.is(b!.getRemote('n1', key), key);
});

test('a node of another cluster, or with another key, is not heard', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node({ cluster: 'one' }).start();
  const b = mesh.node({ cluster: 'two' }).start();
  const c = mesh.node({ network: 'secret' }).start();
  const d = mesh.node({ network: 'secret', cluster: 'two' }).start();
  await mesh.run(10_000);
  for (const node of [a, b, c, d]) t.deepEqual(node.allPeers(), []);
});

test('fifty nodes find each other, and all learn of a value', async (t) => {
  const mesh = new TestMesh();
  const nodes = await mesh.start(50);
  nodes[49]!.set('k', 'v');
  await mesh.until(() => nodes.slice(0, 49).every((node) => node.getRemote('n50', 'k') === 'v'));
  t.is(nodes[0]!.stats()?.live, 50);
});
