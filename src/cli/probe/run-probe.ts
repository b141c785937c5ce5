import { cryptoReady } from '../../crypto/secretbox.js';
import { type AskOptions, findTarget } from '../ask/target.js';
import { ExitCode, messageLine } from '../exit.js';
import { examine, type Finding } from './examine.js';
import { probeJson, probeLines } from './probe-text.js';

/**
 * Asks whether a node can be reached and talked to, and prints what was found out.
 *
 * @returns the exit code: 0; 1 if it answers over one transport only, though it says that it takes
 * both; 3 if it cannot be reached, or nothing tells that anybody is there; 4 if somebody is there who
 * does not answer to the key; 5 if the cluster is wrong, 6 the protocol; 7 if it is no node.
 * @throws TelepathineError INVALID_ARGUMENT if `target` is no `host:port`, or the keys are none.
 */
export async function runProbe(target: string, options: AskOptions): Promise<ExitCode> {
  process.once('SIGINT', () => process.exit(ExitCode.interrupted));
  await cryptoReady();
  const address = await findTarget(target);
  if (address === undefined) {
    process.stderr.write(messageLine(`${target}: no address is known for that name`));
    return ExitCode.unreachable;
  }
  const finding = await examine(address, options);
  const exitCode = exitCodeOf(finding);
  const lines = options.json
    ? [probeJson(target, finding, exitCode)]
    : probeLines(finding, options.network !== undefined);
  process.stdout.write(`${lines.join('\n')}\n`);
  return exitCode;
}

/** What `telepathine probe --help` tells beside the options. */
export const PROBE_HELP = `
Exit codes: 0 it answers, 1 over one transport only, 2 usage, 3 it cannot be
reached, 4 it does not answer to the key, 5 the cluster is wrong, 6 it speaks
another protocol, 7 something is there that is no node, or hangs, 130
interrupted. In a private mesh a wrong cluster looks like a wrong key: it is
part of the key.`;

function exitCodeOf(finding: Finding): ExitCode {
  const { udp, tcp, key, cluster, version, node, header, pong } = finding;
  if (pong !== undefined) {
    const answers = [udp, tcp].filter(({ outcome }) => outcome === 'answers').length;
    const taken = new Set(header?.addresses.map(({ transport }) => transport)).size || 2;
    return answers >= taken ? ExitCode.done : ExitCode.failed;
  }
  if (version === 'other') return ExitCode.otherProtocol;
  if (cluster === 'wrong' && (key === 'right' || key === 'none')) return ExitCode.otherCluster;
  if (node === 'yes' || node === 'perhaps') return ExitCode.notAuthenticated;
  return node === 'no' || node === 'hangs-up' ? ExitCode.noNode : ExitCode.unreachable;
}
