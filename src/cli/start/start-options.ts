import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TelepathineOptions } from '../../api/options.js';
import type { Profile } from '../../api/profiles.js';
import { PROFILE_NAMES } from '../../api/profiles.js';
import { readNetwork } from './network-secret.js';
import { STANDARD_INPUT_HELP } from './protocol-help.js';

/** How `telepathine start` runs a node. */
export interface StartOptions {
  readonly node: TelepathineOptions;
  /** Commands and reports are JSON, one object a line. */
  readonly json: boolean;
  /** So many packets are shown; Infinity: all. */
  readonly dump: number;
  /** As JSON they show values, not just their lengths and hashes. */
  readonly showValues: boolean;
  /** The node stops when standard input ends. */
  readonly untilEof: boolean;
}

/** What commander makes of the command line. */
export interface StartFlags {
  port?: number;
  address?: string;
  bindAddress?: string;
  advertise?: string;
  join: string[];
  name?: string;
  cluster?: string;
  tag?: Record<string, string>;
  networkFile?: string;
  profile?: Profile;
  gossipInterval?: number;
  heartbeatInterval?: number;
  udp: boolean;
  json?: true;
  dump?: number | true;
  showValues?: true;
  untilEof?: true;
}

/** Declares the options of `telepathine start`. */
export function addStartOptions(command: Command): Command {
  return command
    .option('--port <number>', 'port to bind; 0, the default, takes a free one', wholeNumber)
    .option('--address <address>', 'address to bind and to be known by (default: 127.0.0.1)')
    .option('--bind-address <address>', 'address to bind, if it is not the one to be known by')
    .option('--advertise <address>', 'where others reach the node, if it is not what is bound')
    .addOption(
      new Option('--join <host:port>', 'a node to meet first; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--name <name>', 'name of the node (default: its address and port)')
    .option('--tag <name=value>', 'tells the others so; may be repeated', collectTag)
    .option('--cluster <name>', 'nodes of other clusters are not heard')
    .option(
      '--network-file <file>',
      'makes the mesh private: a key or passphrase a line, of which the first seals and all open; ' +
        'in place of it the environment may hold them as TELEPATHINE_NETWORK',
    )
    .addOption(new Option('--profile <profile>', 'where the mesh lives').choices(PROFILE_NAMES))
    .option('--gossip-interval <ms>', 'between comparisons while there is no news', wholeNumber)
    .option('--heartbeat-interval <ms>', 'between pings', wholeNumber)
    .option('--no-udp', 'send everything over TCP')
    .option('--json', 'read and write JSON, one object a line')
    .option('--dump [number]', 'show the packets that come and go, or the first', wholeNumber)
    .option('--show-values', 'of packets in JSON, show values, not just lengths and hashes')
    .option('--until-eof', 'stop when standard input ends')
    .addHelpText('after', STANDARD_INPUT_HELP);
}

/**
 * The options of the node and of what is shown of it.
 *
 * @throws TelepathineError INVALID_ARGUMENT if the keys cannot be read.
 */
export function readStartOptions(
  flags: StartFlags,
  environment: Readonly<Record<string, string | undefined>>,
): StartOptions {
  const network = readNetwork(flags.networkFile, environment['TELEPATHINE_NETWORK']);
  const node: TelepathineOptions = {
    seeds: flags.join,
    udp: flags.udp,
    ...given('port', flags.port),
    ...given('address', flags.address),
    ...given('bindAddress', flags.bindAddress),
    ...given('advertise', flags.advertise),
    ...given('name', flags.name),
    ...given('tags', flags.tag),
    ...given('cluster', flags.cluster),
    ...given('network', network),
    ...given('profile', flags.profile),
    ...given('gossipIntervalMS', flags.gossipInterval),
    ...given('heartbeatIntervalMS', flags.heartbeatInterval),
  };
  const { json = false, dump: packets = 0, showValues = false, untilEof = false } = flags;
  const dump = packets === true ? Number.POSITIVE_INFINITY : packets;
  return { node, json, dump, showValues, untilEof };
}

function given<Name extends keyof TelepathineOptions>(
  name: Name,
  value: TelepathineOptions[Name] | undefined,
): Pick<TelepathineOptions, Name> | Record<never, never> {
  return value === undefined ? {} : { [name]: value };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function collectTag(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be a name, =, and a value.');
  const name = text.slice(0, at);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: text.slice(at + 1) };
}
