import type { Network, Station } from './network.js';
import { TCP_HEADERS_BYTES } from './network.js';

/** What a pipe carries: a frame, or the end of the stream. */
export interface Freight {
  readonly bytes: Uint8Array;
  /** What it takes on the wire, sealed and framed. */
  readonly wireBytes: number;
  readonly isEnd: boolean;
}

/** What a pipe tells. */
export interface PipeEvents {
  /** A frame has come, whole and in its order. */
  arrived(freight: Freight): void;
  /** The sender has given up: nothing was acknowledged for too long. */
  gaveUp(): void;
  /** The other machine is on: what is off takes nothing and says nothing. */
  isReached(): boolean;
  /** What reaches the other end finds no connection there: it is reset. */
  isRefused(): boolean;
  refused(): void;
}

/** The part of a frame that one IP packet carries. */
interface Segment {
  readonly bytes: number;
  /** The frame that ends with it. */
  readonly completes: Freight | undefined;
  /** Undefined: it has not arrived, and is sent again. */
  arrivedMs: number | undefined;
}

/** RFC 6928: segments of the first round. */
const INITIAL_WINDOW = 10;
const WINDOW_MAX = 1024;
/** RFC 5681: so many duplicate acknowledgements make a fast retransmission. */
const DUPLICATES = 3;
/** Linux's bounds of the retransmission timeout, and how often it waits for one: 925 s in all. */
const TIMEOUT_MS_MIN = 200;
const TIMEOUT_MS_MAX = 120_000;
const TIMEOUTS_MAX = 16;

/**
 * One direction of a TCP connection, in rounds of a window each: slow start and halving (RFC 5681),
 * selective acknowledgement (RFC 2018), retransmission timeouts that double (RFC 6298). Segments and
 * acknowledgements are lost as datagrams are; what comes out is in order.
 */
export class TcpPipe {
  readonly #segments: Segment[] = [];
  #window = INITIAL_WINDOW;
  #threshold = Number.POSITIVE_INFINITY;
  #timeouts = 0;
  #orderedMs = 0;
  #running = false;
  #closed = false;

  constructor(
    private readonly network: Network,
    private readonly from: Station,
    private readonly to: Station,
    private readonly at: (atMs: number, run: () => void) => void,
    private readonly nowMs: () => number,
    private readonly events: PipeEvents,
  ) {}

  /** Queues a frame. */
  send(freight: Freight): void {
    const segmentBytes = this.network.settings.mtuBytes - TCP_HEADERS_BYTES;
    const count = Math.max(1, Math.ceil(freight.wireBytes / segmentBytes));
    for (let index = 0; index < count; index++) {
      const isLast = index === count - 1;
      const bytes = isLast ? freight.wireBytes - index * segmentBytes : segmentBytes;
      const completes = isLast ? freight : undefined;
      this.#segments.push({ bytes, completes, arrivedMs: undefined });
    }
    if (!this.#running) this.#round();
  }

  /** Nothing is carried any more; what is on its way is lost. */
  close(): void {
    this.#closed = true;
    this.#segments.length = 0;
  }

  #round(): void {
    this.#running = this.#segments.length > 0 && !this.#closed;
    if (!this.#running) return;
    const nowMs = this.nowMs();
    let lost = false;
    let duplicates = 0;
    let acknowledgedMs: number | undefined;
    for (const segment of this.#missing()) {
      const arrivedMs = this.network.segment(this.from, this.to, segment.bytes, nowMs);
      if (arrivedMs === undefined || !this.events.isReached()) {
        lost = true;
        continue;
      }
      if (this.events.isRefused()) {
        this.#refuse(arrivedMs);
        return;
      }
      segment.arrivedMs = arrivedMs;
      const backMs = this.network.segment(this.to, this.from, 0, arrivedMs);
      if (lost) duplicates += 1;
      if (backMs !== undefined) acknowledgedMs = Math.max(acknowledgedMs ?? backMs, backMs);
    }
    this.#deliver();
    if (acknowledgedMs === undefined) this.#timeOut(true);
    else if (lost && duplicates < DUPLICATES) this.#timeOut(false);
    else this.#acknowledge(lost, acknowledgedMs);
  }

  /** What a window holds of the segments that have not arrived. */
  #missing(): Segment[] {
    const chosen: Segment[] = [];
    for (const segment of this.#segments) {
      if (chosen.length >= this.#window) break;
      if (segment.arrivedMs === undefined) chosen.push(segment);
    }
    return chosen;
  }

  /** Hands over what is complete and in order. */
  #deliver(): void {
    const missing = this.#segments.findIndex((segment) => segment.arrivedMs === undefined);
    const ordered = missing < 0 ? this.#segments.length : missing;
    for (const { arrivedMs, completes } of this.#segments.splice(0, ordered)) {
      this.#orderedMs = Math.max(this.#orderedMs, arrivedMs as number);
      if (completes === undefined) continue;
      this.at(this.#orderedMs, () => {
        if (!this.#closed) this.events.arrived(completes);
      });
    }
  }

  #acknowledge(lost: boolean, atMs: number): void {
    this.#timeouts = 0;
    if (lost) this.#threshold = Math.max(2, this.#window / 2);
    const grown = this.#window < this.#threshold ? this.#window * 2 : this.#window + 1;
    this.#window = lost ? this.#threshold : Math.min(grown, WINDOW_MAX);
    this.at(atMs, () => this.#round());
  }

  /** @param silent nothing was acknowledged at all. */
  #timeOut(silent: boolean): void {
    this.#timeouts = silent ? this.#timeouts + 1 : 0;
    if (this.#timeouts > TIMEOUTS_MAX) {
      this.close();
      this.events.gaveUp();
      return;
    }
    this.#threshold = Math.max(2, this.#window / 2);
    this.#window = 1;
    const doublings = Math.max(0, this.#timeouts - 1);
    const waitMs = Math.min(TIMEOUT_MS_MIN * 2 ** doublings, TIMEOUT_MS_MAX);
    this.at(this.nowMs() + waitMs, () => this.#round());
  }

  #refuse(arrivedMs: number): void {
    const backMs = this.network.segment(this.to, this.from, 0, arrivedMs);
    if (backMs === undefined) {
      this.#timeOut(true);
      return;
    }
    this.at(backMs, () => {
      if (!this.#closed) this.events.refused();
    });
  }
}
