import type { ExecutionContext } from 'ava';
import test from 'ava';
import { NodeProcess } from '../../src/cli/demo/node-process.js';
import type { Member } from '../../src/cli/start/report.js';
import { generateKey } from '../../src/crypto/derive.js';
import { runCommand, temporaryFile } from './command.js';

const keyFile = temporaryFile(`${generateKey()}\n`);

test.serial('two processes share values and events, and tell what they did', async (t) => {
  const [a, b] = (await startMesh(t, 2)) as [NodeProcess, NodeProcess];
  t.is((await a.next('peer:new')).address, '127.0.0.1');
  await a.ask({ command: 'set', key: 'k', value: { deep: [1, 'two'] }, ttlMs: 60_000 });
  const set = await b.next('set');
  t.like(set, { peer: 'n1', key: 'k', value: { deep: [1, 'two'] } });
  t.true(Math.abs(set.expiresAt! - Date.now() - 60_000) < 5000);
  t.like(await b.ask({ command: 'get', key: 'k', peer: 'n1' }), {
    found: true,
    value: { deep: [1, 'two'] },
  });
  t.like(await b.ask({ command: 'get', key: 'k' }), { found: false });
  t.deepEqual((await b.ask({ command: 'keys', peer: 'n1' }))['keys'], ['k']);

  await a.ask({ command: 'set', key: 'raw', bytes: 'AP8=' });
  t.like(await b.next('set', ({ key }) => key === 'raw'), { bytes: 'AP8=' });

  await b.ask({ command: 'say', event: 'door:open', value: { by: 'b' } });
  t.like(await a.next('say'), {
    peer: 'n2',
    event: 'door:open',
    value: { by: 'b' },
  });
  await b.ask({ command: 'say', event: 'nothing', buffer: true, durationMs: 5000 });
  t.like(await a.next('say', ({ event }) => event === 'nothing'), { value: null });

  await a.ask({ command: 'delete', key: 'k' });
  t.like(await b.next('key:deleted'), { peer: 'n1', key: 'k' });
  await a.ask({ command: 'set', key: 'short', value: 1, ttlMs: 200 });
  t.like(await b.next('key:expired'), { peer: 'n1', key: 'short', value: 1 });

  const { members } = await b.ask({ command: 'members' });
  t.deepEqual(
    (members as Member[]).map(({ name, status }) => [name, status]),
    [
      ['n2', 'self'],
      ['n1', 'alive'],
    ],
  );
  const { stats } = await b.ask({ command: 'stats' });
  t.like(stats, { owners: 2, live: 2 });
  t.is(Object.keys((stats as { packetsByKey: object }).packetsByKey).length, 1);
  await a.ask({ command: 'stop' });
  await b.next('peer:leave', ({ peer }) => peer === 'n1');
  t.deepEqual(await a.exited, { code: 0, signal: null });
});

