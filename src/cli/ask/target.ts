import { type Command, InvalidArgumentError, Option } from 'commander';
import { deriveKeyring } from '../../crypto/derive.js';
import { type IpPort, parseAddress, parseSeed } from '../../transport/address.js';
import { resolveSeed } from '../../transport/resolve.js';
import { readNetwork } from '../start/network-secret.js';
import type { Credentials } from './asker.js';

/** What commander makes of the options that all questions have. */
export interface AskFlags {
  networkFile?: string;
  cluster: string;
  timeout: number;
  json?: true;
}

/** How nodes are asked. */
export interface AskOptions {
  /** Keys or passphrases, the first of which seals; absent: a public mesh. */
  readonly network: readonly string[] | undefined;
  readonly cluster: string;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** Declares the options that all questions have. */
export function addAskOptions(command: Command): Command {
  return command
    .option(
      '--network-file <file>',
      'a key or passphrase a line, the first of which seals; in place of it the environment may ' +
        'hold them as TELEPATHINE_NETWORK',
    )
    .option('--cluster <name>', 'the cluster of the nodes', '')
    .addOption(
      new Option('--timeout <ms>', 'how long an answer is waited for')
        .argParser(milliseconds)
        .default(3000),
    )
    .option('--json', 'write JSON, one object a line');
}

/** @throws TelepathineError INVALID_ARGUMENT if the keys cannot be read. */
export function readAskOptions(
  flags: AskFlags,
  environment: Readonly<Record<string, string | undefined>>,
): AskOptions {
  const { networkFile, cluster, timeout, json } = flags;
  const network = readNetwork(networkFile, environment['TELEPATHINE_NETWORK']);
  return { network, cluster, timeoutMs: timeout, json: json === true };
}

/** @throws TelepathineError INVALID_ARGUMENT for what is no key. */
export function credentialsOf({ network, cluster }: AskOptions): Credentials {
  return { keyring: network && deriveKeyring(network, cluster), cluster };
}

/**
 * Where a node is: the first address of a host.
 *
 * @returns undefined if the name service does not know it.
 * @throws TelepathineError INVALID_ARGUMENT if it is no `host:port`.
 */
export async function findTarget(text: string): Promise<IpPort | undefined> {
  const seed = parseSeed(text, 'HOST:PORT');
  const [address] = await resolveSeed(seed);
  return address === undefined ? undefined : parseAddress(address);
}

function milliseconds(text: string): number {
  const ms = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (ms < 1) throw new InvalidArgumentError('It must be 1 to 9999999 milliseconds.');
  return ms;
}
