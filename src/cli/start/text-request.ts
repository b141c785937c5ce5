import type { FieldKind } from './commands.js';
import { invalid, shapeOf } from './request.js';

/**
 * A line such as `set "a key" {"celsius": 21} 5000` as the object that `--json` would take. A name
 * is a word, or JSON text in quotes if it holds spaces or quotes; a value is JSON.
 *
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function parseTextRequest(line: string): Record<string, unknown> {
  const [command, afterCommand] = takeWord(line.trim());
  const shape = shapeOf(command);
  const request: [string, unknown][] = [['command', command]];
  let rest = afterCommand;
  for (const [field, kind] of Object.entries(shape.fields).slice(0, shape.inText)) {
    if (rest === '') break;
    const [value, after] = take(field, kind, rest);
    request.push([field, value]);
    rest = after;
  }
  if (rest !== '') throw invalid(`${command}: there is more than it takes: ${rest}`);
  return Object.fromEntries(request);
}

/** What was taken, and the rest without the spaces before it. */
type Taken<T> = [taken: T, rest: string];

function take(field: string, kind: FieldKind, text: string): Taken<unknown> {
  if (kind === 'name' && !text.startsWith('"')) return takeWord(text);
  const end = endOfJson(text);
  try {
    return [JSON.parse(text.slice(0, end)), text.slice(end).trimStart()];
  } catch {
    throw invalid(`${field} must be JSON (text in quotes), not ${text}`);
  }
}

function takeWord(text: string): Taken<string> {
  const end = text.search(/\s|$/);
  return [text.slice(0, end), text.slice(end).trimStart()];
}

/** Where the first JSON value ends, if it is one: behind its last quote or bracket, or at a space. */
function endOfJson(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]|\s/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    const isSpace = token.trim() === '';
    if (depth <= 0 && isSpace) return index;
    if (depth <= 0 && (token.startsWith('"') || token === '}' || token === ']')) {
      return index + token.length;
    }
  }
  return text.length;
}
