// Tries the packed package on another runtime, alone and in a mesh with Node: trial.mjs <name>
// <program>. docs/RUNTIMES.md has a line for each trial. Exits 1 if one ends otherwise than it says.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const WAIT_MS = 30_000;
/** What does not work for a fault of the runtime; docs/RUNTIMES.md says which. */
const KNOWN = {
  deno: ['telepathine demo'],
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const [name, program] = process.argv.slice(2);
const other = { name, program, args: name === 'deno' ? ['run', '--allow-all'] : [] };
const node = { name: 'node', program: process.execPath, args: [] };
const project = mkdtempSync(join(tmpdir(), 'telepathine-runtimes-'));
const main = join(project, 'node_modules/telepathine/dist/src/cli/main.js');
const running = new Set();
let failures = 0;

try {
  install();
  await trial('import and require', requireAndImport);
  await trial('telepathine/wire and telepathine/testing', () => finish('modules.mjs'));
  await trial("the README's example, UDP and TCP", () => example(''));
  await trial("the README's example, TCP alone", () => example(', udp: false'));
  await trial('a private mesh with Node, UDP and TCP', () => mesh('udp'));
  await trial('a private mesh with Node, TCP alone', () => mesh('tcp'));
  await trial('telepathine keygen', keygen);
  await trial('telepathine demo', demo);
} finally {
  for (const child of running) child.kill('SIGKILL');
  rmSync(project, { recursive: true });
}
process.exitCode = failures > 0 ? 1 : 0;

async function trial(title, run) {
  const isKnown = KNOWN[name]?.includes(title) ?? false;
  try {
    await run();
    console.log(`works: ${title}${isKnown ? ', which docs/RUNTIMES.md does not know' : ''}`);
    if (isKnown) failures += 1;
  } catch (error) {
    console.log(isKnown ? `fails, as is known: ${title}` : `fails: ${title}: ${error.message}`);
    if (!isKnown) failures += 1;
  }
}

function install() {
  const npm = (cwd, ...args) => {
    const { status, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', project);
  const tarball = readdirSync(project).find((each) => each.endsWith('.tgz'));
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  // From folders, so that no registry is needed.
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const needed = Object.keys(packages).filter((path) => path !== '' && !packages[path].dev);
  const folders = needed.map((path) => join(root, path));
  npm(project, 'install', '--offline', '--install-links', '--ignore-scripts', tarball, ...folders);
  for (const file of ['peer.mjs', 'modules.mjs']) {
    copyFileSync(join(root, '.ci/runtimes', file), join(project, file));
  }
}

/** Starts a program of the project; `lines` is what it has written. */
function start(runtime, file, args = [], env = {}) {
  const child = spawn(runtime.program, [...runtime.args, file, ...args], {
    cwd: project,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  child.lines = lines;
  child.ended = new Promise((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return child;
}

/** Waits until a program has written a line. */
async function line(child, pattern) {
  const endMs = Date.now() + WAIT_MS;
  while (Date.now() < endMs) {
    const found = child.lines.find((each) => pattern.test(each));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${pattern} did not come; it wrote\n${child.lines.join('\n')}`);
}

async function finish(file, args = []) {
  const child = start(other, file, args);
  const timer = setTimeout(() => child.kill('SIGKILL'), 2 * WAIT_MS);
  const code = await child.ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`exit code ${code}; it wrote\n${child.lines.join('\n')}`);
  return child.lines;
}

async function requireAndImport() {
  const text = (call) => `${call}.Telepathine.name === 'Telepathine' || process.exit(1);\n`;
  writeFileSync(join(project, 'require.cjs'), text("require('telepathine')"));
  writeFileSync(join(project, 'import.mjs'), text("(await import('telepathine'))"));
  await finish('require.cjs');
  await finish('import.mjs');
}

async function example(option) {
  const [, code] = /^```js\n(.*?)^```$/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'));
  writeFileSync(join(project, 'example.mjs'), code.replaceAll('port: 0', `port: 0${option}`));
  const lines = await finish('example.mjs');
  for (const wanted of [/: temperature is 21$/, / says lunch, with leek soup$/]) {
    if (!lines.some((each) => wanted.test(each))) throw new Error(lines.join('\n'));
  }
}

/** Values and events of both kinds of size travel both ways; a goodbye and a death are noticed. */
async function mesh(transport) {
  const { stdout: key } = spawnSync(node.program, [main, 'keygen'], { encoding: 'utf8' });
  const env = { TELEPATHINE_NETWORK: key.trim() };
  const first = start(node, 'peer.mjs', ['one', transport], env);
  const port = (await line(first, /^listens /)).split(' ')[1];
  const join = (runtime, peerName) =>
    start(runtime, 'peer.mjs', [peerName, transport, `127.0.0.1:${port}`], env);
  const second = join(other, 'two');
  for (const [peer, from] of [
    [first, 'two'],
    [second, 'one'],
  ]) {
    await line(peer, new RegExp(`^set ${from} small 3$`));
    await line(peer, new RegExp(`^set ${from} large 600000$`));
    await line(peer, new RegExp(`^heard ${from} ${from}$`));
  }
  const third = join(other, 'three');
  await line(third, /^set one large 600000$/);
  third.kill('SIGKILL');
  await line(first, /^peer:stop three$/);
  const fourth = join(node, 'four');
  await line(second, /^heard four four$/);
  fourth.kill('SIGKILL');
  await line(second, /^peer:stop four$/);
  second.stdin.end();
  await line(first, /^peer:leave two$/);
  if (!second.lines.includes(`stopped ${transport === 'udp'}`)) await line(second, /^stopped /);
  first.stdin.end();
  if ((await second.ended) !== 0 || (await first.ended) !== 0)
    throw new Error('it did not end well');
}

async function keygen() {
  const [key] = await finish(main, ['keygen']);
  if (!/^telepathine-key-v1:\S{43}$/.test(key)) throw new Error(key);
}

async function demo() {
  await finish(main, ['demo']);
}
