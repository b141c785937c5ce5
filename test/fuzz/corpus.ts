import { readFileSync } from 'node:fs';

/** The inputs that a target begins with: a line of hex each; lines that begin with # are comments. */
export function readCorpus(target: string): Uint8Array[] {
  return readFileSync(corpusFile(target), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new Uint8Array(Buffer.from(line, 'hex')));
}

/** Beside the sources: what is compiled lies two folders deeper. */
export function corpusFile(target: string): URL {
  return new URL(`../../../test/fuzz/corpus/${target}.hex`, import.meta.url);
}