test.serial('of five processes one says goodbye, one is killed and returns', async (t) => {
  const nodes = await startMesh(t, 5);
  const [n1, n2, n3, n4, n5] = nodes as [
    NodeProcess,
    NodeProcess,
    NodeProcess,
    NodeProcess,
    NodeProcess,
  ];
  await n3.ask({ command: 'set', key: 'before', value: 1 });
  await n3.ask({ command: 'set', key: 'life', value: 1 });
  const others = [n1, n2, n4, n5];
  const hasLife = (life: number) => (node: NodeProcess) =>
    node.next('set', (set) => set.peer === 'n3' && set.key === 'life' && contentIn(set) === life);
  await Promise.all(others.map(hasLife(1)));

  await t.notThrowsAsync(async () => {
    const toldAtMs = performance.now();
    n5.kill('SIGTERM');
    const left = await Promise.all([n1, n2, n3, n4].map((node) => node.next('peer:leave')));
    await Promise.all([n1, n2, n3, n4].map((node) => node.next('peer:stop')));
    const lastMs = Math.max(...left.map(({ atMs }) => atMs)) - toldAtMs;
    t.log(`the goodbye was heard by all within ${lastMs.toFixed(0)} ms`);
    t.true(lastMs < 2000, `${lastMs} ms`);
    t.deepEqual(await n5.exited, { code: 0, signal: null });
  });

  const survivors = [n1, n2, n4];
  const killedAtMs = performance.now();
  n3.kill('SIGKILL');
  const isN3 = ({ peer }: { peer: string }) => peer === 'n3';
  const stops = await Promise.all(
    survivors.map((node) => node.next('peer:stop', isN3, { timeoutMs: 15_000 })),
  );
  const noticedMs = stops.map(({ atMs }) => atMs - killedAtMs);
  t.log(`the death was noticed after ${noticedMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  t.true(Math.max(...noticedMs) < 6000, `${noticedMs}`);
  const kept = await n1.ask({ command: 'get', key: 'life', peer: 'n3' });
  t.like(kept, { found: true, value: 1 }, 'the state of the dead stays readable');

  const marks = new Map(survivors.map((node) => [node, node.mark]));
  const again = startNode(t, 'n3', await addressOf(n2));
  await again.ask({ command: 'set', key: 'life', value: 2 });
  for (const node of survivors) {
    const after = marks.get(node)!;
    await node.next('peer:start', isN3, { after, timeoutMs: 10_000 });
    await node.next('set', (set) => set.peer === 'n3' && contentIn(set) === 2, { after });
    t.deepEqual((await node.ask({ command: 'keys', peer: 'n3' }))['keys'], ['life']);
    const learnt = node.reports.slice(after).filter(({ type }) => type === 'set');
    t.deepEqual(learnt.map(contentIn), [2], 'nothing of the life before is told again');
  }
});

test.serial(
  'nodes with different keys never see each other, and count what they refuse',
  async (t) => {
    const first = startNode(t, 'n1');
    const otherKeyFile = temporaryFile(`${generateKey()}\n`);
    const stranger = startNode(t, 'n2', await addressOf(first), otherKeyFile);
    const open = startNode(t, 'n3', await addressOf(first), null);
    await Promise.all([stranger.next('started'), open.next('started')]);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    for (const node of [first, stranger, open]) {
      t.is(((await node.ask({ command: 'members' }))['members'] as Member[]).length, 1, node.name);
      t.false(
        node.reports.some(({ type }) => type.startsWith('peer:')),
        node.name,
      );
    }
    const { refusals } = (await first.ask({ command: 'stats' }))['stats'] as {
      refusals: Record<string, number>;
    };
    t.log(refusals);
    t.true(refusals['unknown-key']! > 0);
    t.true(refusals['plain-in-private']! > 0);
  },
);

test.serial('a second node of the same name ends with exit code 1', async (t) => {
  const [first] = (await startMesh(t, 2)) as [NodeProcess, NodeProcess];
  const args = ['start', '--name', 'n2', '--profile', 'lan', '--network-file', keyFile];
  const { code, stderr } = await runCommand([...args, '--join', await addressOf(first)]);
  t.is(code, 1);
  t.regex(stderr, /^telepathine: another living node has the name 'n2'[^\n]*\n$/);
});

test.serial('without UDP all goes over TCP', async (t) => {
  const [a, b] = (await startMesh(t, 2, ['--no-udp'])) as [NodeProcess, NodeProcess];
  await a.ask({ command: 'set', key: 'k', value: 1 });
  await b.next('set');
  const { sent } = (await b.ask({ command: 'stats' }))['stats'] as {
    sent: Record<string, { packets: number }>;
  };
  t.is(sent['udp']!.packets, 0);
  t.true(sent['tcp']!.packets > 0);
});

function contentIn(report: object): unknown {
  return 'value' in report ? report.value : undefined;
}

/** A process that ends with the test. */
function startNode(
  t: ExecutionContext,
  name: string,
  seed?: string,
  file: string | null = keyFile,
  more: readonly string[] = [],
): NodeProcess {
  const args = ['--profile', 'lan', ...more];
  if (file !== null) args.push('--network-file', file);
  if (seed !== undefined) args.push('--join', seed);
  const node = new NodeProcess(name, args);
  t.teardown(() => {
    node.kill('SIGKILL');
    return node.exited;
  });
  return node;
}

/** Processes n1, n2, … that all see each other; n1 is the seed. */
async function startMesh(
  t: ExecutionContext,
  count: number,
  more: readonly string[] = [],
): Promise<NodeProcess[]> {
  const first = startNode(t, 'n1', undefined, keyFile, more);
  const seed = await addressOf(first);
  const names = Array.from({ length: count - 1 }, (_, index) => `n${index + 2}`);
  const nodes = [first, ...names.map((name) => startNode(t, name, seed, keyFile, more))];
  const sees = (node: NodeProcess, other: NodeProcess) =>
    node.next('peer:start', ({ peer }) => peer === other.name, { timeoutMs: 20_000 });
  await Promise.all(
    nodes.flatMap((node) =>
      nodes.filter((other) => other !== node).map((other) => sees(node, other)),
    ),
  );
  return nodes;
}

async function addressOf(node: NodeProcess): Promise<string> {
  return (await node.next('started', undefined, { timeoutMs: 20_000 })).address;
}
