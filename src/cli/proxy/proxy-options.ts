import { networkInterfaces } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SealingKey } from '../../crypto/keyring.js';
import { TelepathineError } from '../../error.js';
import { formatAddress, type IpPort, parseAddress } from '../../transport/address.js';
import { canonicalIp, ipToBytes, isUnspecified } from '../../transport/ip.js';
import { findTarget } from '../ask/target.js';
import { readKeys } from '../decode/keys.js';
import type { Route } from './route-host.js';

/** What `telepathine proxy` is to do. */
export interface ProxyRunOptions {
  readonly routes: readonly Route[];
  readonly seed: number;
  readonly keys: readonly SealingKey[];
  /** Carried out at the start. */
  readonly commands: readonly string[];
  readonly json: boolean;
  readonly showValues: boolean;
  readonly quiet: boolean;
  readonly untilEof: boolean;
}

/** What commander makes of the command line. */
export interface ProxyFlags {
  loss?: string;
  delay?: string;
  double?: string;
  reorder?: string;
  corrupt?: string;
  rate?: string;
  do: string[];
  seed: number;
  keyFile: string[];
  cluster: string[];
  json?: true;
  showValues?: true;
  quiet?: true;
  untilEof?: true;
}

/** The options that stand for a command at the start. */
const COMMAND_FLAGS = ['loss', 'delay', 'double', 'reorder', 'corrupt', 'rate'] as const;

/** Declares the arguments and the options of `telepathine proxy`. */
export function addProxyOptions(command: Command): Command {
  return command
    .argument('<LISTEN=TARGET...>', 'a port here, and the node that it stands for')
    .option('--loss <share>', 'lose so many envelopes: 0.3 or 30%')
    .option('--delay <ms>', 'keep envelopes so long: 5 or 1..20')
    .option('--double <share>', 'deliver so many twice')
    .option('--reorder <share>', 'let others overtake so many')
    .option('--corrupt <share>', 'flip a bit of so many')
    .option('--rate <bytes>', 'let so many bytes a second pass, each way between two nodes')
    .addOption(repeated('--do <command>', 'carry out a command at the start', []))
    .option('--seed <number>', 'decides every chance', wholeNumber, 1)
    .addOption(repeated('--key-file <file>', 'keys, passphrases or a key log, one a line', []))
    .addOption(repeated('--cluster <name>', 'cluster for which the keys are', ['']))
    .option('--json', 'write JSON, one object a line')
    .option('--show-values', 'show values in JSON, not just their lengths and hashes')
    .option('--quiet', 'show no packets')
    .option('--until-eof', 'stop when standard input ends')
    .addHelpText('after', HELP);
}

/** @throws TelepathineError INVALID_ARGUMENT for what is no route, or keys that cannot be read. */
export async function readProxyOptions(
  routes: readonly string[],
  flags: ProxyFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ProxyRunOptions> {
  const keys = readKeys({ files: flags.keyFile, clusters: flags.cluster, environment });
  const given = COMMAND_FLAGS.flatMap((word) => {
    const value = flags[word];
    return value === undefined ? [] : [`${word} ${value}`];
  });
  const read = await Promise.all(routes.map(readRoute));
  refuseCircles(read);
  return {
    routes: read,
    seed: flags.seed,
    keys,
    commands: [...given, ...flags.do],
    json: flags.json ?? false,
    showValues: flags.showValues ?? false,
    quiet: flags.quiet ?? false,
    untilEof: flags.untilEof ?? false,
  };
}

async function readRoute(text: string): Promise<Route> {
  const [listen = '', target, ...rest] = text.split('=');
  const where = /^\d+$/.test(listen) ? `127.0.0.1:${listen}` : listen;
  const bound: IpPort | undefined = parseAddress(where);
  if (bound === undefined || target === undefined || rest.length > 0) {
    throw invalid(`${text} must be a port or ip:port, =, and the node's host:port`);
  }
  const found = await findTarget(target);
  if (found === undefined) throw invalid(`${target}: no address is known for that name`);
  return { listen: bound, target: found };
}

/** What is sent to a port of the proxy must not come back to one: it would go round for ever. */
function refuseCircles(routes: readonly Route[]): void {
  for (const { target } of routes) {
    if (routes.some(({ listen }) => leadsTo(target, listen))) {
      const address = formatAddress(target.ip, target.port);
      throw invalid(`${address} is a port of the proxy, not of a node`);
    }
  }
}

/** Whether what is sent to an address comes to a port that listens here. */
function leadsTo(target: IpPort, listen: IpPort): boolean {
  if (target.port !== listen.port) return false;
  if (target.ip === listen.ip) return true;
  const bound = ipToBytes(listen.ip);
  const ip = ipToBytes(target.ip);
  if (bound === undefined || ip === undefined || !isUnspecified(bound)) return false;
  // `::` takes IPv4 too.
  return ip.length <= bound.length && isOfThisMachine(target.ip);
}

function isOfThisMachine(ip: string): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const isLoopback = ip.startsWith('127.') || ip === '::1';
  return isLoopback || all.some(({ address }) => canonicalIp(address) === ip);
}

/** An option that may be repeated; the first that is given takes the place of the default. */
function repeated(flags: string, description: string, usual: string[]): Option {
  return new Option(flags, `${description}; may be repeated`)
    .argParser((value: string, before: string[]) =>
      before === usual ? [value] : [...before, value],
    )
    .default(usual, usual.join() || 'none');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}

const HELP = `
Commands, one a line on standard input:
  loss|double|reorder|corrupt SHARE [WHERE]   delay MS|MIN..MAX [WHERE]
  rate BYTES|off [WHERE]                      cut [WHERE]     heal [WHERE]
  break [WHERE]   clear [WHERE]               stats           stop
WHERE is 2 (from and to the second node), 1>2, 2> or >2, udp or tcp; without it
all are meant. Keys come as for decode. Exit codes: 0 done, 1 a port cannot be
bound, 2 usage, 130 interrupted.`;
