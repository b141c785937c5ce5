/** What meshes of 3 and of 9 nodes must do. */
import { generateKey } from '../../crypto/derive.js';
import type { Feature, StartFields } from '../control/protocol.js';
import { CaseFailure } from '../peer/case-failure.js';
import type { Mesh, MeshNode } from './mesh.js';
import type { MeshCase } from './mesh-case.js';

const SIZES = [3, 9];
const EVENTS = 20;
const DURATION_MS = 120_000;
const WATCHED_MS = 6000;

/** Who dies is to be noticed soon; that somebody is missed for a moment is no harm. */
const QUICK = { burstMs: 2000, phiToleranceMs: 150 };

/** All cases of meshes. */
export const MESH_CASES: readonly MeshCase[] = SIZES.flatMap((size) => {
  const mesh = (
    word: string,
    section: string,
    title: string,
    run: (mesh: Mesh) => Promise<void>,
    features: readonly Feature[] = [],
    start: Partial<StartFields> = {},
  ): MeshCase => {
    const id = `mesh-${word}-${size}`;
    return {
      id,
      section,
      title: `${size} nodes: ${title}`,
      grade: 'MUST',
      features,
      size,
      start,
      run,
    };
  };
  return [
    mesh('convergence', '9.4.1', 'all hold the same of each other.', convergence),
    mesh(
      'events',
      '8.6.3',
      'events are heard once and in order, though packets are doubled.',
      events,
    ),
    mesh('restart', '6.2.1', 'who is started anew is alive for all, with its new state.', restart, [
      'restart',
    ]),
    mesh('partition', '12.6.1', 'a partition is noticed, and heals.', partition, ['watch'], QUICK),
    mesh(
      'loss',
      '13.9.1',
      'with 20 % of all packets lost all converge, and nobody is called dead.',
      loss,
    ),
    mesh(
      'detection',
      '13.9.4',
      'who dies is noticed by all, and its return too.',
      detection,
      ['watch', 'restart'],
      QUICK,
    ),
    mesh('rotation', '4.3.3', 'the key is changed while all go on.', rotation, [
      'sealed',
      'rotate',
    ]),
  ];
});

/** Each node sets some keys, deletes one, and overwrites one. */
async function change(mesh: Mesh, node: MeshNode, word: string): Promise<Record<string, unknown>> {
  await mesh.ask(node, 'set', { key: 'gone', value: word });
  await mesh.ask(node, 'set', { key: 'word', value: 'to be overwritten' });
  await mesh.ask(node, 'set', { key: 'number', value: node.number });
  await mesh.ask(node, 'set', { key: 'word', value: word });
  await mesh.ask(node, 'set', { key: 'large', value: word.repeat(400) });
  await mesh.ask(node, 'delete', { key: 'gone' });
  return { word, number: node.number, large: word.repeat(400) };
}

async function changeAll(mesh: Mesh, word: string, among = mesh.running): Promise<void> {
  const values = await Promise.all(
    among.map((node) => change(mesh, node, `${word} of ${node.name}`)),
  );
  for (const [index, node] of among.entries()) {
    await mesh.allShow(node, values[index] as Record<string, unknown>, { among });
  }
}

async function convergence(mesh: Mesh): Promise<void> {
  await changeAll(mesh, 'first');
  await changeAll(mesh, 'second');
}

async function events(mesh: Mesh): Promise<void> {
  mesh.proxy.change(() => true, { double: 0.3, delay: { minMs: 0, maxMs: 15 } });
  mesh.proxy.change(({ transport }) => transport === 'udp', { reorder: 0.1 });
  for (let each = 0; each < EVENTS; each++) {
    for (const node of mesh.nodes) {
      await mesh.ask(node, 'say', { event: 'beat', value: each, durationMs: DURATION_MS });
    }
  }
  const wanted = Array.from({ length: EVENTS }, (_, each) => each).join();
  const rule = '8.6.2';
  const expected = `the events 0 to ${EVENTS - 1} of every other node, once each and in order`;
  const heard = (node: MeshNode) =>
    mesh.nodes
      .filter((each) => each !== node)
      .map(({ name }) => {
        const said = mesh
          .events(node)
          .filter((event) => event.event === 'say' && event.peer === name);
        return said.map((event) => ('value' in event ? event.value : '')).join();
      });
  await mesh.everywhere({ rule, expected }, async (node) => {
    await mesh.ask(node, 'members', {});
    const seen = heard(node);
    return { holds: seen.every((each) => each.length >= wanted.length), seen };
  });
  await pause(1500);
  for (const node of mesh.nodes) {
    await mesh.ask(node, 'members', {});
    const wrong = heard(node).find((each) => each !== wanted);
    if (wrong !== undefined) throw new CaseFailure(rule, expected, `${node.name} heard ${wrong}`);
  }
}

