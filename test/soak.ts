/**
 * The properties of `test/promises`, or the floods of `test/hostile`, with fresh seeds, for as long
 * as one likes:
 *
 *     npm run soak -- --minutes 10 --promise 3 --runs 500
 *     npm run soak -- --minutes 10 --hostile
 *
 * Without `--promise` all take turns. The first failure ends it with the seed that shows it again.
 * What ties it to the test files is the environment that `runs` of `test/support/scenario.ts` reads:
 * TELEPATHINE_SEED and TELEPATHINE_RUNS. A flood of so many runs is so many times as long as usual.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Settings {
  minutes: number;
  /** 1 to 8; undefined: all. */
  promise: number | undefined;
  /** Floods in place of promises. */
  hostile: boolean;
  /** Of each property in one turn. */
  runs: number;
}

const TESTS = fileURLToPath(new URL('./', import.meta.url));
const FLOODS = ['hostile/flood.test.js', 'hostile/members.test.js'];
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SEED_MAX = 2 ** 31 - 1;

process.exitCode = soak(readSettings());

/** The exit code: 0 if all was kept, 1 if not, 2 if there is nothing to run. */
function soak({ minutes, promise, hostile, runs }: Settings): number {
  const files = hostile ? FLOODS : promises(promise);
  if (files.length === 0) {
    console.error(`no promise ${promise}`);
    return 2;
  }
  const endMs = Date.now() + minutes * 60_000;
  let turns = 0;
  for (; Date.now() < endMs; turns++) {
    const file = files[turns % files.length] as string;
    if (!isKept(file, randomInt(SEED_MAX), runs)) return 1;
  }
  console.log(`${turns} turns of up to ${runs} runs a property, and every promise was kept`);
  return 0;
}

function promises(number: number | undefined): string[] {
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
  return {
    minutes: positive('minutes', minutes),
    promise: promise === undefined ? undefined : positive('promise', promise),
    hostile,
    runs: positive('runs', runs),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  console.error(`--${name} takes a number above 0, not '${text}'`);
  process.exit(2);
}
