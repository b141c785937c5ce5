import { createHash } from 'node:crypto';
import test from 'ava';
import * as fc from 'fast-check';
import { fingerprintOf } from '../../src/core/directory.js';
import { ownerHash } from '../../src/core/fingerprint.js';
import type { Statement } from '../../src/core/life.js';
import { Owner } from '../../src/core/owner.js';
import { GENERATION_MAX, INTEGER_MAX } from '../../src/wire/limits.js';
import { Status } from '../../src/wire/packet.js';
import { makeOwner } from '../support/core-state.js';
import { hex64, ownerId } from '../wire/arbitraries.js';
import { checkProperty } from '../wire/property.js';

interface Fields {
  id: string;
  logId: string;
  generation: number;
  incarnation: number;
  status: Status;
  version: number;
  floor: number;
}

const FIELDS: Fields = {
  id: '0123456789abcdef',
  logId: 'fedcba9876543210',
  generation: 1_700_000_000_123,
  incarnation: 7,
  status: Status.alive,
  version: 2 ** 40 + 5,
  floor: 2 ** 33 + 1,
};

function ownerWith(fields: Fields, changes: Partial<Statement> = {}): Owner {
  const { id, logId, generation, incarnation, status, version, floor } = fields;
  const life = { owner: id, logId, generation };
  const statement = { ...life, incarnation, status, downAtMs: 0 };
  const owner = new Owner(statement);
  const log = owner.writableLog();
  log.version = version;
  log.floor = floor;
  owner.statement = { ...statement, ...changes };
  return owner;
}

/** The canonical bytes of PROTOCOL.md, written by other means. */
function expectedHash(fields: Fields): bigint {
  const bytes = Buffer.alloc(45);
  bytes.write(fields.id, 0, 'hex');
  bytes.write(fields.logId, 8, 'hex');
  bytes.writeBigUInt64BE(BigInt(fields.generation), 16);
  bytes.writeUInt32BE(fields.incarnation, 24);
  bytes.writeUInt8(fields.status, 28);
  bytes.writeBigUInt64BE(BigInt(fields.version), 29);
  bytes.writeBigUInt64BE(BigInt(fields.floor), 37);
  return createHash('sha256').update(bytes).digest().readBigUInt64BE();
}

const fields: fc.Arbitrary<Fields> = fc.record({
  id: ownerId,
  logId: hex64,
  generation: fc.integer({ min: 1, max: GENERATION_MAX }),
  incarnation: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  status: fc.constantFrom(Status.alive, Status.dead, Status.left),
  version: fc.integer({ min: 0, max: INTEGER_MAX }),
  floor: fc.integer({ min: 0, max: INTEGER_MAX }),
});

test('the hash of one owner is a fixed vector', (t) => {
  const { high, low } = ownerHash(ownerWith(FIELDS));
  const hash = (BigInt(high) << 32n) | BigInt(low);
  t.is(hash, expectedHash(FIELDS));
  t.is(hash.toString(16).padStart(16, '0'), '1e966db7076ad322');
});

test('the sum is that of SHA-256 over the canonical bytes, modulo 2^64', (t) => {
  const property = fc.property(fc.array(fields, { maxLength: 12 }), (list) => {
    const owners = list.map((each) => ownerWith(each));
    const sum = list.reduce((total, each) => total + expectedHash(each), 0n) % 2n ** 64n;
    t.deepEqual(fingerprintOf({}, owners), {
      range: {},
      count: list.length,
      sum: sum.toString(16).padStart(16, '0'),
    });
  });
  checkProperty(property, 300);
});

test('the order of owners does not matter', (t) => {
  const property = fc.property(fc.array(fields, { maxLength: 12 }), (list) => {
    const owners = list.map((each) => ownerWith(each));
    t.deepEqual(fingerprintOf({}, owners), fingerprintOf({}, owners.toReversed()));
  });
  checkProperty(property);
});

test('the sum of as many owners as a mesh may have stays exact', (t) => {
  const owner = makeOwner('0000000000000001', { hashHigh: -1, hashLow: -1 });
  const owners = new Array<Owner>(2 ** 20).fill(owner);
  const expected = ((2n ** 64n - 1n) * 2n ** 20n) % 2n ** 64n;
  t.is(fingerprintOf({}, owners).sum, expected.toString(16).padStart(16, '0'));
});

test('any field of the digest changes the fingerprint', (t) => {
  const before = ownerHash(ownerWith(FIELDS));
  const changes: Partial<Fields>[] = [
    { id: '0123456789abcdee' },
    { logId: 'fedcba9876543211' },
    { generation: FIELDS.generation + 1 },
    { incarnation: 8 },
    { status: Status.dead },
    { version: FIELDS.version + 1 },
    { floor: FIELDS.floor + 1 },
  ];
  for (const change of changes)
    t.notDeepEqual(ownerHash(ownerWith({ ...FIELDS, ...change })), before);
});

test('the age since death and a refusal are not in the fingerprint', (t) => {
  const dead = { ...FIELDS, status: Status.dead };
  const before = ownerHash(ownerWith(dead));
  t.deepEqual(ownerHash(ownerWith(dead, { downAtMs: 12_345 })), before);
  const refused = ownerWith(dead);
  refused.refused = true;
  t.deepEqual(ownerHash(refused), before);
});

test('a log of an earlier generation counts as version and floor 0', (t) => {
  const owner = ownerWith(FIELDS, { generation: FIELDS.generation + 1 });
  const hash = ownerHash(owner);
  const expected = expectedHash({
    ...FIELDS,
    generation: FIELDS.generation + 1,
    version: 0,
    floor: 0,
  });
  t.is((BigInt(hash.high) << 32n) | BigInt(hash.low), expected);
});
