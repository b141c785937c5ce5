import type { Writable } from 'node:stream';

/** Bytes that may wait for a slow reader. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Writes lines to standard output, and bears what a reader may do: one that reads too slowly loses
 * lines and is told how many, one that goes away is told to the owner, once.
 */
export class Output {
  #lost = 0;
  #closed = false;

  /**
   * @param onClosed the reader is gone.
   * @param lostLine makes the line that tells how many are lost.
   */
  constructor(
    private readonly stream: Writable,
    private readonly onClosed: () => void,
    private readonly lostLine: (lines: number) => string,
  ) {
    stream.on('error', () => this.#close());
    stream.on('drain', () => this.#tellLost());
  }

  /** @param line without its end. */
  write(line: string): void {
    if (this.#closed) return;
    if (this.stream.writableLength > PENDING_BYTES_MAX) this.#lost += 1;
    else this.stream.write(`${line}\n`);
  }

  #tellLost(): void {
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.write(this.lostLine(lost));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClosed();
  }
}
