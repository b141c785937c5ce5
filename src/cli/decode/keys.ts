import { existsSync } from 'node:fs';
import { deriveSealingKey } from '../../crypto/derive.js';
import { KEY_LOG_PREFIX, KEY_LOG_VARIABLE, keyOfLogLine } from '../../crypto/key-log.js';
import type { SealingKey } from '../../crypto/keyring.js';
import { messageOf, TelepathineError } from '../../error.js';
import { readKeyFile } from '../key-file.js';

/** Where keys are looked for. */
export interface KeySources {
  readonly files: readonly string[];
  readonly clusters: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * All keys: of the files, of TELEPATHINE_NETWORK, and of the key log that TELEPATHINE_KEYLOGFILE
 * names, if it is there. Each may hold typed keys, passphrases and lines of a key log, one a line;
 * keys and passphrases count for each of the clusters.
 *
 * @throws TelepathineError INVALID_ARGUMENT if a file cannot be read, or what it holds is no key; no
 * message holds what was there.
 */
export function readKeys({ files, clusters, environment }: KeySources): SealingKey[] {
  const inEnvironment = environment['TELEPATHINE_NETWORK'];
  const keyLog = environment[KEY_LOG_VARIABLE];
  const texts: [text: string, source: string][] = files.map((file) => [
    readKeyFile(file, FILE_BYTES_MAX),
    `the file ${file}`,
  ]);
  if (inEnvironment) texts.push([inEnvironment, 'TELEPATHINE_NETWORK']);
  if (keyLog && existsSync(keyLog))
    texts.push([readKeyFile(keyLog, FILE_BYTES_MAX), `the file ${keyLog}`]);
  const keys = texts.flatMap(([text, source]) => keysOf(text, source, clusters));
  return [...new Map(keys.map((key) => [Buffer.from(key.bytes).toString('hex'), key])).values()];
}

const FILE_BYTES_MAX = 1024 * 1024;

function keysOf(text: string, source: string, clusters: readonly string[]): SealingKey[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw invalid(`${source} holds no key`);
  try {
    return lines.flatMap((line) =>
      line.startsWith(KEY_LOG_PREFIX)
        ? [keyOfLogLine(line)]
        : clusters.map((cluster) => deriveSealingKey(line, cluster)),
    );
  } catch (cause) {
    throw invalid(`${source}: ${messageOf(cause).replace(/^option network: it /, 'it ')}`);
  }
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}
