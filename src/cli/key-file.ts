import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf, TelepathineError } from '../error.js';

/**
 * The text of a file that holds keys. What is longer is not read to its end: a device or a pipe may
 * have none.
 *
 * @throws TelepathineError INVALID_ARGUMENT if it cannot be read, is longer or no text; the message
 * never holds what is there.
 */
export function readKeyFile(file: string, bytesMax: number): string {
  try {
    const bytes = readUpTo(file, bytesMax + 1);
    if (bytes.length > bytesMax) throw new Error('it is too long to hold keys');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = `the file ${file} cannot be read: ${messageOf(cause)}`;
    throw new TelepathineError('INVALID_ARGUMENT', message, { cause });
  }
}

function readUpTo(file: string, bytesMax: number): Uint8Array {
  const bytes = new Uint8Array(bytesMax);
  const descriptor = openSync(file, 'r');
  try {
    let length = 0;
    while (length < bytesMax) {
      const read = readSync(descriptor, bytes, length, bytesMax - length, null);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
