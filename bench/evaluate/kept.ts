/** The runs that were made, kept as JSON: one of each row and seed, the latest. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Output } from './row.js';

/** One run. */
export interface Run {
  readonly row: string;
  readonly seed: number;
  /** Of the program, abbreviated; with `+` if it was changed since. */
  readonly commit: string;
  readonly date: string;
  readonly wallSeconds: number;
  /** Cores and memory, and Node's version. */
  readonly machine: string;
  readonly output: Output;
}

/** The runs of a file; none if it is not there. */
export function readRuns(path: string): Run[] {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { runs: Run[] }).runs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Keeps a run in place of an earlier one of its row and seed; the others stay as they are. */
export function keepRun(path: string, run: Run, order: readonly string[]): Run[] {
  const others = readRuns(path).filter(({ row, seed }) => row !== run.row || seed !== run.seed);
  const placeOf = ({ row }: Run) => order.indexOf(row);
  const runs = [...others, run]
    .filter((each) => placeOf(each) >= 0)
    .sort((a, b) => placeOf(a) - placeOf(b) || a.seed - b.seed);
  mkdirSync(dirname(path), { recursive: true });
  const lines = runs.map((each) => `    ${JSON.stringify(each)}`).join(',\n');
  writeFileSync(path, `{\n  "runs": [\n${lines}\n  ]\n}\n`);
  return runs;
}