async function restart(mesh: Mesh): Promise<void> {
  await changeAll(mesh, 'before');
  const again = mesh.nodes[mesh.size - 1] as MeshNode;
  await mesh.kill(again);
  await mesh.start(again);
  await mesh.ask(again, 'set', { key: 'after', value: 'the restart' });
  await mesh.allShow(again, { after: 'the restart' }, { rule: '13.1.6' });
  await mesh.allSee();
}

async function partition(mesh: Mesh): Promise<void> {
  const [left, right] = [
    mesh.nodes.slice(0, Math.ceil(mesh.size / 2)),
    mesh.nodes.slice(Math.ceil(mesh.size / 2)),
  ];
  await changeAll(mesh, 'before');
  mesh.proxy.change(mesh.between(left, right), { cut: true });
  for (const [here, there] of [
    [left, right],
    [right, left],
  ] as const) {
    const awaited = { rule: '13.9.4', expected: 'the other side to be down' };
    await mesh.everywhere(awaited, async (node) => seesDown(mesh, node, there), here);
  }
  for (const side of [left, right]) {
    for (const node of side) {
      await mesh.ask(node, 'set', { key: 'side', value: node.name });
    }
  }
  mesh.heal();
  // Who was cut off from all comes back once its line has held for 30 s (13.2.3).
  await mesh.allSee({ rule: '12.6.1', expected: 'all others to be alive again', withinMs: 90_000 });
  for (const node of mesh.nodes) {
    const word = `before of ${node.name}`;
    const values = { word, number: node.number, large: word.repeat(400), side: node.name };
    await mesh.allShow(node, values, { rule: '12.6.1' });
  }
}

async function seesDown(mesh: Mesh, node: MeshNode, others: readonly MeshNode[]) {
  const { members } = await mesh.ask(node, 'members', {});
  const alive = members.filter(({ status }) => status === 'alive').map(({ name }) => name);
  return { holds: others.every(({ name }) => !alive.includes(name)), seen: alive };
}

async function loss(mesh: Mesh): Promise<void> {
  mesh.proxy.change(() => true, { loss: 0.2 });
  const marks = mesh.nodes.map((node) => mesh.events(node).length);
  await changeAll(mesh, 'lossy');
  await pause(WATCHED_MS);
  for (const [index, node] of mesh.nodes.entries()) {
    await mesh.ask(node, 'members', {});
    const down = mesh.events(node, marks[index]).filter(({ event }) => event === 'down');
    if (down.length > 0) {
      throw new CaseFailure(
        '13.9.1',
        'nobody to be called dead',
        `${node.name}: ${JSON.stringify(down)}`,
      );
    }
  }
}

async function detection(mesh: Mesh): Promise<void> {
  await changeAll(mesh, 'before');
  const dying = mesh.nodes[1] as MeshNode;
  await mesh.kill(dying);
  const awaited = { rule: '13.9.4', expected: `${dying.name} to be down` };
  await mesh.everywhere(awaited, async (node) => seesDown(mesh, node, [dying]));
  const word = `before of ${dying.name}`;
  const values = { word, number: dying.number, large: word.repeat(400) };
  await mesh.allShow(dying, values, { rule: '13.1.7' });
  await mesh.start(dying);
  await mesh.allSee({ rule: '13.1.3', expected: `${dying.name} to be alive again` });
}

async function rotation(mesh: Mesh): Promise<void> {
  const next = generateKey();
  const marks = mesh.nodes.map((node) => mesh.events(node).length);
  const rings = [[mesh.key, next], [next, mesh.key], [next]];
  for (const [step, keys] of rings.entries()) {
    for (const node of mesh.nodes) await mesh.ask(node, 'rotate', { keys });
    await changeAll(mesh, `step ${step}`);
  }
  for (const [index, node] of mesh.nodes.entries()) {
    await mesh.ask(node, 'members', {});
    const down = mesh.events(node, marks[index]).filter(({ event }) => event === 'down');
    if (down.length > 0) {
      throw new CaseFailure(
        '4.3.3',
        'nobody to be missed',
        `${node.name}: ${JSON.stringify(down)}`,
      );
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
