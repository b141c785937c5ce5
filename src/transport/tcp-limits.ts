import { TelepathineError } from '../error.js';
import { FRAME_BYTES_MAX, UNTRUSTED_FRAME_BYTES_MAX } from '../wire/limits.js';

/** What a TCP transport allows. Whatever is beyond closes the connection, unless told otherwise. */
export interface TcpLimits {
  /**
   * Connections in all, both ways. When they are all in use, one makes room, or the new one is
   * refused: the oldest that was accepted and not trusted within a second (for a connection of this
   * end's own, at once); else the one that was silent longest, and at least a second, but not for a
   * new one from outside if those without trust hold half. Default: 512.
   */
  connectionsMax: number;
  /** Bytes of a frame on a trusted connection; on others it is 1200. Default: 16 MiB. */
  frameBytesMax: number;
  /** Bytes of half-read frames, of all connections together. Default: 64 MiB. */
  halfReadBytesMax: number;
  /** Bytes that wait for a connection to open; what is beyond is refused. Default: 4 MiB. */
  pendingBytesMax: number;
  /** Bytes that wait in one open connection because the other end is slow. Default: 32 MiB. */
  unsentBytesMax: number;
  /** Bytes that wait in all connections together. Default: 256 MiB. */
  unsentBytesTotalMax: number;
  /** Milliseconds that a connection may take to open. Default: 3000. */
  connectTimeoutMs: number;
  /** Milliseconds that a connection may live before it is trusted. Default: 10 000. */
  trustTimeoutMs: number;
  /**
   * Milliseconds that a frame may take, from its first byte, beside the time that its bytes take at
   * 16 KiB/s. Default: 10 000.
   */
  frameTimeoutMs: number;
  /** Milliseconds without a byte either way. Default: 300 000. */
  idleTimeoutMs: number;
}

const DEFAULTS: Readonly<TcpLimits> = {
  connectionsMax: 512,
  frameBytesMax: FRAME_BYTES_MAX,
  halfReadBytesMax: 64 * 1024 * 1024,
  pendingBytesMax: 4 * 1024 * 1024,
  unsentBytesMax: 32 * 1024 * 1024,
  unsentBytesTotalMax: 256 * 1024 * 1024,
  connectTimeoutMs: 3000,
  trustTimeoutMs: 10_000,
  frameTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
};

/**
 * Fills in the defaults.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is no positive integer, and for a
 *   `frameBytesMax` outside 1200 to 16 MiB.
 */
export function tcpLimits(given: Partial<TcpLimits> = {}): Readonly<TcpLimits> {
  const limits = { ...DEFAULTS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TelepathineError(
        'INVALID_ARGUMENT',
        `${name}: ${value} was given; allowed is a whole number of at least 1`,
      );
    }
  }
  const { frameBytesMax } = limits;
  if (frameBytesMax < UNTRUSTED_FRAME_BYTES_MAX || frameBytesMax > FRAME_BYTES_MAX) {
    throw new TelepathineError(
      'INVALID_ARGUMENT',
      `frameBytesMax: ${frameBytesMax} was given; allowed is a whole number from ` +
        `${UNTRUSTED_FRAME_BYTES_MAX} to ${FRAME_BYTES_MAX}`,
    );
  }
  return Object.freeze(limits);
}
