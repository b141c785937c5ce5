import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { TelepathineOptions } from '../../src/index.js';
import { ChildNode, pause, until } from '../support/child-node.js';

const PAUSE_MS = 5000;
const YEAR_MS = 365 * 24 * 3_600_000;
/** Bears a busy machine, and convicts a dead node within some 4 s. */
const PATIENT: TelepathineOptions = { profile: 'local', phiToleranceMs: 500 };

/** Nodes in processes of their own that know each other, all from the first. */
async function startMesh(t: ExecutionContext, count: number, options: TelepathineOptions) {
  const first = await ChildNode.start(options);
  const given = { ...options, seeds: [first.name] };
  const others = await Promise.all(Array.from({ length: count - 1 }, () => ChildNode.start(given)));
  const nodes = [first, ...others];
  t.teardown(() => Promise.all(nodes.map((node) => node.end())));
  await until(() => nodes.every((node) => node.told('peer:start').length === count - 1));
  return nodes;
}

test.serial(
  'a process that stands still for 5 s convicts nobody and is not convicted',
  async (t) => {
    const nodes = await startMesh(t, 5, {});
    const [, stopped, busy] = nodes as [ChildNode, ChildNode, ChildNode];
    stopped.suspend();
    const worked = busy.call('block', PAUSE_MS);
    await pause(PAUSE_MS);
    stopped.resume();
    await worked;
    await stopped.call('set', 'k', 1);
    await busy.call('say', 'e', 2, 20_000);
    await until(() => nodes.filter((node) => node.told('set:k').length === 1).length === 4);
    await until(() => nodes.filter((node) => node.told('say:e').length === 1).length === 4);
    for (const node of nodes) t.deepEqual(node.told('peer:stop'), [], node.name);
  },
);

test.serial('a process that stands still until it is convicted returns by itself', async (t) => {
  const nodes = await startMesh(t, 4, PATIENT);
  const [a, b, c, sleeper] = nodes as [ChildNode, ChildNode, ChildNode, ChildNode];
  const others = [a, b, c];
  await a.call('set', 'changes', 'before');
  await b.call('set', 'goes', 1, 2500);
  await until(() => sleeper.told('set:goes').length === 1);
  sleeper.suspend();
  await a.call('say', 'ends', 1, 500);
  await b.call('say', 'lives', 2, 60_000);
  await a.call('set', 'changes', 'meanwhile');
  await until(() => others.every((node) => node.told('peer:stop').length === 1));
  await a.call('say', 'ends', 3, 500);
  await c.call('say', 'lives', 4, 60_000);
  await b.call('set', 'new', 'x'.repeat(5000));
  await until(() => a.told('say:lives').includes(`4 ${c.name}`));
  await c.end();
  await until(() => [a, b].every((node) => node.told('peer:stop').length === 2));
  await pause(1000);
  sleeper.resume();
  await until(() => [a, b].every((node) => node.told('peer:start').at(-1) === sleeper.name));
  await until(() => sleeper.told('say:lives').length === 2);
  await until(async () => ((await sleeper.call('entriesOf', b.name)) as unknown[]).length === 1);
  await pause(1000);
  t.deepEqual(sleeper.told('say:lives').sort(), [`2 ${b.name}`, `4 ${c.name}`]);
  t.deepEqual(sleeper.told('say:ends'), []);
  t.deepEqual(await sleeper.call('entriesOf', a.name), [['changes', 'meanwhile']]);
  t.deepEqual(await sleeper.call('entriesOf', b.name), [['new', 'x'.repeat(5000)]]);
  t.deepEqual(sleeper.told('peer:stop'), [c.name]);
  for (const node of [a, b]) {
    t.deepEqual(node.told('peer:stop').sort(), [c.name, sleeper.name].sort());
  }
});

test.serial('processes whose wall clocks are set by a year notice nothing of it', async (t) => {
  const nodes = await startMesh(t, 3, PATIENT);
  const [a, b, c] = nodes as [ChildNode, ChildNode, ChildNode];
  await a.call('set', 'before', 1, 4000);
  const setAtMs = performance.now();
  await a.call('shiftWall', YEAR_MS);
  await b.call('shiftWall', -YEAR_MS);
  await pause(1000);
  await a.call('set', 'after', 2, 3000);
  await b.call('say', 'e', 3, 3000);
  await a.call('shiftWall', -YEAR_MS);
  const ended = (node: ChildNode) => node.events.filter(({ event }) => event === 'key:expired');
  await until(() => nodes.every((node) => ended(node).length === 2));
  for (const { atMs } of nodes.flatMap(ended))
    t.true(atMs - setAtMs > 3900 && atMs - setAtMs < 9000);
  t.deepEqual(
    [a, c].map((node) => node.told('say:e')),
    Array(2).fill([`3 ${b.name}`]),
  );
  for (const node of nodes) t.deepEqual(node.told('peer:stop'), [], node.name);
  await c.call('set', 'k', 4);
  await until(() => [a, b].every((node) => node.told('set:k').length === 1));
  await c.call('stop');
  await c.call('shiftWall', -20 * YEAR_MS);
  await c.call('start');
  await until(() => [a, b].every((node) => node.told('peer:start').length === 3));
  t.deepEqual(a.told('peer:leave'), [c.name]);
});
