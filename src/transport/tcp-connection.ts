import type { Socket } from 'node:net';
import { debugLog } from '../debug.js';
import { FrameReader } from '../wire/framing.js';
import type { TcpLimits } from './tcp-limits.js';

const debug = debugLog('telepathine:tcp');

/** The slowest pace at which a long frame may come without running out of time. */
const FRAME_BYTES_PER_SECOND_MIN = 16 * 1024;

/** What a connection tells the transport that holds it. */
export interface ConnectionHolder {
  envelope(connection: TcpConnection, envelope: Uint8Array): void;
  /** Something was dropped; `reason` is a stable word. */
  refused(connection: TcpConnection, reason: string): void;
  /**
   * The bytes of the half-read frame have grown or shrunk.
   *
   * @returns false if that is too many.
   */
  halfReadChanged(byBytes: number): boolean;
  /** The socket is closed. Comes once, and nothing after it. */
  closed(connection: TcpConnection): void;
}

/** One TCP connection: frames in and out, and the time and the bytes that it may take. */
export class TcpConnection {
  /** `ip:port` of the other end. */
  readonly address: string;
  readonly #socket: Socket;
  readonly #limits: Readonly<TcpLimits>;
  readonly #holder: ConnectionHolder;
  readonly #reader = new FrameReader();
  readonly #accepted: boolean;
  /** Milliseconds of `monotonicMs` at which it was accepted, or begun to be opened. */
  readonly startedMs = monotonicMs();
  #activeMs = this.startedMs;
  #frameStartedMs = 0;
  #halfReadBytes = 0;
  #closingMs: number | undefined;
  #trusted = false;

  /** @param accepted whether the other end has opened it. */
  constructor(
    socket: Socket,
    address: string,
    limits: Readonly<TcpLimits>,
    holder: ConnectionHolder,
    accepted = false,
  ) {
    this.#socket = socket;
    this.address = address;
    this.#accepted = accepted;
    this.#limits = limits;
    this.#holder = holder;
    socket.on('error', (error) => debug('%s: %s', address, error.message));
    socket.on('data', (chunk) => this.#read(chunk));
    socket.once('close', () => this.#onClosed());
  }

  /** Whether the other end was vouched for. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** Whether somebody has opened it for whom nobody has vouched. */
  get isStranger(): boolean {
    return this.#accepted && !this.#trusted;
  }

  /** Bytes that were given to `send` and not yet to the system. */
  get unsentBytes(): number {
    return this.#socket.destroyed ? 0 : this.#socket.writableLength;
  }

  /** Milliseconds of `monotonicMs` at which bytes last came or went. */
  get activeMs(): number {
    return this.#activeMs;
  }

  /** Whether it is closed, or will be before anything else happens. */
  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  /** Whether nothing is under way. */
  get quiet(): boolean {
    return !this.#socket.connecting && this.unsentBytes === 0 && this.#halfReadBytes === 0;
  }

  /** Allows frames of full size, from the next one on. */
  trust(): void {
    this.#trusted = true;
    this.#reader.frameBytesMax = this.#limits.frameBytesMax;
  }

  /** Sends a frame, when the connection is open. */
  send(frame: Uint8Array): void {
    if (this.#socket.destroyed || this.#closingMs !== undefined) return;
    const unsentBytes = this.unsentBytes + frame.length;
    const { pendingBytesMax, unsentBytesMax } = this.#limits;
    if (this.#socket.connecting && unsentBytes > pendingBytesMax) {
      this.#holder.refused(this, 'pending-full');
    } else if (unsentBytes > unsentBytesMax) {
      this.fail('receiver-too-slow');
    } else {
      this.#activeMs = monotonicMs();
      this.#socket.write(frame);
    }
  }

  /** Closes once all that was sent has left; nothing is delivered any more. */
  close(): void {
    if (this.#closingMs !== undefined) return;
    this.#closingMs = monotonicMs();
    this.#countHalfRead(0);
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  /** Closes at once and reports why. */
  fail(reason: string): void {
    if (this.#socket.destroyed) return;
    this.#socket.destroy();
    this.#holder.refused(this, reason);
  }

  /** It keeps the process alive. */
  ref(): void {
    this.#socket.ref();
  }

  /** It does not. */
  unref(): void {
    this.#socket.unref();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes if the time of something is up. */
  checkTime(nowMs: number): void {
    const { connectTimeoutMs, trustTimeoutMs, idleTimeoutMs } = this.#limits;
    if (this.#closingMs !== undefined) {
      if (nowMs - this.#closingMs > connectTimeoutMs) this.destroy();
    } else if (this.#socket.connecting) {
      if (nowMs - this.startedMs > connectTimeoutMs) this.destroy();
    } else if (this.#halfReadBytes > 0 && nowMs - this.#frameStartedMs > this.#frameTimeMaxMs()) {
      this.fail('frame-too-slow');
    } else if (!this.#trusted && nowMs - this.startedMs > trustTimeoutMs) {
      this.fail('not-trusted-in-time');
    } else if (nowMs - this.#activeMs > idleTimeoutMs) {
      this.destroy();
    }
  }

  #frameTimeMaxMs(): number {
    const slowestMs = (this.#halfReadBytes / FRAME_BYTES_PER_SECOND_MIN) * 1000;
    return this.#limits.frameTimeoutMs + slowestMs;
  }

  #read(chunk: Uint8Array): void {
    if (this.#closingMs !== undefined) return;
    this.#activeMs = monotonicMs();
    let completed = false;
    const refusal = this.#reader.push(chunk, (envelope) => {
      completed = true;
      const open = !this.#socket.destroyed && this.#closingMs === undefined;
      if (open) this.#holder.envelope(this, envelope);
    });
    if (completed || this.#halfReadBytes === 0) this.#frameStartedMs = this.#activeMs;
    if (refusal) this.fail(refusal.reason);
    else if (this.#closingMs === undefined) this.#countHalfRead(this.#reader.bufferedBytes);
  }

  #countHalfRead(bytes: number): void {
    const growthBytes = bytes - this.#halfReadBytes;
    this.#halfReadBytes = bytes;
    if (!this.#holder.halfReadChanged(growthBytes)) this.fail('half-read-bytes');
  }

  #onClosed(): void {
    this.#countHalfRead(0);
    this.#holder.closed(this);
  }
}

/** Milliseconds of a clock that only grows. */
export function monotonicMs(): number {
  return performance.now();
}
