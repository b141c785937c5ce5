import { TelepathineError } from '../../error.js';

/** A program that puts a node behind the control protocol. */
export interface Implementation {
  /** Under which it is reported. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/**
 * Reads `CMD` or `NAME=CMD`: words as a shell splits them, with quotes and backslashes, and nothing
 * else that a shell does. Without a name it is that of the program's file. Names are in small letters.
 *
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function readImplementation(text: string): Implementation {
  const [, given, rest = ''] = /^(?:([a-z][a-z0-9-]{0,31})=)?(.*)$/is.exec(text.trim()) ?? [];
  const command = splitWords(rest);
  const [program = ''] = command;
  if (program === '') throw invalid(`${text}: there is no program in it`);
  const file = program.split(/[\\/]/).at(-1) ?? '';
  const name = (given ?? file).toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  return { name, command };
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+)/gsy;
  let end = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    words.push(unquoted(found[1] as string));
    end = pattern.lastIndex;
  }
  if (text.slice(end).trim() !== '') throw invalid(`${text}: a quote is not closed`);
  return words;
}

function unquoted(word: string): string {
  return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, double, single, one) =>
    double === undefined ? (single ?? one) : double.replace(/\\(["\\$`])/g, '$1'),
  );
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}
