/** Envelopes and frames as hex digits or base64, as people copy them. */
import { KEY_ID_BYTES } from '../crypto/keyring.js';
import { PLAIN_KIND, SEALED_KIND } from '../wire/envelope.js';
import { FRAME_PREFIX_BYTES, type FrameReader } from '../wire/framing.js';
import { FRAME_BYTES_MAX } from '../wire/limits.js';
import { isFrameHead, isPacketStart, newFrameReader } from './frame-stream.js';

/** Who is told what a text holds. */
export interface TextSink {
  /** @param offset of its first line, in bytes of the input. */
  bytes(bytes: Uint8Array, offset: number): void;
  problem(reason: 'not-hex-or-base64', offset: number): void;
}

/**
 * Reads a piece a line. A line of up to 80 characters that does not begin as a packet does goes on
 * where the one before has ended, as tools that wrap lines write it; an empty line ends a piece.
 */
export class TextInput {
  #line = '';
  /** Where the current line begins. */
  #offset = 0;
  #piece: Piece | undefined;
  /** Kind and key of the sealed piece before. */
  #sealedStart = '';

  constructor(
    private readonly kind: 'hex' | 'base64',
    private readonly sink: TextSink,
  ) {}

  push(chunk: Uint8Array): void {
    const lines = (this.#line + latin1.decode(chunk)).split('\n');
    this.#line = lines.pop() as string;
    for (const line of lines) this.#takeLine(line, 1);
    if (this.#line.length <= LINE_CHARACTERS_MAX) return;
    this.sink.problem('not-hex-or-base64', this.#offset);
    this.#offset += this.#line.length;
    this.#line = '';
  }

  end(): void {
    this.#takeLine(this.#line, 0);
    this.#line = '';
    this.#flush();
  }

  #takeLine(line: string, endBytes: number): void {
    const offset = this.#offset;
    this.#offset += line.length + endBytes;
    const digits = this.kind === 'hex' ? line.replace(/^\s*0x/i, '') : line;
    const text = digits.replace(/[\s:]/g, '');
    if (text === '') return this.#flush();
    const bytes = bytesOf(text, this.kind);
    if (bytes === undefined) {
      this.#flush();
      this.sink.problem('not-hex-or-base64', offset);
      return;
    }
    if (this.#piece !== undefined && !this.#begins(bytes, text.length)) {
      this.#piece.parts.push(bytes);
      this.#piece.bytes += bytes.length;
      this.#piece.frames?.push(bytes, () => undefined);
      if (this.#piece.bytes > FRAME_BYTES_MAX) this.#flush();
      return;
    }
    this.#flush();
    this.#piece = { parts: [bytes], bytes: bytes.length, offset, frames: framesFrom(bytes) };
    if (bytes[0] === SEALED_KIND) this.#sealedStart = startOf(bytes);
  }

  #begins(bytes: Uint8Array, characters: number): boolean {
    const [kind] = bytes;
    if (characters > WRAPPED_CHARACTERS_MAX) return true;
    // An envelope at the start of a line, its length at the end of the one before.
    if (this.#piece?.frames?.bufferedBytes === FRAME_PREFIX_BYTES) return false;
    if (kind === SEALED_KIND) return startOf(bytes) === this.#sealedStart;
    if (kind === PLAIN_KIND) return isPacketStart(bytes[1] ?? 0);
    return bytes.length > 5 && isFrameHead(bytes, 0);
  }

  #flush(): void {
    if (this.#piece === undefined) return;
    const { parts, bytes, offset } = this.#piece;
    this.#piece = undefined;
    const joined = new Uint8Array(bytes);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    this.sink.bytes(joined, offset);
  }
}

interface Piece {
  readonly parts: Uint8Array[];
  bytes: number;
  readonly offset: number;
  /** How far the last frame is there; undefined if the piece is no stream of frames. */
  readonly frames: FrameReader | undefined;
}

const WRAPPED_CHARACTERS_MAX = 80;
/** Twice the longest frame as hex, with a space after each byte. */
const LINE_CHARACTERS_MAX = 4 * FRAME_BYTES_MAX;
const latin1 = new TextDecoder('latin1');

function framesFrom(bytes: Uint8Array): FrameReader | undefined {
  if (bytes.length <= 5 || !isFrameHead(bytes, 0)) return undefined;
  const frames = newFrameReader();
  frames.push(bytes, () => undefined);
  return frames;
}

function startOf(bytes: Uint8Array): string {
  return bytes.subarray(0, 1 + KEY_ID_BYTES).join();
}

function bytesOf(text: string, kind: 'hex' | 'base64'): Uint8Array | undefined {
  if (kind === 'hex') {
    if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
    return new Uint8Array(Buffer.from(text, 'hex'));
  }
  if (!/^[\w+/-]*={0,2}$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, 'base64'));
}
