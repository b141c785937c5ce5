/** The command line of the suite. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { generateKey } from '../../src/crypto/derive.js';
import { Telepathine } from '../../src/index.js';
import { MAIN, runCommand, temporaryFile } from '../cli/command.js';
import { fake, runSuite } from './run-suite.js';

const listFile = temporaryFile('one two three\n');
const keyFile = temporaryFile(`${generateKey()}\n`);

const MISTAKES: Record<string, { args: string[]; says: RegExp }> = {
  'an id of no case': {
    args: ['--id', '9.9-no'],
    says: /--id 9\.9-no selects no case; see --list/,
  },
  'a section of no case': { args: ['--section', '99'], says: /--section 99 selects no case/ },
  'a feature that does not exist': {
    args: ['--feature', 'magic'],
    says: /Allowed choices are udp/,
  },
  'a selection of nothing': {
    args: ['--section', '3', '--feature', 'push'],
    says: /selects no case/,
  },
  'no jobs': { args: ['--jobs', '0'], says: /--jobs.*1 to 64/ },
  'an impatience that is none': { args: ['--answer-timeout', 'soon'], says: /--answer-timeout/ },
  'a quote that is not closed': { args: ['--spawn', 'a="b'], says: /a quote is not closed/ },
  'no program': { args: ['--spawn', 'a='], says: /there is no program/ },
  'two of one name': { args: ['--spawn', 'a=x', '--spawn', 'a=y'], says: /two are named a/ },
  'both ways at once': { args: ['--spawn', 'x', '--attach', '127.0.0.1:9'], says: /either/ },
  'a bad address': { args: ['--attach', 'here'], says: /HOST:PORT/ },
  'a key for nobody': { args: ['--key-file', keyFile], says: /--attach is missing/ },
  'no key file': {
    args: ['--attach', '127.0.0.1:9', '--key-file', '/none'],
    says: /cannot be read/,
  },
  'no list': { args: ['--known-failing', '/none'], says: /\/none cannot be read/ },
  'a malformed list': { args: ['--known-failing', listFile], says: /line 1 is no id/ },
  'a report in no folder': { args: ['--html', '/none/r.html'], says: /r\.html cannot be written/ },
  'traces in a file': {
    args: ['--traces', join(keyFile, 'traces')],
    says: /traces cannot be made/,
  },
  'traces of all, and nowhere': { args: ['--trace-all'], says: /--trace-all needs --traces/ },
};

for (const [mistake, { args, says }] of Object.entries(MISTAKES)) {
  test(`${mistake} is a usage error`, async (t) => {
    const { code, stdout, stderr } = await runCommand(['conformance', ...args]);
    t.is(code, 2, stdout);
    t.is(stdout, '');
    t.regex(stderr, says);
  });
}

test('--list prints each case, and runs none', async (t) => {
  const { code, stdout } = await runCommand(['conformance', '--list', '--section', '9.3']);
  t.is(code, 0);
  t.regex(stdout, /^9\.3\.3-gap MUST A delta that starts above what is held is not shown\.$/m);
  t.true(
    stdout
      .split('\n')
      .filter(Boolean)
      .every((line) => line.startsWith('9.3.')),
  );
});

test('--list with --attach prints the cases that need nothing but the address', async (t) => {
  const at = ['--attach', '127.0.0.1:9'];
  const { code, stdout } = await runCommand(['conformance', '--list', ...at]);
  t.is(code, 0);
  t.regex(stdout, /^3\.1\.3-empty-frame /m);
  t.notRegex(stdout, /^(?:16\.3-noise|mesh-convergence-3) /m);
});

test('--attach tests a node that runs, by what the network shows', async (t) => {
  const key = readFileSync(keyFile, 'utf8').trim();
  const node = new Telepathine({ network: key, cluster: 'there', profile: 'local' });
  t.teardown(() => node.stop());
  await node.start().started;
  const at = ['--attach', `127.0.0.1:${node.port}`, '--key-file', keyFile];
  const cases = ['5.1.2-*', '2.3-*', '2.5-*', '5.4.2-*', '7.4.*'].flatMap((id) => ['--id', id]);
  const { code, report, stdout } = await runSuite(t, [...at, '--cluster', 'there', ...cases]);
  t.is(code, 0, stdout);
  t.true(report.results.length > 20);
  const ran = report.results.map(({ id }) => id);
  t.true(ran.includes('2.3-fresh-nonces') && ran.includes('5.4.2-sender-and-uptime'));
  t.true(report.results.every(({ outcome }) => outcome === 'passed'));
  t.deepEqual(node.allPeers(), []);
  const wrong = await runSuite(t, [...at, '--cluster', 'elsewhere', ...cases]);
  t.is(wrong.code, 1);
  t.is(wrong.report.tested[0]?.misbehaviour?.kind, 'hangs');
});

test('--debug leaves the node of the failed case running until it is interrupted', async (t) => {
  const args = ['conformance', ...fake('liar'), '--id', '8.4.1-replaces', '--debug'];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (text: Buffer) => {
    output += text;
  });
  while (!output.includes('Ctrl-C')) await once(child.stdout, 'data');
  const pid = Number(/process (\d+) is left running at 127\.0\.0\.1:\d+/.exec(output)?.[1]);
  t.true(isRunning(pid), output);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.is(code, 1);
  await gone(pid);
  t.pass();
});

test('an interrupted run ends its nodes', async (t) => {
  const args = ['conformance', ...fake('hang'), '--id', '8.4.1-replaces'];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' });
  t.teardown(() => child.kill('SIGKILL'));
  const isStarted = () => nodesOf(child.pid ?? 0).length > 0;
  for (let look = 0; look < 1200 && !isStarted(); look++) await pause(50);
  const nodes = nodesOf(child.pid ?? 0);
  // Only Linux tells whose children they are.
  if (process.platform === 'linux') t.true(nodes.length > 0);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.is(code, 130);
  for (const pid of nodes) await gone(pid);
});

function nodesOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** One that has ended, and that nobody has waited for yet, does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}

async function gone(pid: number): Promise<void> {
  for (let look = 0; look < 200; look++) {
    if (!isRunning(pid)) return;
    await pause(50);
  }
  throw new Error(`process ${pid} still runs`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
