#!/usr/bin/env node
/** The command `telepathine`. Each of its commands is loaded when it is named. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { messageOf } from '../error.js';
import type { ExitCode } from './exit.js';
import { exitCodeOf, messageLine } from './exit.js';

type Exit = (code: ExitCode) => void;

/** Gives a command its description, arguments, options and action. */
type Definition = (command: Command, exit: Exit) => Promise<unknown>;

/** In the order of the help. */
const DEFINITIONS: Readonly<Record<string, Definition>> = {
  demo: async (command, exit) => {
    const { runDemo } = await import('./demo/demo.js');
    command
      .description('show a private mesh of five processes on this machine; ends by itself')
      .action(async () => exit(await runDemo()));
  },
  start: async (command, exit) => {
    const { addStartOptions, readStartOptions } = await import('./start/start-options.js');
    const { runNode } = await import('./start/run-node.js');
    addStartOptions(command.description('run a node')).action(async (flags) =>
      exit(await runNode(readStartOptions(flags, process.env))),
    );
  },
  simulate: async (command, exit) => {
    const options = await import('./simulate/simulate-options.js');
    const { runSimulation } = await import('./simulate/run-simulation.js');
    options
      .addSimulateOptions(command)
      .description('simulate a mesh in virtual time, with faults, and tell what came out')
      .action(async (file, flags) =>
        exit(await runSimulation(options.readSimulateOptions(file, flags))),
      );
  },
  decode: async (command, exit) => {
    const { addDecodeOptions, readDecodeOptions } = await import('./decode/decode-options.js');
    const { runDecode } = await import('./decode/run-decode.js');
    addDecodeOptions(command)
      .description('show the packets of a capture')
      .action(async (file, flags) =>
        exit(await runDecode(readDecodeOptions(file, flags, process.env))),
      );
  },
  encode: async (command, exit) => {
    const { runEncode } = await import('./decode/encode.js');
    command
      .description('make packets of JSON, as decode --json writes it, on standard input')
      .action(async () => exit(await runEncode()));
  },
  seal: async (command, exit) => {
    const { addSealOptions, runSeal } = await import('./decode/encode.js');
    addSealOptions(command)
      .description('seal packets that encode has made, on standard input')
      .action(async (flags) => exit(await runSeal(flags, process.env)));
  },
  probe: async (command, exit) => {
    const { addAskOptions, readAskOptions } = await import('./ask/target.js');
    const { PROBE_HELP, runProbe } = await import('./probe/run-probe.js');
    addAskOptions(command.argument('<HOST:PORT>', 'where the node is'))
      .description('ask whether a node can be reached, and answers to the key')
      .addHelpText('after', PROBE_HELP)
      .action(async (target, flags) =>
        exit(await runProbe(target, readAskOptions(flags, process.env))),
      );
  },
  diff: async (command, exit) => {
    const { addDiffOptions, runDiff } = await import('./diff/run-diff.js');
    addDiffOptions(command.argument('<A>', 'host:port').argument('<B>', 'host:port'))
      .description('show what two nodes hold differently')
      .action(async (one, other, flags) => exit(await runDiff([one, other], flags, process.env)));
  },
  proxy: async (command, exit) => {
    const { addProxyOptions, readProxyOptions } = await import('./proxy/proxy-options.js');
    const { runProxy } = await import('./proxy/run-proxy.js');
    addProxyOptions(command)
      .description('stand between nodes, show what they say, and lose, delay or change it')
      .action(async (routes, flags) =>
        exit(await runProxy(await readProxyOptions(routes, flags, process.env))),
      );
  },
  conformance: async (command, exit) => {
    const options = await import('./conformance/conformance-options.js');
    const { runConformance } = await import('./conformance/run-conformance.js');
    options
      .addConformanceOptions(command)
      .description('test whether a node keeps to the protocol')
      .action(async (flags) => {
        const read = await options.readConformanceOptions(flags, process.env);
        exit(await runConformance(read, packageVersion()));
      });
  },
  adapter: async (command) => {
    const { runAdapter } = await import('../conformance/adapter.js');
    command
      .description('run a node that telepathine conformance tests, by its control protocol')
      .action(async () => {
        const { stdin: input, stdout: output } = process;
        await runAdapter({ input, output, version: packageVersion() });
      });
  },
  keygen: async (command) => {
    const { generateKey } = await import('../crypto/derive.js');
    command.description('print a fresh key for a private mesh').action(() => {
      process.stdout.write(`${generateKey()}\n`);
    });
  },
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = await buildProgram(args, (code) => {
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

/** With the commands that are among the arguments; with all of them, for the help, if none is. */
async function buildProgram(args: readonly string[], exit: Exit): Promise<Command> {
  const program = new Command('telepathine')
    .description('A mesh of equal nodes that share memory and events by gossip.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(messageLine(text.replace(/^error: /, ''))),
    });
  const all = Object.entries(DEFINITIONS);
  const named = all.filter(([name]) => args.includes(name));
  for (const [name, define] of named.length > 0 ? named : all) {
    await define(program.command(name), exit);
  }
  return program;
}

function packageVersion(): string {
  const path = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
