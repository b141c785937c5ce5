/** Datagrams do not get through, in virtual time; on real sockets: `udp-blocked-for-real.test.ts`. */
import test from 'ava';
import type { CoreEvent } from '../../src/core/contract.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

/** As many runs as give each phase of the nodes' turns and exchanges its chance. */
const SEEDS = Array.from({ length: 24 }, (_, index) => index + 1);
const CONVERGED_WITHIN_MS = 5000;
const ORIGINAL_PACE = { gossipIntervalMs: 2500, heartbeatIntervalMs: 2500 };
const DIRECTIONS = ['one way', 'the other way', 'both ways'] as const;

for (const direction of DIRECTIONS) {
  for (const when of ['from the start', 'while it goes on'] as const) {
    test(`a pair converges when datagrams are blocked ${direction} ${when}`, (t) => {
      for (const seed of SEEDS) {
        const mesh = new Mesh(seed, { latencyMaxMs: 30 }, ORIGINAL_PACE);
        if (when === 'from the start') blockDatagrams(mesh, direction);
        const pair = mesh.grow(2);
        mesh.run((seed * 7919) % 10_000);
        if (when === 'while it goes on') blockDatagrams(mesh, direction);
        const value = seed % 2 === 0 ? 'small' : 'x'.repeat(100_000);
        for (const { name } of pair) {
          mesh.set(name, 'k', value);
          mesh.say(name, 'e', 1);
        }
        const has = (node: MeshNode, other: MeshNode) =>
          mesh.shows(node, other.name).length === 1 && node.heard.includes(`${other.name}:e=1`);
        const [one, other] = pair as [MeshNode, MeshNode];
        mesh.until(() => has(one, other) && has(other, one), CONVERGED_WITHIN_MS);
        mesh.run(60_000);
        t.deepEqual(doubts(pair), [], `seed ${seed}`);
      }
    });
  }
}

test('a pair stays with streams while datagrams are blocked: later news comes at once', (t) => {
  for (const direction of DIRECTIONS) {
    const mesh = new Mesh(1, {}, ORIGINAL_PACE);
    const pair = mesh.grow(2) as [MeshNode, MeshNode];
    blockDatagrams(mesh, direction);
    mesh.run(10_000);
    for (let minute = 1; minute <= 10; minute++) {
      mesh.run(60_000);
      for (const [owner, other] of [pair, pair.toReversed()] as [MeshNode, MeshNode][]) {
        mesh.set(owner.name, `k${minute}`, minute);
        const tookMs = mesh.until(() => mesh.shows(other, owner.name).length === minute, 5000);
        t.true(tookMs < 100, `${direction}, minute ${minute}: ${tookMs} ms`);
      }
    }
    t.deepEqual(doubts(pair), []);
  }
});

test('a log is fetched by a stream where no question by datagram is answered', (t) => {
  const seldomPinged = { ...ORIGINAL_PACE, heartbeatIntervalMs: 3_600_000 };
  const mesh = new Mesh(1, {}, seldomPinged);
  const [one, other] = mesh.grow(2) as [MeshNode, MeshNode];
  mesh.run(10_000);
  blockDatagrams(mesh, 'one way');
  mesh.set(other.name, 'announced', 'x'.repeat(5000));
  const tookMs = mesh.until(() => mesh.shows(one, other.name).length === 1, 60_000);
  t.true(tookMs < 3000, `${tookMs} ms`);
});

test('datagrams are used again once they get through', (t) => {
  const mesh = new Mesh(2, {}, ORIGINAL_PACE);
  const pair = mesh.grow(2);
  blockDatagrams(mesh, 'both ways');
  mesh.run(120_000);
  mesh.mayPass = () => true;
  mesh.run(70_000);
  mesh.recording = true;
  mesh.set('n0', 'k', 1);
  mesh.run(60_000);
  t.true(mesh.sent.length > 0);
  t.deepEqual(
    mesh.sent.filter(({ kind }) => kind === 'tcp'),
    [],
  );
  t.deepEqual(doubts(pair), []);
});

test('nobody is found dead when streams are blocked as soon as datagrams are not any more', (t) => {
  for (const seed of SEEDS) {
    const mesh = new Mesh(seed, { latencyMaxMs: 30 }, ORIGINAL_PACE);
    const nodes = mesh.grow(3);
    blockDatagrams(mesh, 'both ways');
    mesh.run(20_000 + ((seed * 7919) % 10_000));
    mesh.mayPass = (_from, _to, kind) => kind === 'udp';
    mesh.run(120_000);
    t.deepEqual(doubts(nodes), [], `seed ${seed}`);
  }
});

for (const way of ['to it', 'from it', 'to and from it'] as const) {
  test(`in a mesh of eight nobody doubts one whose datagrams are blocked ${way}`, (t) => {
    for (const seed of SEEDS.slice(0, 6)) {
      const mesh = new Mesh(seed, { latencyMaxMs: 30 }, ORIGINAL_PACE);
      const nodes = mesh.grow(8);
      mesh.run((seed * 7919) % 10_000);
      const address = mesh.address('n5');
      const isHit = (from: string, to: string) =>
        (way !== 'from it' && to === address) || (way !== 'to it' && from === address);
      mesh.mayPass = (from, to, kind) => kind === 'tcp' || !isHit(from, to);
      mesh.run(120_000);
      t.deepEqual(doubts(nodes), [], `seed ${seed}`);
    }
  });
}

/** Of the first two nodes of a mesh, and all others with them. */
function blockDatagrams(mesh: Mesh, direction: (typeof DIRECTIONS)[number]): void {
  const first = '10.0.0.1:9000';
  mesh.mayPass = (from, _to, kind) => {
    if (kind === 'tcp') return true;
    return direction !== 'both ways' && (from === first) === (direction === 'the other way');
  };
}

/** Who suspects whom, or has found whom dead. */
function doubts(nodes: readonly MeshNode[]): string[] {
  const isDoubt = (event: CoreEvent) => event.type === 'peerSuspect' || event.type === 'peerDown';
  return nodes.flatMap((node) =>
    node.events.flatMap((event) =>
      isDoubt(event) && 'name' in event ? `${node.name} ${event.type} ${event.name}` : [],
    ),
  );
}
