import { createHash } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import test from 'ava';
import * as fc from 'fast-check';
import { OwnerHeaderSchema } from '../../gen/telepathine/v1/log_pb.js';
import { decodeOwnerHeader, encodeOwnerHeader, ownerIdOf } from '../../src/wire/index.js';
import { idFromHash } from '../../src/wire/owner-id.js';
import { ownerHeader } from './arbitraries.js';
import { checkProperty } from './property.js';

type Init = MessageInitShape<typeof OwnerHeaderSchema>;

const udp = { family: 1, ip: new Uint8Array(4), port: 9000, transport: 1 };

function decode(change: Init) {
  const message = create(OwnerHeaderSchema, { version: 1n, name: 'node', ...change });
  return decodeOwnerHeader(toBinary(OwnerHeaderSchema, message));
}

test('what is encoded is decoded to the same header', (t) => {
  checkProperty(
    fc.property(ownerHeader, (header) => {
      t.deepEqual(decodeOwnerHeader(encodeOwnerHeader(header)), header);
    }),
    300,
  );
});

test('no bytes make the decoder throw', (t) => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void decodeOwnerHeader(bytes)),
  );
  checkProperty(
    fc.property(ownerHeader, fc.nat(), fc.nat(255), (header, at, byte) => {
      const bytes = encodeOwnerHeader(header);
      bytes[at % bytes.length] = byte;
      decodeOwnerHeader(bytes);
    }),
  );
  t.pass();
});

const many = <Item>(length: number, item: (index: number) => Item) => {
  return Array.from({ length }, (_, index) => item(index));
};
const tag = (index: number) => ({ name: String(100 + index), value: '' });

const refused: Record<string, Init> = {
  'of version 0': { version: 0n },
  'of version 2^53': { version: 2n ** 53n },
  'without a name': { name: '' },
  'with a name of 256 bytes': { name: 'é'.repeat(128) },
  'with 9 addresses': { addresses: many(9, () => udp) },
  'with an IPv4 address of 16 bytes': { addresses: [{ ...udp, ip: new Uint8Array(16) }] },
  'with an IPv6 address of 4 bytes': { addresses: [{ ...udp, family: 2 }] },
  'with port 0': { addresses: [{ ...udp, port: 0 }] },
  'with port 65536': { addresses: [{ ...udp, port: 65_536 }] },
  'with 65 tags': { tags: many(65, tag) },
  'with a tag without a name': { tags: [{ value: 'x' }] },
  'with a tag twice': { tags: [tag(1), tag(1)] },
  'with tags out of order': { tags: [tag(2), tag(1)] },
  'with a tag name of 256 bytes': { tags: [{ name: 'x'.repeat(256) }] },
  'with a tag value of 1025 bytes': { tags: [{ name: 'x', value: 'x'.repeat(1025) }] },
  'with 17 key ids': { keyIds: many(17, () => new Uint8Array(4)) },
  'with a key id of 5 bytes': { keyIds: [new Uint8Array(5)] },
};

for (const [what, change] of Object.entries(refused)) {
  test(`a header ${what} is refused`, (t) => t.is(decode(change), undefined));
}

test('the limits themselves are taken', (t) => {
  const header = decode({
    name: 'x'.repeat(255),
    addresses: many(8, () => udp),
    tags: many(64, (index) => ({ name: `${100 + index}`.padEnd(255), value: 'x'.repeat(1024) })),
    keyIds: many(16, () => new Uint8Array(4)),
  });
  t.is(Object.keys(header?.tags ?? {}).length, 64);
});

test('addresses of an unknown family or transport are left out', (t) => {
  const addresses = [{ ...udp, family: 3 }, udp, { ...udp, transport: 3 }, { ...udp, family: 0 }];
  t.deepEqual(decode({ addresses })?.addresses, [
    { family: 4, ip: new Uint8Array(4), port: 9000, transport: 'udp' },
  ]);
});

test('a tag named __proto__ is a tag', (t) => {
  const tags = decode({ tags: [{ name: '__proto__', value: 'x' }] })?.tags ?? {};
  t.deepEqual(Object.entries(tags), [['__proto__', 'x']]);
  t.is(Object.getPrototypeOf(tags), null);
});

test('tags are ordered by their UTF-8 bytes, not by UTF-16', (t) => {
  const tags = { '\u{1f600}': 'above', '\uffff': 'below' };
  const decoded = decodeOwnerHeader(encodeOwnerHeader({ ...empty, tags }));
  t.deepEqual(Object.keys(decoded?.tags ?? {}), ['\uffff', '\u{1f600}']);
});

test('a name that is not UTF-8 is refused', (t) => {
  const bytes = encodeOwnerHeader(empty);
  t.is(decodeOwnerHeader(Uint8Array.of(...bytes, 0x12, 2, 0xc0, 0x80)), undefined);
});

test('an owner id is the beginning of the hash of the name', (t) => {
  for (const name of ['127.0.0.1:9000', '', 'é', '\u{1f600}'.repeat(60)]) {
    t.is(ownerIdOf(name), createHash('sha256').update(name).digest('hex').slice(0, 16));
  }
});

test('a hash that begins with zeros is not the id of nobody', (t) => {
  t.is(idFromHash(new Uint8Array(32)), '0000000000000001');
  t.is(idFromHash(new Uint8Array(32).fill(9, 0, 1)), '0900000000000000');
});

const empty = {
  version: 1,
  name: 'node',
  addresses: [],
  tags: {},
  protocolMin: 1,
  protocolMax: 1,
  features: 0,
  keyIds: [],
};
