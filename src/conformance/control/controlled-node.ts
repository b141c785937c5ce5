import { type ChildProcess, spawn } from 'node:child_process';
import { Deferred } from '../../node/deferred.js';
import { Wakers } from '../wakers.js';
import type { Implementation } from './implementation.js';
import { LineReader } from './line-reader.js';
import { NodeFault, type NodeFaultKind } from './node-fault.js';
import {
  type Answer,
  type CommandName,
  type Commands,
  type ControlEvent,
  faultOfAnswer,
  readNodeLine,
} from './protocol.js';

/** An event, and when this process read it, in ms of `performance.now()`. */
export type TimedEvent = ControlEvent & { readonly atMs: number };

/** How patient the runner is. */
export interface Patience {
  /** An answer comes within so long; Infinity while somebody debugs the node. Default: 10,000. */
  readonly answerWithinMs?: number;
}

const ANSWER_WITHIN_MS = 10_000;
/** The end of what a node wrote to standard error. */
const STDERR_CHARACTERS_MAX = 8000;
/** A line of a value of 1 MiB in base64 is shorter. */
const LINE_BYTES_MAX = 4 * 1024 * 1024;
/** What one node may write in its life, and within a second. */
const STDOUT_BYTES_MAX = 256 * 1024 * 1024;
const LINES_PER_SECOND_MAX = 20_000;
const QUOTED_CHARACTERS_MAX = 120;

/** The processes that run just now: none outlives the runner. */
const running = new Set<ControlledNode>();
process.on('exit', () => {
  for (const node of running) node.kill();
});

/** A node under test: a process of its own, driven by lines of JSON. */
export class ControlledNode {
  /** All events that it has told so far. */
  readonly events: TimedEvent[] = [];
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { command: CommandName; answer: Deferred<Answer> }>();
  readonly #wakers = new Wakers();
  readonly #answerWithinMs: number;
  #fault: NodeFault | undefined;
  #stderr = '';
  #isEnding = false;
  #lastId = 0;
  #stdoutBytes = 0;
  #second = { beganMs: 0, lines: 0 };

  /** Starts the process; what goes wrong with that is a fault of the first request. */
  constructor(
    readonly implementation: Implementation,
    { answerWithinMs = ANSWER_WITHIN_MS }: Patience = {},
  ) {
    this.#answerWithinMs = answerWithinMs;
    const [program = '', ...args] = implementation.command;
    const { TELEPATHINE_NETWORK: _, ...env } = process.env;
    // A group of its own, so that what the command starts in turn ends with it.
    const detached = process.platform !== 'win32';
    this.#child = spawn(program, args, { env, stdio: 'pipe', detached });
    running.add(this);
    this.exited = this.#read();
  }

  /** Of the process; 0 if it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote to standard error, the end of it. */
  get stderr(): string {
    return this.#stderr;
  }

  /** What it has done wrong, if anything. */
  get fault(): NodeFault | undefined {
    return this.#fault;
  }

  /**
   * Asks the node.
   *
   * @throws NodeFault if it hangs, floods, crashes or prints garbage, or refuses the command.
   */
  async ask<Name extends CommandName>(
    command: Name,
    fields: Commands[Name]['takes'],
  ): Promise<Commands[Name]['gives']> {
    if (this.#fault !== undefined) throw this.#fault;
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Deferred<Answer>();
    this.#waiting.set(id, { command, answer });
    this.#child.stdin?.write(`${JSON.stringify({ id, command, ...fields })}\n`);
    const timer = this.#hangsAfter(command);
    try {
      const answered = await answer.promise;
      if (!answered.ok) {
        throw new NodeFault('refuses', `${command} is refused: ${answered.error}`, this.#stderr);
      }
      const fault = faultOfAnswer(command, answered);
      if (fault !== undefined) {
        this.#fail('prints garbage', `the answer to ${command}: ${fault}`);
        throw this.#fault;
      }
      return answered as unknown as Commands[Name]['gives'];
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /**
   * Waits until something holds of the events, which are looked at after each that comes.
   *
   * @returns false if it did not in time.
   * @throws NodeFault
   */
  async eventsUntil(holds: () => boolean, withinMs: number): Promise<boolean> {
    const endMs = performance.now() + withinMs;
    while (!holds()) {
      if (this.#fault !== undefined) throw this.#fault;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      await this.#wakers.wait(leftMs);
    }
    return true;
  }

  /** Ends the process and what it has started, at once. */
  kill(): void {
    this.#isEnding = true;
    running.delete(this);
    if (this.pid === 0) return;
    try {
      if (process.platform === 'win32') this.#child.kill('SIGKILL');
      else process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }

  async #read(): Promise<void> {
    const child = this.#child;
    child.stdin?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS_MAX);
    });
    const lines = new LineReader(LINE_BYTES_MAX, (line) => this.#take(line));
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdoutBytes += chunk.length;
      if (this.#stdoutBytes > STDOUT_BYTES_MAX) {
        this.#fail('floods', `it wrote more than ${STDOUT_BYTES_MAX} bytes`);
      } else if (!lines.push(chunk)) {
        this.#fail('prints garbage', `a line is longer than ${LINE_BYTES_MAX} bytes`);
      }
    });
    const how = await endOf(child);
    running.delete(this);
    if (!this.#isEnding) this.#fail('crashes', how);
  }

  #take(line: string): void {
    if (this.#fault !== undefined || line.trim() === '') return;
    const nowMs = performance.now();
    if (nowMs - this.#second.beganMs > 1000) this.#second = { beganMs: nowMs, lines: 0 };
    this.#second.lines += 1;
    if (this.#second.lines > LINES_PER_SECOND_MAX) {
      return this.#fail('floods', `it wrote more than ${LINES_PER_SECOND_MAX} lines in a second`);
    }
    const read = readNodeLine(line);
    if (read === undefined) {
      return this.#fail('prints garbage', JSON.stringify(line.slice(0, QUOTED_CHARACTERS_MAX)));
    }
    if ('event' in read) {
      this.events.push({ ...(read as ControlEvent), atMs: nowMs });
      this.#wakers.wakeAll();
      return;
    }
    const waiting = this.#waiting.get(read.id);
    if (waiting === undefined) {
      return this.#fail('prints garbage', `it answers ${read.id}, which was not asked`);
    }
    waiting.answer.resolve(read);
  }

  #hangsAfter(command: CommandName): NodeJS.Timeout | undefined {
    if (!Number.isFinite(this.#answerWithinMs)) return undefined;
    return setTimeout(() => {
      // A process that was killed answers nothing, and nobody may be there to be told.
      if (this.#isEnding) return;
      this.#fail('hangs', `${command} was not answered within ${this.#answerWithinMs} ms`);
    }, this.#answerWithinMs);
  }

  #fail(kind: NodeFaultKind, detail: string): void {
    if (this.#fault !== undefined) return;
    const fault = new NodeFault(kind, detail, this.#stderr);
    this.#fault = fault;
    for (const { answer } of this.#waiting.values()) answer.reject(fault);
    this.#wakers.wakeAll();
    this.kill();
  }
}

/** Tells how a process ended, also one that could not be started. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('close', (code, signal) =>
      resolve(signal === null ? `it ended with code ${code}` : `it ended by ${signal}`),
    );
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`it cannot be started: ${error.message}`);
    });
  });
}
