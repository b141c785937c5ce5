/** Nodes whose addresses change, in virtual time; `machines.test.ts` has some with real sockets. */
import test from 'ava';
import { Core } from '../../src/core/core.js';
import type { HostAddress } from '../../src/wire/packet.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

const SEEDS = [1, 2, 3, 4];
const ORIGINAL_PACE = { gossipIntervalMs: 2500, heartbeatIntervalMs: 2500 };
const ELSEWHERE = '10.0.9.9:9000';
const NOTHING = new Uint8Array(0);

for (const size of [2, 3]) {
  test(`of ${size} nodes one that names no ip moves, and nobody misses it`, (t) => {
    for (const seed of SEEDS) {
      const { mesh, nodes } = meshOf(size, seed, (ip) => [NOTHING, ip]);
      const moved = move(mesh, 'n1', ELSEWHERE);
      mesh.run(20_000);
      mesh.set('n1', 'from', 'there');
      mesh.set('n0', 'to', 'there');
      const others = nodes.filter((node) => node !== moved);
      mesh.until(
        () =>
          others.every((node) => mesh.shows(node, 'n1').length === 1) &&
          mesh.shows(moved, 'n0').length === 1,
        5000,
      );
      mesh.run(60_000);
      t.deepEqual(deaths(nodes), [], `seed ${seed}`);
      const watchers = others.slice(0, 4).map((node) => node.core.peer('n1', mesh.nowMs)?.address);
      t.true(watchers.includes(ELSEWHERE), `seed ${seed}: ${watchers}`);
    }
  });
}

test('nodes that listen everywhere find each other, and need not who introduced them', (t) => {
  for (const seed of SEEDS) {
    const { mesh, nodes } = meshOf(6, seed, (ip) => [NOTHING, ip]);
    mesh.kill('n0');
    const others = nodes.slice(1);
    mesh.until(() => others.every((node) => mesh.live(node).length === 4), 30_000);
    for (const { name } of others) mesh.set(name, 'k', name);
    const hasAll = (node: MeshNode) =>
      others.every((other) => mesh.shows(node, other.name)[0] === `k="${other.name}"`);
    mesh.until(() => others.every(hasAll), 5000);
    mesh.run(60_000);
    t.true(others.every((node) => mesh.live(node).length === 4));
  }
});

test('in a mesh of twenty nobody misses a node that tells where it is now', (t) => {
  for (const seed of SEEDS) {
    const { mesh, nodes } = meshOf(20, seed, (ip) => [NOTHING, ip]);
    const moved = move(mesh, 'n1', ELSEWHERE);
    mesh.run(2000);
    const addresses = addressesOf([NOTHING, ipOf(ELSEWHERE)]);
    mesh.input(moved, { type: 'header', header: { addresses, tags: {}, keyIds: [] } });
    mesh.run(120_000);
    t.deepEqual(deaths(nodes), [], `seed ${seed}`);
  }
});

for (const size of [8, 20]) {
  test(`of ${size} nodes one that moved without telling is found again for good`, (t) => {
    for (const seed of SEEDS) {
      const { mesh, nodes } = meshOf(size, seed, (ip) => [NOTHING, ip]);
      move(mesh, 'n1', ELSEWHERE);
      mesh.run(90_000);
      const before = deaths(nodes).length;
      mesh.run(120_000);
      t.is(deaths(nodes).length, before, `seed ${seed}`);
      t.true(nodes.every((node) => mesh.live(node).length === size - 1));
    }
  });
}

test('a node that names its ip is not looked for where a packet of it comes from', (t) => {
  const { mesh } = meshOf(3, 1, (ip) => [ip]);
  const home = mesh.address('n1');
  mesh.recording = true;
  move(mesh, 'n1', ELSEWHERE);
  mesh.run(20_000);
  const asked = mesh.sent.filter(({ to, from }) => to === ELSEWHERE && from !== home);
  t.true(asked.length > 0, 'it is answered');
  t.is(mesh.node('n0').core.peer('n1', mesh.nowMs)?.address, home);
});

