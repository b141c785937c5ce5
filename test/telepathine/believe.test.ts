import test from 'ava';
import type { Telepathine } from '../../src/telepathine.js';
import { TestMesh } from './test-mesh.js';

/** Counts the values that nodes are told of within a time. */
async function adoptions(mesh: TestMesh, nodes: Telepathine[], ms: number): Promise<number> {
  let count = 0;
  for (const node of nodes) node.on('set', () => count++);
  await mesh.run(ms);
  return count;
}

test('a believer adopts what another sets, with the time at which it expires', async (t) => {
  const mesh = new TestMesh();
  const [a, b, c] = await mesh.start(3);
  const told: unknown[] = [];
  b!.believe('config:*', function (peer, key, value, expiresAt) {
    told.push([this.event, peer, key, value, Math.round(((expiresAt ?? 0) - now) / 1000)]);
    told.push(this.get(key));
  });
  const now = mesh.clock.wallMs();
  a!.set('config:x', { y: 1 }, now + 60_000).set('other', 2);
  await mesh.run(1000);
  t.deepEqual(told, [['config:x', 'n1', 'config:x', { y: 1 }, 60], { y: 1 }]);
  t.deepEqual(b!.keys(), ['config:x']);
  t.deepEqual(c!.getRemote('n2', 'config:x'), { y: 1 });
  t.deepEqual(c!.keys(), []);
  await mesh.run(60_000);
  t.is(b!.get('config:x'), undefined);
  t.is(c!.getRemote('n2', 'config:x'), undefined);
});

test('nodes that believe each other come to rest at the latest value', async (t) => {
  const mesh = new TestMesh();
  const nodes = await mesh.start(5);
  let calls = 0;
  for (const node of nodes) node.believe('*', () => calls++);
  nodes[0]!.set('k', 'first');
  await mesh.run(3000);
  t.is(calls, 4);
  nodes[3]!.set('k', 'second');
  await mesh.run(3000);
  t.is(calls, 8);
  t.is(await adoptions(mesh, nodes, 30_000), 0);
  t.is(calls, 8);
  for (const node of nodes) t.is(node.get('k'), 'second');
});

test('two values that are set at once settle at one of them, everywhere', async (t) => {
  const mesh = new TestMesh();
  const nodes = await mesh.start(6);
  for (const node of nodes) node.believe('k');
  for (const [index, node] of nodes.entries()) node.set('k', index);
  await mesh.run(5000);
  const values = new Set(nodes.map((node) => node.get('k')));
  t.is(values.size, 1);
  t.is(await adoptions(mesh, nodes, 30_000), 0);
});

test('a deletion is believed too, and an older value does not come back', async (t) => {
  const mesh = new TestMesh();
  const [a, b, c] = await mesh.start(3);
  const told: unknown[] = [];
  b!.believe('k', (peer, key, value) => told.push([peer, key, value]));
  c!.believe('k');
  a!.set('k', 1);
  await mesh.run(2000);
  t.is(c!.get('k'), 1);
  a!.delete('k');
  await mesh.run(2000);
  t.is(b!.get('k'), undefined);
  t.is(c!.get('k'), undefined);
  t.deepEqual(told.at(-1), ['n1', 'k', undefined]);
  t.is(await adoptions(mesh, [a!, b!, c!], 30_000), 0);
  a!.set('k', 2);
  await mesh.run(2000);
  t.is(b!.get('k'), 2);
});

test('an own value that is newer than what is heard stays', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  a!.set('k', 'old');
  const b = mesh.node();
  b.believe('k');
  b.start();
  await mesh.until(() => b.get('k') === 'old');
  b.set('k', 'new');
  await mesh.settled(b.stop());
  await mesh.run(1000);
  b.start();
  await mesh.until(() => b.livePeers().length === 1);
  await mesh.run(5000);
  t.is(b.get('k'), 'new');
  t.is(a!.getRemote('n2', 'k'), 'new');
});

test('a value that was believed does not come back as news after a restart', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  let calls = 0;
  a!.believe('k', () => calls++);
  b!.believe('k', () => calls++);
  a!.set('k', 1);
  await mesh.run(1000);
  t.is(calls, 1);
  for (const node of [b!, a!]) {
    await mesh.settled(node.stop());
    node.start();
    await mesh.until(() => a!.livePeers().length === 1 && b!.livePeers().length === 1);
    await mesh.run(3000);
  }
  t.is(calls, 1);
  b!.set('k', 2);
  await mesh.run(2000);
  t.is(a!.get('k'), 2);
  t.is(calls, 2);
});

test('off ends a belief', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const handler = () => undefined;
  b!.believe('*', handler).off('set:*', handler);
  a!.set('k', 1);
  await mesh.run(1000);
  t.deepEqual(b!.keys(), []);
});

test('believers agree after a partition, losses and deletions at once', async (t) => {
  const mesh = new TestMesh();
  const nodes = await mesh.start(8);
  for (const node of nodes) node.believe('*');
  const addresses = nodes.map((_, index) => `10.0.0.${index + 1}:9000`);
  mesh.network.change({ lossRate: 0.2, doublingRate: 0.1, latency: { minMs: 1, maxMs: 80 } });
  mesh.network.partition([addresses.slice(0, 4), addresses.slice(4)]);
  for (let round = 0; round < 40; round++) {
    const node = nodes[(round * 5) % 8]!;
    const key = `k${round % 4}`;
    if (round % 7 === 3) node.delete(key);
    else node.set(key, round);
    await mesh.run(300);
  }
  mesh.network.heal();
  mesh.network.change({ lossRate: 0, doublingRate: 0 });
  await mesh.until(() => nodes.every((node) => node.livePeers().length === 7));
  await mesh.run(20_000);
  const states = nodes.map((node) => JSON.stringify(node.entries().sort()));
  t.is(new Set(states).size, 1, states.join('\n'));
  t.is(await adoptions(mesh, nodes, 30_000), 0);
});
