/** A harness that runs: its commands, its reports, and what it costs. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Command, Report } from './lines.js';
import type { Namespace } from './namespace.js';

/** How a harness is run. */
export interface HarnessCommand {
  command: string;
  args: readonly string[];
}

export class HarnessProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #ended = false;

  constructor(
    { command, args }: HarnessCommand,
    namespace: Namespace | undefined,
    onReport: (report: Report) => void,
  ) {
    const [file, fileArgs] = namespace?.command(command, args) ?? [command, [...args]];
    this.#child = spawn(file, fileArgs, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.on('exit', () => {
      this.#ended = true;
    });
    // A command for a process that has just died is lost, and nobody waits for it.
    this.#child.stdin.on('error', () => undefined);
    const lines = createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => onReport(JSON.parse(line)));
  }

  get ended(): boolean {
    return this.#ended;
  }

  send(command: Command): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Ends it at once, with no goodbye. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** User and system time since its start. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    // The second field is the name in brackets, which may hold spaces; utime is the 14th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond()) * 1000;
  }

  /** Resident memory. */
  memoryBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
  }
}

function ticksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}
