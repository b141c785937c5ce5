import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Answer, Report, ReportOf } from '../start/report.js';

/** A report, and when this process read it, in ms of `performance.now()`. */
export type TimedReport<R extends Report = Report> = R & { readonly atMs: number };

/** How a node process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const ANSWER_TIMEOUT_MS = 5000;
/** The end of what a process wrote to standard error, kept to explain a failure. */
const MESSAGE_CHARACTERS_MAX = 4000;

/** `telepathine start --json` as a process of its own, driven through its standard input and output. */
export class NodeProcess {
  /** All it has said so far. */
  readonly reports: TimedReport[] = [];
  /** Resolves when it has ended and all it said has been read. */
  readonly exited: Promise<Exit>;
  #messages = '';
  #hasEnded = false;
  #lastId = 0;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  /**
   * @param name the node's name.
   * @param args more options of `telepathine start`. The process ends with its standard input.
   * @param launcher what runs the process, ahead of its own command line: `ip netns exec one`.
   */
  constructor(
    readonly name: string,
    args: readonly string[],
    launcher: readonly string[] = [],
  ) {
    const { TELEPATHINE_NETWORK: _, ...env } = process.env;
    const start = [MAIN, 'start', '--json', '--until-eof', '--name', name, ...args];
    const [program = '', ...all] = [...launcher, process.execPath, ...start];
    this.#child = spawn(program, all, { env, stdio: 'pipe' });
    this.exited = this.#read();
  }

  /** Of the process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote to standard error, the end of it. */
  get messages(): string {
    return this.#messages;
  }

  /** A place in `reports`: what comes after it is new. */
  get mark(): number {
    return this.reports.length;
  }

  /**
   * The first report of a type that fits, among those behind a mark and those to come.
   *
   * @throws Error if none comes in time, or the process ends.
   */
  async next<Type extends Report['type']>(
    type: Type,
    fits: (report: ReportOf<Type>) => boolean = () => true,
    { after = 0, timeoutMs = ANSWER_TIMEOUT_MS } = {},
  ): Promise<TimedReport<ReportOf<Type>>> {
    const deadlineMs = performance.now() + timeoutMs;
    for (let index = after; ; index++) {
      while (index >= this.reports.length) await this.#news(type, deadlineMs);
      const report = this.reports[index] as TimedReport<ReportOf<Type>>;
      if (report.type === type && fits(report)) return report;
    }
  }

  /**
   * Gives a command, for example `{ command: 'set', key: 'k', value: 1 }`.
   *
   * @throws Error if the answer does not come in time, or is an error.
   */
  async ask(command: { readonly command: string } & Record<string, unknown>): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const after = this.mark;
    this.#child.stdin?.write(`${JSON.stringify({ ...command, id })}\n`);
    const answer = await this.next('answer', (report) => report.id === id, { after });
    if (answer.ok) return answer;
    throw new Error(
      `${this.name} answers ${command.command} with ${JSON.stringify(answer['error'])}`,
    );
  }

  /** Sends a signal, if the process still runs. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #read(): Promise<Exit> {
    const child = this.#child;
    child.stdin?.on('error', () => this.#wake());
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#messages = (this.#messages + text).slice(-MESSAGE_CHARACTERS_MAX);
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const report = JSON.parse(line) as Report;
      this.reports.push({ ...report, atMs: performance.now() });
      this.#wake();
    });
    const exit = await endOf(child);
    this.#hasEnded = true;
    this.#wake();
    return exit;
  }

  /** Waits for the next report, whatever it is. */
  #news(wanted: string, deadlineMs: number): Promise<void> {
    const remainingMs = deadlineMs - performance.now();
    if (this.#hasEnded || remainingMs <= 0) {
      const why = this.#hasEnded ? 'has ended' : 'did not say so in time';
      throw new Error(`${this.name}: no ${wanted}: it ${why}${this.#lastMessage()}`);
    }
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, remainingMs);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** What it wrote last, or the error that it died of. */
  #lastMessage(): string {
    const lines = this.#messages.trim().split('\n');
    const line = lines.find((each) => /Error\b/.test(each)) ?? lines.at(-1);
    return line ? `; it wrote: ${line}` : '';
  }
}

/** Also of a process that could not be started. */
function endOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}
