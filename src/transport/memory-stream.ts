import type { Medium } from './memory-medium.js';

/** What an end of a stream tells the transport that holds it. */
export interface StreamHolder {
  received(envelope: Uint8Array): void;
  /** The other end is gone, or nothing has got through for long. Comes at most once. */
  lost(): void;
}

const RETRANSMIT_MS = 200;
/** As long as a stream stands still before it is given up. */
const BREAK_TIMEOUT_MS = 15_000;

/** What waits for its time to arrive; without an envelope it is the end of the stream. */
interface Piece {
  envelope?: Uint8Array;
  dueMs: number;
}

/** One end of a stream through a memory network. */
export class StreamEnd {
  /** The address of the node at the other end, which is not that of its connection. */
  readonly remoteNode: string;
  /** Whether the other end was vouched for. */
  trusted = false;
  readonly #medium: Medium;
  readonly #localNode: string;
  readonly #holder: StreamHolder;
  readonly #pieces: Piece[] = [];
  #other: StreamEnd | undefined;
  #state: 'open' | 'closing' | 'gone' = 'open';
  #pumping = false;
  #stalledSinceMs: number | undefined;
  #lastDueMs = 0;
  #activeMs: number;

  constructor(medium: Medium, localNode: string, remoteNode: string, holder: StreamHolder) {
    this.#medium = medium;
    this.#localNode = localNode;
    this.remoteNode = remoteNode;
    this.#holder = holder;
    this.#activeMs = medium.clock.nowMs();
  }

  /** Whether it takes and gives envelopes. */
  get live(): boolean {
    return this.#state === 'open';
  }

  /** By the network's clock, when something last came or went. */
  get activeMs(): number {
    return this.#activeMs;
  }

  /** The connection is made: what has waited goes out. */
  join(other: StreamEnd): void {
    this.#other = other;
    this.#lastDueMs = this.#medium.clock.nowMs();
    for (const piece of this.#pieces) piece.dueMs = this.#dueMs();
    this.#pump();
  }

  /** @param envelope is kept. */
  send(envelope: Uint8Array): void {
    if (this.#state === 'open') this.#put({ envelope, dueMs: this.#dueMs() });
  }

  /** What was sent still arrives, and then the end of the stream. */
  close(): void {
    if (this.#state !== 'open') return;
    this.#put({ dueMs: this.#dueMs() });
    this.#state = this.#other ? 'closing' : 'gone';
  }

  /** Without a word to anybody. */
  vanish(): void {
    this.#state = 'gone';
    this.#pieces.length = 0;
  }

  #put(piece: Piece): void {
    this.#activeMs = this.#medium.clock.nowMs();
    this.#pieces.push(piece);
    this.#pump();
  }

  /** A piece does not overtake the one before it. */
  #dueMs(): number {
    const { clock, conditions } = this.#medium;
    const delayMs = conditions.streamDelayMs(this.#localNode, this.remoteNode, RETRANSMIT_MS);
    this.#lastDueMs = Math.max(this.#lastDueMs, clock.nowMs() + delayMs);
    return this.#lastDueMs;
  }

  #pump(atMs?: number): void {
    const [next] = this.#pieces;
    if (this.#pumping || !this.#other || !next) return;
    this.#pumping = true;
    this.#medium.clock.schedule(atMs ?? next.dueMs, () => {
      this.#pumping = false;
      if (this.#state !== 'gone') this.#arrive();
    });
  }

  #arrive(): void {
    const nowMs = this.#medium.clock.nowMs();
    if (this.#isCut()) {
      this.#stalledSinceMs ??= nowMs;
      if (nowMs - this.#stalledSinceMs >= BREAK_TIMEOUT_MS) this.#lose();
      else this.#pump(nowMs + RETRANSMIT_MS);
      return;
    }
    this.#stalledSinceMs = undefined;
    const piece = this.#pieces.shift();
    if (piece) this.#handOver(piece);
    this.#pump();
  }

  #handOver({ envelope }: Piece): void {
    const other = this.#other as StreamEnd;
    if (!envelope) {
      this.vanish();
      if (other.#state === 'open') other.#lose();
    } else if (other.#state === 'gone') {
      this.#lose();
    } else if (other.#state === 'open') {
      other.#activeMs = this.#medium.clock.nowMs();
      other.#holder.received(envelope);
    }
  }

  #lose(): void {
    const wasOpen = this.#state === 'open';
    this.vanish();
    if (wasOpen) this.#holder.lost();
  }

  #isCut(): boolean {
    const { conditions } = this.#medium;
    return (
      this.#medium.isCrashed(this.remoteNode) ||
      conditions.isBlocked(this.#localNode, this.remoteNode, 'tcp') ||
      conditions.isBlocked(this.remoteNode, this.#localNode, 'tcp')
    );
  }
}
