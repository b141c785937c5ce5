import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Sources } from './architecture/rules.js';
import * as rules from './architecture/rules.js';
import { blankNonCode, importsOf } from './architecture/source-text.js';

const sources = readSources();

test('the rules see the sources', (t) => {
  t.truthy(sources['src/core/contract.ts']);
  t.truthy(sources['src/wire/packet.ts']);
});

test('every relative import leads to a file', (t) => {
  t.deepEqual(rules.unresolvedImports(sources), []);
});

test('the core imports nothing but itself, the wire and the error class', (t) => {
  t.deepEqual(rules.coreImports(sources), []);
});

test('the core and what it pulls in use no clock, timer, randomness or I/O', (t) => {
  t.deepEqual(rules.corePurity(sources), []);
});

test('only the wire imports generated code', (t) => {
  t.deepEqual(rules.generatedImports(sources), []);
});

test('the wire imports nothing above it', (t) => {
  t.deepEqual(rules.wireImports(sources), []);
});

test('clocks, transports, the driver, the API, the simulator and the decoder import nothing above', (t) => {
  t.deepEqual(rules.upwardImports(sources), []);
});

for (const [from, specifier] of [
  ['src/transport/a.ts', '../node/node.js'],
  ['src/transport/a.ts', '../api/options.js'],
  ['src/clock/a.ts', '../transport/address.js'],
  ['src/node/a.ts', '../api/options.js'],
  ['src/api/a.ts', '../telepathine.js'],
  ['src/api/a.ts', '../simulation/world.js'],
  ['src/simulation/a.ts', '../node/host.js'],
  ['src/simulation/a.ts', '../crypto/derive.js'],
  ['src/simulation/a.ts', '../telepathine.js'],
  ['src/decode/a.ts', '../node/host.js'],
  ['src/decode/a.ts', '../transport/ip.js'],
  ['src/decode/a.ts', '../cli/exit.js'],
  ['src/api/a.ts', '../decode/decoder.js'],
  ['src/telepathine.ts', './simulation/index.js'],
  ['src/api/a.ts', '../conformance/adapter.js'],
  ['src/conformance/a.ts', '../core/core.js'],
  ['src/conformance/a.ts', '../cli/exit.js'],
] as const) {
  test(`${from} that imports ${specifier} is reported`, (t) => {
    t.is(rules.upwardImports({ [from]: `import type { X } from '${specifier}';` }).length, 1);
  });
}

test('there are no import cycles', (t) => {
  t.deepEqual(rules.importCycles(sources), []);
});

test('no source file is longer than 400 lines', (t) => {
  t.deepEqual(rules.fileLengths(sources), []);
});

for (const specifier of [
  'node:crypto',
  'debug',
  'libsodium-wrappers',
  '../clock/clock.js',
  '../transport/transport.js',
  '../crypto/seal.js',
  '../cli/main.js',
  '../api/options.js',
  '../telepathine.js',
  '../../gen/telepathine/v1/packet_pb.js',
]) {
  test(`a core that imports ${specifier} is reported`, (t) => {
    for (const statement of [
      `import { x } from '${specifier}';`,
      `import type { X } from "${specifier}";`,
      `import '${specifier}';`,
      `export * from '${specifier}';`,
      `import {\n  x,\n  type Y,\n} from '${specifier}';`,
      `type X = import('${specifier}').X;`,
    ]) {
      t.is(rules.coreImports({ 'src/core/a.ts': statement }).length, 1, statement);
    }
  });
}

test('a core that imports what it may is not reported', (t) => {
  const text = [
    "import { sha256 } from '@noble/hashes/sha2.js';",
    "import type { Packet } from '../wire/packet.js';",
    "import { TelepathineError } from '../error.js';",
    "import { b } from './b.js';",
  ].join('\n');
  t.deepEqual(rules.coreImports({ 'src/core/a.ts': text }), []);
});

for (const use of [
  'const at = Date.now();',
  'const at = new Date();',
  'let at: Date | undefined;',
  'const x = Math.random();',
  'const x = Math\n  .random();',
  "const x = Math['random']();",
  'const { random } = Math;',
  'setTimeout(() => {}, 5);',
  'setInterval(f, 5);',
  'setImmediate(f);',
  'queueMicrotask(f);',
  'const f = async () => 1;',
  'for await (const x of y) f(x);',
  'const p: Promise<void> = f();',
  'console.log(1);',
  'const { env } = process;',
  'const e = { ...process };',
  'const b = Buffer.from(x);',
  'const now = performance.now();',
  'crypto.getRandomValues(x);',
  'const text = `at ${Date.now()}`;',
  'const pattern = /[\'"`]/; console.log(pattern);',
]) {
  test(`a core with ${JSON.stringify(use)} is reported`, (t) => {
    t.is(rules.corePurity({ 'src/core/a.ts': use }).length, 1);
  });
}

