import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Compared, withTables } from './document.js';
import { readRuns } from './kept.js';
import { ROWS } from './rows.js';

/** Where the runs are kept, and where their tables go. */
export interface Places {
  readonly results: string;
  readonly document: string;
}

/** The ones that are committed. */
export const PLACES: Places = {
  results: 'bench/results/evaluation.json',
  document: 'docs/EVALUATION.md',
};

const COMPARED = 'bench/results/latest.json';

/** The document as it is to be, by the runs that are kept and the last comparison with the peers. */
export function written({ results, document }: Places): string {
  const compared = existsSync(COMPARED)
    ? (JSON.parse(readFileSync(COMPARED, 'utf8')) as Compared)
    : undefined;
  return withTables(readFileSync(document, 'utf8'), ROWS, readRuns(results), compared);
}

/** Writes the tables anew. */
export function writeDocument(places: Places = PLACES): void {
  writeFileSync(places.document, written(places));
}
