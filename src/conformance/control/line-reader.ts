import { StringDecoder } from 'node:string_decoder';

/** Cuts what comes into lines, and keeps no more than one of bounded length. */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(
    private readonly lineCharactersMax: number,
    private readonly onLine: (line: string) => void,
  ) {}

  /** @returns false if a line is too long; nothing more is read then. */
  push(chunk: Buffer): boolean {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.onLine(line);
    return this.#rest.length <= this.lineCharactersMax;
  }
}
