/**
 * From the option `network` to sealing keys (PROTOCOL.md, "Keys"). The cluster's name is mixed into
 * every key, so that packets of another cluster do not open.
 */
import { createHash, createHmac, randomBytes, scryptSync } from 'node:crypto';
import { TelepathineError } from '../error.js';
import { hex32FromBytes } from '../wire/hex.js';
import { KEY_ID_BYTES, Keyring, type SealingKey } from './keyring.js';
import { KEY_BYTES } from './secretbox.js';

/** What a key that `generateKey` made begins with; anything else is a passphrase. */
export const KEY_PREFIX = 'telepathine-key-v1:';

/** A passphrase, a key of `generateKey`, or 1 to 16 of them: the first seals, all open. */
export type Network = string | readonly string[];

/**
 * The keys of a network in a cluster. The first use of a passphrase takes some 100 ms of this thread
 * (scrypt, N = 2^15, r = 8, p = 1); the last few results are remembered.
 *
 * @throws TelepathineError INVALID_ARGUMENT for no key, an empty passphrase, or a malformed key; the
 * message never holds what was given.
 */
export function deriveKeyring(network: Network, cluster: string): Keyring {
  const secrets = typeof network === 'string' ? [network] : network;
  return new Keyring(secrets.map((secret) => deriveSealingKey(secret, cluster)));
}

/** A fresh random key of 32 bytes as text, for the option `network` and `rotateKeys`. */
export function generateKey(): string {
  return KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
}

/**
 * The sealing key of one passphrase or typed key.
 *
 * @throws TelepathineError INVALID_ARGUMENT as `deriveKeyring`.
 */
export function deriveSealingKey(network: string, cluster: string): SealingKey {
  if (typeof network !== 'string' || network === '') {
    throw invalid('must be a passphrase or a key of `telepathine keygen`, and not empty');
  }
  const secret = network.startsWith(KEY_FAMILY_PREFIX)
    ? secretOfTypedKey(network)
    : secretOfPassphrase(network, cluster);
  const bytes = createHmac('sha256', secret).update(`telepathine/v1/seal\0${cluster}`).digest();
  const digest = createHash('sha256').update('telepathine/v1/key-id\0').update(bytes).digest();
  const idBytes = new Uint8Array(digest.subarray(0, KEY_ID_BYTES));
  return { id: hex32FromBytes(idBytes), idBytes, bytes: new Uint8Array(bytes) };
}

/** Texts that begin so are keys, of this version or of one that is not known. */
const KEY_FAMILY_PREFIX = 'telepathine-key-';

function secretOfTypedKey(text: string): Uint8Array {
  const encoded = text.startsWith(KEY_PREFIX) ? text.slice(KEY_PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64url');
  // Buffer skips what is no base64url: only what comes back the same was well formed.
  if (bytes.length !== KEY_BYTES || bytes.toString('base64url') !== encoded) {
    throw invalid(`holds a malformed key: it must be ${KEY_PREFIX} and 43 characters of base64url`);
  }
  return bytes;
}

/** RFC 7914, section 2: 32 MiB and some 100 ms for each guess. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const CACHED_SECRETS_MAX = 32;
const cachedSecrets = new Map<string, Uint8Array>();

function secretOfPassphrase(passphrase: string, cluster: string): Uint8Array {
  // By a hash, so that passphrases do not stay in memory. The length keeps the two texts apart.
  const cacheKey = createHash('sha256')
    .update(`${cluster.length}\0${cluster}${passphrase}`)
    .digest('base64');
  const cached = cachedSecrets.get(cacheKey);
  if (cached !== undefined) return cached;
  const salt = `telepathine/v1/passphrase\0${cluster}`;
  const secret = scryptSync(passphrase, salt, KEY_BYTES, SCRYPT);
  for (const oldest of cachedSecrets.keys()) {
    if (cachedSecrets.size < CACHED_SECRETS_MAX) break;
    cachedSecrets.delete(oldest);
  }
  cachedSecrets.set(cacheKey, secret);
  return secret;
}

function invalid(what: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', `option network: it ${what}`);
}
