import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Implementation,
  readImplementation,
} from '../../conformance/control/implementation.js';
import { FEATURES, type Feature } from '../../conformance/control/protocol.js';
import type { Attached } from '../../conformance/run/attached.js';
import { KnownFailures } from '../../conformance/run/known-failures.js';
import type { Selection } from '../../conformance/run/selection.js';
import { deriveKeyring } from '../../crypto/derive.js';
import { messageOf, TelepathineError } from '../../error.js';
import { findTarget } from '../ask/target.js';
import { readNetwork } from '../start/network-secret.js';

const ADAPTER = fileURLToPath(new URL('./adapter-main.js', import.meta.url));

/** The node of this package. */
const OWN_NODE: Implementation = {
  name: 'telepathine',
  command: [process.execPath, ADAPTER],
};

/** What `telepathine conformance` is to do. */
export interface ConformanceOptions {
  readonly implementations: readonly Implementation[];
  readonly attached: Attached | undefined;
  readonly selection: Selection;
  readonly known: KnownFailures;
  readonly jobs: number;
  readonly answerWithinMs: number;
  readonly meshes: boolean;
  readonly debug: boolean;
  readonly list: boolean;
  readonly files: {
    readonly json: string | undefined;
    readonly junit: string | undefined;
    readonly html: string | undefined;
    readonly traces: string | undefined;
    readonly traceAll: boolean;
  };
}

/** What commander makes of the command line. */
export interface ConformanceFlags {
  spawn: string[];
  attach?: string;
  keyFile?: string;
  cluster: string;
  id: string[];
  section: string[];
  feature: string[];
  meshes: boolean;
  knownFailing?: string;
  jobs: number;
  answerTimeout: number;
  debug?: true;
  list?: true;
  json?: string;
  junit?: string;
  html?: string;
  traces?: string;
  traceAll?: true;
}

/** Declares the options of `telepathine conformance`. */
export function addConformanceOptions(command: Command): Command {
  return command
    .addOption(repeated('--spawn <command>', 'start nodes by CMD or NAME=CMD, an adapter'))
    .option('--attach <host:port>', 'test a node that runs, by what the network shows')
    .option(
      '--key-file <file>',
      'of that node: a key or passphrase a line, the first of which seals',
    )
    .option('--cluster <name>', 'of that node', '')
    .addOption(repeated('--id <id>', 'only cases with this id, in which * stands for any text'))
    .addOption(repeated('--section <section>', 'only cases of this section: 9, 9.3 or 9.3.3'))
    .addOption(repeated('--feature <feature>', 'only cases that need this feature', FEATURES))
    .option('--no-meshes', 'no meshes of several nodes')
    .option('--known-failing <file>', 'cases that are known to fail, one a line')
    .addOption(numberOption('--jobs <number>', 'cases at once', 4, 1, 64))
    .addOption(
      numberOption('--answer-timeout <ms>', 'a node that is slower hangs', 10_000, 100, 600_000),
    )
    .option('--debug', 'leave the nodes of the first failed case running, for a debugger')
    .option('--list', 'print the cases, and run none')
    .option('--json <file>', 'write a report as JSON')
    .option('--junit <file>', 'write a report as JUnit XML')
    .option('--html <file>', 'write a page with all cases and nodes')
    .option('--traces <folder>', 'write what was sent in each failed case, as text and pcapng')
    .option('--trace-all', 'of passed cases too');
}

/**
 * Reads the command line.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no command, address, key or list.
 */
export async function readConformanceOptions(
  flags: ConformanceFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ConformanceOptions> {
  const spawned = flags.spawn.map(readImplementation);
  const names = spawned.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw invalid(`--spawn: two are named ${twice}; give names, as in a=CMD`);
  const { attach, debug, json, junit, html, traces } = flags;
  if (attach !== undefined && spawned.length > 0) throw invalid('either --spawn or --attach');
  if (attach === undefined && flags.keyFile !== undefined) {
    throw invalid('--key-file is of a node that is attached to: --attach is missing');
  }
  if (flags.traceAll && traces === undefined) throw invalid('--trace-all needs --traces');
  const attached =
    attach === undefined ? undefined : await readAttached(attach, flags, environment);
  return {
    implementations: attached !== undefined ? [] : spawned.length > 0 ? spawned : [OWN_NODE],
    attached,
    selection: selectionOf(flags),
    known: new KnownFailures(flags.knownFailing === undefined ? '' : readText(flags.knownFailing)),
    jobs: flags.jobs,
    answerWithinMs: debug ? Number.POSITIVE_INFINITY : flags.answerTimeout,
    meshes: flags.meshes && attached === undefined,
    debug: debug ?? false,
    list: flags.list ?? false,
    files: { json, junit, html, traces, traceAll: flags.traceAll ?? false },
  };
}

function selectionOf({ id, section, feature }: ConformanceFlags): Selection {
  return {
    ...(id.length > 0 ? { ids: id } : {}),
    ...(section.length > 0 ? { sections: section } : {}),
    ...(feature.length > 0 ? { features: feature as Feature[] } : {}),
  };
}

async function readAttached(
  target: string,
  { keyFile, cluster }: ConformanceFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Attached> {
  const address = await findTarget(target);
  if (address === undefined) throw invalid(`--attach: ${target} is not known`);
  const network = readNetwork(keyFile, environment['TELEPATHINE_NETWORK']);
  const keyring = network && deriveKeyring(network, cluster);
  return { name: target, address, keyring, cluster: keyring === undefined ? cluster : '' };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `the file ${file} cannot be read: ${messageOf(cause)}`;
    throw new TelepathineError('INVALID_ARGUMENT', message, { cause });
  }
}

/** @param choices all that may be given; absent: anything. */
function repeated(flags: string, description: string, choices?: readonly string[]): Option {
  return new Option(flags, description).default([], 'none').argParser((text, before: string[]) => {
    if (choices === undefined || choices.includes(text)) return [...before, text];
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  });
}

function numberOption(
  flags: string,
  description: string,
  fallback: number,
  least: number,
  most: number,
): Option {
  return new Option(flags, description).default(fallback).argParser((text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  });
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}
