/**
 * How deep arrays and objects may be nested in a JSON value. Whoever walks through deeper ones by
 * recursion, as `JSON.stringify` does, runs out of stack: with that of Node at some 5,000.
 */
export const JSON_DEPTH_MAX = 1000;

/** Whether JSON text, in UTF-8, is nested no deeper than `JSON_DEPTH_MAX`. */
export function isShallow(json: Uint8Array): boolean {
  // What is opened must be closed.
  if (json.length <= 2 * JSON_DEPTH_MAX) return true;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth += 1;
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth -= 1;
    if (depth > JSON_DEPTH_MAX) return false;
  }
  return true;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Where the string ends that begins at `start`. */
function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
