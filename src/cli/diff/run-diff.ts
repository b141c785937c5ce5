import type { Command } from 'commander';
import { cryptoReady } from '../../crypto/secretbox.js';
import { ValueHider } from '../../decode/values.js';
import type { IpPort } from '../../transport/address.js';
import type { OwnerDigest, OwnerId } from '../../wire/packet.js';
import { Asker } from '../ask/asker.js';
import { hangsUp } from '../ask/hang-up.js';
import {
  type AskFlags,
  type AskOptions,
  addAskOptions,
  credentialsOf,
  findTarget,
  readAskOptions,
} from '../ask/target.js';
import { ExitCode, messageLine } from '../exit.js';
import { compareLogs, isAlike, type OwnerPair, pairsOf } from './compare.js';
import { differenceJson, differenceLines, totalsJson, totalsLine } from './diff-text.js';
import { readDigests, readLog } from './read-node.js';

/** What commander makes of the command line. */
export interface DiffFlags extends AskFlags {
  deep?: true;
  showValues?: true;
}

/** Declares the options of `telepathine diff`. */
export function addDiffOptions(command: Command): Command {
  return addAskOptions(command)
    .option('--deep', 'compare the keys of all nodes, also where versions are the same')
    .option('--show-values', 'show values, not just their lengths and hashes');
}

/**
 * Prints what two nodes hold differently. They are asked, over TCP, by somebody who is no node.
 *
 * @returns the exit code: 0 if they hold the same, 1 if not, 3 if one cannot be reached, hangs, is no
 * node or did not tell all in time, 4 if one does not answer to the key and the cluster.
 * @throws TelepathineError INVALID_ARGUMENT if an address or the keys are none.
 */
export async function runDiff(
  targets: readonly [string, string],
  flags: DiffFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ExitCode> {
  process.once('SIGINT', () => process.exit(ExitCode.interrupted));
  await cryptoReady();
  return await new DiffRun(readAskOptions(flags, environment), flags).run(targets);
}

/** A node that is asked. */
interface Side {
  readonly target: string;
  readonly asker: Asker;
  readonly digests: ReadonlyMap<OwnerId, OwnerDigest>;
}

class DiffRun {
  readonly #hider: ValueHider | undefined;
  #askers: Asker[] = [];

  constructor(
    private readonly options: AskOptions,
    private readonly flags: DiffFlags,
  ) {
    this.#hider = flags.showValues ? undefined : new ValueHider();
  }

  async run([first, second]: readonly [string, string]): Promise<ExitCode> {
    try {
      const opened = await Promise.all([this.#open(first), this.#open(second)]);
      const failures = opened.filter(isFailure);
      if (failures.length > 0) return fail(failures);
      return await this.#compare(opened as [Side, Side]);
    } finally {
      for (const asker of this.#askers) asker.close();
    }
  }

  async #open(target: string): Promise<Side | Failure> {
    const address = await findTarget(target);
    if (address === undefined) return failure(`${target}: no address is known for that name`);
    const { timeoutMs } = this.options;
    const asker = new Asker('tcp', address, credentialsOf(this.options));
    this.#askers.push(asker);
    const pong = await asker.ping(timeoutMs);
    if (pong === undefined) return await this.#findFailure(target, address, asker);
    const digests = await readDigests(asker, timeoutMs);
    if (digests === undefined) return failure(`${target} did not tell in time what it knows`);
    return { target, asker, digests };
  }

  /** Of who does not answer: whether a node is there that does not believe who asks. */
  async #findFailure(target: string, address: IpPort, asker: Asker): Promise<Failure> {
    if (asker.isNoNode) return failure(`${target} is no node`);
    const isNobody = asker.failure !== undefined || !asker.isOpen;
    const isHungUp = isNobody ? 'unreachable' : await hangsUp(address, this.options.timeoutMs);
    if (isHungUp === 'unreachable') return failure(`${target} cannot be reached`);
    if (!isHungUp) return failure(`${target} is silent: it hangs, or is no node`);
    const message = `${target} does not answer to the key and the cluster`;
    return failure(message, ExitCode.notAuthenticated);
  }

  async #compare([one, other]: [Side, Side]): Promise<ExitCode> {
    const pairs = pairsOf(one.digests, other.digests);
    let different = 0;
    for (const pair of pairs) {
      if (isAlike(pair) && !this.flags.deep) continue;
      const [left, right] = await Promise.all([
        this.#read(one, pair, 0),
        this.#read(other, pair, 1),
      ]);
      if (isFailure(left) || isFailure(right)) return fail([left, right].filter(isFailure));
      const keys = compareLogs(left, right);
      if (isAlike(pair) && keys.length === 0) continue;
      different += 1;
      const difference = { ...pair, name: left?.name ?? right?.name, keys };
      this.#print(
        this.options.json
          ? [differenceJson(difference, this.#hider)]
          : differenceLines(difference, this.#hider),
      );
    }
    const totals = { owners: pairs.length, different };
    this.#print([this.options.json ? totalsJson(totals) : totalsLine(totals)]);
    return different === 0 ? ExitCode.done : ExitCode.failed;
  }

  async #read({ target, asker }: Side, { sides }: OwnerPair, index: 0 | 1) {
    const digest = sides[index];
    if (digest === undefined || digest.version === 0) return undefined;
    const log = await readLog(asker, digest, this.options.timeoutMs);
    if (log !== undefined) return log;
    return failure(`${target} did not tell in time what it holds of #${digest.owner.slice(0, 8)}`);
  }

  #print(lines: string[]): void {
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** Why a node could not be asked. */
interface Failure {
  readonly message: string;
  readonly exitCode: ExitCode;
}

function failure(message: string, exitCode: ExitCode = ExitCode.unreachable): Failure {
  return { message, exitCode };
}

function isFailure(result: object | undefined): result is Failure {
  return result !== undefined && 'exitCode' in result;
}

/** On one line, whether it is one node or both. */
function fail(failures: readonly Failure[]): ExitCode {
  const messages = [...new Set(failures.map(({ message }) => message))];
  process.stderr.write(messageLine(messages.join('; ')));
  return Math.max(...failures.map(({ exitCode }) => exitCode)) as ExitCode;
}
