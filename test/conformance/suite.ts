/** What the tests of the suite share. */
import { readFileSync } from 'node:fs';
import { loadVectors, type Vector } from '../../src/conformance/vectors/index.js';

export const FOLDER = new URL('../../../conformance/', import.meta.url);

/** A file below `conformance/`. */
export function fileBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, FOLDER)));
}

export function readJson(path: string): unknown {
  return JSON.parse(Buffer.from(fileBytes(path)).toString());
}

export const VECTORS: readonly Vector[] = loadVectors();
