/** What a member's packets may cost a node in time and memory, at the most. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import type { CoreOptions } from '../../src/core/contract.js';
import { type OwnerDigest, type Packet, Status } from '../../src/wire/packet.js';
import { ForgedLife } from '../support/forged-life.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh, type MeshNode } from '../support/mesh.js';

/** As many as are taken of one. */
const OWNERS_A_PACKET = 12_000;

test('a packet does not stay in memory with the ping that it has asked for', async (t) => {
  const { mesh, node, evil } = attacked();
  mesh.start('n1', ['n0']);
  mesh.run(1000);
  const { owner, logId, generation } = node.core.peer('n1', mesh.nowMs)!;
  const kept = [1, 2, 3].map(() => {
    const packet = evil.packet(node.address, { probes: [{ owner, logId, generation }] });
    take(mesh, node, evil, packet);
    return new WeakRef(packet);
  });
  await collectGarbage();
  t.deepEqual(
    kept.map((each) => each.deref()),
    [undefined, undefined, undefined],
  );
});

test('making room for invented nodes costs the same, however many there are', (t) => {
  const costMs = (ownersMax: number) => {
    const { mesh, node, evil } = attacked({ ownersMax });
    const invent = (owners: OwnerDigest[]) => {
      for (let first = 0; first < owners.length; first += OWNERS_A_PACKET) {
        const digests = [{ owners: owners.slice(first, first + OWNERS_A_PACKET) }];
        take(mesh, node, evil, evil.packet(node.address, { digests }));
      }
    };
    // The first to come are the first to go; theirs are the highest ids, as of those that follow.
    invent(dead(evil, 2000, 20_000_000));
    invent(dead(evil, ownersMax - 2002));
    t.is(node.core.stats().owners, ownersMax);
    const beganMs = performance.now();
    invent(dead(evil, 2000, 10_000_000));
    t.is(node.core.stats().owners, ownersMax);
    return performance.now() - beganMs;
  };
  costMs(3000);
  const bestMs = (ownersMax: number) => Math.min(...[1, 2].map(() => costMs(ownersMax)));
  const [fewMs, manyMs] = [bestMs(3000), bestMs(30_000)];
  t.log(`${fewMs.toFixed(0)} ms among 3,000, ${manyMs.toFixed(0)} ms among 30,000`);
  t.true(manyMs < 5 * fewMs + 20);
});

test('nodes that were invented and had to go leave nothing but a memory of them', async (t) => {
  const { mesh, node, evil } = attacked({ ownersMax: 500 });
  const invent = (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      const owners = dead(evil, 1000).map((each) => ({ ...each, incarnation: ++incarnations }));
      take(mesh, node, evil, evil.packet(node.address, { digests: [{ owners }] }));
    }
  };
  let incarnations = 0;
  invent(5);
  const before = await usedBytes();
  invent(50);
  const grownBytes = (await usedBytes()) - before;
  t.log(`${grownBytes} bytes for 50,000 inventions`);
  t.true(grownBytes < 5e6);
});

test('whoever claims ever higher generations of a node has it write its log anew only now and then', (t) => {
  const { mesh, node, evil } = attacked();
  const friend = mesh.start('n1', ['n0']);
  for (let key = 0; key < 1000; key++) mesh.set('n0', `k${key}`, key);
  mesh.until(() => mesh.shows(friend, 'n0').length === 1000, 10_000);
  const { owner, logId, generation: first } = node.core.self(mesh.nowMs);
  const claims = Array.from({ length: 5000 }, (_, index) => first + 10 + index);
  const digests = claims.map((generation, index) => ({
    range: { start: hex(2 * index + 1), end: hex(2 * index + 2) },
    owners: [evil.digest({ owner, logId, generation })],
  }));
  const generations = new Set<number>();
  mesh.onStep = () => void generations.add(node.core.self(mesh.nowMs).generation);
  for (let packet = 0; packet < 10; packet++) {
    take(mesh, node, evil, evil.packet(node.address, { digests }));
    mesh.run(10);
  }
  mesh.run(10_000);
  t.deepEqual([...generations], [first + 11, (claims.at(-1) as number) + 1]);
  t.is(mesh.shows(friend, 'n0').length, 1000);
  mesh.set('n0', 'k0', 'still heard');
  mesh.until(() => mesh.shows(friend, 'n0')[0] === 'k0="still heard', 10_000);
});

test('news reaches the real nodes at once among hundreds that were invented', (t) => {
  const mesh = new Mesh(1);
  mesh.recording = true;
  const [node, ...others] = mesh.grow(5) as [MeshNode, ...MeshNode[]];
  const evil = new HandPeer(mesh);
  evil.join('n0');
  for (let number = 0; number < 300; number++) {
    const address = `10.8.${number >> 8}.${number & 255}:9000`;
    const invented = new ForgedLife(`invented ${number}`, address);
    evil.send('n0', { digests: [{ owners: [invented.digest()] }] });
    evil.send('n0', { deltas: [invented.header()] });
  }
  mesh.run(200);
  t.true(mesh.live(node).length > 300);
  const tookMs = [1, 2, 3, 4, 5, 6, 7, 8].map((value) => {
    mesh.set('n0', 'k', value);
    const known = () => others.every((other) => mesh.shows(other, 'n0').join() === `k=${value}`);
    const ms = mesh.until(known, 60_000);
    mesh.run(300);
    return ms;
  });
  t.log(tookMs);
  t.true(Math.max(...tookMs) < 1000);
});

/** A node that has a member for an enemy. */
function attacked(options: Partial<CoreOptions> = {}): {
  mesh: Mesh;
  node: MeshNode;
  evil: HandPeer;
} {
  const mesh = new Mesh(1, {}, options);
  mesh.recording = true;
  const node = mesh.start('n0');
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(100);
  return { mesh, node, evil };
}

/** As a packet from the wire, which nobody else holds. */
function take(mesh: Mesh, node: MeshNode, evil: HandPeer, packet: Packet): void {
  mesh.input(node, { type: 'packet', link: `udp:${evil.address}`, packet, bytes: 1200 });
}

/** Statements about nodes that nobody has heard of, by ascending id. */
function dead(evil: HandPeer, count: number, first = 1): OwnerDigest[] {
  return Array.from({ length: count }, (_, index) => {
    const owner = hex((first + index) * 2 ** 24);
    return evil.digest({ owner, status: Status.dead });
  });
}

function hex(id: number): string {
  return id.toString(16).padStart(16, '0');
}

async function usedBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 4; i++) {
    await new Promise(setImmediate);
    collect();
  }
}
