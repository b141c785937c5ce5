import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { messageOf, TelepathineError } from '../../error.js';

const KEPT_BYTES = 256 * 1024;
const MODE = 0o600;

/** Writes a file in large pieces. Only its owner reads it: it may hold what was sealed. */
export class FileOutput {
  readonly #file: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /**
   * @param others files that it must not be, as they are read or written at the same time.
   * @throws TelepathineError INVALID_ARGUMENT if the file cannot be written; so do all methods.
   */
  constructor(
    private readonly path: string,
    others: readonly (Stats | undefined)[] = [],
  ) {
    const { O_CREAT, O_WRONLY } = constants;
    this.#file = this.#try(() => openSync(path, O_CREAT | O_WRONLY, MODE));
    const stat = this.stat;
    if (!stat.isFile()) return;
    this.#try(() => {
      if (others.some((other) => other?.ino === stat.ino && other.dev === stat.dev)) {
        throw new Error('it is the input, or another output');
      }
      // One that was there before keeps its mode otherwise.
      if ((stat.mode & 0o777) !== MODE) fchmodSync(this.#file, MODE);
      ftruncateSync(this.#file);
    });
  }

  /** Which file it is. */
  get stat(): Stats {
    return this.#try(() => fstatSync(this.#file));
  }

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > KEPT_BYTES) this.#flush();
  }

  end(): void {
    this.#flush();
    this.#try(() => closeSync(this.#file));
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    let written = 0;
    while (written < bytes.length) {
      written += this.#try(() => writeSync(this.#file, bytes, written));
    }
  }

  #try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      const message = `${this.path} cannot be written: ${messageOf(cause)}`;
      throw new TelepathineError('INVALID_ARGUMENT', message);
    }
  }
}
