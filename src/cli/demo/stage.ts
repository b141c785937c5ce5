import { Output } from '../start/output.js';

const COLUMNS = 80;
const NAME_COLUMNS = 9;
const INDENT = '  ';
/** Of the terminal's own palette, so that they can be read on any background. */
const NAME_COLOURS = [36, 33, 35, 32, 34];
const BOLD = 1;
const DIM = 2;

/** Where the demo shows what happens: text in 80 columns. */
export class Stage {
  readonly #output: Output;
  readonly #isColoured: boolean;
  readonly #colours = new Map<string, number>();
  #scenes = 0;

  /** @param onClosed nobody reads any more. */
  constructor(stream: NodeJS.WriteStream, onClosed: () => void) {
    this.#output = new Output(stream, onClosed, () => '');
    const { NO_COLOR = '', TERM } = process.env;
    this.#isColoured = stream.isTTY === true && NO_COLOR === '' && TERM !== 'dumb';
  }

  /** Begins a scene. */
  heading(text: string): void {
    this.#scenes += 1;
    this.#output.write('');
    this.#output.write(this.#paint(`${this.#scenes}  ${text}`, BOLD));
  }

  /** Something that is not said by a node. */
  note(text: string): void {
    for (const line of wrap(text, COLUMNS)) this.#output.write(this.#paint(line, DIM));
  }

  /** What a node does or says, and, at the right edge, when. */
  says(name: string, text: string, when = ''): void {
    const label = this.#paint(name.padEnd(NAME_COLUMNS), this.#colourOf(name));
    const room = COLUMNS - INDENT.length - NAME_COLUMNS;
    const shown = when === '' ? text : text.padEnd(room - when.length - 1);
    const right = when === '' ? '' : ` ${this.#paint(when, DIM)}`;
    this.#output.write(`${INDENT}${label}${shown}${right}`);
  }

  /** A line that belongs to the one before, as it is; what is too long is cut. */
  detail(text: string): void {
    const line = `${INDENT.repeat(2)}${text}`;
    this.#output.write(line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line);
  }

  #colourOf(name: string): number {
    const known = this.#colours.get(name);
    if (known !== undefined) return known;
    const colour = NAME_COLOURS[this.#colours.size % NAME_COLOURS.length]!;
    this.#colours.set(name, colour);
    return colour;
  }

  #paint(text: string, code: number): string {
    return this.#isColoured ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

/** Milliseconds below a second, seconds above. */
export function duration(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const part of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line.length + part.length + 1 > columns) lines.push(part);
    else lines[lines.length - 1] = line === '' ? part : `${line} ${part}`;
  }
  return lines;
}
