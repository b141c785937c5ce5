/**
 * Writes the suite: `npm run vectors`, or into another folder `node dist/conformance/generator/main.js
 * FOLDER`. Files of vectors that are gone go too; an id that is gone without being retired is an
 * error, and nothing is written.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { VectorFile } from '../../src/conformance/vectors/manifest.js';
import { readArguments } from '../../test/support/arguments.js';
import { RETIRED, suiteFiles } from './suite.js';

const SUITE = fileURLToPath(new URL('../../../conformance/', import.meta.url));
const USAGE = `usage: npm run vectors -- [FOLDER]

Writes the test vectors into conformance/ of the project, or into FOLDER.`;

const folder = readArguments(USAGE, read);
const files = suiteFiles();
const lost = lostIds(join(folder, 'vectors'));

if (lost.length > 0) {
  console.error(`no vector may vanish: add to RETIRED in suite.ts: ${lost.join(', ')}`);
  process.exitCode = 1;
} else {
  for (const name of ['vectors', 'raw'])
    rmSync(join(folder, name), { recursive: true, force: true });
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

function read(): string {
  const { positionals } = parseArgs({ allowPositionals: true });
  if (positionals.length > 1) throw new Error('one folder only');
  return positionals[0] ?? SUITE;
}

/** Ids that are written in the folder, and no longer made. */
function lostIds(vectors: string): string[] {
  const made = new Set<string>(RETIRED);
  for (const [path, bytes] of files) {
    if (path.startsWith('vectors/')) for (const id of idsOf(bytes)) made.add(id);
  }
  const written = existsSync(vectors) ? readdirSync(vectors) : [];
  return written
    .flatMap((name) => idsOf(readFileSync(join(vectors, name))))
    .filter((id) => !made.has(id));
}

function idsOf(file: Uint8Array): string[] {
  const { vectors } = JSON.parse(Buffer.from(file).toString()) as VectorFile;
  return vectors.map(({ id }) => id);
}
