/**
 * What an owner may write: the sizes of names and payloads, and the room that its log has left. The
 * core checks it before it writes, and the public class before it keeps what a start will write.
 * Pure: the core imports it.
 *
 * - `checkNameBytes(name, what)`: TOO_LARGE
 * - `checkPayloadBytes(bytes)`: TOO_LARGE
 * - `checkTypeNameBytes(typeName)`: TOO_LARGE
 * - `checkRemainingMs(ms, what)`: INVALID_ARGUMENT
 * - `entryBytesMax(name, typeName, payloadBytes)`: what an entry counts at most
 * - `checkRoomForValue(held, entryBytes, replacedBytes)`: LIMIT_REACHED
 * - `checkRoomForEvent(held, entryBytes)`: LIMIT_REACHED
 */
import { TelepathineError } from '../error.js';
import * as limits from './limits.js';
import { utf8Bytes } from './text.js';

/** What an owner holds. `bytes` are those of bodies and payloads, the events' included. */
export interface Held {
  /** Tombstones included. */
  readonly keys: number;
  readonly bytes: number;
  /** Those that live. */
  readonly events: number;
  readonly eventBytes: number;
}

/**
 * Checks the length of the name of a key or event.
 *
 * @throws TelepathineError TOO_LARGE above 1 KiB of UTF-8.
 */
export function checkNameBytes(name: string, what: 'key' | 'event'): void {
  checkBytes(`the ${what}`, utf8Bytes(name), limits.KEY_BYTES_MAX);
}

/**
 * Checks the length of an encoded value or of an event's data.
 *
 * @throws TelepathineError TOO_LARGE above 1 MiB.
 */
export function checkPayloadBytes(bytes: number): void {
  checkBytes('the encoded value', bytes, limits.VALUE_BYTES_MAX);
}

/**
 * Checks the length of the name of a protobuf message.
 *
 * @throws TelepathineError TOO_LARGE above 255 bytes of UTF-8.
 */
export function checkTypeNameBytes(typeName: string): void {
  checkBytes('the type name', utf8Bytes(typeName), limits.TYPE_NAME_BYTES_MAX);
}

/**
 * Checks how long a value or event is to live.
 *
 * @throws TelepathineError INVALID_ARGUMENT for what is not above 0 and at most 2^48 ms.
 */
export function checkRemainingMs(remainingMs: number, what: string): void {
  if (remainingMs > 0 && remainingMs <= limits.REMAINING_MS_MAX) return;
  throw new TelepathineError(
    'INVALID_ARGUMENT',
    `${what}: ${remainingMs} ms to live were given; allowed is above 0 and at most 2^48`,
  );
}

/**
 * An upper bound of what an entry counts: its body, whatever its version, stamp and sequence, and its
 * payload. Both sides that check take it, so that what one lets wait the other takes.
 */
export function entryBytesMax(name: string, typeName: string, payloadBytes: number): number {
  return BODY_BYTES_MAX + utf8Bytes(name) + utf8Bytes(typeName) + payloadBytes;
}

/**
 * Checks that a key may be set.
 *
 * @param entryBytes as `entryBytesMax` gives them.
 * @param replacedBytes what the entry of the same key counts, which goes; undefined: there is none.
 * @throws TelepathineError LIMIT_REACHED
 */
export function checkRoomForValue(
  held: Held,
  entryBytes: number,
  replacedBytes: number | undefined,
): void {
  const isFull = replacedBytes === undefined && held.keys >= limits.KEYS_PER_OWNER_MAX;
  const bytes = held.bytes - (replacedBytes ?? 0) + entryBytes;
  if (isFull || bytes > limits.BYTES_PER_OWNER_MAX) throw limitReached(held);
}

/**
 * Checks that one more event may live.
 *
 * @param entryBytes as `entryBytesMax` gives them.
 * @throws TelepathineError LIMIT_REACHED
 */
export function checkRoomForEvent(held: Held, entryBytes: number): void {
  if (
    held.events >= limits.EVENTS_PER_OWNER_MAX ||
    held.eventBytes + entryBytes > limits.EVENT_BYTES_PER_OWNER_MAX ||
    held.bytes + entryBytes > limits.BYTES_PER_OWNER_MAX
  ) {
    throw limitReached(held);
  }
}

/**
 * The longest body without its names: tags and lengths of the names (3 and 3), the version (9), the
 * content (3), the encoding (2), and a stamp (2) of a time (9) and an origin (10).
 */
const BODY_BYTES_MAX = 41;

function checkBytes(what: string, bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new TelepathineError(
    'TOO_LARGE',
    `${what} is ${bytes} bytes long; at most ${bytesMax} are allowed`,
  );
}

function limitReached({ keys, bytes, events, eventBytes }: Held): TelepathineError {
  return new TelepathineError(
    'LIMIT_REACHED',
    `this node already holds ${keys} keys and ${events} events of ${eventBytes} bytes, ` +
      `${bytes} bytes in all; allowed are ${limits.KEYS_PER_OWNER_MAX} keys, ` +
      `${limits.EVENTS_PER_OWNER_MAX} events of ${limits.EVENT_BYTES_PER_OWNER_MAX} bytes, ` +
      `${limits.BYTES_PER_OWNER_MAX} bytes in all`,
    { retryable: true },
  );
}
