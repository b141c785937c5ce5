import test from 'ava';
import { HOST, type Host } from '../../src/node/host.js';
import type { Transport } from '../../src/transport/transport.js';
import { TestMesh } from './test-mesh.js';

/** Both nodes have this address, each in its own private network. */
const INNER = '192.168.0.2:9000';
const [OUTER_A, OUTER_B] = ['1.1.1.1:7000', '2.2.2.2:8000'];
const SEEDS = [OUTER_A, OUTER_B];

/** A host behind a router that forwards both ways between `INNER` and an outer address. */
function behindRouter(mesh: TestMesh, number: number, outer: string): Host {
  const forwarded = (transport: Transport): Transport => ({
    kind: transport.kind,
    open: async (receiver) => {
      await transport.open(receiver);
      return 9000;
    },
    send: (address, envelope) => transport.send(address, envelope),
    closeLink: (address) => transport.closeLink(address),
    trustLink: (address) => transport.trustLink(address),
    close: () => transport.close(),
  });
  return {
    ...mesh.host(number),
    transports: (_ip, udp) => [
      () => forwarded(mesh.network.tcp(outer)),
      ...(udp ? [() => forwarded(mesh.network.udp(outer))] : []),
    ],
  };
}

/** Counts the envelopes that come to the address that they were sent from. */
function countToSelf(mesh: TestMesh): () => number {
  let count = 0;
  mesh.network.tap(({ from, to }) => {
    if (from === to) count += 1;
  });
  return () => count;
}

for (const udp of [true, false]) {
  test(`two nodes of one private address, behind routers, meet with udp: ${udp}`, async (t) => {
    const mesh = new TestMesh();
    const toSelf = countToSelf(mesh);
    const shared = { address: INNER, seeds: SEEDS, udp };
    const a = mesh.node({
      ...shared,
      addressAlias: [OUTER_A],
      addressMap: { [INNER]: OUTER_B },
      [HOST]: behindRouter(mesh, 1, OUTER_A),
    });
    const b = mesh.node({
      ...shared,
      addressAlias: [OUTER_B],
      addressMap: { [INNER]: OUTER_A },
      [HOST]: behindRouter(mesh, 2, OUTER_B),
    });
    a.start();
    b.start();
    await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
    const large = 'x'.repeat(100_000);
    a.set('large', large);
    b.set('k', 1);
    const both = () => b.getRemote('n1', 'large') === large && a.getRemote('n2', 'k') === 1;
    await mesh.until(both);
    const told: string[] = [];
    for (const node of [a, b]) node.on('peer:stop', (peer) => told.push(peer));
    await mesh.run(60_000);
    t.deepEqual(told, []);
    t.like(a.peer('n2'), { address: '192.168.0.2', port: 9000 });
    t.is(toSelf(), 0);
    for (const node of [a, b]) t.is(node.stats()?.refusals['own-packet'], undefined);
  });
}

test('a node that every other seed leads to joins at once, and calls nobody', async (t) => {
  const mesh = new TestMesh();
  const toSelf = countToSelf(mesh);
  const node = mesh.node({
    bindAddress: '192.168.0.2',
    advertise: '3.3.3.3',
    seeds: ['192.168.0.2:9000', '3.3.3.3:9000', '[2001:db8::1]:9000', OUTER_A, '10.9.9.9:5'],
    addressAlias: ['2001:db8::1', OUTER_A],
    addressMap: { '10.9.9.9:5': OUTER_A },
    joinTimeoutMs: 60_000,
    [HOST]: behindRouter(mesh, 1, OUTER_A),
  });
  const startedAtMs = mesh.clock.nowMs();
  await mesh.settled(node.start().started);
  t.true(mesh.clock.nowMs() - startedAtMs < 1000);
  t.true(node.addPeer('3.3.3.3:9000'));
  await mesh.run(60_000);
  t.is(toSelf(), 0);
  t.deepEqual(node.stats()?.sent.udp, { packets: 0, bytes: 0 });
  t.deepEqual(node.stats()?.sent.tcp, { packets: 0, bytes: 0 });
});

test('an alias with a port leaves other ports of its address to other nodes', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node({
    seeds: [OUTER_A, '1.1.1.1:7001'],
    addressAlias: [OUTER_A],
    addressMap: { '1.1.1.1:7001': '10.0.0.2:9000' },
  });
  const b = mesh.node({ seeds: [], bindAddress: '10.0.0.2', advertise: '1.1.1.1:7001' });
  a.start();
  b.start();
  await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
  t.deepEqual(a.livePeers(), ['n2']);
});

test('a node that took the address of a dead one does not call itself in its place', async (t) => {
  const mesh = new TestMesh();
  const [a, dead] = await mesh.start(2);
  const toSelf = countToSelf(mesh);
  mesh.network.crash('10.0.0.2:9000');
  await mesh.until(() => a!.deadPeers().length === 1);
  await mesh.settled(dead!.stop());
  const heir = mesh.node({ address: '10.0.0.2:9000' }).start();
  await mesh.until(() => heir.deadPeers().includes('n2'));
  await mesh.run(300_000);
  t.is(heir.peer('n2')?.address, heir.address);
  t.is(toSelf(), 0);
  t.deepEqual(heir.livePeers(), ['n1']);
});
