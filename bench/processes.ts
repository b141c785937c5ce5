/** Five nodes as five processes of the command line: how soon a death or a goodbye is known. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { generateKey } from '../src/index.js';

const PROCESSES = 5;
const TRIALS = 3;
const COMMAND = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const GIVE_UP_MS = 60_000;

/** The slowest survivor of the slowest trial, in milliseconds. */
export interface ProcessFigures {
  killedLanMs: number;
  leftLanMs: number;
  killedDefaultMs: number;
}

/** Measures; takes some 60 s. */
export async function benchProcesses(): Promise<ProcessFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'telepathine-bench-'));
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, `${generateKey()}\n`, { mode: 0o600 });
  try {
    return {
      killedLanMs: await slowest(() => trial(keyFile, ['--profile', 'lan'], 'SIGKILL')),
      leftLanMs: await slowest(() => trial(keyFile, ['--profile', 'lan'], 'SIGTERM')),
      killedDefaultMs: await slowest(() => trial(keyFile, [], 'SIGKILL')),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Child {
  process: ChildProcess;
  name: string;
  alive: Set<string>;
  /** When a node was last reported gone. */
  stopped: Map<string, number>;
}

async function slowest(run: () => Promise<number>): Promise<number> {
  let most = 0;
  for (let i = 0; i < TRIALS; i++) most = Math.max(most, await run());
  return most;
}

async function trial(
  keyFile: string,
  options: string[],
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<number> {
  const children: Child[] = [];
  try {
    for (let i = 0; i < PROCESSES; i++) {
      const join = children[0] === undefined ? [] : ['--join', children[0].name];
      children.push(await start(keyFile, [...options, ...join]));
    }
    await until(() => children.every((child) => child.alive.size === PROCESSES - 1));
    // The moment of death lies anywhere within the interval of the pings.
    await new Promise((done) => setTimeout(done, 3000 + Math.random() * 2500));
    const [victim, ...survivors] = children.reverse() as [Child, ...Child[]];
    const killedMs = performance.now();
    victim.process.kill(signal);
    await until(() => survivors.every((child) => child.stopped.has(victim.name)));
    return (
      Math.max(...survivors.map((child) => child.stopped.get(victim.name) as number)) - killedMs
    );
  } finally {
    for (const child of children) child.process.kill('SIGKILL');
  }
}

async function start(keyFile: string, options: string[]): Promise<Child> {
  const fixed = ['start', '--json', '--port', '0', '--network-file', keyFile];
  const process = spawn(globalThis.process.execPath, [COMMAND, ...fixed, ...options], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const child: Child = { process, name: '', alive: new Set(), stopped: new Map() };
  createInterface({ input: process.stdout }).on('line', (line) => take(child, JSON.parse(line)));
  await until(() => child.name !== '');
  return child;
}

function take(child: Child, line: Record<string, unknown>): void {
  const peer = String(line['peer']);
  if (line['type'] === 'started') child.name = String(line['name']);
  if (line['type'] === 'peer:start') child.alive.add(peer);
  if (line['type'] === 'peer:stop') child.stopped.set(peer, performance.now());
}

async function until(holds: () => boolean): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > GIVE_UP_MS) throw new Error(`not within ${GIVE_UP_MS} ms`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
