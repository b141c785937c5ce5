import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { isPlainObject } from '../../api/option-readers.js';
import { messageOf, TelepathineError } from '../../error.js';
import type { Latency, Scenario } from '../../simulation/index.js';
import { readScenario } from '../../simulation/index.js';

/** What `telepathine simulate` is to do. */
export interface SimulateOptions {
  readonly scenario: Scenario;
  /** All of them are run in place of the scenario's own; undefined: only that. */
  readonly seeds: SeedRange | undefined;
  /** Reports are JSON, one object a line. */
  readonly json: boolean;
  /** Where a page with plots goes. */
  readonly html: string | undefined;
  /** The command line that runs the same with another seed. */
  commandFor(seed: number): string;
}

/** Both ends are included. */
export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

/** What commander makes of the command line. */
export interface SimulateFlags {
  nodes?: number;
  loss?: number;
  duration?: number;
  seed?: number;
  latency?: { minMs: number; maxMs: number };
  seeds?: SeedRange;
  json?: true;
  html?: string;
}

/** Declares the argument and the options of `telepathine simulate`. */
export function addSimulateOptions(command: Command): Command {
  return command
    .argument(
      '[FILE]',
      'a scenario as JSON, such as those of simulations/ (default: ten idle nodes)',
    )
    .option('--nodes <number>', 'how many nodes', decimal)
    .option('--loss <share>', 'lost datagrams and segments each way: 0.3 or 30%', share)
    .option('--duration <time>', 'seconds, or with a unit: 500ms, 90s, 5min, 1h', duration)
    .option('--seed <number>', 'decides every chance', decimal)
    .option('--latency <ms>', 'of each packet: 5, or evenly from 1..20', latency)
    .option(
      '--seeds <A..B>',
      'run these seeds, up to the first that breaks an invariant',
      seedRange,
    )
    .option('--json', 'write JSON, one object a line; the last has the totals')
    .option('--html <file>', 'write a page with plots over time')
    .addHelpText('after', HELP);
}

/**
 * The scenario of the file with what the options change, and what is to be done with it.
 *
 * @throws TelepathineError INVALID_ARGUMENT if the file cannot be read or is no scenario, or if
 * options do not go together.
 */
export function readSimulateOptions(
  file: string | undefined,
  flags: SimulateFlags,
): SimulateOptions {
  const { seeds, html, json = false } = flags;
  if (seeds !== undefined && flags.seed !== undefined) throw exclusive('--seed');
  if (seeds !== undefined && html !== undefined) throw exclusive('--html');
  const scenario = readScenario(withFlags(file === undefined ? {} : readJson(file), flags));
  const command = commandOf(file, flags);
  const commandFor = (seed: number) => `${command} --seed ${seed}`;
  return { scenario, seeds, json, html, commandFor };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw wrong(`${path} cannot be read: ${messageOf(cause)}`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrong(`${path} is not JSON: ${messageOf(cause)}`);
  }
}

/** What is no scenario at all goes through as it is, to be refused. */
function withFlags(given: unknown, flags: SimulateFlags): unknown {
  if (!isPlainObject(given)) return given;
  const network = {
    ...(flags.loss === undefined ? {} : { loss: flags.loss }),
    ...(flags.latency === undefined ? {} : { latency: flags.latency }),
  };
  const merge = given['network'] === undefined || isPlainObject(given['network']);
  return {
    ...given,
    ...(flags.nodes === undefined ? {} : { nodes: flags.nodes }),
    ...(flags.duration === undefined ? {} : { durationMs: flags.duration }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(merge ? { network: { ...(given['network'] as object | undefined), ...network } } : {}),
  };
}

function commandOf(file: string | undefined, flags: SimulateFlags): string {
  const { nodes, loss, duration: durationMs } = flags;
  return [
    'telepathine simulate',
    ...(file === undefined ? [] : [quoted(file)]),
    ...(nodes === undefined ? [] : [`--nodes ${nodes}`]),
    ...(loss === undefined ? [] : [`--loss ${loss}`]),
    ...(durationMs === undefined ? [] : [`--duration ${durationMs}ms`]),
    ...(flags.latency === undefined ? [] : [`--latency ${latencyText(flags.latency)}`]),
  ].join(' ');
}

/** As the option `--latency` takes it; the log-normal one has no such form. */
export function latencyText(given: Latency): string {
  if ('medianMs' in given) return `median ${given.medianMs}, p99 ${given.p99Ms}`;
  return given.minMs === given.maxMs ? `${given.minMs}` : `${given.minMs}..${given.maxMs}`;
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function exclusive(option: string): TelepathineError {
  return wrong(`${option} is for one run and does not go with --seeds`);
}

function wrong(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}

/** What is out of range is told by `readScenario`, with the range. */
function decimal(text: string): number {
  if (!/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) {
    throw new InvalidArgumentError('It must be a number.');
  }
  return Number(text);
}

function share(text: string): number {
  return text.endsWith('%') ? decimal(text.slice(0, -1)) / 100 : decimal(text);
}

const UNITS_MS: Readonly<Record<string, number>> = {
  '': 1000,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

function duration(text: string): number {
  const [, amount = '', unit = ''] = /^(.*?)(ms|s|min|h)?$/.exec(text) ?? [];
  return decimal(amount) * (UNITS_MS[unit] as number);
}

function latency(text: string): { minMs: number; maxMs: number } {
  const [min = '', max = min, ...rest] = text.replace(/ms$/, '').split('..');
  if (rest.length > 0)
    throw new InvalidArgumentError('It must be a number, or two with .. between.');
  return { minMs: decimal(min), maxMs: decimal(max) };
}

function seedRange(text: string): SeedRange {
  const [, from, to] = /^(-?\d{1,10})\.\.(-?\d{1,10})$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  const isSound = from !== undefined && range.from <= range.to;
  if (isSound && range.from >= -(2 ** 31) && range.to < 2 ** 31) return range;
  throw new InvalidArgumentError('It must be two whole numbers, the lesser first: 1..100.');
}

const HELP = `
Options win over the file. docs/SIMULATION.md has the form of a scenario and what is simulated.
Exit codes: 0 done, 1 an invariant was broken, 2 usage, 130 interrupted; then what has been
measured so far is printed all the same.`;
