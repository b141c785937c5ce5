import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pack, ROOT, runIn, temporaryFolder } from './packed.js';

const ENTRIES = [
  'telepathine',
  'telepathine/wire',
  'telepathine/testing',
  'telepathine/conformance',
];

/** What an application may write; what it may not is expected to be an error. */
const PROGRAM = `
import { generateKey, type Peer, Telepathine, TelepathineError } from 'telepathine';
import { TestMesh } from 'telepathine/testing';
import { bytesOf, type FramingVector, loadVectors } from 'telepathine/conformance';
import { decodePacket, deriveKeyring, type Packet, readEnvelope } from 'telepathine/wire';

interface Values { load: number }
interface Says { greeting: { text: string } }

export async function main(): Promise<void> {
  const node = await Telepathine.start<Values, Says>({ network: generateKey(), profile: 'lan' });
  node.know('load', (peer, key, value) => [peer.length, key.length, value.toFixed(1)]);
  node.hear('greeting', function (data) { return [this.peer_name, data.text.length]; });
  node.on('peer:new', (peer: Peer) => peer.roundTripMs);
  node.set('load', 0.5, Date.now() + 1000).say('greeting', { text: 'hello' });
  // @ts-expect-error a value of another type
  node.set('load', 'high');
  // @ts-expect-error an option that does not exist
  new Telepathine({ prt: 9000 });
  // @ts-expect-error what is internal
  node.announce({ event: 'start', args: [node] });
  for await (const change of node.watch('load')) if (change.type === 'set') change.value.toFixed(1);
  await node.ready({ peers: 2, signal: AbortSignal.timeout(1000) });
  const received: number | undefined = node.stats()?.received.udp.bytes;
  await node[Symbol.asyncDispose]();
  if (received === 0) throw new TelepathineError('TIMED_OUT', 'nothing came');
}

export function open(bytes: Uint8Array): Packet | string {
  const opened = readEnvelope(bytes, deriveKeyring('a passphrase', 'cluster'));
  if (!opened.ok) return opened.reason;
  const decoded = decodePacket(opened.packetBytes);
  return decoded.ok ? decoded.packet : decoded.reason;
}

export function streams(): Uint8Array[] {
  const vectors: FramingVector[] = loadVectors('framing');
  return vectors.map(({ given }) => bytesOf(given.stream));
}

export async function simulate(): Promise<string[]> {
  const mesh = new TestMesh({ lossRate: 0.1 });
  const [first] = await mesh.start(2);
  await mesh.run(1000);
  return first?.livePeers() ?? [];
}
`;

const project = temporaryFolder();

/** The folders of all packages that are needed at run time, so that no registry is. */
function dependencies(): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  return Object.keys(packages)
    .filter((path) => path !== '' && !packages[path].dev)
    .map((path) => join(ROOT, path));
}

test.before('the package is installed in a project of its own', async (t) => {
  t.timeout(240_000);
  const manifest = { name: 'consumer', version: '1.0.0', private: true };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const tarball = await pack(temporaryFolder());
  const alone = ['--offline', '--install-links', '--ignore-scripts', '--engine-strict'];
  await runIn(project, 'npm', 'install', ...alone, tarball, ...dependencies());
});

for (const entry of ENTRIES) {
  test(`${entry} is imported and required, and is the same module then`, async (t) => {
    const code = `
      const required = require('${entry}');
      import('${entry}').then((imported) => {
        if (imported !== required) throw new Error('there are two of it');
        console.log(Object.keys(imported).length > 0);
      });`;
    const { stdout, stderr } = await runIn(project, process.execPath, '--eval', code);
    t.is(stderr, '');
    t.is(stdout, 'true\n');
  });
}

test('the vectors are in the package, as JSON too', async (t) => {
  const code = `
    const { loadVectors } = require('telepathine/conformance');
    const { vectors } = require('telepathine/conformance/vectors/framing.json');
    const { count } = require('telepathine/conformance/manifest.json');
    require('node:assert').deepStrictEqual(loadVectors('framing'), vectors);
    console.log(loadVectors().length === count);`;
  const { stdout } = await runIn(project, process.execPath, '--eval', code);
  t.is(stdout, 'true\n');
});

test('what is no entry point is refused', async (t) => {
  for (const path of [
    '/dist/src/index.js',
    '/dist/src/core/core.js',
    '/src/index.ts',
    '/nothing',
  ]) {
    const code = `
      import('telepathine${path}').catch((error) => console.log(error.code));
      try { require('telepathine${path}'); } catch (error) { console.log(error.code); }`;
    const { stdout } = await runIn(project, process.execPath, '--eval', code);
    t.is(stdout, 'ERR_PACKAGE_PATH_NOT_EXPORTED\n'.repeat(2), path);
  }
});

test('the command is installed', async (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const run = async (argument: string) =>
    (await runIn(project, 'npx', '--no', '--', 'telepathine', argument)).stdout;
  t.is(await run('--version'), `${version}\n`);
  t.regex(await run('keygen'), /^telepathine-key-v1:\S{43}\n$/);
});

for (const [module, moduleResolution, file] of [
  ['node16', 'node16', 'program.mts'],
  ['nodenext', 'nodenext', 'program.mts'],
  ['nodenext', 'nodenext', 'program.cts'],
  ['preserve', 'bundler', 'program.ts'],
]) {
  test(`types are right for ${file} with moduleResolution ${moduleResolution}`, async (t) => {
    const directory = join(project, `${moduleResolution}-${file}`);
    mkdirSync(directory);
    writeFileSync(join(directory, file!), PROGRAM);
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2022', lib: ['es2022', 'esnext.disposable'] },
      ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
      ...{ types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
    };
    const config = JSON.stringify({ compilerOptions, files: [file] });
    writeFileSync(join(directory, 'tsconfig.json'), config);
    const ours = join(ROOT, 'node_modules/typescript/bin/tsc');
    // .ci/typescript-version.sh gives other versions.
    const compiler = process.env['TELEPATHINE_TSC'] ?? ours;
    const checked = runIn(directory, process.execPath, compiler, '--project', '.');
    const { stdout } = await checked.catch((failed: { stdout: string }) => failed);
    t.is(stdout, '');
  });
}
