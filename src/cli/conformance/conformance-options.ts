import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import {
  type Implementation,
  readImplementation,
} from '../../conformance/control/implementation.js';
import { KnownFailures } from '../../conformance/run/known-failures.js';
import type { RunOptions } from '../../conformance/run/run.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** The node that this package has. */
export const OWN_NODE: Implementation = {
  name: 'telepathine',
  command: [process.execPath, MAIN, 'adapter'],
};

export type ConformanceOptions = RunOptions;

export interface ConformanceFlags {
  spawn: string[];
  id?: string[];
  section?: string[];
  feature?: string[];
  jobs: number;
  debug?: true;
}

export function addConformanceOptions(command: Command): Command {
  const collect = (v: string, b: string[] = []) => [...b, v];
  return command
    .option('--spawn <command>', 'x', collect, [])
    .option('--id <id>', 'x', collect)
    .option('--section <s>', 'x', collect)
    .option('--feature <s>', 'x', collect)
    .option(
      '--jobs <n>',
      'x',
      (t) => {
        if (!/^\d+$/.test(t)) throw new InvalidArgumentError('no');
        return Number(t);
      },
      4,
    )
    .option('--debug');
}

export function readConformanceOptions(flags: ConformanceFlags): ConformanceOptions {
  const implementations = flags.spawn.length > 0 ? flags.spawn.map(readImplementation) : [OWN_NODE];
  const selection = {
    ...(flags.id ? { ids: flags.id } : {}),
    ...(flags.section ? { sections: flags.section } : {}),
    ...(flags.feature ? { features: flags.feature as never } : {}),
  };
  return { implementations, selection, known: new KnownFailures(), jobs: flags.jobs };
}
