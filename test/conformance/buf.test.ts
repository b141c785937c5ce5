/** buf, and with it Go's protobuf: the schema is frozen, and another decoder reads the same. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { SCHEMA_SHA256 } from '../../conformance/generator/suite.js';
import { bytesOf, loadManifest, loadVectors } from '../../src/conformance/vectors/index.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BASELINE = join(ROOT, '.ci/baseline.binpb');
const run = promisify(execFile);

async function buf(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/buf'), args, { cwd: folder });
  return stdout;
}

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'telepathine-schema-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the schema that changes are compared with is the frozen one', (t) => {
  t.is(createHash('sha256').update(readFileSync(BASELINE)).digest('hex'), SCHEMA_SHA256);
  t.is(loadManifest().schemaSha256, SCHEMA_SHA256);
});

for (const [change, from, to] of [
  ['another number', 'uint64 uptime_ms = 5;', 'uint64 uptime_ms = 25;'],
  ['another type', 'uint64 uptime_ms = 5;', 'uint32 uptime_ms = 5;'],
  ['another name', 'uint64 uptime_ms = 5;', 'uint64 age_ms = 5;'],
  ['no more field', 'uint64 uptime_ms = 5;', ''],
] as const) {
  test(`a field that gets ${change} breaks the frozen schema`, async (t) => {
    const folder = temporaryFolder(t);
    cpSync(join(ROOT, 'proto'), join(folder, 'proto'), { recursive: true });
    cpSync(join(ROOT, 'buf.yaml'), join(folder, 'buf.yaml'));
    await t.notThrowsAsync(buf(folder, 'breaking', '--against', BASELINE));
    const path = join(folder, 'proto/telepathine/v1/packet.proto');
    const text = readFileSync(path, 'utf8');
    t.true(text.includes(from));
    writeFileSync(path, text.replace(from, to));
    await t.throwsAsync(buf(folder, 'breaking', '--against', BASELINE));
  });
}

test("Go's decoder finds the same meaning in what encoders do not write", async (t) => {
  const folder = temporaryFolder(t);
  const sections = ['5.1.1', '5.1.5', '5.2.3', '8.3.2'];
  const vectors = loadVectors('protobuf').filter(
    ({ section, expect }) => sections.includes(section) && expect.meaning !== undefined,
  );
  t.true(vectors.length > 15);
  for (const { id, given, expect } of vectors) {
    writeFileSync(join(folder, 'message.binpb'), bytesOf(given.bytes));
    const type = `telepathine.v1.${given.message}`;
    const form = ['--from', 'message.binpb', '--to', '-#format=json'];
    const json = await buf(folder, 'convert', BASELINE, '--type', type, ...form);
    t.deepEqual(JSON.parse(json), expect.meaning, id);
  }
});
