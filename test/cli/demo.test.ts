import { existsSync } from 'node:fs';
import test from 'ava';
import { runCommand, spawnCommand } from './command.js';

test.serial('the demo shows a living mesh and a sealed packet, and ends by itself', async (t) => {
  const startedAtMs = performance.now();
  const { code, stdout, stderr } = await runCommand(['demo']);
  const tookMs = performance.now() - startedAtMs;
  t.log(`it took ${tookMs.toFixed(0)} ms`);
  t.is(stderr, '');
  t.is(code, 0);
  t.true(tookMs < 30_000);
  for (const scene of [
    / {2}epsilon {2}sees alpha, beta, gamma, delta +\d/,
    / {2}beta +learns alpha's temperature: \{"celsius":21\} +[\d.]+ ms/,
    / {4}kind +21 \(sealed/,
    / {4}box +[0-9a-f]{48}… \(\d+ bytes\)/,
    / {8}entries:\n {10}- version: 2\n {12}name: "temperature"/,
    / {2}alpha +hears gamma's lunch/,
    / {2}delta +forgets alpha's temperature/,
    / {2}delta +forgets beta's door, which has expired/,
    / {2}gamma +finds delta dead +[\d.]+ s/,
    / {2}gamma +sees delta again/,
    / {2}epsilon +has of delta now: lives\n/,
    / {2}alpha +hears its goodbye/,
    / {2}alpha +has refused \d+ packets unread/,
  ]) {
    t.regex(stdout, scene);
  }
  t.true(stdout.split('\n').every((line) => [...line].length <= 80));
  t.false(stdout.includes('\u001b'), 'no colours where there is no terminal');
});

test.serial('an interrupted demo leaves no process and no key behind', async (t) => {
  const child = spawnCommand(['demo']);
  const ended = new Promise((resolve) => child.on('close', resolve));
  let shown = '';
  let messages = '';
  child.stderr.on('data', (text: Buffer) => {
    messages += text;
  });
  child.stdout.on('data', (text: Buffer) => {
    const isEarly = !shown.includes('A value travels');
    shown += text;
    if (isEarly && shown.includes('A value travels')) child.kill('SIGINT');
  });
  t.is(await ended, 130, messages);
  t.is(messages, '');
  const pids = processesIn(shown);
  t.is(pids.length, 5);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  const [keyFile] = /\S*telepathine-demo-\S+/.exec(shown)!;
  t.false(existsSync(keyFile));
});

test.serial('a demo in which something does not happen says so and fails', async (t) => {
  const child = spawnCommand(['demo']);
  const ended = new Promise((resolve) => child.on('close', resolve));
  let shown = '';
  let messages = '';
  child.stderr.on('data', (text: Buffer) => {
    messages += text;
  });
  child.stdout.on('data', (text: Buffer) => {
    const isEarly = !shown.includes('An event travels');
    shown += text;
    if (!isEarly || !shown.includes('An event travels')) return;
    const [, gamma] = /gamma +is process (\d+)/.exec(shown)!;
    process.kill(Number(gamma), 'SIGKILL');
  });
  t.is(await ended, 1);
  t.regex(messages, /^telepathine: the demo failed: gamma: no [^\n]+\n$/);
  for (const pid of processesIn(shown)) {
    t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  }
});

function processesIn(shown: string): number[] {
  return [...shown.matchAll(/is process (\d+)/g)].map(([, pid]) => Number(pid));
}
