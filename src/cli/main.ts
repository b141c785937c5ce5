#!/usr/bin/env node
/** The command `telepathine`. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { runAdapter } from '../conformance/adapter.js';
import { generateKey } from '../crypto/derive.js';
import { messageOf } from '../error.js';
import { addAskOptions, readAskOptions } from './ask/target.js';
import {
  addConformanceOptions,
  readConformanceOptions,
} from './conformance/conformance-options.js';
import { runConformance } from './conformance/run-conformance.js';
import { addDecodeOptions, readDecodeOptions } from './decode/decode-options.js';
import { addSealOptions, runEncode, runSeal } from './decode/encode.js';
import { runDecode } from './decode/run-decode.js';
import { runDemo } from './demo/demo.js';
import { addDiffOptions, runDiff } from './diff/run-diff.js';
import type { ExitCode } from './exit.js';
import { exitCodeOf, messageLine } from './exit.js';
import { PROBE_HELP, runProbe } from './probe/run-probe.js';
import { addProxyOptions, readProxyOptions } from './proxy/proxy-options.js';
import { runProxy } from './proxy/run-proxy.js';
import { runSimulation } from './simulate/run-simulation.js';
import { addSimulateOptions, readSimulateOptions } from './simulate/simulate-options.js';
import { runNode } from './start/run-node.js';
import { addStartOptions, readStartOptions } from './start/start-options.js';

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    if (args.length === 0) program.error('no command was given; see telepathine --help');
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // What commander throws it has written already.
    if (!(error instanceof CommanderError)) process.stderr.write(messageLine(messageOf(error)));
    return exitCodeOf(error);
  }
}

function buildProgram(exit: (code: ExitCode) => void): Command {
  const program = new Command('telepathine')
    .description('A mesh of equal nodes that share memory and events by gossip.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(messageLine(text.replace(/^error: /, ''))),
    });
  program
    .command('demo')
    .description('show a private mesh of five processes on this machine; ends by itself')
    .action(async () => exit(await runDemo()));
  addStartOptions(program.command('start').description('run a node')).action(async (flags) =>
    exit(await runNode(readStartOptions(flags, process.env))),
  );
  addSimulateOptions(program.command('simulate'))
    .description('simulate a mesh in virtual time, with faults, and tell what came out')
    .action(async (file, flags) => exit(await runSimulation(readSimulateOptions(file, flags))));
  addDecodeOptions(program.command('decode'))
    .description('show the packets of a capture')
    .action(async (file, flags) =>
      exit(await runDecode(readDecodeOptions(file, flags, process.env))),
    );
  program
    .command('encode')
    .description('make packets of JSON, as decode --json writes it, on standard input')
    .action(async () => exit(await runEncode()));
  addSealOptions(program.command('seal'))
    .description('seal packets that encode has made, on standard input')
    .action(async (flags) => exit(await runSeal(flags, process.env)));
  addAskOptions(program.command('probe').argument('<HOST:PORT>', 'where the node is'))
    .description('ask whether a node can be reached, and answers to the key')
    .addHelpText('after', PROBE_HELP)
    .action(async (target, flags) =>
      exit(await runProbe(target, readAskOptions(flags, process.env))),
    );
  addDiffOptions(program.command('diff').argument('<A>', 'host:port').argument('<B>', 'host:port'))
    .description('show what two nodes hold differently')
    .action(async (one, other, flags) => exit(await runDiff([one, other], flags, process.env)));
  addProxyOptions(program.command('proxy'))
    .description('stand between nodes, show what they say, and lose, delay or change it')
    .action(async (routes, flags) =>
      exit(await runProxy(await readProxyOptions(routes, flags, process.env))),
    );
  addConformanceOptions(program.command('conformance'))
    .description('test whether a node keeps to the protocol')
    .action(async (flags) =>
      exit(
        await runConformance(await readConformanceOptions(flags, process.env), packageVersion()),
      ),
    );
  program
    .command('adapter')
    .description('run a node that telepathine conformance tests, by its control protocol')
    .action(async () => {
      const { stdin: input, stdout: output } = process;
      await runAdapter({ input, output, version: packageVersion() });
    });
  program
    .command('keygen')
    .description('print a fresh key for a private mesh')
    .action(() => {
      process.stdout.write(`${generateKey()}\n`);
    });
  return program;
}

function packageVersion(): string {
  const path = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
