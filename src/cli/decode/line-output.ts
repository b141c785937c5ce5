import type { Writable } from 'node:stream';

/** Writes lines as fast as they are read, and no faster. */
export class LineOutput {
  #lines: string[] = [];
  #isClosed = false;

  constructor(private readonly stream: Writable) {
    stream.on('error', () => {
      this.#isClosed = true;
      stream.emit('drain');
    });
  }

  /** The reader is gone. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Keeps a line, without its end, for the next `flush`. */
  write(line: string): void {
    this.#lines.push(line);
  }

  /** Resolves when there is room for more. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0 || this.#isClosed) return;
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    if (this.stream.write(text)) return;
    await new Promise<void>((resolve) => this.stream.once('drain', () => resolve()));
  }
}
