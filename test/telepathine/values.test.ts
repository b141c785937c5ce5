import test from 'ava';
import { decodePayload, encodePayload, ProtobufValue } from '../../src/api/payload.js';
import { TelepathineError } from '../../src/error.js';
import { Encoding } from '../../src/wire/packet.js';
import { TestMesh } from './test-mesh.js';

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

const UNSENDABLE: Record<string, unknown> = {
  undefined: undefined,
  'a function': () => 1,
  'a function inside an object': { call: () => 1 },
  'a symbol': Symbol('x'),
  'a BigInt': 5n,
  'a BigInt inside an array': [5n],
  NaN: Number.NaN,
  'an infinity inside an object': { x: Number.POSITIVE_INFINITY },
  'undefined inside an array': [1, undefined],
  'a hole inside an array': { list: new Array(1) },
  'what becomes undefined inside an array': [{ toJSON: () => undefined }],
  'a cycle': cycle,
  'a Map': new Map(),
  'a Set inside an object': { set: new Set() },
  'a Promise': Promise.resolve(1),
  'a RegExp inside an array': [/x/],
  'an Error': new Error('x'),
  'bytes inside an object': { bytes: new Uint8Array(1) },
  'an ArrayBuffer': new ArrayBuffer(1),
  'a DataView': new DataView(new ArrayBuffer(1)),
  'what throws when it is read': {
    toJSON() {
      throw new Error('no');
    },
  },
  'what is too deep': JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
};

for (const [what, value] of Object.entries(UNSENDABLE)) {
  test(`${what} cannot be set or said, and nothing is changed`, (t) => {
    const node = new TestMesh().node();
    const expected = { instanceOf: TelepathineError, code: 'NOT_SERIALIZABLE' };
    node.set('k', 1);
    t.throws(() => node.set('k', value), expected);
    if (value !== undefined) t.throws(() => node.say('e', value), expected);
    t.is(node.get('k'), 1);
  });
}

test('what is too large cannot be set or said, also while the node runs', async (t) => {
  const mesh = new TestMesh();
  const [running] = await mesh.start(1);
  const tooLarge = { code: 'TOO_LARGE' };
  for (const node of [running!, mesh.node()]) {
    const largest = 'x'.repeat(1024 * 1024 - 2);
    node.set('x'.repeat(1024), largest);
    t.throws(() => node.set('k', `${largest}x`), tooLarge);
    t.throws(() => node.set('k', new Uint8Array(1024 * 1024 + 1)), tooLarge);
    t.throws(() => node.say('k', `${largest}x`), tooLarge);
    t.throws(() => node.set('ü'.repeat(513), 1), tooLarge);
    t.throws(() => node.say('x'.repeat(1025)), tooLarge);
    t.throws(() => node.set('k', new ProtobufValue('x'.repeat(256), new Uint8Array())), tooLarge);
    t.deepEqual(node.keys(), ['x'.repeat(1024)]);
  }
});

for (const key of [undefined, null, 5, {}, Symbol('x'), '\ud800']) {
  test(`${String(key)} is no key and no event`, (t) => {
    const node = new TestMesh().node();
    t.throws(() => node.set(key as never, 1), { code: 'INVALID_ARGUMENT' });
    t.throws(() => node.say(key as never, 1), { code: 'INVALID_ARGUMENT' });
  });
}

for (const expiresAt of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, null, '2030', new Date(0)]) {
  test(`a value cannot expire at ${String(expiresAt)}`, (t) => {
    const node = new TestMesh().node();
    const invalid = { code: 'INVALID_ARGUMENT' };
    t.throws(() => node.set('k', 1, expiresAt as never), invalid);
    t.throws(() => node.set('k', 1, Date.UTC(2020)), invalid);
    t.deepEqual(node.keys(), []);
  });
}

for (const duration of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, null, '5']) {
  test(`an event cannot last ${String(duration)}`, (t) => {
    const node = new TestMesh().node();
    t.throws(() => node.say('e', 1, duration as never), { code: 'INVALID_ARGUMENT' });
  });
}

test('a value that has expired is not returned, also while the node is stopped', (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  node.set('k', 1, mesh.clock.wallMs() + 1000).set('l', 2);
  mesh.clock.advance(999);
  t.is(node.get('k'), 1);
  mesh.clock.advance(1);
  t.is(node.get('k'), undefined);
  t.deepEqual(node.keys(), ['l']);
  t.false(node.delete('k'));
});

test('a value that is read is a copy', (t) => {
  const node = new TestMesh().node();
  const value = { list: [1] };
  const bytes = new Uint8Array([1]);
  node.set('k', value).set('b', bytes);
  value.list.push(2);
  bytes[0] = 2;
  t.deepEqual(node.get('k'), { list: [1] });
  (node.get('b') as Uint8Array)[0] = 3;
  t.deepEqual(node.get('b'), new Uint8Array([1]));
});

for (const value of [null, 0, '', 'ü\u0000', [], {}, { a: [null, true] }, { ['__proto__x']: 1 }]) {
  test(`${JSON.stringify(value)} comes back as it was`, (t) => {
    t.deepEqual(decodePayload(encodePayload(value))?.value, value);
  });
}

test('a date comes back as text, and undefined properties not at all, as in JSON', (t) => {
  const given = { date: new Date(0), nothing: undefined, gone: { toJSON: () => undefined } };
  t.deepEqual(decodePayload(encodePayload(given))?.value, { date: '1970-01-01T00:00:00.000Z' });
});

test('a protobuf message keeps its type name and its bytes', (t) => {
  const payload = encodePayload(new ProtobufValue('my.Type', new Uint8Array([8, 1])));
  t.is(payload.encoding, Encoding.protobuf);
  t.deepEqual(decodePayload(payload)?.value, new ProtobufValue('my.Type', new Uint8Array([8, 1])));
});

test('__proto__ in a payload changes no prototype', (t) => {
  const bytes = new TextEncoder().encode('{"__proto__":{"polluted":1}}');
  const value = decodePayload({ bytes, encoding: Encoding.json, typeName: '' })?.value;
  t.is((value as { polluted?: number }).polluted, undefined);
  t.is(({} as { polluted?: number }).polluted, undefined);
});

for (const [what, bytes] of Object.entries({
  'cut JSON': new TextEncoder().encode('{"a":'),
  nothing: new Uint8Array(0),
  'wrong UTF-8': new Uint8Array([0x22, 0xff, 0x22]),
})) {
  test(`a payload that is ${what} cannot be read, and nothing is thrown`, (t) => {
    t.is(decodePayload({ bytes, encoding: Encoding.json, typeName: '' }), undefined);
  });
}
