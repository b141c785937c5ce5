import test from 'ava';
import { COMMANDS } from '../../src/cli/start/commands.js';
import { parseJsonRequest, readRequest } from '../../src/cli/start/request.js';
import { parseTextRequest } from '../../src/cli/start/text-request.js';
import { TelepathineError } from '../../src/error.js';

const LINES: Record<string, Record<string, unknown>> = {
  'set k 1': { command: 'set', key: 'k', value: 1 },
  '  set   k   null  ': { command: 'set', key: 'k', value: null },
  'set "a key" {"a": [1, {"b": " }\\" "}]} 5000': {
    command: 'set',
    key: 'a key',
    value: { a: [1, { b: ' }" ' }] },
    ttlMs: 5000,
  },
  'set k "text with spaces" 1e3': {
    command: 'set',
    key: 'k',
    value: 'text with spaces',
    ttlMs: 1e3,
  },
  'set k [1, 2]': { command: 'set', key: 'k', value: [1, 2] },
  'set "" ""': { command: 'set', key: '', value: '' },
  'set \u00fc:* true': { command: 'set', key: '\u00fc:*', value: true },
  'get k': { command: 'get', key: 'k' },
  'get "k" "n 2"': { command: 'get', key: 'k', peer: 'n 2' },
  'get __proto__': { command: 'get', key: '__proto__' },
  'delete k': { command: 'delete', key: 'k' },
  keys: { command: 'keys' },
  'keys n2': { command: 'keys', peer: 'n2' },
  'say e': { command: 'say', event: 'e' },
  'say e {"x":1} 1000': { command: 'say', event: 'e', value: { x: 1 }, durationMs: 1000 },
  members: { command: 'members' },
  stats: { command: 'stats' },
  stop: { command: 'stop' },
};

test('a line of text is the object that --json takes', (t) => {
  for (const [line, request] of Object.entries(LINES)) {
    t.deepEqual(parseTextRequest(line), request, line);
    t.notThrows(() => readRequest(request), line);
  }
});

test('every command can be given as text', (t) => {
  const given = Object.values(LINES).map(({ command }) => String(command));
  t.deepEqual([...new Set(given)].sort(), Object.keys(COMMANDS).sort());
});

const WRONG_TEXT: Record<string, RegExp> = {
  sett: /no such command; did you mean set\?/,
  constructor: /no such command; there are set,/,
  'set k hello': /value must be JSON \(text in quotes\), not hello/,
  'set k {"a": 1': /must be JSON/,
  'set k 1 2 3': /more than it takes: 3/,
  'members all': /more than it takes: all/,
  'get "k': /key must be JSON/,
};

test('a line that is wrong is refused with the reason', (t) => {
  for (const [line, message] of Object.entries(WRONG_TEXT)) {
    const error = t.throws(() => parseTextRequest(line), { instanceOf: TelepathineError }, line);
    t.regex(error.message, message, line);
    t.is(error.code, 'INVALID_ARGUMENT');
  }
});

const WRONG_JSON: Record<string, RegExp> = {
  '{': /this is no JSON/,
  '1': /a command is an object/,
  null: /a command is an object/,
  '[]': /a command is an object/,
  '{}': /no such command/,
  '{"command":["set"]}': /no such command/,
  '{"command":"set"}': /set needs key/,
  '{"command":"set","key":1}': /key must be text/,
  '{"command":"set","key":"k","value":1,"ttlMS":5}': /no field ttlMS; did you mean ttlMs\?/,
  '{"command":"set","key":"k","value":1,"ttlMs":"5"}': /ttlMs must be a number of milliseconds/,
  '{"command":"set","key":"k","value":1,"ttlMs":0}': /ttlMs must be a number of milliseconds/,
  '{"command":"set","key":"k","value":1,"bytes":"AA=="}': /value or bytes, not both/,
  '{"command":"set","key":"k","bytes":"?"}': /bytes must be base64/,
  '{"command":"say","event":"e","buffer":1}': /buffer must be true or false/,
  '{"command":"get","key":"k","__proto__":1}': /no field __proto__/,
};

test('an object that is wrong is refused with the field and what is allowed', (t) => {
  for (const [line, message] of Object.entries(WRONG_JSON)) {
    const read = () => readRequest(parseJsonRequest(line));
    const error = t.throws(read, { instanceOf: TelepathineError }, line);
    t.regex(error.message, message, line);
  }
});

test('bytes are given as base64', (t) => {
  const { fields } = readRequest({ command: 'set', key: 'k', bytes: 'AP8=' });
  t.deepEqual(fields.bytes, new Uint8Array([0, 255]));
});
