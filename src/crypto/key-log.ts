/**
 * Key logs: the sealing keys of running nodes, written so that tools can open what they sent. For
 * debugging, like the key logs of TLS: whoever reads one reads the mesh.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { TelepathineError } from '../error.js';
import { hex32FromBytes } from '../wire/hex.js';
import { KEY_ID_BYTES, type Keyring, type SealingKey } from './keyring.js';
import { KEY_BYTES } from './secretbox.js';

/** The environment variable that names the file. */
export const KEY_LOG_VARIABLE = 'TELEPATHINE_KEYLOGFILE';

/** What a line of a key log begins with. No passphrase may: all texts with it are refused. */
export const KEY_LOG_PREFIX = 'telepathine-key-log-v1:';

/** A key on a line: `telepathine-key-log-v1:` and the 43 characters of base64url of its 32 bytes. */
export function keyLogLine({ bytes }: SealingKey): string {
  return KEY_LOG_PREFIX + Buffer.from(bytes).toString('base64url');
}

/**
 * The key of a line.
 *
 * @throws TelepathineError INVALID_ARGUMENT if it is malformed; the message never holds the line.
 */
export function keyOfLogLine(line: string): SealingKey {
  const encoded = line.slice(KEY_LOG_PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64url') !== encoded) {
    throw new TelepathineError('INVALID_ARGUMENT', 'a line of the key log is malformed');
  }
  const digest = createHash('sha256').update('telepathine/v1/key-id\0').update(bytes).digest();
  const idBytes = new Uint8Array(digest.subarray(0, KEY_ID_BYTES));
  return { id: hex32FromBytes(idBytes), idBytes, bytes: new Uint8Array(bytes) };
}

/**
 * Adds those keys to a key log that this process has not written there yet. The file is made with
 * mode 0600, and given it if it has another. A link is not followed.
 *
 * @throws if the file cannot be opened, is no plain file, or is somebody else's.
 */
export function writeKeyLog(path: string, keyring: Keyring): void {
  const keys = keyring.keys.filter(({ id }) => !written.has(`${id} ${path}`));
  if (keys.length === 0) return;
  const { O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_WRONLY } = constants;
  const file = openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_WRONLY, MODE);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error(`${path} is no plain file`);
    if ((stat.mode & 0o777) !== MODE) fchmodSync(file, MODE);
    writeSync(file, keys.map((key) => `${keyLogLine(key)}\n`).join(''));
  } finally {
    closeSync(file);
  }
  for (const { id } of keys) written.add(`${id} ${path}`);
}

const MODE = 0o600;
const written = new Set<string>();
