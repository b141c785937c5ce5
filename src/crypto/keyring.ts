/** The keys of a private mesh. */
import { TelepathineError } from '../error.js';
import { hex32FromBytes } from '../wire/hex.js';
import { KEY_IDS_MAX } from '../wire/limits.js';
import { KEY_BYTES } from './secretbox.js';

/** Bytes of the id of a key, as sealed envelopes carry it. */
export const KEY_ID_BYTES = 4;

/** A key that seals and opens packets. */
export interface SealingKey {
  /** 8 hex digits: tells which key sealed a packet, and nothing about the key. */
  readonly id: string;
  /** The same as 4 bytes. */
  readonly idBytes: Uint8Array;
  /** The 32 bytes of the key. Secret. */
  readonly bytes: Uint8Array;
}

/**
 * The keys that a node holds. The first seals; every one opens. To change the key of a mesh: add the
 * new one everywhere, then put it first everywhere, then drop the old one.
 */
export class Keyring {
  /** The key that seals. */
  readonly sealing: SealingKey;
  /** The ids of all keys, the sealing one first: 8 hex digits each. */
  readonly keyIds: readonly string[];
  readonly #keys = new Map<number, SealingKey>();

  /**
   * @param keys the sealing key first. A key that comes twice counts once.
   * @throws TelepathineError INVALID_ARGUMENT for no key, more than 16, a key of another length, or
   * two keys with the same id (one pair in 2^32).
   */
  constructor(keys: readonly SealingKey[]) {
    const [sealing] = keys;
    if (sealing === undefined || keys.length > KEY_IDS_MAX) {
      throw invalid(`must have 1 to ${KEY_IDS_MAX} keys`);
    }
    for (const key of keys) this.#add(key);
    this.sealing = sealing;
    this.keyIds = [...this.#keys.values()].map((key) => key.id);
  }

  /**
   * All keys, the sealing one first.
   *
   * @internal
   */
  get keys(): readonly SealingKey[] {
    return [...this.#keys.values()];
  }

  /** The key with the id that stands in `bytes` at `offset`; 4 bytes must be there. */
  find(bytes: Uint8Array, offset: number): SealingKey | undefined {
    return this.#keys.get(idNumber(bytes, offset));
  }

  #add(key: SealingKey): void {
    if (key.bytes.length !== KEY_BYTES || hex32FromBytes(key.idBytes) !== key.id) {
      throw invalid('holds a key that is not well formed');
    }
    const id = idNumber(key.idBytes, 0);
    const other = this.#keys.get(id);
    if (other === undefined) this.#keys.set(id, key);
    else if (!other.bytes.every((byte, index) => byte === key.bytes[index])) {
      throw invalid('holds two keys with the same id: replace one of them');
    }
  }
}

function idNumber(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)
  );
}

function invalid(what: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', `option network: it ${what}`);
}
