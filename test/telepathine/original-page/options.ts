import { readOptions } from '../../../src/api/options.js';
import { Telepathine as T, type TelepathineOptions } from '../../../src/index.js';
import { TestMesh } from '../test-mesh.js';
import type { Check } from './check.js';
import { pair, recorder } from './check.js';

/** The options of the page, with their defaults. */
export const OPTIONS: Record<string, Check> = {
  "address: '' is localhost, and may be a.b.c.d:port, [a.b.c.d]:port or [ad:dre::ss]:port": (t) => {
    t.is(readOptions({}).bindHost, '127.0.0.1');
    for (const [address, name] of [
      ['', '127.0.0.1:0'],
      ['127.0.0.2', '127.0.0.2:0'],
      ['127.0.0.1:9000', '127.0.0.1:9000'],
      ['[127.0.0.1]:9000', '127.0.0.1:9000'],
      ['[::1]:9000', '[::1]:9000'],
    ] as const) {
      t.is(new T({ address }).peer_name, name);
    }
    t.is(new T(9000, [], { address: '10.0.0.1' }).peer_name, '10.0.0.1:9000');
  },
  'emitValueOnHeartBeat: false': async (t, mesh) => {
    t.false(readOptions({}).emitValueOnHeartBeat);
    t.is(await heartbeatsSeen(mesh, {}), 0);
    t.true((await heartbeatsSeen(new TestMesh(), { emitValueOnHeartBeat: true })) > 0);
  },
  'addressMap: {}, key = address mapped from, value = address mapped to': async (t, mesh) => {
    t.is(readOptions({}).addressMap.outgoing('10.0.0.2:9000'), '10.0.0.2:9000');
    const addressMap = { '192.168.0.2:9000': '10.0.0.2:9000' };
    const a = mesh.node({ seeds: ['192.168.0.2:9000'], addressMap });
    const b = mesh.node({ seeds: [], bindAddress: '10.0.0.2', advertise: '192.168.0.2' });
    a.start();
    b.start();
    await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
    t.is(a.peer('n2')?.address, '192.168.0.2');
  },
  'network: undefined, which is public; a key secures from non-network messages': async (
    t,
    mesh,
  ) => {
    t.is(readOptions({}).keyring, undefined);
    const network = 'Preshared_Network_Key';
    const a = mesh.node({ network }).start();
    const b = mesh.node({ network }).start();
    const outsider = mesh.node().start();
    await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
    await mesh.run(5000);
    t.deepEqual(a.allPeers(), ['n2']);
    t.deepEqual(outsider.allPeers(), []);
  },
  'udp: true': async (t, mesh) => {
    t.true(readOptions({}).udp);
    t.true((await packetsSent(mesh, {})).udp > 0);
    const { udp, tcp } = await packetsSent(new TestMesh(), { udp: false });
    t.is(udp, 0);
    t.true(tcp > 0);
  },
  'gossipIntervalMS: 2500': async (t, mesh) => {
    t.is(readOptions({}).gossipIntervalMS, 2500);
    const slow = await packetsSent(mesh, { heartbeatIntervalMS: 60_000, gossipIntervalMS: 2500 });
    const often = { heartbeatIntervalMS: 60_000, gossipIntervalMS: 100 };
    t.true((await packetsSent(new TestMesh(), often)).udp > 2 * slow.udp);
  },
  'heartbeatIntervalMS: 2500': async (t, mesh) => {
    t.is(readOptions({}).heartbeatIntervalMS, 2500);
    const slow = await heartbeatsSeen(mesh, {
      emitValueOnHeartBeat: true,
      gossipIntervalMS: 60_000,
    });
    const often = {
      emitValueOnHeartBeat: true,
      gossipIntervalMS: 60_000,
      heartbeatIntervalMS: 500,
    };
    t.true((await heartbeatsSeen(new TestMesh(), often)) > 2 * slow);
    t.true(slow > 5);
  },
};

/** How many heartbeats a node sees of another within 20 s. */
async function heartbeatsSeen(mesh: TestMesh, options: TelepathineOptions): Promise<number> {
  const [a] = await pair(mesh, { profile: undefined, ...options } as TelepathineOptions);
  const { calls, record } = recorder();
  a.on('set:heartbeat', record);
  await mesh.run(20_000);
  return calls.length;
}

/** The packets that a node sends within a minute in which nothing happens. */
async function packetsSent(mesh: TestMesh, options: TelepathineOptions) {
  const [a] = await pair(mesh, options);
  await mesh.run(60_000);
  const { udp, tcp } = a.stats()!.sent;
  return { udp: udp.packets, tcp: tcp.packets };
}
