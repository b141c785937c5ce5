/** The suite's files: their form, their hashes, and that nothing is missing or left over. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { RETIRED, suiteFiles } from '../../conformance/generator/suite.js';
import {
  bytesOf,
  chunksOf,
  loadManifest,
  loadVectors,
} from '../../src/conformance/vectors/index.js';
import type { VectorFile } from '../../src/conformance/vectors/manifest.js';
import { FOLDER, fileBytes, readJson, VECTORS } from './suite.js';

const manifest = loadManifest();
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
for (const name of readdirSync(new URL('schema/', FOLDER))) ajv.addSchema(schemaOf(name));

function schemaOf(name: string): object {
  return readJson(`schema/${name}`) as object;
}

function faultsOf(schema: string, value: unknown): string {
  const isValid = ajv.getSchema(schema);
  if (isValid === undefined) throw new Error(`there is no ${schema}`);
  return isValid(value) === true ? '' : ajv.errorsText(isValid.errors);
}

test('the manifest, and the list of what is untestable, are of their schemas', (t) => {
  t.is(faultsOf('manifest.schema.json', readJson('manifest.json')), '');
  t.is(faultsOf('untestable.schema.json', readJson('untestable.json')), '');
});

for (const { path, layer, sha256, count, mutations } of manifest.files) {
  test(`${path} is of its schema, and as the manifest says`, (t) => {
    const file = readJson(path) as VectorFile;
    t.is(faultsOf('vectors.schema.json', file), '');
    t.is(createHash('sha256').update(fileBytes(path)).digest('hex'), sha256);
    t.is(file.layer, layer);
    t.is(file.suite, manifest.suite);
    t.is(file.vectors.length, count);
    t.is(file.vectors.filter(({ mutation }) => mutation !== undefined).length, mutations);
    t.true(file.vectors.every((vector) => vector.layer === layer));
  });
}

test('the manifest names every file of vectors, and counts them all', (t) => {
  const written = readdirSync(new URL('vectors/', FOLDER)).map((name) => `vectors/${name}`);
  t.deepEqual(manifest.files.map(({ path }) => path).sort(), written.sort());
  t.is(manifest.count, VECTORS.length);
});

test('a vector that breaks the schema is refused by it', (t) => {
  for (const { path, layer } of manifest.files) {
    const file = readJson(path) as { vectors: Record<string, unknown>[] };
    const [vector] = file.vectors as [Record<string, unknown>];
    const rejected = { result: 'reject', connection: 'kept' };
    for (const [name, broken] of Object.entries({
      'no title': { ...vector, title: undefined },
      'a mutation of nothing': { ...vector, mutation: 'cut-off' },
      'an unknown mutation': { ...vector, mutationOf: vector['id'], mutation: 'wave-a-wand' },
      'an unknown field': { ...vector, colour: 'red' },
      'a rejection without reason': { ...vector, expect: rejected },
      'another given': { ...vector, given: { riddle: '' } },
      'an id with capitals': { ...vector, id: 'Framing-x' },
    })) {
      const vectors = [JSON.parse(JSON.stringify(broken))];
      t.not(faultsOf('vectors.schema.json', { ...file, vectors }), '', `${layer}: ${name}`);
    }
  }
});

test('what is committed is what the generator makes', (t) => {
  const made = suiteFiles();
  for (const [path, bytes] of made) {
    t.true(Buffer.from(fileBytes(path)).equals(bytes), `${path}: npm run vectors`);
  }
  const raw = listed('raw').filter((path) => !made.has(path));
  t.deepEqual(raw, []);
});

test('two calls of the generator make the same', (t) => {
  t.deepEqual([...suiteFiles()], [...suiteFiles()]);
});

test('the loader gives one layer or all', (t) => {
  const each = manifest.files.flatMap(({ layer }) => loadVectors(layer));
  t.deepEqual(each, [...VECTORS]);
  t.true(loadVectors('framing').every((vector) => vector.layer === 'framing'));
});

test('bytes are read from digits and from runs, and cut as a chunking says', (t) => {
  const runs = [
    { hex: '0102', times: 2 },
    { hex: 'ff', times: 1 },
  ];
  t.deepEqual(bytesOf(runs), Uint8Array.of(1, 2, 1, 2, 255));
  t.deepEqual(bytesOf('01ff'), Uint8Array.of(1, 255));
  const chunks = chunksOf(bytesOf(runs), [0, 3, 1]).map((chunk) => chunk.length);
  t.deepEqual(chunks, [0, 3, 1, 1]);
  t.throws(() => chunksOf(bytesOf(runs), [1, 0]), { instanceOf: RangeError });
});

test('no id is used twice, and none that is retired', (t) => {
  const ids = VECTORS.map(({ id }) => id);
  t.is(new Set(ids).size, ids.length);
  t.deepEqual(manifest.retired, RETIRED);
  t.false(ids.some((id) => RETIRED.includes(id)));
  for (const { id, layer } of VECTORS) t.true(id.startsWith(`${layer}-`), id);
});

function listed(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, FOLDER), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => statSync(new URL(path, FOLDER)).isFile());
}
