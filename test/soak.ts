/**
 * The properties of `test/promises`, or the floods of `test/hostile`, with fresh seeds, for as long
 * as one likes: `npm run soak`, with the options that `--help` tells.
 *
 * What ties it to the test files is the environment that `runs` of `test/support/scenario.ts` reads:
 * TELEPATHINE_SEED and TELEPATHINE_RUNS. A flood of so many runs is so many times as long as usual.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readArguments } from './support/arguments.js';

interface Settings {
  minutes: number;
  /** Of tests, which take turns. */
  files: readonly string[];
  /** Of each property in one turn. */
  runs: number;
}

const TESTS = fileURLToPath(new URL('./', import.meta.url));
const FLOODS = ['hostile/flood.test.js', 'hostile/members.test.js'];
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SEED_MAX = 2 ** 31 - 1;

const USAGE = `usage: npm run soak -- [options]

  --minutes N  for so long: 10
  --promise N  of these only, 1 to 8; without it all take turns
  --hostile    the floods in place of the promises
  --runs N     of each property in one turn: 300, of a flood 3

The first failure ends it, with the seed that shows it again.`;

process.exitCode = soak(readArguments(USAGE, readSettings));

/** The exit code: 0 if all was kept, 1 if not. */
function soak({ minutes, files, runs }: Settings): number {
  const endMs = Date.now() + minutes * 60_000;
  let turns = 0;
  for (; Date.now() < endMs; turns++) {
    const file = files[turns % files.length] as string;
    if (!isKept(file, randomInt(SEED_MAX), runs)) return 1;
  }
  console.log(`${turns} turns of up to ${runs} runs a property, and every promise was kept`);
  return 0;
}

function promises(number: string | undefined): string[] {
  return readdirSync(`${TESTS}promises`)
    .filter((file) => file.endsWith('.test.js'))
    .filter((file) => number === undefined || file.startsWith(`${number}-`))
    .map((file) => `promises/${file}`);
}

function isKept(file: string, seed: number, runs: number): boolean {
  const beganMs = Date.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/ava/entrypoints/cli.mjs', `dist/test/${file}`],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, TELEPATHINE_SEED: `${seed}`, TELEPATHINE_RUNS: `${runs}` },
    },
  );
  const seconds = ((Date.now() - beganMs) / 1000).toFixed(0);
  console.log(`${status === 0 ? 'kept' : 'BROKEN'} ${file} seed ${seed} ${seconds} s`);
  if (status === 0) return true;
  console.error(stdout + stderr);
  console.error(
    `again: TELEPATHINE_SEED=${seed} TELEPATHINE_RUNS=${runs} npx ava dist/test/${file}`,
  );
  return false;
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      promise: { type: 'string' },
      hostile: { type: 'boolean', default: false },
      runs: { type: 'string' },
    },
  });
  const { minutes, promise, hostile, runs = hostile ? '3' : '300' } = values;
  const files = hostile ? FLOODS : promises(promise);
  if (files.length === 0) throw new Error(`--promise: there is no promise '${promise}'`);
  return { minutes: positive('minutes', minutes), files, runs: positive('runs', runs) };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not '${text}'`);
}
