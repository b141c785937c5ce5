/** Runs a row of the evaluation in a process of its own. */
import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import type { Run } from './kept.js';
import type { Output, Row } from './row.js';

/** Of the machine's memory, all processes together may take this part as JavaScript's heap. */
const HEAP_PART = 0.75;
/** More than this is no figure but a page of text. */
const CHARACTERS_MAX = 20_000;

/** @param jobs how many run at once; they share the memory. */
export async function runRow(row: Row, seed: number, jobs: number): Promise<Run> {
  const heapMiB = Math.floor((totalmem() * HEAP_PART) / jobs / 2 ** 20);
  const startMs = performance.now();
  const output = await lastLine([`--max-old-space-size=${heapMiB}`, ...row.command(seed)]);
  return {
    row: row.name,
    seed,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    wallSeconds: Math.round((performance.now() - startMs) / 100) / 10,
    machine: machine(),
    output,
  };
}

/** The last line of JSON that a program prints; a broken invariant is a figure, not a failure. */
async function lastLine(args: readonly string[]): Promise<Output> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGINT');
  process.once('SIGINT', stop);
  let last = '';
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (line.startsWith('{')) last = line;
  });
  const ended = new Promise((resolve) => lines.once('close', resolve));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  await ended;
  process.removeListener('SIGINT', stop);
  if (last === '' || (code !== 0 && code !== 1)) {
    throw new Error(`${args.join(' ')} ended with ${code}`);
  }
  return briefly(JSON.parse(last) as Output);
}

/** What is no figure goes: of the violations their number stays, and the first one. */
function briefly(output: Output): Output {
  const { violations, schema: _, type: __, ...rest } = output;
  if (!Array.isArray(violations)) return rest;
  const [first] = violations as { text: string }[];
  return {
    ...rest,
    violations: violations.length,
    ...(first === undefined ? {} : { firstViolation: first.text.slice(0, CHARACTERS_MAX) }),
  };
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'simulations');
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

function machine(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores, ${gibibytes} GiB, Node ${process.version.slice(1)}`;
}
