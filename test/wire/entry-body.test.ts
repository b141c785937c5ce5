import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import test from 'ava';
import * as fc from 'fast-check';
import { EntryBodySchema } from '../../gen/telepathine/v1/log_pb.js';
import { decodeEntryBody, encodeEntryBody } from '../../src/wire/index.js';
import { entryBody } from './arbitraries.js';
import { checkProperty } from './property.js';

type Init = MessageInitShape<typeof EntryBodySchema>;
type Content = Exclude<Init['content'], undefined>;

const stamp = { time: 1n };
const tombstone: Content = { case: 'tombstone', value: { stamp } };
const value = (change: object): Content => {
  return { case: 'value', value: { encoding: 1, stamp, ...change } } as Content;
};
const say = (change: object): Content => {
  return { case: 'say', value: { encoding: 1, sequence: 1n, ...change } } as Content;
};

function bytesOf(init: Init): Uint8Array {
  return toBinary(EntryBodySchema, create(EntryBodySchema, init));
}

test('what is encoded is decoded to the same body', (t) => {
  checkProperty(
    fc.property(entryBody, (body) => t.deepEqual(decodeEntryBody(encodeEntryBody(body)), body)),
  );
});

test('no bytes make the decoder throw', (t) => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void decodeEntryBody(bytes)),
  );
  checkProperty(
    fc.property(entryBody, fc.nat(), fc.nat(255), (body, at, byte) => {
      const bytes = encodeEntryBody(body);
      bytes[at % bytes.length] = byte;
      decodeEntryBody(bytes);
    }),
  );
  t.pass();
});

const refused: Record<string, Init> = {
  'without a content': { version: 1n },
  'of version 0': { content: tombstone },
  'of version 2^53': { version: 2n ** 53n, content: tombstone },
  'with a name of 1025 bytes': { version: 1n, name: 'x'.repeat(1025), content: tombstone },
  'with a name of 1026 bytes in 342 characters': {
    version: 1n,
    name: '…'.repeat(342),
    content: tombstone,
  },
  'without a stamp': { version: 1n, content: { case: 'tombstone', value: {} } },
  'with a stamp of time 0': { version: 1n, content: value({ stamp: {} }) },
  'with a stamp of time 2^53': { version: 1n, content: value({ stamp: { time: 2n ** 53n } }) },
  'with an origin of 7 bytes': {
    version: 1n,
    content: value({ stamp: { time: 1n, origin: new Uint8Array(7) } }),
  },
  'with an origin of zeros': {
    version: 1n,
    content: value({ stamp: { time: 1n, origin: new Uint8Array(8) } }),
  },
  'without an encoding': { version: 1n, content: value({ encoding: 0 }) },
  'with an unknown encoding': { version: 1n, content: value({ encoding: 4 }) },
  'with a type name beside JSON': { version: 1n, content: value({ typeName: 'a.B' }) },
  'of protobuf without a type name': { version: 1n, content: say({ encoding: 3 }) },
  'with a type name of 256 bytes': {
    version: 1n,
    content: value({ encoding: 3, typeName: 'x'.repeat(256) }),
  },
  'with an event of sequence 0': { version: 1n, content: say({ sequence: 0n }) },
  'with an event of sequence 2^53': { version: 1n, content: say({ sequence: 2n ** 53n }) },
};

for (const [what, init] of Object.entries(refused)) {
  test(`a body ${what} is refused`, (t) => {
    t.is(decodeEntryBody(bytesOf(init)), undefined);
  });
}

test('the limits themselves are taken', (t) => {
  const version = 2n ** 53n - 1n;
  const typeName = 'x'.repeat(255);
  const content = value({ encoding: 3, typeName, stamp: { time: version } });
  t.truthy(decodeEntryBody(bytesOf({ version, name: 'x'.repeat(1024), content })));
});

test('a name that is not UTF-8 is refused', (t) => {
  const body = bytesOf({ version: 1n, content: tombstone });
  t.truthy(decodeEntryBody(Uint8Array.of(...body, 0x12, 0x01, 0x61)));
  t.is(decodeEntryBody(Uint8Array.of(...body, 0x12, 0x01, 0xff)), undefined);
  t.is(decodeEntryBody(Uint8Array.of(...body, 0x12, 0x03, 0xed, 0xa0, 0x80)), undefined);
});

test('a byte order mark is a part of a name', (t) => {
  const body = bytesOf({ version: 1n, name: '\ufeffkey', content: tombstone });
  t.is(decodeEntryBody(body)?.name, '\ufeffkey');
});

test('unknown fields of a body are ignored', (t) => {
  const body = bytesOf({ version: 1n, content: tombstone });
  t.deepEqual(decodeEntryBody(Uint8Array.of(...body, 0xf8, 0x06, 1)), decodeEntryBody(body));
});

test('a content from a later version alone is refused', (t) => {
  t.is(decodeEntryBody(Uint8Array.of(0x08, 1, 0x6a, 0x00)), undefined);
});
