import test from 'ava';
import { decodePayload, encodePayload } from '../../src/api/payload.js';
import { contentOf } from '../../src/cli/start/content.js';
import { jsonLine } from '../../src/cli/start/text.js';
import { Encoding } from '../../src/wire/packet.js';

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function decode(json: string) {
  return decodePayload({ bytes: Buffer.from(json), encoding: Encoding.json, typeName: '' });
}

test('a JSON value may be nested 1,000 levels deep: it can be sent, read and shown', (t) => {
  const payload = encodePayload(nested(1000));
  const decoded = decodePayload(payload);
  t.is(JSON.stringify(decoded?.value), Buffer.from(payload.bytes).toString());
  t.notThrows(() => jsonLine(contentOf(decoded?.value)));
  t.throws(() => encodePayload(nested(1001)), { code: 'NOT_SERIALIZABLE', message: /1000 levels/ });
});

test('a value that is nested deeper is not read, be it as deep as 1 MiB allows', (t) => {
  const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  t.truthy(decode(arrays(1000)));
  for (const depth of [1001, 6000, 500_000]) t.is(decode(arrays(depth)), undefined);
  t.is(decode(`${'{"a":'.repeat(1001)}0${'}'.repeat(1001)}`), undefined);
});

test('brackets in strings are no levels, and many short arrays are not deep', (t) => {
  const text = `\\"${'[{'.repeat(2000)}`;
  t.deepEqual(decode(JSON.stringify([text, text]))?.value, [text, text]);
  const wide = Array.from({ length: 3000 }, () => [[]]);
  t.deepEqual(decode(JSON.stringify(wide))?.value, wide);
});
