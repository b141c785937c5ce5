/**
 * Where nodes look for each other first: names, addresses that change, and addresses of nobody. What
 * runs on real sockets comes first, alone: what runs in virtual time would hold it up.
 */
import test from 'ava';
import type { TelepathineOptions } from '../../src/api/options.js';
import { HOST } from '../../src/node/host.js';
import { Telepathine } from '../../src/telepathine.js';
import type { Seed } from '../../src/transport/address.js';
import { formatSeed } from '../../src/transport/address.js';
import { recordingLogger } from '../telepathine/recording-logger.js';
import { TestMesh } from '../telepathine/test-mesh.js';

/** A mesh whose names are answered by the test. */
function meshWithNames() {
  const mesh = new TestMesh();
  const answers: Record<string, string[]> = {};
  const asked: string[] = [];
  const resolve = async (seed: Seed) => {
    if (seed.kind === 'address') return [`${seed.ip}:${seed.port}`];
    asked.push(formatSeed(seed));
    return answers[formatSeed(seed)] ?? [];
  };
  let nodes = 0;
  const node = (options: TelepathineOptions) => {
    nodes += 1;
    return mesh.node({ [HOST]: { ...mesh.host(nodes), resolve }, ...options });
  };
  return { mesh, answers, asked, node };
}

for (const name of ['mesh.example:9000', 'srv:_mesh._udp.example']) {
  test(`a node finds who ${name} stands for, also when that is another later`, async (t) => {
    const { mesh, answers, node } = meshWithNames();
    answers[name] = ['10.0.0.2:9000'];
    const one = node({ seeds: [name] }).start();
    const second = node({ seeds: [] }).start();
    const third = node({ seeds: [] }).start();
    await mesh.until(() => one.livePeers().includes(second.peer_name));
    t.deepEqual(third.livePeers(), []);
    answers[name] = ['10.0.0.3:9000'];
    await mesh.until(() => [one, second].every((each) => each.livePeers().length === 2));
    t.deepEqual(third.livePeers().sort(), [one.peer_name, second.peer_name]);
  });
}

test('a name that comes to be known only after the start is found soon', async (t) => {
  const { mesh, answers, asked, node } = meshWithNames();
  const one = node({ seeds: ['late.example:9000'] }).start();
  const other = node({ seeds: [] }).start();
  await mesh.settled(one.started);
  await mesh.run(2500);
  answers['late.example:9000'] = ['10.0.0.2:9000'];
  await mesh.run(3000);
  t.deepEqual(one.livePeers(), [other.peer_name]);
  t.true(asked.length <= 4);
});

test('a name that is forgotten leaves the seeds as they were', async (t) => {
  const { mesh, answers, node } = meshWithNames();
  answers['mesh.example:9000'] = ['10.0.0.2:9000'];
  const one = node({ seeds: ['mesh.example:9000'] }).start();
  const other = node({ seeds: [] }).start();
  await mesh.until(() => one.livePeers().length === 1);
  answers['mesh.example:9000'] = [];
  await mesh.run(70_000);
  mesh.network.partition([['10.0.0.1:9000']]);
  await mesh.until(() => one.livePeers().length === 0);
  mesh.network.heal();
  await mesh.until(() => one.livePeers().includes(other.peer_name));
  t.pass();
});

test('a seed that is the node itself does no harm', async (t) => {
  const { mesh, answers, node } = meshWithNames();
  answers['all.example:9000'] = ['10.0.0.1:9000', '10.0.0.2:9000'];
  const seeds = ['all.example:9000', '10.0.0.1:9000', '10.0.0.2:9000'];
  const first = node({ seeds }).start();
  await mesh.settled(first.started);
  await mesh.run(20_000);
  t.deepEqual(first.allPeers(), []);
  const second = node({ seeds }).start();
  await mesh.until(() => second.livePeers().length === 1 && first.livePeers().length === 1);
  await mesh.run(20_000);
  t.deepEqual(first.allPeers(), [second.peer_name]);
  t.deepEqual(mesh.logger.lines, []);
});

test('seeds of nobody delay the start by no more than joinTimeoutMs, and do no harm', async (t) => {
  const { mesh, node } = meshWithNames();
  const seeds = ['10.9.9.9:9000', 'nobody.example:1', 'srv:nothing.example'];
  const one = node({ seeds, joinTimeoutMs: 700 }).start();
  const startedAtMs = mesh.clock.nowMs();
  await mesh.settled(one.started);
  t.true(mesh.clock.nowMs() - startedAtMs <= 740);
  const other = node({ seeds: [] }).start();
  await mesh.run(60_000);
  t.deepEqual(one.allPeers(), []);
  one.addPeer('10.0.0.2:9000');
  await mesh.until(() => one.livePeers().includes(other.peer_name));
  t.deepEqual(mesh.logger.lines, []);
});

test.serial('on real sockets seeds of nobody are no errors', async (t) => {
  const logger = recordingLogger();
  const seeds = ['127.0.0.1:1', '[::1]:1', '192.0.2.1:9', 'localhost:2'];
  await using one = new Telepathine({ profile: 'local', seeds, logger });
  one.on('error', (error) => t.fail(String(error)));
  await one.start().started;
  await using other = await Telepathine.start({ profile: 'local', seeds: [one.port] });
  await one.ready({ peers: 1, timeoutMs: 20_000 });
  t.deepEqual(one.livePeers(), [other.peer_name]);
  t.deepEqual(logger.lines, []);
});

test.serial('a host name is a seed', async (t) => {
  await using one = await Telepathine.start({ profile: 'local' });
  await using other = new Telepathine({
    profile: 'local',
    seeds: [`localhost:${one.port}`],
  }).start();
  await other.ready({ peers: 1, timeoutMs: 20_000 });
  t.deepEqual(other.livePeers(), [one.peer_name]);
});

test.serial(
  'nodes that take free ports at once each get one of their own, for TCP and UDP',
  async (t) => {
    const nodes = Array.from({ length: 12 }, () => new Telepathine({ profile: 'local', port: 0 }));
    await Promise.all(nodes.map((node) => node.start().started));
    t.is(new Set(nodes.map(({ port }) => port)).size, nodes.length);
    t.true(nodes.every(({ port, peer_name }) => port > 0 && peer_name === `127.0.0.1:${port}`));
    await Promise.all(nodes.map((node) => node.stop()));
  },
);