test('what only looks impure is not reported', (t) => {
  const text = [
    '// Date.now() is not used here; setTimeout neither',
    '/* await Promise.all(process) */',
    "const a = 'console.log(Date.now())' + \"it's async\";",
    'const b = `process ${a} Buffer`;',
    'const c = /Date|Promise/.test(a) ? options.process : this.crypto;',
    'const d = Math.max(a / b, Math.floor(c)) / 2; // Math.random',
    'const updated = outDated + asynchronous + dateMs;',
  ].join('\n');
  t.deepEqual(rules.corePurity({ 'src/core/a.ts': text }), []);
});

test('a wire file that the core pulls in must be pure too', (t) => {
  const impure = "import { createHash } from 'node:crypto';\nexport const at = Date.now();";
  const wire = { 'src/wire/b.ts': "export { at } from './c.js';", 'src/wire/c.ts': impure };
  const use = (statement: string): Sources => ({ 'src/core/a.ts': statement, ...wire });
  t.is(rules.corePurity(use("import { at } from '../wire/b.js';")).length, 2);
  t.deepEqual(rules.corePurity(use("import type { at } from '../wire/b.js';")), []);
  t.deepEqual(rules.corePurity(wire), []);
});

test('an import of generated code outside the wire is reported', (t) => {
  const importer = "import { PacketSchema } from '../../gen/telepathine/v1/packet_pb.js';";
  t.is(rules.generatedImports({ 'src/node/a.ts': importer }).length, 1);
  t.is(rules.generatedImports({ 'src/cli/a.ts': importer }).length, 1);
  t.deepEqual(rules.generatedImports({ 'src/wire/a.ts': importer }), []);
});

test('a wire that imports what lies above it is reported', (t) => {
  for (const above of ['core/core.js', 'node/clock.js', 'transport/udp.js', 'telepathine.js']) {
    t.is(rules.wireImports({ 'src/wire/a.ts': `import { x } from '../${above}';` }).length, 1);
  }
  t.deepEqual(rules.wireImports({ 'src/wire/a.ts': "import { x } from '../error.js';" }), []);
});

test('an import cycle is reported, also one of types, also one that is not at the start', (t) => {
  const cycle = {
    'src/a.ts': "import { b } from './b/b.js';",
    'src/b/b.ts': "import type { C } from '../c.js';",
    'src/c.ts': "import { b } from './b/b.js';",
  };
  t.deepEqual(rules.importCycles(cycle), ['src/b/b.ts -> src/c.ts -> src/b/b.ts']);
  t.is(rules.importCycles({ 'src/a.ts': "import { a } from './a.js';" }).length, 1);
});

test('two ways to one file are no cycle', (t) => {
  const diamond = {
    'src/a.ts': "import { b } from './b.js';\nimport { c } from './c.js';",
    'src/b.ts': "import { d } from './d.js';",
    'src/c.ts': "import { d } from './d.js';",
    'src/d.ts': 'export const d = 1;',
  };
  t.deepEqual(rules.importCycles(diamond), []);
});

test('a file of 401 lines is reported and one of 400 is not', (t) => {
  t.is(rules.fileLengths({ 'src/a.ts': 'x;\n'.repeat(401) }).length, 1);
  t.deepEqual(rules.fileLengths({ 'src/a.ts': 'x;\n'.repeat(400) }), []);
});

test('an import of a missing file is reported', (t) => {
  t.is(rules.unresolvedImports({ 'src/a.ts': "import './b.js';" }).length, 1);
});

test('blanking keeps the code, the length and the lines', (t) => {
  const source =
    "a = `x${ { b: '}' } }y`; // c\nd = e / 2 / f; g = [/\\/[/]'/g]; /* h\n */ i = '\\'';";
  const code = "a = ` ${ { b: ' ' } } `;     \nd = e / 2 / f; g = [/      /g];     \n    i = '  ';";
  t.is(blankNonCode(source), code);
});

test('imports are found with their lines, and not in comments or strings', (t) => {
  const source = [
    "// import { a } from './a.js';",
    "import type { B } from './b.js';",
    "import type from './c.js';",
    'const text = "import d from \'./d.js\'";',
    'export const from = 1;',
    "export type { E } from './e.js';",
    "const f = import('./f.js');",
  ].join('\n');
  t.deepEqual(importsOf(source), [
    { specifier: './b.js', typeOnly: true, line: 2 },
    { specifier: './c.js', typeOnly: false, line: 3 },
    { specifier: './e.js', typeOnly: true, line: 6 },
    { specifier: './f.js', typeOnly: false, line: 7 },
  ]);
});

function readSources(): Sources {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json'))) {
    if (root === dirname(root)) throw new Error('no package.json above the tests');
    root = dirname(root);
  }
  const paths = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}
