/** One direction of a TCP connection, from segments in any order to bytes in theirs. */
import type { Segment } from './segments.js';

/** Who is told what a direction carried. */
export interface StreamSink {
  /** The next bytes; they may be a view. */
  data(bytes: Uint8Array): void;
  /**
   * What comes next does not follow what came before: `bytes` of it are not in the capture, or,
   * undefined, nobody knows how many, since the capture begins in the middle of the stream.
   */
  gap(bytes: number | undefined): void;
  /** A new connection begins between the same ends, or this one is over. */
  end(): void;
}

/**
 * Orders segments by their sequence numbers and drops what comes again. A segment that is missing is
 * waited for until it is clear that the capture lacks it: the receiver has acknowledged it and some
 * more segments have come, or too much waits.
 */
export class Reassembly {
  /** Undefined until the first segment. */
  #next: number | undefined;
  /** By ascending distance from `#next`; parts may overlap. */
  #waiting: { sequence: number; bytes: Uint8Array }[] = [];
  #waitingBytes = 0;
  /** Segments that came since the first of those that wait. */
  #patience = 0;
  #firstSequence: number | undefined;
  /** Where the stream ends, once its end has come. */
  #lastSequence: number | undefined;
  /** Where the connection before ended: what comes from it again begins no new one. */
  #endedAt: number | undefined;

  constructor(private readonly sink: StreamSink) {}

  /** Bytes that wait for what is before them. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  take(segment: Segment): void {
    if (segment.isReset) return this.end();
    if (segment.isFirst) this.#begin(segment.sequence);
    const sequence = segment.isFirst ? add(segment.sequence, 1) : segment.sequence;
    if (segment.payload.length > 0) this.#takeData(sequence, segment.payload);
    if (segment.isLast && this.#next !== undefined) {
      this.#lastSequence = add(sequence, segment.payload.length);
    }
    this.#endIfComplete();
  }

  /** The other direction says that its end has everything below. */
  acknowledged(sequence: number): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#next === undefined) return;
    if (distance(first.sequence, sequence) < 0) return;
    if (this.#patience < SEGMENTS_WAITED) return;
    this.#giveUp();
    this.#endIfComplete();
  }

  /** Nothing more comes: what still waits is handed over. */
  end(): void {
    while (this.#waiting.length > 0) this.#giveUp();
    if (this.#next !== undefined) {
      this.#endedAt = this.#next;
      this.sink.end();
    }
    this.#next = undefined;
    this.#firstSequence = undefined;
    this.#lastSequence = undefined;
  }

  #endIfComplete(): void {
    if (this.#next !== undefined && this.#next === this.#lastSequence) this.end();
  }

  #begin(sequence: number): void {
    // The first segment may come again, too.
    if (this.#firstSequence === sequence) return;
    this.end();
    this.#firstSequence = sequence;
    this.#next = add(sequence, 1);
  }

  #takeData(sequence: number, payload: Uint8Array): void {
    if (this.#next !== undefined && isFar(distance(this.#next, sequence))) this.end();
    if (this.#next === undefined) {
      const afterEnd = this.#endedAt === undefined ? 1 : distance(this.#endedAt, sequence);
      if (afterEnd <= 0 && !isFar(afterEnd)) return;
      this.#next = sequence;
      this.sink.gap(undefined);
    }
    const ahead = distance(this.#next, sequence);
    if (ahead > 0) return this.#wait(sequence, payload);
    if (-ahead >= payload.length) return;
    this.#deliver(payload.subarray(-ahead));
    this.#deliverWaiting();
  }

  #deliver(bytes: Uint8Array): void {
    this.#next = add(this.#next as number, bytes.length);
    this.sink.data(bytes);
  }

  #wait(sequence: number, payload: Uint8Array): void {
    const next = this.#next as number;
    const ahead = distance(next, sequence);
    let index = this.#waiting.length;
    while (index > 0 && distance(next, this.#sequenceAt(index - 1)) > ahead) index -= 1;
    const before = this.#waiting[index - 1];
    const isAgain = before?.sequence === sequence && before.bytes.length >= payload.length;
    if (!isAgain) {
      this.#waiting.splice(index, 0, { sequence, bytes: payload.slice() });
      this.#waitingBytes += payload.length;
    }
    this.#patience += 1;
    const isTooMuch = this.#waitingBytes > WAITING_BYTES_MAX || this.#waiting.length > WAITING_MAX;
    if (isTooMuch) this.#giveUp();
  }

  #sequenceAt(index: number): number {
    return (this.#waiting[index] as { sequence: number }).sequence;
  }

  #deliverWaiting(): void {
    let count = 0;
    for (const { sequence, bytes } of this.#waiting) {
      const ahead = distance(this.#next as number, sequence);
      if (ahead > 0) break;
      count += 1;
      this.#waitingBytes -= bytes.length;
      if (-ahead < bytes.length) this.#deliver(bytes.subarray(-ahead));
    }
    if (count === 0) return;
    this.#waiting.splice(0, count);
    this.#patience = this.#waiting.length;
  }

  /** Goes on behind what is missing. */
  #giveUp(): void {
    const sequence = this.#sequenceAt(0);
    this.sink.gap(distance(this.#next as number, sequence));
    this.#next = sequence;
    this.#deliverWaiting();
  }
}

/** Captures of more than one queue show an acknowledgement before what it acknowledges. */
const SEGMENTS_WAITED = 3;
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
const WAITING_MAX = 4096;

/** Beyond any window (RFC 7323, 2.2): of another connection, the start of which was not captured. */
const WINDOW_BYTES_MAX = 2 ** 30;

function isFar(bytes: number): boolean {
  return Math.abs(bytes) > WINDOW_BYTES_MAX;
}

function add(sequence: number, bytes: number): number {
  return (sequence + bytes) >>> 0;
}

/** From one sequence number to another: they wrap around. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
