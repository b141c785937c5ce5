import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { isPlainObject } from '../../api/option-readers.js';
import { Keyring, type SealingKey } from '../../crypto/keyring.js';
import { cryptoReady, sealBox } from '../../crypto/secretbox.js';
import { KeySet } from '../../decode/key-set.js';
import { messageOf, TelepathineError } from '../../error.js';
import { SEALED_KIND, writeEnvelope } from '../../wire/envelope.js';
import { frame } from '../../wire/framing.js';
import { packetFromJson } from '../../wire/json.js';
import { ExitCode, messageLine } from '../exit.js';
import { readKeys } from './keys.js';
import { LineOutput } from './line-output.js';

/** What commander makes of the command line of `telepathine seal`. */
export interface SealFlags {
  keyFile: string[];
  cluster: string[];
  frames?: true;
}

/** Declares the options of `telepathine seal`. */
export function addSealOptions(command: Command): Command {
  const collect = (value: string, before: string[]) => [...before, value];
  return command
    .option('--key-file <file>', 'keys, as decode takes them; the first seals', collect, [])
    .option('--cluster <name>', 'cluster for which the keys are', (name: string) => [name], [''])
    .option('--frames', 'write a stream of frames in place of lines');
}

/**
 * `telepathine encode`: JSON, a packet a line, to lines of hex: the serialised packet, and behind a
 * space how it was sealed, if the JSON tells: `plain`, or the key's id, `:`, and the nonce.
 *
 * @returns 0; 1 if a line could not be encoded, which is said and left out.
 */
export async function runEncode(): Promise<ExitCode> {
  return await translateLines((line) => encodeLine(line));
}

/**
 * `telepathine seal`: what `encode` writes to envelopes in hex. A line that does not tell how it was
 * sealed is sealed by the first key with a fresh nonce; without any key it is plain.
 *
 * @returns 0; 1 if a line is malformed; 4 if a key is missing. Either is said and left out.
 * @throws TelepathineError INVALID_ARGUMENT if the keys cannot be read.
 */
export async function runSeal(
  { keyFile: files, cluster: clusters, frames }: SealFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ExitCode> {
  const keys = readKeys({ files, clusters, environment });
  await cryptoReady();
  return await translateLines((line) => {
    const envelope = sealLine(line, keys);
    return frames ? frame(envelope) : Buffer.from(envelope).toString('hex');
  });
}

async function translateLines(translate: (line: string) => string | Uint8Array): Promise<ExitCode> {
  const output = new LineOutput(process.stdout);
  let exitCode: ExitCode = ExitCode.done;
  let number = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    number += 1;
    if (line.trim() === '') continue;
    try {
      const translated = translate(line);
      if (typeof translated === 'string') output.write(translated);
      else process.stdout.write(translated);
    } catch (error) {
      process.stderr.write(messageLine(`line ${number}: ${messageOf(error)}`));
      const isKeyMissing = error instanceof MissingKey;
      if (exitCode === ExitCode.done || isKeyMissing) {
        exitCode = isKeyMissing ? ExitCode.notAuthenticated : ExitCode.failed;
      }
    }
    await output.flush();
    if (output.isClosed) break;
  }
  return exitCode;
}

/** A line of `decode --json`, or the JSON of a Packet alone. */
export function encodeLine(line: string): string {
  const json: unknown = JSON.parse(line);
  if (!isPlainObject(json)) throw invalid('it is no object');
  if (json['schema'] !== undefined && json['packet'] === undefined) {
    throw invalid(`it is no packet but a ${String(json['type'])}`);
  }
  const packet = json['packet'] ?? json;
  if (hasHiddenValue(packet)) throw invalid('values are hidden: decode with --show-values');
  const hex = Buffer.from(packetFromJson(packet)).toString('hex');
  const { sealed, keyId, nonce } = json;
  if (sealed === false) return `${hex} plain`;
  return typeof keyId === 'string' && typeof nonce === 'string' ? `${hex} ${keyId}:${nonce}` : hex;
}

/** A line of `encodeLine` as an envelope. */
export function sealLine(line: string, keys: readonly SealingKey[]): Uint8Array {
  const [, hex = '', how] = /^\s*((?:[0-9a-f]{2})*)(?:\s+(\S+))?\s*$/i.exec(line) ?? [];
  if (hex === '') throw invalid('it must be hex, and how it is to be sealed');
  const packetBytes = new Uint8Array(Buffer.from(hex, 'hex'));
  const [first] = keys;
  if (how === 'plain' || (how === undefined && first === undefined)) {
    return writeEnvelope(packetBytes, undefined);
  }
  if (how === undefined) return writeEnvelope(packetBytes, new Keyring([first as SealingKey]));
  const [, keyId, nonceHex] = /^([0-9a-f]{8}):([0-9a-f]{48})$/.exec(how) ?? [];
  if (keyId === undefined) throw invalid('behind the packet must stand plain, or KEYID:NONCE');
  const key = new KeySet(keys).find(keyId);
  if (key === undefined) throw new MissingKey(`there is no key ${keyId}`);
  const nonce = new Uint8Array(Buffer.from(nonceHex as string, 'hex'));
  const box = sealBox(packetBytes, nonce, key.bytes);
  return new Uint8Array(Buffer.concat([Uint8Array.of(SEALED_KIND), key.idBytes, nonce, box]));
}

class MissingKey extends Error {}

function hasHiddenValue(packet: unknown): boolean {
  const { deltas } = packet as { deltas?: { entries?: { payload?: unknown }[] }[] };
  if (!Array.isArray(deltas)) return false;
  return deltas.some((delta) => delta?.entries?.some?.((entry) => isPlainObject(entry?.payload)));
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}
