import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { Telepathine } from '../../src/index.js';
import { spawnCommand } from '../cli/command.js';

/** So long that what is noticed within the tests was not noticed by a missing answer. */
const HEARTBEAT_INTERVAL_MS = 60_000;

/** A node of the command line that has met the others. */
async function startCommand(t: ExecutionContext, peer: Telepathine, others: number) {
  const seen = peer.waitFor('peer:start');
  const child = spawnCommand([
    ...['start', '--json', '--join', peer.peer_name],
    ...['--heartbeat-interval', String(HEARTBEAT_INTERVAL_MS)],
  ]);
  t.teardown(() => child.kill('SIGKILL'));
  const reports: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => reports.push((JSON.parse(line) as { type: string }).type));
  while (reports.filter((type) => type === 'peer:start').length < others) await once(lines, 'line');
  const [name] = await seen;
  return { child, reports, name: String(name) };
}

async function startPeer() {
  const peer = new Telepathine({ heartbeatIntervalMS: HEARTBEAT_INTERVAL_MS });
  await peer.start().started;
  const events: string[] = [];
  for (const event of ['peer:leave', 'peer:stop'] as const) {
    peer.on(event, (name) => events.push(`${event} ${name}`));
  }
  return { peer, events };
}

const SIGNALS = [
  ['SIGTERM', 0],
  ['SIGINT', 130],
] as const;

for (const [signal, code] of SIGNALS) {
  test.serial(`after ${signal} a node says goodbye, which its peers hear`, async (t) => {
    const { peer, events } = await startPeer();
    const { child, reports, name } = await startCommand(t, peer, 1);
    const left = peer.waitFor('peer:leave');
    child.kill(signal);
    t.deepEqual(await left, [name]);
    t.deepEqual(await once(child, 'close'), [code, null]);
    t.is(reports.at(-1), 'stopped');
    t.deepEqual(events, [`peer:leave ${name}`, `peer:stop ${name}`]);
    await peer.stop();
  });

  test.serial(`a second ${signal} does not wait for a peer that is silent`, async (t) => {
    const { peer } = await startPeer();
    const silent = await startCommand(t, peer, 1);
    const { child, reports, name } = await startCommand(t, peer, 2);
    await paused(silent.child, async () => {
      const left = peer.waitFor('peer:leave');
      child.kill(signal);
      t.deepEqual(await left, [name]);
      child.kill(signal);
      t.deepEqual(await once(child, 'close'), [code, null]);
      t.false(reports.includes('stopped'));
    });
    silent.child.kill();
    await once(silent.child, 'close');
    await peer.stop();
  });
}

/** Lets a process stand still for the time of a function. */
async function paused(child: ChildProcess, act: () => Promise<void>): Promise<void> {
  child.kill('SIGSTOP');
  try {
    await act();
  } finally {
    child.kill('SIGCONT');
  }
}
