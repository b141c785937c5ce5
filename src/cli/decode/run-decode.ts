import { createReadStream, fstatSync, type Stats, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { cryptoReady } from '../../crypto/secretbox.js';
import { Decoder, type DecoderSink } from '../../decode/decoder.js';
import { Filter } from '../../decode/filter.js';
import type { Item } from '../../decode/item.js';
import { KeySet } from '../../decode/key-set.js';
import { OwnerNames } from '../../decode/names.js';
import { PlainCapture } from '../../decode/plain-capture.js';
import { Statistician } from '../../decode/statistics.js';
import { ValueHider } from '../../decode/values.js';
import { messageOf, TelepathineError } from '../../error.js';
import { ExitCode, messageLine } from '../exit.js';
import type { DecodeOptions } from './decode-options.js';
import { FileOutput } from './file-output.js';
import { jsonLine, jsonStatistics } from './json-line.js';
import { LineOutput } from './line-output.js';
import { Page } from './page.js';
import { statisticsText } from './statistics-text.js';
import { columnsOf, textLine } from './text-line.js';
import { treeLines } from './tree.js';

/** Bytes that are read at once. */
const CHUNK_BYTES = 256 * 1024;
/** Reasons for text that only looked like hex or base64, as a word does. */
const NOTHING_KNOWN = new Set<string>(['unknown-kind', 'not-hex-or-base64']);

/**
 * Decodes an input to standard output.
 *
 * @returns the exit code: 0; 1 if the input ends too early or is damaged; 2 if it is nothing that is
 * known; 4 if there are sealed packets and no key opens any; 130 after SIGINT.
 * @throws TelepathineError INVALID_ARGUMENT if the input cannot be read.
 */
export async function runDecode(options: DecodeOptions): Promise<ExitCode> {
  await cryptoReady();
  return await new DecodeRun(options).run();
}

class DecodeRun {
  readonly #names = new OwnerNames();
  readonly #filter: Filter;
  readonly #hider: ValueHider | undefined;
  readonly #statistician: Statistician | undefined;
  readonly #page: Page | undefined;
  readonly #pageFile: FileOutput | undefined;
  readonly #capture: PlainCapture | undefined;
  readonly #captureFile: FileOutput | undefined;
  readonly #output = new LineOutput(process.stdout);
  readonly #decoder: Decoder;
  #isInterrupted = false;
  /** Whether anything in the input was what it seemed to be. */
  #isKnown = false;

  constructor(private readonly options: DecodeOptions) {
    this.#filter = new Filter(options.filter);
    this.#hider = options.showValues ? undefined : new ValueHider();
    this.#statistician = options.stats ? new Statistician() : undefined;
    const { ports, keys, html, pcapng, filter } = options;
    const tree = { names: this.#names, hider: this.#hider, hex: false };
    const input = html === undefined && pcapng === undefined ? undefined : inputStat(options.file);
    if (html !== undefined) {
      this.#pageFile = new FileOutput(html, [input]);
      this.#page = new Page(this.#names, tree);
    }
    if (pcapng !== undefined) {
      const file = new FileOutput(pcapng, [input, this.#pageFile?.stat]);
      this.#captureFile = file;
      this.#capture = new PlainCapture((bytes) => file.write(bytes));
    }
    // What is nobody's is left out where only somebody's is wanted.
    const isFiltered = Object.values(filter).some((each) => each !== undefined);
    const capture = isFiltered ? undefined : this.#capture;
    const sink: DecoderSink = {
      item: (item) => this.#take(item),
      other: (ip, time) => capture?.other(ip, time),
    };
    this.#decoder = new Decoder({ keys: new KeySet(keys), ports }, sink);
  }

  async run(): Promise<ExitCode> {
    const input = openInput(this.options.file);
    process.once('SIGINT', () => {
      this.#isInterrupted = true;
      input.destroy();
    });
    await this.#readAll(input);
    this.#decoder.end();
    this.#writeStatistics();
    if (this.#page !== undefined) this.#pageFile?.write(Buffer.from(this.#page.text()));
    this.#pageFile?.end();
    this.#captureFile?.end();
    await this.#output.flush();
    return this.#conclude();
  }

  async #readAll(input: Readable): Promise<void> {
    try {
      for await (const chunk of input) {
        this.#decoder.push(chunk as Uint8Array);
        await this.#output.flush();
        if (this.#output.isClosed) process.stdin.destroy();
        if (this.#output.isClosed || this.#decoder.fault !== undefined) return;
      }
    } catch (cause) {
      if (this.#isInterrupted) return;
      throw unreadable(this.options.file, cause);
    }
  }

  #take(item: Item): void {
    if (item.kind === 'packet') this.#names.learn(item.packet);
    this.#isKnown ||= item.kind === 'packet' || !NOTHING_KNOWN.has(item.reason);
    if (!this.#filter.passes(item)) return;
    this.#statistician?.take(item);
    this.#page?.add(item);
    this.#capture?.item(item);
    const { form } = this.options;
    if (form === 'none') return;
    if (form === 'json') return this.#output.write(jsonLine(item, this.#names, this.#hider));
    const columns = columnsOf(process.stdout);
    this.#output.write(textLine(item, this.#names, { columns }));
    if (form === 'lines' || item.kind === 'problem') return;
    const tree = { names: this.#names, hider: this.#hider, hex: form === 'hex' };
    for (const line of treeLines(item.packetBytes, tree)) this.#output.write(line);
  }

  #writeStatistics(): void {
    const statistics = this.#statistician?.finish();
    if (statistics === undefined) return;
    const lines = this.options.json
      ? [jsonStatistics(statistics, this.#names)]
      : statisticsText(statistics, this.#names);
    for (const line of lines) this.#output.write(line);
  }

  #conclude(): ExitCode {
    if (this.#isInterrupted) return ExitCode.interrupted;
    if (this.#output.isClosed) return ExitCode.done;
    const { kind, fault, opener } = this.#decoder;
    const isText = kind === 'hex' || kind === 'base64';
    if (kind === 'unknown' || (isText && !this.#isKnown)) {
      say('the input is no capture, envelope, stream of frames, hex or base64');
      return ExitCode.usage;
    }
    const cut = fault && `the capture cannot be read on from byte ${fault.offset}: ${fault.reason}`;
    if (opener.sealed > 0 && opener.opened === 0) {
      const ids = [...opener.missingKeyIds].join(', ');
      const sealedBy = ids && `; they are sealed by ${ids}`;
      const closed = `no key opens any of ${opener.sealed} sealed packets${sealedBy}`;
      say(cut === undefined ? closed : `${cut}; ${closed}`);
      return ExitCode.notAuthenticated;
    }
    const [owner] = this.#filter.unclearOwners;
    if (owner !== undefined) {
      say(`no node is named ${owner}, and of an id --owner needs 4 digits or more`);
      return ExitCode.usage;
    }
    if (cut === undefined) return ExitCode.done;
    say(cut);
    return ExitCode.failed;
  }
}

/** Which file is read; looked at before one of its name could be written. */
function inputStat(file: string | undefined): Stats {
  try {
    return file === undefined ? fstatSync(process.stdin.fd) : statSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string | undefined, cause: unknown): TelepathineError {
  const what = file === undefined ? 'standard input' : `the file ${file}`;
  return new TelepathineError('INVALID_ARGUMENT', `${what} cannot be read: ${messageOf(cause)}`);
}

function openInput(file: string | undefined): Readable {
  return file === undefined
    ? process.stdin
    : createReadStream(file, { highWaterMark: CHUNK_BYTES });
}

function say(message: string): void {
  process.stderr.write(messageLine(message));
}
