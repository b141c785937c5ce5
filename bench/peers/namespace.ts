/**
 * A network namespace of Linux for one mesh: all its nodes are on its loopback interface and nobody
 * else is, so that the bytes of that interface are the mesh's, and packets can be dropped.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Who is not root becomes root of a user namespace of its own. */
const IS_ROOT = process.getuid?.() === 0;
const UNSHARE_FLAGS = IS_ROOT ? ['--net'] : ['--user', '--map-root-user', '--net'];
const NSENTER_FLAGS = IS_ROOT ? ['--net'] : ['--user', '--preserve-credentials', '--net'];

/** A loopback interface of its own. */
export class Namespace {
  /** It keeps the namespace alive until its standard input ends. */
  readonly #keeper: ChildProcess;

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper;
  }

  /** Rejects where there are no namespaces: another system, no rights, or no `unshare` or `ip`. */
  static async create(): Promise<Namespace> {
    const script = 'ip link set lo up && echo up && exec cat';
    const keeper = spawn('unshare', [...UNSHARE_FLAGS, 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(keeper, 'exit').then(() => {
      throw new Error('no network namespace can be made');
    });
    ended.catch(() => undefined);
    await Promise.race([once(keeper.stdout, 'data'), ended]);
    return new Namespace(keeper);
  }

  /** The command that runs a command in here. */
  command(command: string, args: readonly string[]): [string, string[]] {
    const target = ['--target', String(this.#keeper.pid), ...NSENTER_FLAGS];
    return ['nsenter', [...target, '--', command, ...args]];
  }

  /** Bytes that were sent, with the headers of IP, UDP and TCP; what is dropped counts too. */
  sentBytes(): number {
    const table = readFileSync(`/proc/${this.#keeper.pid}/net/dev`, 'utf8');
    const columns = /^\s*lo:\s*(.*)$/m.exec(table)?.[1]?.trim().split(/\s+/);
    return Number(columns?.[8]);
  }

  /**
   * Drops a part of all packets, UDP and TCP alike, where they arrive: a sender whose packet is
   * dropped on its way out would be told. Rejects where there is no `nft`.
   */
  async drop(percent: number): Promise<void> {
    const rules = [
      'add table inet bench',
      'add chain inet bench arriving { type filter hook input priority 0; }',
      `add rule inet bench arriving numgen random mod 100 < ${percent} drop`,
    ];
    await run(...this.command('nft', [rules.join('; ')]));
  }

  close(): void {
    this.#keeper.stdin?.end();
  }
}
