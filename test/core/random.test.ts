import { createHash } from 'node:crypto';
import test from 'ava';
import * as fc from 'fast-check';
import { Random } from '../../src/core/random.js';
import { seedOf } from '../support/core-state.js';
import { checkProperty } from '../wire/property.js';

test('the stream is SHA-256 over a counter of 8 bytes, the label and the seed', (t) => {
  const random = new Random(Uint8Array.of(1, 2, 3), 'label');
  const expected: number[] = [];
  for (const counter of [0, 1, 2]) {
    const input = Buffer.concat([Buffer.alloc(8), Buffer.from('label'), Buffer.of(1, 2, 3)]);
    input.writeBigUInt64BE(BigInt(counter));
    const digest = createHash('sha256').update(input).digest();
    for (let i = 0; i < 32; i += 4) expected.push(digest.readUInt32BE(i));
  }
  t.deepEqual(
    expected.map(() => random.uint32()),
    expected,
  );
});

test('one seed and label give one stream, another seed or label another', (t) => {
  const draw = (seed: number, label: string) => new Random(seedOf(seed), label).hex64();
  t.is(draw(1, 'a'), draw(1, 'a'));
  t.not(draw(1, 'a'), draw(2, 'a'));
  t.not(draw(1, 'a'), draw(1, 'b'));
  t.regex(draw(1, 'a'), /^[0-9a-f]{16}$/);
});

test('numbers lie within their bounds', (t) => {
  const property = fc.property(fc.integer(), fc.nat(1000), (seed, bound) => {
    const random = new Random(seedOf(seed), 'bounds');
    const below = random.below(bound);
    t.true(Number.isInteger(below) && below >= 0 && (below < bound || bound === 0));
    const real = random.real();
    t.true(real >= 0 && real < 1);
  });
  checkProperty(property);
});

test('every number below a bound is drawn about as often', (t) => {
  const random = new Random(seedOf(5), 'even');
  const counts = new Array<number>(8).fill(0);
  for (let i = 0; i < 8000; i++) counts[random.below(8)]! += 1;
  for (const count of counts) t.true(count > 850 && count < 1150, `${counts}`);
});

test('a sample has distinct members, as many as there are or were asked for', (t) => {
  const property = fc.property(fc.integer(), fc.nat(50), fc.nat(60), (seed, size, count) => {
    const items = Array.from({ length: size }, (_, i) => i);
    const sample = new Random(seedOf(seed), 'sample').sample(items, count);
    t.is(new Set(sample).size, Math.min(size, count));
    t.true(sample.every((item) => items.includes(item)));
    t.deepEqual(
      items,
      Array.from({ length: size }, (_, i) => i),
    );
  });
  checkProperty(property);
});

test('every member is sampled about as often', (t) => {
  const random = new Random(seedOf(9), 'sample');
  const counts = new Array<number>(10).fill(0);
  const items = counts.map((_, i) => i);
  for (let i = 0; i < 5000; i++) for (const item of random.sample(items, 3)) counts[item]! += 1;
  for (const count of counts) t.true(count > 1350 && count < 1650, `${counts}`);
});
