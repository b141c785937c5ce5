import test from 'ava';
import { readAddressMap } from '../../src/transport/address-map.js';
import { TestMesh } from '../telepathine/test-mesh.js';

test('addresses are translated both ways, with their port or without', (t) => {
  const map = readAddressMap({
    '10.0.0.1:9000': '1.2.3.4:7000',
    '10.0.0.2': '5.6.7.8',
    '[fd00::1]:9000': '[2001:db8::1]:1',
  });
  for (const [known = '', reached = ''] of [
    ['10.0.0.1:9000', '1.2.3.4:7000'],
    ['10.0.0.2:5', '5.6.7.8:5'],
    ['[fd00::1]:9000', '[2001:db8::1]:1'],
    ['10.0.0.3:9000', '10.0.0.3:9000'],
    ['10.0.0.1:9001', '10.0.0.1:9001'],
  ]) {
    t.is(map.outgoing(known), reached);
    t.is(map.incoming(reached), known);
  }
});

for (const seed of ['192.168.0.2:9000', '10.0.0.2:9000']) {
  test(`a node behind a translation is met by its seed ${seed}, and is one node`, async (t) => {
    const mesh = new TestMesh();
    const a = mesh.node({ addressMap: { '192.168.0.2:9000': '10.0.0.2:9000' } });
    const b = mesh.node({ bindAddress: '10.0.0.2', advertise: '192.168.0.2', seeds: [] });
    a.start();
    b.start();
    a.addPeer(seed);
    await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
    b.set('k', 1);
    await mesh.until(() => a.getRemote('n2', 'k') === 1);
    t.deepEqual(a.allPeers(), ['n2']);
  });
}

test('a node is known by the address that it advertises', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node({ addressMap: { '192.168.0.2:7000': '10.0.0.2:9000' } }).start();
  const b = mesh.node({ bindAddress: '10.0.0.2', advertise: '192.168.0.2:7000' }).start();
  await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
  t.like(a.peer('n2'), { address: '192.168.0.2', port: 7000 });
  a.set('k', 1);
  await mesh.until(() => b.getRemote('n1', 'k') === 1);
  await mesh.run(30_000);
  t.deepEqual(a.livePeers(), ['n2']);
});
