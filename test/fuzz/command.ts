import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listed } from '../support/arguments.js';
import { readCorpus } from './corpus.js';
import { Coverage } from './coverage.js';
import { type Finding, type Fuzzed, faultOf, fuzz } from './fuzzer.js';
import type { Target } from './target.js';

/** Where lines go. */
export type Printer = Pick<Console, 'log' | 'error'>;

interface Settings {
  targets: readonly Target[];
  /** Infinity: until the seconds are over. */
  executions: number;
  /** Infinity: until the executions are done. */
  seconds: number;
  seed: number;
  /** Only this is run. */
  input: Uint8Array | undefined;
}

const MAIN = fileURLToPath(new URL('../fuzz.js', import.meta.url));
const SEED_MAX = 2 ** 31 - 1;
const SECONDS = 60;
const FOREVER = Number.POSITIVE_INFINITY;

/**
 * What `npm run fuzz` does.
 *
 * @returns the exit code: 0 if all was kept, 1 if not, 2 if the arguments are wrong.
 */
export function fuzzCommand(
  args: readonly string[],
  targets: readonly Target[],
  printer: Printer,
): number {
  if (args.includes('--help')) {
    printer.log(usageOf(targets));
    return 0;
  }
  let settings: Settings;
  try {
    settings = readSettings(args, targets);
  } catch (error) {
    printer.error(`${(error as Error).message}; --help has the usage`);
    return 2;
  }
  const [first, second] = settings.targets as [Target, ...Target[]];
  if (settings.input !== undefined) return replay(first, settings.input, printer);
  return second === undefined ? runOne(first, settings, printer) : runEach(settings);
}

function usageOf(targets: readonly Target[]): string {
  return `usage: npm run fuzz -- [options]

  --target NAME   one target; without it all take turns, in equal parts of the
                  seconds, and with as many executions each
  --seconds N     for so long: ${SECONDS}, if nothing else is given
  --executions N  so many inputs
  --seed N        the same course each time; without it another one
  --input HEX     only this input, of the one target

The first input that breaks a promise ends it, with the command that shows it
again.

targets:
${listed(targets.map(({ name }) => name))}`;
}

/** Each in a process of its own: what V8 counts depends on what has run before. */
function runEach({ targets, executions, seconds, seed }: Settings): number {
  const ends = [
    ...(executions < FOREVER ? ['--executions', `${executions}`] : []),
    ...(seconds < FOREVER ? ['--seconds', `${seconds / targets.length}`] : []),
  ];
  const isKept = ({ name }: Target) => {
    const args = [MAIN, '--target', name, '--seed', `${seed}`, ...ends];
    return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
  };
  return targets.every(isKept) ? 0 : 1;
}

function runOne(target: Target, settings: Settings, printer: Printer): number {
  const { seed, seconds, executions } = settings;
  const beganMs = performance.now();
  // Beside another who counts (c8) there is no looking.
  const coverage = process.env['NODE_V8_COVERAGE'] ? undefined : new Coverage(isOwn);
  const course = { seed, executions, untilMs: beganMs + seconds * 1000, coverage };
  const fuzzed = fuzz(target, readCorpus(target.name), course);
  coverage?.end();
  const { finding, memory } = fuzzed;
  const isOver = (memory?.grownBytes ?? 0) > (target.grownBytesMax ?? Number.POSITIVE_INFINITY);
  const summary = summaryOf(fuzzed, performance.now() - beganMs);
  const state = finding === undefined && !isOver ? 'kept' : 'BROKEN';
  const reached = coverage?.characters ?? 0;
  printer.log(`${state} ${target.name} seed ${seed}: ${summary}, ${reached} characters of code`);
  if (finding !== undefined) tell(target, finding, seed, printer);
  else if (isOver) tellMemory(target, fuzzed, seed, printer);
  return state === 'kept' ? 0 : 1;
}

function isOwn(url: string): boolean {
  return /\/dist\/(src|gen)\//.test(url);
}

function summaryOf(fuzzed: Fuzzed, tookMs: number): string {
  const { executions, outcomes, inputs, digest } = fuzzed;
  const seconds = (tookMs / 1000).toFixed(1);
  const done = `${executions} executions in ${seconds} s, ${outcomes} outcomes`;
  return `${done}, ${inputs} inputs (${digest})${memoryOf(fuzzed)}`;
}

function memoryOf({ memory }: Fuzzed): string {
  if (memory === undefined) return '';
  const [start, most] = [megabytes(memory.startBytes), megabytes(memory.mostBytes)];
  return `, memory in use ${start} and later ${most} at most`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** No single input is to blame. */
function tellMemory(target: Target, fuzzed: Fuzzed, seed: number, printer: Printer): void {
  const grown = megabytes(fuzzed.memory?.grownBytes ?? 0);
  const allowed = megabytes(target.grownBytesMax ?? 0);
  printer.error(`after collections the memory in use grew by ${grown}; ${allowed} are allowed`);
  const args = `--target ${target.name} --seed ${seed} --executions ${fuzzed.executions}`;
  printer.error(`again: npm run fuzz -- ${args}`);
}

function tell(target: Target, finding: Finding, seed: number, printer: Printer): void {
  const { input, error, execution } = finding;
  const hex = Buffer.from(input).toString('hex');
  printer.error(`${error.stack}\ntarget ${target.name}, seed ${seed}, execution ${execution}`);
  printer.error(`input of ${input.length} bytes: ${hex}`);
  printer.error(`again: npm run fuzz -- --target ${target.name} --input '${hex}'`);
}

function replay(target: Target, input: Uint8Array, printer: Printer): number {
  const fault = faultOf(target, input);
  if (fault === undefined) printer.log(`kept ${target.name}: ${target.run(input)}`);
  else printer.error(`BROKEN ${target.name}: ${fault.stack}`);
  return fault === undefined ? 0 : 1;
}

function readSettings(args: readonly string[], all: readonly Target[]): Settings {
  const text = { type: 'string' } as const;
  const options = { seconds: text, executions: text, seed: text, target: text, input: text };
  const { values } = parseArgs({ args: [...args], options });
  const { seconds, executions, seed, target, input } = values;
  const targets = all.filter(({ name }) => target === undefined || name === target);
  if (targets.length === 0) {
    throw new Error(`no target ${target}; there are ${all.map(({ name }) => name).join(', ')}`);
  }
  if (input !== undefined && target === undefined) throw new Error('--input needs --target');
  const usualSeconds = executions === undefined ? SECONDS : FOREVER;
  return {
    targets,
    executions: numberOf('executions', executions, FOREVER),
    seconds: numberOf('seconds', seconds, usualSeconds),
    seed: numberOf('seed', seed, randomInt(SEED_MAX)),
    input: input === undefined ? undefined : new Uint8Array(Buffer.from(input, 'hex')),
  };
}

function numberOf(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0) return value;
  throw new Error(`--${name} takes a number, not '${text}'`);
}
