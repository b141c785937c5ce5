import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { TelepathineOptions, TelepathineStats } from '../../src/index.js';
import { pause } from '../transport/recorder.js';
import type { Requests } from './victim-process.js';

type Answer<Name extends keyof Requests> = Awaited<ReturnType<Requests[Name]>>;

const PROGRAM = fileURLToPath(new URL('./victim-process.js', import.meta.url));

/** A node in a process of its own, so that its memory and its pauses are its own too. */
export class Victim {
  readonly #waiting = new Map<number, (result: unknown) => void>();
  readonly #child: ChildProcess;
  readonly port: number;
  readonly name: string;
  #requests = 0;
  #exit: string | undefined;

  /** Runs until the test ends. */
  static async start(t: ExecutionContext, options: TelepathineOptions = {}): Promise<Victim> {
    const child = fork(PROGRAM, [JSON.stringify({ profile: 'local', ...options })], {
      execArgv: ['--expose-gc'],
      serialization: 'advanced',
    });
    t.teardown(() => child.kill('SIGKILL'));
    const [started] = (await once(child, 'message')) as [{ port: number; name: string }];
    return new Victim(child, started);
  }

  private constructor(child: ChildProcess, { port, name }: { port: number; name: string }) {
    this.#child = child;
    this.port = port;
    this.name = name;
    child.once('exit', (code, signal) => {
      this.#exit = `the victim has ended: ${code ?? signal}`;
      for (const resolve of this.#waiting.values()) resolve(Promise.reject(new Error(this.#exit)));
    });
    child.on('message', ({ id, result }: { id: number; result: unknown }) => {
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  /** Asks the process. Rejects if it has ended. */
  ask<Name extends keyof Requests>(
    name: Name,
    ...args: Parameters<Requests[Name]>
  ): Promise<Answer<Name>> {
    if (this.#exit !== undefined) return Promise.reject(new Error(this.#exit));
    const id = ++this.#requests;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as (result: unknown) => void);
      this.#child.send({ id, name, args });
    });
  }

  async stats(): Promise<TelepathineStats> {
    return (await this.ask('stats')) as TelepathineStats;
  }

  /** Waits until something holds of the counts, which it returns; throws if it does not in time. */
  async statsWhen(
    holds: (stats: TelepathineStats) => boolean,
    withinMs = 10_000,
  ): Promise<TelepathineStats> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const stats = await this.stats();
      if (holds(stats)) return stats;
      if (performance.now() > endMs) {
        const { received, refusals } = stats;
        throw new Error(`not in time: ${JSON.stringify({ received, refusals })}`);
      }
      await pause(5);
    }
  }
}
