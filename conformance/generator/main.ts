/**
 * Writes the suite: `npm run vectors`, or into another folder `node dist/conformance/generator/main.js
 * FOLDER`. Files of vectors that are gone go too; an id that is gone without being retired is an
 * error, and nothing is written.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VectorFile } from '../../src/conformance/vectors/manifest.js';
import { RETIRED, suiteFiles } from './suite.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../conformance/', import.meta.url));
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
