import { TelepathineError } from '../../error.js';
import { readKeyFile } from '../key-file.js';

/**
 * The keys and passphrases of a private mesh, one a line, from a file or else from the environment.
 * They are never arguments: those can be read by every user of the machine.
 *
 * @returns undefined if neither was given: a public mesh.
 * @throws TelepathineError INVALID_ARGUMENT if the file cannot be read, or no key is there; the
 * message never holds what was.
 */
export function readNetwork(
  file: string | undefined,
  fromEnvironment: string | undefined,
): string[] | undefined {
  if (file !== undefined) return linesOf(readKeyFile(file, FILE_BYTES_MAX), `the file ${file}`);
  if (fromEnvironment === undefined) return undefined;
  return linesOf(fromEnvironment, 'TELEPATHINE_NETWORK');
}

const FILE_BYTES_MAX = 64 * 1024;

/** An empty file must not make the mesh public. */
function linesOf(text: string, source: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw invalid(`${source} holds no key`);
  return lines;
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}
