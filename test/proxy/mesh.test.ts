/** Real sockets, and a network that does what a kernel's loopback cannot. */
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { type Conditions, FAIR } from '../../src/cli/proxy/conditions.js';
import { NodeProxy } from '../../src/cli/proxy/proxy.js';
import type { Passing } from '../../src/cli/proxy/route-host.js';
import { generateKey, Telepathine } from '../../src/index.js';
import { freePorts } from '../support/free-ports.js';

const HOST = '127.0.0.1';
const EVENTS = 20;
const WITHIN_MS = 60_000;
const UDP: Partial<Conditions> = { loss: 0.3, double: 0.2, reorder: 0.2, corrupt: 0.1 };
const TCP: Partial<Conditions> = { double: 0.1, corrupt: 0.05, delay: { minMs: 0, maxMs: 10 } };

/** Nodes that reach each other through a proxy only. */
async function openMesh(count: number, onPassing: (passing: Passing) => void = () => undefined) {
  const ports = await freePorts(count);
  const routes = ports.map((port) => ({
    listen: { ip: HOST, port: 0 },
    target: { ip: HOST, port },
  }));
  const proxy = await NodeProxy.open({ routes, seed: 1, onPassing });
  const network = generateKey();
  const nodes = ports.map((port, index) => {
    const advertise = proxy.addresses[index]!;
    const seeds = index === 0 ? [] : [proxy.addresses[0]!];
    const name = `n${index + 1}`;
    return new Telepathine({ port, name, network, advertise, seeds, profile: 'local' });
  });
  const close = async () => {
    proxy.change(() => true, FAIR);
    await Promise.all(nodes.map((node) => node.stop()));
    proxy.close();
  };
  return { proxy, nodes, close };
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + WITHIN_MS;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error('it did not come to be');
    await setTimeout(20);
  }
}

test('nodes converge though packets are lost, doubled, reordered and corrupted', async (t) => {
  const { proxy, nodes, close } = await openMesh(3);
  t.teardown(close);
  proxy.change(({ transport }) => transport === 'udp', UDP);
  proxy.change(({ transport }) => transport === 'tcp', TCP);
  const heard: string[] = [];
  for (const node of nodes) {
    node.hear('event', (data, from) => heard.push(`${node.peer_name} ${from} ${data}`));
  }
  await Promise.all(nodes.map((node) => node.start().started));
  for (const node of nodes) {
    node.set('small', node.peer_name).set('big', 'x'.repeat(100_000));
    for (let each = 0; each < EVENTS; each++) node.say('event', each, 2 * WITHIN_MS);
  }
  const holdsAll = (node: Telepathine) =>
    node.livePeers().length === 2 && node.livePeers().every((name) => node.getRemote(name, 'big'));
  await until(() => nodes.every(holdsAll) && heard.length >= 6 * EVENTS);
  for (const node of nodes) {
    for (const peer of node.livePeers()) t.is(node.getRemote(peer, 'small'), peer);
  }
  t.is(heard.length, 6 * EVENTS);
  t.is(new Set(heard).size, heard.length);
  const { counts } = proxy;
  await until(() => counts.corrupted > 2 && counts.lost > 10 && counts.doubled > 5);
  t.true(counts.overtaken > 0);
  const refused = nodes.map((node) => node.stats()?.refusals['not-authentic'] ?? 0);
  await until(() => nodes.some((node) => (node.stats()?.refusals['not-authentic'] ?? 0) > 0));
  t.true(refused.every((count) => count <= counts.corrupted));
});

test('a cut is noticed, and healing it too; nodes see each other at their ports', async (t) => {
  const seen = new Set<string>();
  const { proxy, nodes, close } = await openMesh(2, ({ way }) => seen.add(`${way.from}>${way.to}`));
  t.teardown(close);
  const [one, two] = nodes as [Telepathine, Telepathine];
  await Promise.all(nodes.map((node) => node.start().started));
  await Promise.all(nodes.map((node) => node.ready()));
  t.is(`${HOST}:${one.peer('n2')?.port}`, proxy.addresses[1]!);
  t.is(`${HOST}:${two.peer('n1')?.port}`, proxy.addresses[0]!);
  t.true(seen.has('1>2') && seen.has('2>1'), [...seen].join());
  proxy.change(() => true, { cut: true });
  await until(() => nodes.every((node) => node.livePeers().length === 0));
  one.set('while', 'cut');
  proxy.change(() => true, { cut: false });
  await until(() => nodes.every((node) => node.livePeers().length === 1));
  await until(() => two.getRemote('n1', 'while') === 'cut');
  t.true(proxy.counts.cut > 0);
});

test('connections that are broken are opened again', async (t) => {
  const { proxy, nodes, close } = await openMesh(2);
  t.teardown(close);
  const [one, two] = nodes as [Telepathine, Telepathine];
  await Promise.all(nodes.map((node) => node.start().started));
  await Promise.all(nodes.map((node) => node.ready()));
  for (let round = 0; round < 3; round++) {
    one.set('big', `${round}`.repeat(300_000));
    await until(() => two.getRemote('n1', 'big') === one.get('big'));
    proxy.break(() => true);
  }
  t.pass();
});

test('a port that is taken leaves nothing open', async (t) => {
  const node = await Telepathine.start();
  t.teardown(() => node.stop());
  const [free] = await freePorts(1);
  const target = { ip: HOST, port: 1 };
  const routes = [free!, node.port].map((port) => ({ listen: { ip: HOST, port }, target }));
  const opening = NodeProxy.open({ routes, seed: 1 });
  await t.throwsAsync(opening, { code: 'ADDRESS_UNAVAILABLE' });
  await (await Telepathine.start({ port: free! })).stop();
});
