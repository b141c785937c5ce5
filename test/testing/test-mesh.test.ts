import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { TestMesh } from '../../src/testing/index.js';
import { codeBlocks } from '../documents.js';

const run = promisify(execFile);

test('the examples of docs/TESTING.md run against the package as it is published', async (t) => {
  const examples = codeBlocks('docs/TESTING.md', ['js']);
  t.is(examples.length, 2);
  for (const code of examples) {
    const args = ['--input-type=module', '--eval', code];
    const { stdout, stderr } = await run(process.execPath, args, { timeout: 60_000 });
    t.is(stderr, '');
    if (code.includes('node:test')) t.regex(stdout, /^# pass 1$|^ℹ pass 1$/m);
  }
});

test('a run is the same each time, and another seed gives another', async (t) => {
  const runs = [];
  for (const seed of [7, 7, 8]) {
    const mesh = new TestMesh({ seed, lossRate: 0.2, doublingRate: 0.1 });
    const nodes = await mesh.start(5, { network: 'a passphrase' });
    const told: unknown[] = [];
    for (const node of nodes) {
      node.onAny((event, ...args) => told.push([mesh.wallMs, node.peer_name, event, ...args]));
    }
    nodes[0]!.set('k', 1).say('x', 2);
    mesh.partition([nodes[4]!]);
    await mesh.run(20_000);
    runs.push(JSON.stringify([told, nodes.map((node) => node.stats())]));
  }
  t.true(runs[0]!.length > 2000);
  t.is(runs[0], runs[1]);
  t.not(runs[0], runs[2]);
});

test('what is lost, late and cut off is what was asked for', async (t) => {
  const mesh = new TestMesh({ latency: { minMs: 200, maxMs: 200 } });
  const [a, b] = await mesh.start(2);
  await mesh.run(10_000);
  t.true(Math.abs(a!.peer('n2')!.roundTripMs! - 400) < 1);
  mesh.change({ latency: { minMs: 1, maxMs: 1 }, lossRate: 1 });
  await mesh.until(() => a!.deadPeers().length === 1);
  mesh.change({ lossRate: 0 });
  await mesh.until(() => a!.livePeers().length === 1 && b!.livePeers().length === 1);
  mesh.partition([a!], [b!]);
  await mesh.until(() => b!.deadPeers().length === 1);
  mesh.heal();
  await mesh.until(() => b!.livePeers().length === 1);
});

test('waiting ends when it takes too long', async (t) => {
  const mesh = new TestMesh();
  await t.throwsAsync(() => mesh.until(() => false, 5000), { code: 'TIMED_OUT', message: /5000/ });
  t.is(mesh.wallMs, Date.UTC(2020) + 5000);
  await t.throwsAsync(() => mesh.settled(new Promise(() => undefined)), { code: 'TIMED_OUT' });
});

test('a node that does not run cannot be cut off', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  t.throws(() => mesh.partition([node]), { code: 'INVALID_ARGUMENT' });
  node.start();
  await mesh.settled(node.started);
  t.notThrows(() => mesh.partition([node]));
});
