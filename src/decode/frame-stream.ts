/** Cuts a captured stream into envelopes, and finds the next frame where a part is missing. */
import { PLAIN_KIND, SEALED_KIND, SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import { FRAME_PREFIX_BYTES, FrameReader } from '../wire/framing.js';
import { FRAME_BYTES_MAX } from '../wire/limits.js';

/** Who is told what a stream holds. */
export interface FrameSink {
  /** @param at where its frame begins in the stream, in bytes. */
  envelope(envelope: Uint8Array, at: number): void;
  /** @param at where in the stream, in bytes. */
  problem(reason: FrameProblem, at: number, bytes: number): void;
  /** Whether an envelope that was found by searching is one. */
  isEnvelope(envelope: Uint8Array): boolean;
}

/** A stable word. */
export type FrameProblem =
  /** A length of 0, or of more than a frame may have. */
  | 'empty-frame'
  | 'frame-too-long'
  /** So many bytes of the stream are not in the capture. */
  | 'missing-bytes'
  /** So many bytes lie before the next frame that could be found. */
  | 'skipped-bytes'
  /** The stream, or the capture, ends after so many bytes of a frame. */
  | 'cut-frame';

/** What is captured of one direction of a connection. */
export class FrameStream {
  #reader = newFrameReader();
  /** Undefined while frames follow each other. */
  #search: FrameSearch | undefined;
  #position = 0;
  /** Where the next frame begins, while there is no search. */
  #nextFrameAt = 0;
  #isRefused = false;

  constructor(private readonly sink: FrameSink) {}

  /** Bytes that are kept. */
  get bufferedBytes(): number {
    return this.#search?.bufferedBytes ?? this.#reader.bufferedBytes;
  }

  data(bytes: Uint8Array): void {
    this.#position += bytes.length;
    if (this.#search === undefined) this.#read(bytes);
    else this.#searchIn(bytes);
  }

  gap(bytes: number | undefined): void {
    this.#tellCut();
    if (bytes !== undefined) this.sink.problem('missing-bytes', this.#position, bytes);
    this.#position += bytes ?? 0;
    this.#begin(true);
  }

  /** Nothing more comes, or what comes is a new stream. */
  end(): void {
    this.#tellCut();
    this.#begin(false);
    this.#position = 0;
    this.#nextFrameAt = 0;
  }

  #begin(isSearching: boolean): void {
    this.#reader = newFrameReader();
    this.#search = isSearching ? new FrameSearch(this.sink) : undefined;
    this.#isRefused = false;
  }

  #tellCut(): void {
    const bytes = this.bufferedBytes;
    if (bytes === 0 && (this.#search?.skippedBytes ?? 0) === 0) return;
    if (this.#search === undefined) {
      this.sink.problem('cut-frame', this.#nextFrameAt, bytes);
    } else if (!this.#isRefused) {
      const skipped = this.#search.skippedBytes + bytes;
      this.sink.problem('skipped-bytes', this.#position - skipped, skipped);
    }
  }

  #read(bytes: Uint8Array): void {
    const refusal = this.#reader.push(bytes, (envelope) => {
      const at = this.#nextFrameAt;
      this.#nextFrameAt += FRAME_PREFIX_BYTES + envelope.length;
      this.sink.envelope(envelope, at);
    });
    if (refusal === undefined) return;
    this.sink.problem(refusal.reason, this.#nextFrameAt, 0);
    this.#begin(true);
    this.#isRefused = true;
    // The length that was refused is of no frame: look behind it.
    const behind = this.#nextFrameAt + FRAME_PREFIX_BYTES;
    this.#searchIn(bytes.subarray(behind - (this.#position - bytes.length)));
  }

  #searchIn(bytes: Uint8Array): void {
    const search = this.#search as FrameSearch;
    const found = search.push(bytes);
    if (found === undefined) return;
    const at = this.#position - found.length - search.skippedBytes;
    if (search.skippedBytes > 0) this.sink.problem('skipped-bytes', at, search.skippedBytes);
    this.#begin(false);
    this.#nextFrameAt = this.#position - found.length;
    this.#read(found);
  }
}

/** Looks for the beginning of a frame. */
class FrameSearch {
  /** What may hold a frame; begins with the first candidate. */
  #buffer: Uint8Array = new Uint8Array(0);
  #scanned = 0;
  /** Offsets in the buffer at which a frame seems to begin that is not complete yet. */
  #candidates: number[] = [];
  skippedBytes = 0;

  constructor(private readonly sink: FrameSink) {}

  get bufferedBytes(): number {
    return this.#buffer.length;
  }

  /** @returns the bytes from the first frame on, if one was found. */
  push(bytes: Uint8Array): Uint8Array | undefined {
    this.#append(bytes);
    const start = this.#findStart();
    if (start !== undefined) {
      this.skippedBytes += start;
      return this.#buffer.subarray(start);
    }
    const keptFrom = this.#candidates[0] ?? this.#scanned;
    if (this.#buffer.length - keptFrom > SEARCHED_BYTES_MAX) this.#candidates.shift();
    this.#drop(this.#candidates[0] ?? this.#scanned);
    return undefined;
  }

  #append(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#buffer.length + bytes.length);
    joined.set(this.#buffer);
    joined.set(bytes, this.#buffer.length);
    this.#buffer = joined;
  }

  #findStart(): number | undefined {
    const open: number[] = [];
    for (const at of this.#candidates) {
      const verdict = this.#judge(at);
      if (verdict === 'frame') return at;
      if (verdict === 'incomplete') open.push(at);
    }
    const last = this.#buffer.length - FRAME_HEAD_BYTES;
    for (; this.#scanned <= last; this.#scanned++) {
      if (!isFrameHead(this.#buffer, this.#scanned)) continue;
      const verdict = this.#judge(this.#scanned);
      if (verdict === 'frame') return this.#scanned;
      if (verdict === 'incomplete' && open.length < CANDIDATES_MAX) open.push(this.#scanned);
    }
    this.#candidates = open;
    return undefined;
  }

  #judge(at: number): 'frame' | 'incomplete' | 'none' {
    const end = at + FRAME_PREFIX_BYTES + frameLength(this.#buffer, at);
    if (end > this.#buffer.length) return 'incomplete';
    const envelope = this.#buffer.subarray(at + FRAME_PREFIX_BYTES, end);
    return this.sink.isEnvelope(envelope) ? 'frame' : 'none';
  }

  #drop(bytes: number): void {
    if (bytes === 0) return;
    this.#buffer = this.#buffer.slice(bytes);
    this.#scanned -= bytes;
    this.#candidates = this.#candidates.map((at) => at - bytes);
    this.skippedBytes += bytes;
  }
}

/** A frame that is longer, and the first to be complete behind a gap, is not found. */
const SEARCHED_BYTES_MAX = 256 * 1024;
const CANDIDATES_MAX = 64;

/** The length, and as much of the envelope as is looked at. */
const FRAME_HEAD_BYTES = FRAME_PREFIX_BYTES + 2;

/** Whether a length and the first bytes of an envelope seem to stand here. */
export function isFrameHead(bytes: Uint8Array, at: number): boolean {
  const length = frameLength(bytes, at);
  if (length < 2 || length > FRAME_BYTES_MAX) return false;
  const kind = bytes[at + FRAME_PREFIX_BYTES];
  if (kind === SEALED_KIND) return length > SEALED_OVERHEAD_BYTES;
  return kind === PLAIN_KIND && isPacketStart(bytes[at + FRAME_PREFIX_BYTES + 1] as number);
}

/** Whether a packet may begin with this byte: the tag of one of the two first fields. */
export function isPacketStart(byte: number): boolean {
  return byte === 0x08 || byte === 0x10;
}

function frameLength(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  return high * 65_536 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
}

/** Reads frames of the greatest length. */
export function newFrameReader(): FrameReader {
  const reader = new FrameReader();
  reader.frameBytesMax = FRAME_BYTES_MAX;
  return reader;
}
