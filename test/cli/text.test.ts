import test from 'ava';
import { contentOf } from '../../src/cli/start/content.js';
import { fieldTree } from '../../src/cli/start/field-tree.js';
import { addressText, contentText, jsonLine, word } from '../../src/cli/start/text.js';
import { parseTextRequest } from '../../src/cli/start/text-request.js';
import { textVoice } from '../../src/cli/start/voice.js';
import { ProtobufValue } from '../../src/index.js';

const HOSTILE = [
  '\u001b[2J',
  'a\nb',
  'x\u202ey',
  '\u009b1m',
  '\u2028',
  '\u{e0001}',
  '\r',
  ' ',
  '"',
];

test('nothing in a name or value from the network reaches the terminal as a command', (t) => {
  for (const name of HOSTILE) {
    for (const line of [word(name), jsonLine({ [name]: name }), contentText({ value: name })]) {
      t.notRegex(line, /[\p{C}\u2028\u2029]/u, JSON.stringify(name));
    }
    t.deepEqual(JSON.parse(jsonLine({ name })), { name });
  }
});

test('a name that was printed can be given to a command', (t) => {
  for (const name of [...HOSTILE, 'plain', 'a:b*', '']) {
    t.is(parseTextRequest(`get ${word(name)}`)['key'], name);
  }
});

test('what is not JSON is shown as its bytes', (t) => {
  t.deepEqual(contentOf(new Uint8Array([0, 255])), { bytes: 'AP8=' });
  const message = contentOf(new ProtobufValue('my.Type', new Uint8Array([8, 1])));
  t.deepEqual(message, { bytes: 'CAE=', typeName: 'my.Type' });
  t.is(contentText(message), 'my.Type base64:CAE=');
});

test('a tree of fields has one a line and leaves out what is empty', (t) => {
  const tree = fieldTree({ a: 1, b: { c: 'x' }, d: [], e: [{ f: 1, g: [2] }, 3], h: '', i: null });
  t.deepEqual(tree, [
    'a: 1',
    'b:',
    '  c: "x"',
    'e:',
    '  - f: 1',
    '    g:',
    '      - 2',
    '  - 3',
    'i: null',
  ]);
});

test('an IPv6 address has brackets, and one that is not known is a dash', (t) => {
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) };
  const voice = textVoice(output as never, () => t.fail());
  for (const [address, port] of [
    ['127.0.0.1', 9000],
    ['::1', 9000],
    ['', 0],
  ] as const) {
    voice({ type: 'peer:new', peer: 'n', address, port });
  }
  t.deepEqual(lines, ['peer:new n 127.0.0.1:9000', 'peer:new n [::1]:9000', 'peer:new n -']);
  t.is(addressText({ address: '', port: 0 }), '');
});
