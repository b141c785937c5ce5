import { create } from '@bufbuild/protobuf';
import type { Timestamp, Value } from '@bufbuild/protobuf/wkt';
import { DurationSchema, TimestampSchema, ValueSchema } from '@bufbuild/protobuf/wkt';
import test from 'ava';
import { ProtobufValue } from '../../src/index.js';
import { TestMesh } from './test-mesh.js';

interface Values {
  since: Timestamp;
  tree: Value;
}

const TIMESTAMP = 'google.protobuf.Timestamp';
const SCHEMAS = [TimestampSchema, ValueSchema];
const since = create(TimestampSchema, { seconds: 2n ** 40n, nanos: 5 });

test('messages of registered types are set, said, read, heard, watched and believed', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node<Values, Values>({ schemas: SCHEMAS }).start();
  const b = mesh.node<Values, Values>({ schemas: SCHEMAS }).start();
  await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
  const tree = create(ValueSchema, { kind: { case: 'stringValue', value: 'leaf' } });
  const heard: Timestamp[] = [];
  b.hear('since', (data) => heard.push(data));
  b.know('since', (_peer, _key, value) => heard.push(value)).believe('since');
  const changes = b.watch('tree');
  a.set('since', since).set('tree', tree).say('since', since);
  t.deepEqual(a.get('since'), since);
  await mesh.run(1000);
  t.deepEqual(heard, [since, since]);
  t.deepEqual(b.getRemote('n1', 'since'), since);
  t.deepEqual(b.get('since'), since);
  t.deepEqual(b.find('tree'), [['n1', tree]]);
  t.deepEqual(new Map(b.entriesOf('n1')).get('tree'), tree);
  t.like((await changes.next()).value, { key: 'tree', value: { kind: { value: 'leaf' } } });
  t.is(b.stats()?.unreadable, 0);
});

test('a node that does not know the type gets the bytes and the name of the type', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node({ schemas: SCHEMAS }).start();
  const b = mesh.node().believe('*').start();
  const c = mesh.node({ schemas: SCHEMAS }).start();
  await mesh.until(() => [a, b, c].every((node) => node.livePeers().length === 2));
  a.set('since', since);
  await mesh.run(1000);
  const value = b.getRemote('n1', 'since') as ProtobufValue;
  t.true(value instanceof ProtobufValue);
  t.is(value.typeName, TIMESTAMP);
  t.deepEqual(c.getRemote('n2', 'since'), since);
  b.set('again', value);
  await mesh.run(1000);
  t.deepEqual(c.getRemote('n2', 'again'), since);
});

test('what cannot be sent as a message is refused, and nothing is changed', (t) => {
  const node = new TestMesh().node({ schemas: SCHEMAS });
  node.set('k', 1);
  const refused: [value: unknown, message: RegExp][] = [
    [create(DurationSchema), /'google.protobuf.Duration' is not registered; .* option schemas/],
    [{ $typeName: 'my.Own' }, /'my.Own' is not registered/],
    [{ since }, /a protobuf message can only be sent alone/],
    [[new ProtobufValue(TIMESTAMP, new Uint8Array())], /a protobuf message can only be sent alone/],
    [{ $typeName: TIMESTAMP, seconds: 'long ago', nanos: 0 }, /cannot be sent: .*seconds/],
    [{ $typeName: TIMESTAMP }, /cannot be sent/],
    [new ProtobufValue(TIMESTAMP, new Uint8Array([8])), /no message of the type google/],
    [new ProtobufValue('', new Uint8Array([8])), /needs a type name/],
    [new ProtobufValue('\ud800', new Uint8Array([8])), /needs a type name/],
  ];
  for (const [value, message] of refused) {
    t.throws(() => node.set('k', value), { code: 'NOT_SERIALIZABLE', message });
    t.throws(() => node.say('k', value), { code: 'NOT_SERIALIZABLE', message });
  }
  const large = create(ValueSchema, { kind: { case: 'stringValue', value: 'x'.repeat(2 ** 20) } });
  t.throws(() => node.set('k', large), { code: 'TOO_LARGE' });
  t.is(node.get('k'), 1);
});

test('a ProtobufValue of a registered type is read as its message', (t) => {
  const node = new TestMesh().node({ schemas: SCHEMAS });
  node.set('k', new ProtobufValue(TIMESTAMP, new Uint8Array([16, 7])));
  t.deepEqual(node.get('k'), create(TimestampSchema, { nanos: 7 }));
  t.deepEqual(node.entries(), [['k', create(TimestampSchema, { nanos: 7 })]]);
});

test('a message that is nested too deep is unreadable, and nothing else happens', (t) => {
  const mesh = new TestMesh();
  const plain = mesh.node();
  const knowing = mesh.node({ schemas: SCHEMAS });
  // A Value with a ListValue (field 6) of one Value (field 1), and so on, each around the last.
  let bytes = new Uint8Array();
  for (let depth = 0; depth < 400; depth++) {
    const tag = depth % 2 === 0 ? 10 : 50;
    const length =
      bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) | 128, bytes.length >> 7];
    bytes = new Uint8Array([tag, ...length, ...bytes]);
  }
  const value = new ProtobufValue('google.protobuf.Value', bytes);
  plain.set('k', value);
  t.deepEqual(plain.get('k'), value);
  t.throws(() => knowing.set('k', value), { code: 'NOT_SERIALIZABLE' });
});
