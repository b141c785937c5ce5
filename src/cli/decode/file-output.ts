import { closeSync, openSync, writeSync } from 'node:fs';
import { messageOf, TelepathineError } from '../../error.js';

const KEPT_BYTES = 256 * 1024;

/** Writes a file in large pieces. Only its owner reads it: it may hold what was sealed. */
export class FileOutput {
  readonly #file: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** @throws TelepathineError INVALID_ARGUMENT if the file cannot be written; so do all methods. */
  constructor(private readonly path: string) {
    this.#file = this.#try(() => openSync(path, 'w', 0o600));
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
