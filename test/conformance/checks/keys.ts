/** Vectors of key derivation against this implementation, and against what PROTOCOL.md says. */
import { createHash, createHmac, scryptSync } from 'node:crypto';
import { readOptions } from '../../../src/api/options.js';
import type { KeysVector } from '../../../src/conformance/vectors/index.js';
import { deriveKeyring } from '../../../src/crypto/derive.js';
import { TelepathineError } from '../../../src/error.js';
import { differences } from './outcome.js';

/** What is tested, so that a test can put something broken in its place. */
export type Derive = typeof deriveKeyring;

export function checkKeys({ given, expect }: KeysVector, derive = deriveKeyring): string[] {
  const { keys = [], ...expected } = expect;
  const derived = keys.map(({ id, key }) => ({ id, key }));
  const withKeys = expect.keys === undefined ? expected : { ...expected, keys: derived };
  return [
    ...differences(outcomeOf(given, derive), withKeys, 'this implementation'),
    ...keys.flatMap((key) => differences(byHand(key.secret, given.cluster), key, 'by hand')),
    ...wrongSecrets(keys, given),
  ];
}

function outcomeOf({ network, cluster }: KeysVector['given'], derive: Derive): object {
  try {
    readOptions({ cluster });
    const { keys } = derive(network, cluster);
    const shown = keys.map(({ id, bytes }) => ({ id, key: Buffer.from(bytes).toString('hex') }));
    return { result: 'accept', connection: 'none', keys: shown };
  } catch (error) {
    if (!(error instanceof TelepathineError)) throw error;
    return {
      ...{ result: 'reject', layer: 'configuration', error: 'configuration', connection: 'none' },
    };
  }
}

/** As 4.2.2 and 4.2.3 say. */
function byHand(secret: string, cluster: string): object {
  const key = createHmac('sha256', Buffer.from(secret, 'hex'))
    .update(`telepathine/v1/seal\0${cluster}`)
    .digest();
  const id = createHash('sha256').update('telepathine/v1/key-id\0').update(key).digest('hex');
  return { secret, key: key.toString('hex'), id: id.slice(0, 8) };
}

/** As 4.1.2 and 4.2.1 say; a ring's secrets come in the order of its texts, each once. */
function wrongSecrets(
  keys: readonly { secret: string }[],
  { network, cluster }: KeysVector['given'],
): string[] {
  const texts = [...new Set(network)];
  return keys.flatMap(({ secret }, index) => {
    const text = texts[index] ?? '';
    const typed = /^telepathine-key-v1:([\w-]{43})$/.exec(text)?.[1];
    const byHand = typed === undefined ? scrypted(text, cluster) : Buffer.from(typed, 'base64url');
    return differences({ secret: byHand.toString('hex') }, { secret }, `secret ${index}`);
  });
}

function scrypted(passphrase: string, cluster: string): Buffer {
  const known = SCRYPTED.get(`${cluster}\0${passphrase}`);
  if (known !== undefined) return known;
  const salt = `telepathine/v1/passphrase\0${cluster}`;
  const secret = scryptSync(passphrase, salt, 32, { N: 32_768, r: 8, p: 1, maxmem: 2 ** 26 });
  SCRYPTED.set(`${cluster}\0${passphrase}`, secret);
  return secret;
}

/** Each takes some 100 ms. */
const SCRYPTED = new Map<string, Buffer>();
