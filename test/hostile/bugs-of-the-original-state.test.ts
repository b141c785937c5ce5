/** The original's bugs in what it knows and tells of nodes, keys and events: none may come back. */
import test from 'ava';
import { HOST } from '../../src/node/host.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';
import { TestMesh } from '../telepathine/test-mesh.js';

const MAX = Number.MAX_SAFE_INTEGER;
const [A, B, C] = ['10.0.0.1:9000', '10.0.0.2:9000', '10.0.0.3:9000'] as const;

test('a node asks for what it lacks and is asked for what it has, in one exchange', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  mesh.network.partition([[A], [B]]);
  a!.set('mine', 'a').set('large', 'x'.repeat(5000));
  b!.set('mine', 'b').set('large', 'y'.repeat(5000));
  await mesh.run(3000);
  t.is(b!.getRemote('n1', 'mine'), undefined);
  mesh.network.heal();
  await mesh.until(
    () => a!.getRemote('n2', 'large') !== undefined && b!.getRemote('n1', 'large') !== undefined,
  );
  t.deepEqual([a!.getRemote('n2', 'mine'), b!.getRemote('n1', 'mine')], ['b', 'a']);
  for (const node of [a!, b!]) {
    t.true(Object.keys(node.stats()!.sentByType).some((type) => type.includes('want')));
  }
});

test('a node is offered those whom its own digest does not name', async (t) => {
  const mesh = new TestMesh();
  const [a, b, c] = [mesh.node(), mesh.node(), mesh.node({ seeds: [B] })];
  for (const [from, to] of [
    [A, C],
    [C, A],
  ] as const)
    mesh.network.block(from, to);
  a.set('k', 'v').start();
  b.start();
  await mesh.until(() => b.livePeers().length === 1);
  c.start();
  await mesh.until(() => c.getRemote('n1', 'k') === 'v');
  t.deepEqual(c.allPeers().toSorted(), ['n1', 'n2']);
});

test('digests of more than 575 bytes do not end the gossip of 45 nodes', async (t) => {
  const mesh = new TestMesh();
  const nodes = await mesh.start(45);
  nodes[44]!.set('k', 'v');
  await mesh.until(() => nodes.slice(0, 44).every((node) => node.getRemote('n45', 'k') === 'v'));
  t.pass();
});

test('a packet with version 2^53 - 1 about a node does not end what is heard of it', (t) => {
  const mesh = new Mesh(1);
  mesh.recording = true;
  const [n0, n1] = mesh.grow(2);
  mesh.set('n1', 'k', 1);
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(1000);
  const { owner, logId, generation, version } = n0!.core.peer('n1', mesh.nowMs)!;
  const life = { owner, logId, generation };
  const body = encodeEntryBody({
    version: MAX,
    name: 'forged',
    content: { kind: 'value', encoding: 1, typeName: '', stamp: { time: MAX } },
  });
  const delta = {
    ...life,
    from: version,
    to: MAX,
    asOf: MAX,
    entries: [{ body, payload: Buffer.from('"v"') }],
  };
  evil.send('n0', { digests: [{ owners: [evil.digest({ ...life, version: MAX })] }] });
  evil.send('n0', { deltas: [evil.delta(delta)] });
  t.deepEqual(mesh.shows(n0!, 'n1'), ['forged="v"', 'k=1'], 'in a public mesh anybody is a member');
  mesh.run(10_000);
  mesh.set('n1', 'k', 2);
  mesh.run(1000);
  t.deepEqual(mesh.shows(n0!, 'n1'), ['k=2']);
  t.deepEqual(mesh.shows(n1!, 'n1'), ['k=2']);
});

test('after a restart the old values are gone and the new ones are seen', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  for (let i = 0; i < 100; i++) b!.set('k', `old ${i}`);
  b!.set('only in the first life', 1);
  await mesh.until(() => a!.getRemote('n2', 'only in the first life') === 1);
  mesh.network.crash(B);
  await mesh.run(500);
  const again = mesh.node({ name: 'n2', address: B, [HOST]: mesh.host(12) });
  again.set('k', 'new').start();
  await mesh.until(() => a!.getRemote('n2', 'k') === 'new');
  await mesh.run(20_000);
  t.deepEqual(a!.entriesOf('n2'), [['k', 'new']]);
});

test('an entry that expires counts in the version: newcomers get what came after it', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  a!.set('short', 1, mesh.clock.wallMs() + 500).set('k', 1);
  await mesh.run(2000);
  const c = mesh.node().start();
  await mesh.until(() => c.getRemote('n1', 'k') === 1);
  t.deepEqual(c.getRemoteKeys('n1'), ['k']);
  a!.set('k', 2);
  await mesh.until(() => c.getRemote('n1', 'k') === 2 && b!.getRemote('n1', 'k') === 2);
  t.is(c.peer('n1')?.version, b!.peer('n1')?.version);
});

