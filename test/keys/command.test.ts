import type { ExecutionContext } from 'ava';
import test from 'ava';
import { NodeProcess } from '../../src/cli/demo/node-process.js';
import type { Member } from '../../src/cli/start/report.js';
import type { NodeStats } from '../../src/node/stats.js';
import { deriveSealingKey, generateKey } from '../../src/wire/index.js';
import { temporaryFile } from '../cli/command.js';

const PATIENCE = { timeoutMs: 20_000 };
const keys = [generateKey(), generateKey()] as const;
const [oldId, newId] = keys.map((key) => deriveSealingKey(key, '').id) as [string, string];

test('of several keys in a file the first seals and all open', async (t) => {
  const before = start(t, 'before', `${keys[0]}\n${keys[1]}\n`);
  const { address } = await before.next('started', undefined, PATIENCE);
  const after = start(t, 'after', `\n${keys[1]}\r\n\n${keys[0]}`, ['--join', address]);
  await before.next('peer:start', undefined, PATIENCE);
  await after.next('peer:start', undefined, PATIENCE);
  await before.ask({ command: 'set', key: 'k', value: 1 });
  await after.next('set', undefined, PATIENCE);
  await after.ask({ command: 'say', event: 'e' });
  await before.next('say', undefined, PATIENCE);
  t.deepEqual(await keysOf(before), { before: [oldId, newId], after: [newId, oldId] });
  t.deepEqual(Object.keys(await packetsByKey(before)), [newId]);
  t.deepEqual(Object.keys(await packetsByKey(after)), [oldId]);
});

function start(t: ExecutionContext, name: string, file: string, more: readonly string[] = []) {
  const options = ['--profile', 'local', '--network-file', temporaryFile(file), ...more];
  const node = new NodeProcess(name, options);
  t.teardown(() => {
    node.kill('SIGKILL');
    return node.exited;
  });
  return node;
}

async function keysOf(node: NodeProcess): Promise<Record<string, readonly string[] | undefined>> {
  const members = (await node.ask({ command: 'members' }))['members'] as Member[];
  return Object.fromEntries(members.map(({ name, keyIds }) => [name, keyIds]));
}

async function packetsByKey(node: NodeProcess): Promise<Record<string, number>> {
  return ((await node.ask({ command: 'stats' }))['stats'] as NodeStats).packetsByKey;
}