test('a life that begins elsewhere under the same name is reached there by all', (t) => {
  for (const blank of [true, false]) {
    const { mesh, nodes } = meshOf(5, 1, (ip) => (blank ? [NOTHING, ip] : [ip]));
    mesh.set('n3', 'life', 1);
    mesh.run(1000);
    mesh.kill('n3');
    mesh.run(1000);
    mesh.node('n3').address = ELSEWHERE;
    const ips = blank ? [NOTHING, ipOf(ELSEWHERE)] : [ipOf(ELSEWHERE)];
    const again = mesh.start('n3', ['n1'], { addresses: addressesOf(ips) });
    mesh.set('n3', 'life', 2);
    const others = nodes.filter(({ name }) => name !== 'n3');
    const isKnown = (node: MeshNode) => mesh.shows(node, 'n3')[0] === 'life=2';
    mesh.until(() => others.every(isKnown), 5000);
    mesh.set('n0', 'for', 'n3');
    mesh.until(() => mesh.shows(again, 'n0').length === 1, 5000);
    mesh.run(60_000);
    for (const node of others) t.is(node.core.peer('n3', mesh.nowMs)?.address, ELSEWHERE);
    t.true(others.every((node) => mesh.live(node).includes('n3')));
  }
});

test('the header of a life that begins elsewhere does not cut the stream that brought it', (t) => {
  const mesh = new Mesh(1, {}, { ...ORIGINAL_PACE, udp: false });
  const closed: string[] = [];
  mesh.makeCore = (options, seed) => {
    const core = new Core(options, seed);
    const handle = core.handle.bind(core);
    core.handle = (input, nowMs) => {
      const effects = handle(input, nowMs);
      for (const effect of effects) if (effect.type === 'close') closed.push(effect.link);
      return effects;
    };
    return core;
  };
  mesh.start('n0');
  mesh.start('n1', ['n0']);
  mesh.run(3000);
  mesh.kill('n1');
  mesh.node('n1').address = ELSEWHERE;
  mesh.start('n1', ['n0'], { addresses: addressesOf([ipOf(ELSEWHERE)]) });
  mesh.run(3000);
  t.is(mesh.node('n0').core.peer('n1', mesh.nowMs)?.address, ELSEWHERE);
  t.deepEqual(closed, []);
});

/** Nodes that know each other, each with the addresses that it makes of its own ip. */
function meshOf(size: number, seed: number, ipsOf: (ip: Uint8Array) => Uint8Array[]) {
  const mesh = new Mesh(seed, { latencyMaxMs: 30 }, ORIGINAL_PACE);
  const nodes = Array.from({ length: size }, (_, index) => {
    const ip = Uint8Array.of(10, 0, 0, index + 1);
    const seeds = index === 0 ? [] : ['n0'];
    return mesh.start(`n${index}`, seeds, { addresses: addressesOf(ipsOf(ip)) });
  });
  mesh.until(() => nodes.every((node) => mesh.live(node).length === size - 1), 60_000);
  mesh.run(20_000);
  return { mesh, nodes };
}

function addressesOf(ips: Uint8Array[]): HostAddress[] {
  return ips.flatMap((ip) =>
    (['udp', 'tcp'] as const).map((transport) => ({ family: 4, ip, port: 9000, transport })),
  );
}

function move(mesh: Mesh, name: string, address: string): MeshNode {
  const node = mesh.node(name);
  node.address = address;
  return node;
}

function ipOf(address: string): Uint8Array {
  return Uint8Array.from((address.split(':')[0] as string).split('.'), Number);
}

function deaths(nodes: readonly MeshNode[]): string[] {
  return nodes.flatMap((node) =>
    node.events.flatMap((event) =>
      event.type === 'peerDown' ? `${node.name} has lost ${event.name}` : [],
    ),
  );
}
