/** The key of a mesh is changed by restarts, and nodes that were away meanwhile. */
import test from 'ava';
import { generateKey } from '../../src/index.js';
import type { Telepathine } from '../../src/telepathine.js';
import { TestMesh } from '../telepathine/test-mesh.js';

const [OLD, NEW] = [generateKey(), generateKey()];
const STEPS = [[OLD, NEW], [NEW, OLD], [NEW]];
const NAMES = ['n1', 'n2', 'n3', 'n4'];

test('nodes that restart one after the other with other keys never split the mesh', async (t) => {
  for (const seed of [1, 2, 3]) {
    const mesh = new TestMesh({ seed });
    mesh.network.change({ lossRate: 0.1, latency: { minMs: 1, maxMs: 30 } });
    const nodes = new Map<string, Telepathine>();
    const losses: string[] = [];
    let restarting = '';
    const start = (name: string, network: readonly string[]) => {
      const address = `10.0.0.${name.slice(1)}:9000`;
      const seeds = NAMES.map((other) => `10.0.0.${other.slice(1)}:9000`);
      const node = mesh.node({ name, address, seeds, network });
      node.on('peer:stop', (peer) => peer !== restarting && losses.push(`${name} lost ${peer}`));
      nodes.set(name, node.start());
    };
    const seesAll = (node: Telepathine) =>
      NAMES.every(
        (name) => name === node.peer_name || node.getRemote(name, 'step') === stepOf.get(name),
      );
    const stepOf = new Map<string, number>(NAMES.map((name) => [name, 0]));
    for (const name of NAMES) start(name, [OLD]);
    for (const node of nodes.values()) node.set('step', 0);
    await mesh.until(() => [...nodes.values()].every(seesAll));
    for (const [index, keys] of STEPS.entries()) {
      for (const name of NAMES) {
        restarting = name;
        await mesh.settled(nodes.get(name)!.stop());
        start(name, keys);
        stepOf.set(name, index + 1);
        nodes.get(name)!.set('step', index + 1);
        await mesh.until(() => [...nodes.values()].every(seesAll));
        await mesh.run(5000);
      }
    }
    t.deepEqual(losses, [], `seed ${seed}`);
    for (const node of nodes.values()) t.is(node.livePeers().length, NAMES.length - 1);
  }
});

for (const way of ['while it runs', 'by a restart'] as const) {
  test(`a node that missed a change of the key returns when it gets it ${way}`, async (t) => {
    const mesh = new TestMesh();
    const nodes = await mesh.start(4, { network: OLD });
    const [first, second, third, away] = nodes as [
      Telepathine,
      Telepathine,
      Telepathine,
      Telepathine,
    ];
    const others = [first, second, third];
    for (const node of nodes) node.set('k', 'before');
    const heard: string[] = [];
    const hearing = (node: Telepathine) =>
      node.hear('e', (data, from) => heard.push(`${from} to ${node.peer_name}: ${String(data)}`));
    for (const node of nodes) hearing(node);
    await mesh.run(2000);
    for (const keys of STEPS) {
      for (const node of others) node.rotateKeys(keys);
      await mesh.run(1000);
    }
    await mesh.until(() => others.every((node) => node.deadPeers().includes('n4')));
    await mesh.until(() => away.livePeers().length === 0);
    t.deepEqual(away.deadPeers().sort(), ['n1', 'n2', 'n3']);
    t.true(others.every((node) => node.livePeers().length === 2));
    for (const node of nodes) {
      const refused = node.stats()?.refusals['unknown-key'] ?? 0;
      t.true(refused > 0, `${node.peer_name}: ${refused}`);
    }
    for (const node of nodes) node.set('k', 'during').say('e', 'during', 600_000);
    await mesh.run(2000);
    t.is(away.getRemote('n1', 'k'), 'before');
    t.is(first.getRemote('n4', 'k'), 'before');

    let returned = away;
    if (way === 'while it runs') away.rotateKeys(NEW);
    else {
      await mesh.settled(away.stop());
      const options = { name: 'n4', address: '10.0.0.4:9000', seeds: ['10.0.0.1:9000'] };
      returned = mesh.node({ ...options, network: NEW });
      hearing(returned);
      returned.set('k', 'during').start();
    }
    await mesh.until(
      () =>
        returned.livePeers().length === 3 &&
        others.every((node) => node.livePeers().length === 3) &&
        others.every((node) => returned.getRemote(node.peer_name, 'k') === 'during') &&
        others.every((node) => node.getRemote('n4', 'k') === 'during'),
    );
    t.deepEqual(returned.deadPeers(), []);
    // What the one that was away said goes with its process, if that was stopped.
    const pairs = nodes.flatMap((from) =>
      nodes.flatMap((to) =>
        to === from || (from === away && returned !== away) ? [] : [[from, to]],
      ),
    );
    const all = pairs.map(([from, to]) => `${from!.peer_name} to ${to!.peer_name}: during`);
    await mesh.until(() => heard.length >= all.length);
    const refused = () =>
      [...others, returned].map((node) => node.stats()?.refusals['unknown-key']);
    const before = refused();
    await mesh.run(20_000);
    t.deepEqual(refused(), before, 'nobody is refused any more');
    t.deepEqual(heard.sort(), all.sort(), 'each event fires once, also after the return');
  });
}
