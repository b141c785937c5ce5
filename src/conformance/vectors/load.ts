/** Reads the vectors from the files that come with the package. */
import { readFileSync } from 'node:fs';
import type { Layer, Vector, VectorsByLayer } from './layers.js';
import type { Manifest, VectorFile } from './manifest.js';

/** What the suite consists of: its version, and the files with their hashes. */
export function loadManifest(): Manifest {
  return read('manifest.json') as Manifest;
}

/** The vectors of a layer, or of all layers, in the order of the files. */
export function loadVectors(): Vector[];
export function loadVectors<L extends Layer>(layer: L): VectorsByLayer[L][];
export function loadVectors(layer?: Layer): Vector[] {
  const files = loadManifest().files.filter((file) => layer === undefined || file.layer === layer);
  return files.flatMap(({ path }) => (read(path) as VectorFile).vectors);
}

/** Both in the repository and in the package. */
const FOLDER = new URL('../../../../conformance/', import.meta.url);

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8'));
}
