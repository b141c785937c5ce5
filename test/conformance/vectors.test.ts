/** Every vector against this implementation, and that a wrong vector is seen. */
import test from 'ava';
import type { ProtobufVector, Vector } from '../../src/conformance/vectors/index.js';
import { check } from './checks/index.js';
import { REASONS } from './checks/outcome.js';
import { checkProtobuf } from './checks/protobuf.js';
import { VECTORS } from './suite.js';

const LONG = ['framing-trusted-limit', 'framing-trusted-two-mebibytes'];

for (const vector of VECTORS) {
  test(`${vector.id}: ${vector.title}`, async (t) => {
    t.deepEqual(await check(vector), []);
  });
}

/** Without those of megabytes, which would take seconds. */
const SHORT = VECTORS.filter(({ id }) => !LONG.includes(id));

test('a vector that expects another result, layer, reason or end of the connection fails', async (t) => {
  for (const vector of SHORT) {
    const { result, layer, error, connection } = vector.expect;
    for (const wrong of [
      { result: result === 'accept' ? 'reject' : 'accept' },
      { connection: connection === 'kept' ? 'closed' : 'kept' },
      ...(error === undefined ? [{ error: REASONS[0] }] : [{ error: `${error}s` }]),
      ...(layer === undefined ? [{ layer: 'packet' }] : [{ layer: `${layer}s` }]),
    ]) {
      const expect = { ...vector.expect, ...wrong };
      t.true(
        (await check({ ...vector, expect } as Vector)).length > 0,
        `${vector.id} ${keysOf(wrong)}`,
      );
    }
  }
});

test('a vector that expects another output fails', async (t) => {
  for (const vector of SHORT) {
    const common = ['result', 'layer', 'error', 'connection', 'sameBytes'];
    for (const name of Object.keys(vector.expect).filter((each) => !common.includes(each))) {
      const expect = { ...vector.expect, [name]: altered(Reflect.get(vector.expect, name)) };
      t.true((await check({ ...vector, expect } as Vector)).length > 0, `${vector.id} ${name}`);
    }
  }
});

test('a packet whose bytes are not those of an encoder fails where they are compared', (t) => {
  const vector = VECTORS.find(({ id }) => id === 'protobuf-tags-filled-up') as ProtobufVector;
  t.deepEqual(checkProtobuf(vector), []);
  t.is(checkProtobuf({ ...vector, expect: { ...vector.expect, sameBytes: true } }).length, 1);
});

function keysOf(object: object): string {
  return Object.keys(object).join();
}

/** Something else of the same kind. */
function altered(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return `${value}00`;
  if (Array.isArray(value)) return value.length === 0 ? ['00'] : value.slice(1);
  return { ...(value as object), more: true };
}
