/** All TCP connections of a capture. */
import { Reassembly, type StreamSink } from './reassembly.js';
import type { Segment } from './segments.js';

/** What becomes of the bytes of one direction of a connection. */
export interface Stream extends StreamSink {
  /** Bytes that it keeps. */
  readonly bufferedBytes: number;
}

/**
 * Hands each direction of each connection to a stream of its own. Of many connections those are given
 * up first that were quiet for longest.
 */
export class TcpStreams {
  /** The least recently used first. */
  readonly #flows = new Map<string, Flow>();
  #keptBytes = 0;

  /** @param open makes the stream of a direction. */
  constructor(private readonly open: (from: string, to: string) => Stream) {}

  take(from: string, to: string, segment: Segment): void {
    const key = keyOf(from, to);
    const flow = this.#flows.get(key) ?? this.#begin(from, to);
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    flow.reassembly.take(segment);
    this.#count(flow);
    if (segment.acknowledged !== undefined) {
      const other = this.#flows.get(keyOf(to, from));
      other?.reassembly.acknowledged(segment.acknowledged);
      if (other) this.#count(other);
    }
    this.#limit();
  }

  /** The capture has ended. */
  end(): void {
    for (const { reassembly } of this.#flows.values()) reassembly.end();
    this.#flows.clear();
    this.#keptBytes = 0;
  }

  #begin(from: string, to: string): Flow {
    const stream = this.open(from, to);
    return { stream, reassembly: new Reassembly(stream), keptBytes: 0 };
  }

  #count(flow: Flow): void {
    const keptBytes = flow.reassembly.waitingBytes + flow.stream.bufferedBytes;
    this.#keptBytes += keptBytes - flow.keptBytes;
    flow.keptBytes = keptBytes;
  }

  #limit(): void {
    for (const [key, flow] of this.#flows) {
      if (this.#flows.size <= FLOWS_MAX && this.#keptBytes <= KEPT_BYTES_MAX) return;
      flow.reassembly.end();
      this.#flows.delete(key);
      this.#keptBytes -= flow.keptBytes;
    }
  }
}

interface Flow {
  readonly stream: Stream;
  readonly reassembly: Reassembly;
  keptBytes: number;
}

const FLOWS_MAX = 4096;
/** Half-read frames and segments that wait: enough for a frame of the greatest length. */
const KEPT_BYTES_MAX = 24 * 1024 * 1024;

function keyOf(from: string, to: string): string {
  return `${from}>${to}`;
}
