import test from 'ava';
import * as fc from 'fast-check';
import type { Packet } from '../../src/wire/index.js';
import { encodePacket } from '../../src/wire/index.js';
import { boundOf } from '../support/packet-size.js';
import { packet as anyPacket } from './arbitraries.js';
import { checkProperty } from './property.js';

test('the sizes add up to no less than the packet and little more', (t) => {
  checkProperty(
    fc.property(anyPacket, (packet) => {
      const bound = boundOf(packet);
      const bytes = encodePacket(packet).length;
      const open = packet.digests.length + packet.deltas.length;
      t.true(bytes <= bound, `${bytes} bytes, bound ${bound}`);
      t.true(bound - bytes <= 3 * open, `${bytes} bytes, bound ${bound}, ${open} open messages`);
    }),
    500,
  );
});

test('the length of the longest packet still fits the bound', (t) => {
  const [packet] = fc.sample(anyPacket, { numRuns: 1, seed: 1 }) as [Packet];
  const payload = new Uint8Array(1024 * 1024);
  const entries = Array.from({ length: 17 }, () => ({ body: new Uint8Array(0), payload }));
  const owner = 'ffffffffffffffff';
  const rest = { generation: 1, from: 0, to: 1, asOf: 1, floor: 0, requiredFeatures: 0 };
  const large = { owner, logId: owner, header: new Uint8Array(0), entries, ...rest };
  const whole = { ...packet, deltas: [large] };
  t.true(encodePacket(whole).length <= boundOf(whole));
});
