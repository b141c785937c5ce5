import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SealingKey } from '../../crypto/keyring.js';
import type { FilterOptions, FilterType } from '../../decode/filter.js';
import { FILTER_TYPES } from '../../decode/filter.js';
import { readKeys } from './keys.js';

/** What `telepathine decode` is to do. */
export interface DecodeOptions {
  /** Undefined: standard input. */
  readonly file: string | undefined;
  readonly keys: readonly SealingKey[];
  readonly ports: ReadonlySet<number> | undefined;
  readonly filter: FilterOptions;
  readonly form: 'lines' | 'tree' | 'hex' | 'json' | 'none';
  readonly json: boolean;
  readonly stats: boolean;
  readonly showValues: boolean;
  readonly html: string | undefined;
  readonly pcapng: string | undefined;
}

/** What commander makes of the command line. */
export interface DecodeFlags {
  keyFile: string[];
  cluster: string[];
  port: number[];
  owner: string[];
  type: FilterType[];
  keyGlob: string[];
  since?: FilterOptions['since'];
  verbose?: true;
  hex?: true;
  json?: true;
  stats?: true;
  showValues?: true;
  html?: string;
  writePcapng?: string;
}

/** Declares the argument and the options of `telepathine decode`. */
export function addDecodeOptions(command: Command): Command {
  return command
    .argument(
      '[FILE]',
      'pcap, pcapng, an envelope, frames, hex or base64 (default: standard input)',
    )
    .addOption(list('--key-file <file>', 'keys, passphrases or a key log, one a line'))
    .addOption(list('--cluster <name>', 'cluster for which the keys are', text, ['']))
    .addOption(list('--port <number>', 'only what comes from or goes to this port', portNumber))
    .addOption(list('--owner <name>', 'only what this node sends or what is about it; or its id'))
    .addOption(
      list('--type <type>', `only with such a part: ${FILTER_TYPES.join(', ')}`, filterType),
    )
    .addOption(list('--key-glob <pattern>', 'only with a key or event like this: temp.*'))
    .option(
      '--since <time>',
      'only from then on: 2026-11-23T10:00:00Z, or 90s from the start',
      since,
    )
    .option('-v, --verbose', 'show all fields of each packet')
    .option('--hex', 'show all fields, and the bytes at which they stand')
    .option('--json', 'write JSON, one object a line')
    .option('--stats', 'write no packets but what they come to')
    .option('--show-values', 'show values and events’ data, not just their lengths and hashes')
    .option('--html <file>', 'write a page that shows who says what to whom')
    .option('--write-pcapng <file>', 'write a capture in which packets stand in the clear')
    .addHelpText('after', HELP);
}

/**
 * What is to be done.
 *
 * @throws TelepathineError INVALID_ARGUMENT if the keys cannot be read.
 */
export function readDecodeOptions(
  file: string | undefined,
  flags: DecodeFlags,
  environment: Readonly<Record<string, string | undefined>>,
): DecodeOptions {
  const { keyFile: files, owner, type, keyGlob, port, json = false, stats = false } = flags;
  const keys = readKeys({ files, clusters: flags.cluster, environment });
  return {
    file: file === '-' ? undefined : file,
    keys,
    ports: port.length > 0 ? new Set(port) : undefined,
    filter: {
      ...(owner.length > 0 ? { owners: owner } : {}),
      ...(type.length > 0 ? { types: type } : {}),
      ...(keyGlob.length > 0 ? { keyGlobs: keyGlob } : {}),
      since: flags.since,
    },
    form: formOf(flags),
    json,
    stats,
    showValues: flags.showValues ?? false,
    html: flags.html,
    pcapng: flags.writePcapng,
  };
}

function formOf({ stats, json, hex, verbose }: DecodeFlags): DecodeOptions['form'] {
  if (stats) return 'none';
  if (json) return 'json';
  if (hex) return 'hex';
  return verbose ? 'tree' : 'lines';
}

/** An option that may be repeated; the first that is given takes the place of the default. */
function list<Value>(
  flags: string,
  description: string,
  parse: (given: string) => Value = (given) => given as Value,
  usual: Value[] = [],
): Option {
  const parser = (given: string, before: Value[]) => {
    const value = parse(given);
    return before === usual ? [value] : [...before, value];
  };
  return new Option(flags, `${description}; may be repeated`)
    .argParser(parser)
    .default(usual, usual.join() || 'none');
}

function text(given: string): string {
  return given;
}

function portNumber(given: string): number {
  if (/^\d{1,5}$/.test(given) && Number(given) <= 65_535) return Number(given);
  throw new InvalidArgumentError('It must be a port.');
}

function filterType(given: string): FilterType {
  const found = FILTER_TYPES.find((type) => type === given);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be one of ${FILTER_TYPES.join(', ')}.`);
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60, h: 3600 };

function since(given: string): FilterOptions['since'] {
  const [, amount, unit = 's'] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|min|h)?$/.exec(given) ?? [];
  if (amount !== undefined) return { afterSeconds: Number(amount) * (SECONDS[unit] as number) };
  const isDate = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(given);
  const ms = isDate ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError('It must be a date and time with its zone, or seconds.');
  }
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanoseconds: Math.round((ms - seconds * 1000) * 1e6) };
}

const HELP = `
Keys come from --key-file, and from the environment: TELEPATHINE_NETWORK holds
them, or TELEPATHINE_KEYLOGFILE names a key log. docs/DECODING.md tells what the
lines mean. Exit codes: 0 done, 1 the capture is cut or damaged, 2 usage, 4 no
key opens any packet, 130 interrupted; what could be read is printed all the
same.`;