test('a sender whose clock is years wrong is heard, and what it sets lives as long as it says', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const year = 365 * 24 * 3_600_000;
  for (const years of [-20, 20]) {
    const clock = mesh.clock.skewed(years * year);
    const host = { ...mesh.host(20 + years / 10), clock };
    const other = mesh.node({ [HOST]: host }).start();
    other.set('k', 'v', clock.wallMs() + 5000).set('forever', 1);
    const name = other.peer_name;
    await mesh.until(() => a!.getRemote(name, 'k') === 'v');
    await mesh.run(3000);
    t.is(a!.getRemote(name, 'k'), 'v');
    await mesh.run(2500);
    t.deepEqual(a!.entriesOf(name), [['forever', 1]]);
  }
});

test('a value that has expired is not read any more, neither by its owner nor by others', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  a!.set('k', 'v', mesh.clock.wallMs() + 1000);
  await mesh.run(900);
  t.deepEqual([a!.get('k'), b!.getRemote('n1', 'k')], ['v', 'v']);
  await mesh.run(200);
  t.deepEqual([a!.get('k'), b!.getRemote('n1', 'k')], [undefined, undefined]);
  t.deepEqual([a!.keys(), b!.getRemoteKeys('n1')], [[], []]);
});

test('the heartbeat is no key: the key B is free for the application', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2, { emitValueOnHeartBeat: true });
  await mesh.run(5000);
  t.deepEqual([a!.keys(), b!.getRemoteKeys('n1')], [[], []]);
  a!.set('B', 'mine');
  await mesh.run(5000);
  t.is(b!.getRemote('n1', 'B'), 'mine');
});

test('a deleted key goes, and does not come back from one that was away', async (t) => {
  const mesh = new TestMesh();
  const [a, b, c] = await mesh.start(3);
  a!.set('k', 1).set('other', 1);
  await mesh.run(1000);
  mesh.network.partition([[A, B], [C]]);
  a!.delete('k');
  await mesh.run(1000);
  t.deepEqual(b!.getRemoteKeys('n1'), ['other']);
  t.deepEqual(c!.getRemoteKeys('n1'), ['k', 'other']);
  mesh.network.heal();
  await mesh.until(() => c!.getRemoteKeys('n1').length === 1);
  await mesh.run(10_000);
  for (const node of [b!, c!]) t.deepEqual(node.getRemoteKeys('n1'), ['other']);
});

test('a node that has been dead for its grace is forgotten', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(2, { deadGraceMs: 10_000 });
  const forgotten: string[] = [];
  a!.on('peer:forget', (name) => forgotten.push(name));
  mesh.network.crash(B);
  await mesh.until(() => a!.deadPeers().length === 1);
  await mesh.run(11_000);
  t.deepEqual([forgotten, a!.allPeers(), a!.getRemoteKeys('n2')], [['n2'], [], []]);
});

test('seeds are called again and again: one that starts a minute later is met', async (t) => {
  const mesh = new TestMesh();
  const late = mesh.node();
  const early = mesh.node().start();
  await mesh.run(60_000);
  t.deepEqual(early.allPeers(), []);
  late.start();
  await mesh.until(() => early.livePeers().length === 1 && late.livePeers().length === 1);
  mesh.network.partition([[A], [B]]);
  await mesh.until(() => early.deadPeers().length === 1 && late.deadPeers().length === 1);
  mesh.network.heal();
  await mesh.until(() => early.livePeers().length === 1 && late.livePeers().length === 1);
  t.pass();
});

test('events of a node that has restarted are heard, although their numbers begin again', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const heard: unknown[] = [];
  a!.hear('e', (data) => heard.push(data));
  for (let i = 0; i < 5; i++) b!.say('e', `first ${i}`);
  await mesh.until(() => heard.length === 5);
  mesh.network.crash(B);
  await mesh.run(500);
  const again = mesh.node({ name: 'n2', address: B, [HOST]: mesh.host(12) }).start();
  again.say('e', 'second');
  await mesh.until(() => heard.length === 6);
  t.is(heard[5], 'second');
});

test('an event is heard once, though every packet comes twice', async (t) => {
  const mesh = new TestMesh();
  mesh.network.change({ doublingRate: 1, latency: { minMs: 1, maxMs: 30 } });
  const nodes = await mesh.start(4);
  const heard: unknown[] = [];
  for (const node of nodes.slice(1)) node.hear('e', (data) => heard.push(data));
  for (let i = 0; i < 10; i++) nodes[0]!.say('e', i);
  await mesh.run(30_000);
  t.is(heard.length, 30);
});
