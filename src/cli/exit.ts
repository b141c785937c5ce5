import { CommanderError } from 'commander';
import { escaped } from '../decode/names.js';
import { TelepathineError } from '../error.js';

/** What a process that ends tells whoever started it. */
export const ExitCode = {
  done: 0,
  /** It was tried and did not work. */
  failed: 1,
  /** The command line, a file that it names, or the environment is wrong. */
  usage: 2,
  /** No answer came in time. */
  unreachable: 3,
  /** Somebody is there, and does not answer to the key. */
  notAuthenticated: 4,
  /** It answers to the key in another cluster. */
  otherCluster: 5,
  /** It answers in another version of the protocol. */
  otherProtocol: 6,
  /** Somebody is there who does not behave as a node. */
  noNode: 7,
  /** By SIGINT: 128 and the signal's number. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The exit code that an error deserves. Commander throws also for `--help`, with 0. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  }
  const isUsage = error instanceof TelepathineError && error.code === 'INVALID_ARGUMENT';
  return isUsage ? ExitCode.usage : ExitCode.failed;
}

/** A message for people, on one line; what it quotes cannot tell the terminal anything. */
export function messageLine(message: string): string {
  return `telepathine: ${escaped(message.trim().replace(/\s*\n\s*/g, ' '))}\n`;
}
