import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey } from '../../crypto/derive.js';
import { NodeProcess } from './node-process.js';

const GOODBYE_TIMEOUT_MS = 1000;

/** The processes of the demo and the key that they share. None of it outlives this process. */
export class DemoMesh {
  /** Holds a fresh key; only this user may read it. */
  readonly keyFile: string;
  readonly #directory: string;
  readonly #members = new Map<string, NodeProcess>();
  readonly #unfinished = new Set<NodeProcess>();
  readonly #onExit = () => this.#endNow();

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'telepathine-demo-'));
    process.on('exit', this.#onExit);
    this.keyFile = this.#writeKey('network');
  }

  /** The processes that take part, the oldest first. */
  get all(): NodeProcess[] {
    return [...this.#members.values()];
  }

  /** All but one. */
  others(than: NodeProcess): NodeProcess[] {
    return this.all.filter((each) => each !== than);
  }

  /** Starts a process on a free port; `dump` makes it report its packets. */
  spawn(
    name: string,
    { join: seed, dump = false }: { join?: string; dump?: boolean },
  ): NodeProcess {
    const args = seed === undefined ? [] : ['--join', seed];
    if (dump) args.push('--dump', String(PACKETS_SHOWN_MAX), '--show-values');
    const member = this.#spawn(name, this.keyFile, args);
    this.#members.set(name, member);
    return member;
  }

  /** Starts a process that has a key of its own. */
  spawnStranger(name: string, seed: string): NodeProcess {
    return this.#spawn(name, this.#writeKey('other-network'), ['--join', seed]);
  }

  /** One that is about to end takes part no more. */
  remove(node: NodeProcess): void {
    this.#members.delete(node.name);
  }

  /** Ends all processes, by force those that do not say goodbye, and removes the key. */
  async close(): Promise<void> {
    const all = [...this.#unfinished];
    for (const node of all) node.kill('SIGTERM');
    const timer = setTimeout(() => this.#killAll(), GOODBYE_TIMEOUT_MS);
    await Promise.all(all.map((node) => node.exited));
    clearTimeout(timer);
    process.off('exit', this.#onExit);
    this.#endNow();
  }

  #spawn(name: string, keyFile: string, args: readonly string[]): NodeProcess {
    const common = ['--profile', 'lan', '--network-file', keyFile];
    const started = new NodeProcess(name, [...common, ...args]);
    this.#unfinished.add(started);
    void started.exited.then(() => this.#unfinished.delete(started));
    return started;
  }

  #writeKey(file: string): string {
    const path = join(this.#directory, file);
    writeFileSync(path, `${generateKey()}\n`, { mode: 0o600, flag: 'wx' });
    return path;
  }

  #endNow(): void {
    this.#killAll();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #killAll(): void {
    for (const node of this.#unfinished) node.kill('SIGKILL');
  }
}

const PACKETS_SHOWN_MAX = 1_000_000;
