import test from 'ava';
import { Mesh, type MeshNode } from '../support/mesh.js';
import { runs } from '../support/scenario.js';

/** What sealing adds to each packet: a byte, the key's id, the nonce and the tag. */
const ENVELOPE_BYTES = 45;
const BYTES_PER_SECOND_MAX = 300;
const SIZES = [5, 20, 60] as const;
const MEASURED_MS = 20_000;

interface Cost {
  bytesPerSecond: number;
  packetsPerSecond: number;
  /** The highest that any one node sent or received, in bytes a second. */
  dearest: number;
  /** What the seed sent and received, beside what a node does on average. */
  seedFactor: number;
}

test('an idle node costs under 300 bytes a second, whatever the number of nodes', (t) => {
  const settings = runs(12);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  for (let run = 0; run < settings.numRuns; run++) {
    const seed = (settings.seed + run) | 0;
    const costs = SIZES.map((nodes) => idleCost(seed, nodes));
    const [, atTwenty, atSixty] = costs as [Cost, Cost, Cost];
    if (run === 0) for (const [i, cost] of costs.entries()) t.log(`${SIZES[i]}: ${text(cost)}`);
    for (const cost of costs) {
      t.true(cost.bytesPerSecond < BYTES_PER_SECOND_MAX, `seed ${seed}: ${text(cost)}`);
      t.true(cost.dearest < 2 * BYTES_PER_SECOND_MAX, `seed ${seed}: ${text(cost)}`);
      t.true(cost.seedFactor < 2, `seed ${seed}: ${text(cost)}`);
    }
    const growth = atSixty.bytesPerSecond / atTwenty.bytesPerSecond;
    t.true(growth < 1.2, `seed ${seed}: from 20 to 60 nodes the cost grows ${growth} times`);
  }
});

test('a mesh that was busy returns to the cost of an idle one', (t) => {
  const settings = runs(12);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  for (let run = 0; run < settings.numRuns; run++) {
    const mesh = settledMesh((settings.seed + run) | 0, 10);
    for (let i = 0; i < 50; i++) {
      mesh.set(`n${i % 10}`, `k${i}`, 'x'.repeat(300), i % 3 === 0 ? 5000 : undefined);
      mesh.say(`n${i % 10}`, 'e', i, 5000);
      mesh.run(100);
    }
    mesh.kill('n9');
    mesh.run(40_000);
    const cost = measured(mesh);
    t.true(
      cost.bytesPerSecond < BYTES_PER_SECOND_MAX,
      `seed ${settings.seed + run}: ${text(cost)}`,
    );
  }
});

function idleCost(seed: number, nodes: number): Cost {
  return measured(settledMesh(seed, nodes));
}

/** All know each other, their round trips, and nothing is new for some idle intervals. */
function settledMesh(seed: number, nodes: number): Mesh {
  const mesh = new Mesh(seed);
  mesh.grow(nodes);
  mesh.run(30_000);
  return mesh;
}

function measured(mesh: Mesh): Cost {
  mesh.sent.length = 0;
  mesh.recording = true;
  mesh.run(MEASURED_MS);
  mesh.recording = false;
  const living = [...mesh.nodes.values()].filter((node) => node.up);
  const seconds = MEASURED_MS / 1000;
  const sent = living.map((node) => bytesOf(mesh, node, 'from') / seconds);
  const taken = living.map((node) => bytesOf(mesh, node, 'to') / seconds);
  const bytesPerSecond = sent.reduce((sum, each) => sum + each, 0) / living.length;
  const seed = (sent[0] as number) + (taken[0] as number);
  return {
    bytesPerSecond,
    packetsPerSecond: mesh.sent.length / seconds / living.length,
    dearest: Math.max(...sent, ...taken),
    seedFactor: seed / (2 * bytesPerSecond),
  };
}

function bytesOf(mesh: Mesh, node: MeshNode, end: 'from' | 'to'): number {
  const flights = mesh.sent.filter((flight) => flight[end] === node.address);
  return flights.reduce((sum, flight) => sum + flight.bytes.length + ENVELOPE_BYTES, 0);
}

function text({ bytesPerSecond, packetsPerSecond, dearest, seedFactor }: Cost): string {
  const bytes = `${bytesPerSecond.toFixed(0)} B/s and ${packetsPerSecond.toFixed(2)} packets/s a node`;
  return `${bytes}, at most ${dearest.toFixed(0)} B/s, the seed ${seedFactor.toFixed(2)} times`;
}
