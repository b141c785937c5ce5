import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TelepathineOptions } from '../../src/index.js';

/** What a child is asked to do. */
export interface Order {
  id: number;
  method: string;
  args: unknown[];
}

/** What a child tells. */
export type Report = { event: string; args: unknown[] } | { answer: number; result: unknown };

/** An event of a child's node, and when it was told of. */
export interface ChildEvent {
  readonly event: string;
  readonly args: readonly unknown[];
  /** Of `performance.now()`. */
  readonly atMs: number;
}

const PROGRAM = fileURLToPath(new URL('child-program.js', import.meta.url));

/** A node in a process of its own, which can be stopped and woken like any process. */
export class ChildNode {
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #ended: Promise<void>;
  #orders = 0;
  /** All that it has told so far, less what its handlers were given objects of. */
  readonly events: ChildEvent[] = [];

  private constructor(options: TelepathineOptions) {
    this.#process = fork(PROGRAM, [JSON.stringify(options)], { execArgv: [] });
    this.#process.on('message', (report: Report) => this.#take(report));
    this.#ended = new Promise((resolve) => this.#process.once('exit', () => resolve()));
  }

  /** Starts a node that takes part. */
  static async start(options: TelepathineOptions): Promise<ChildNode> {
    const child = new ChildNode(options);
    await until(() => child.events.some(({ event }) => event === 'started'));
    return child;
  }

  get name(): string {
    return String(this.events.find(({ event }) => event === 'started')?.args[0]);
  }

  /** Has one of the methods of child-program.ts called, and gives what it returns. */
  call(method: string, ...args: unknown[]): Promise<unknown> {
    this.#orders += 1;
    const id = this.#orders;
    this.#process.send({ id, method, args } satisfies Order);
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  /** The arguments of all events of a name, as texts. */
  told(event: string): string[] {
    return this.events.flatMap((each) => (each.event === event ? each.args.join(' ') : []));
  }

  /** Lets the process stand still: SIGSTOP. Its kernel goes on taking packets for it. */
  suspend(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  /** Ends the process without a goodbye. */
  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #take(report: Report): void {
    if ('event' in report) {
      this.events.push({ ...report, atMs: performance.now() });
      return;
    }
    this.#answers.get(report.answer)?.(report.result);
    this.#answers.delete(report.answer);
  }
}

/** Waits until a condition holds, for at most 30 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('it did not come to be within 30 s');
    await pause(10);
  }
}

export function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
