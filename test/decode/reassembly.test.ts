import test from 'ava';
import * as fc from 'fast-check';
import { FrameStream } from '../../src/decode/frame-stream.js';
import { Reassembly } from '../../src/decode/net/reassembly.js';
import type { Segment } from '../../src/decode/net/segments.js';
import { PLAIN_KIND } from '../../src/wire/envelope.js';
import { frame } from '../../src/wire/framing.js';
import { checkProperty } from '../wire/property.js';

const STREAM = Uint8Array.from({ length: 600 }, (_, index) => index * 7);

function segment(sequence: number, payload: Uint8Array, flags: Partial<Segment> = {}): Segment {
  const ports = { sourcePort: 1, destinationPort: 2 };
  const none = { isFirst: false, isLast: false, isReset: false, acknowledged: undefined };
  return { ...ports, ...none, sequence: sequence >>> 0, payload, ...flags };
}

/** What a reassembly told, in order: bytes, gaps and ends. */
function reassemble(segments: readonly Segment[], acknowledged?: number): (number | string)[] {
  const told: (number | string)[] = [];
  const reassembly = new Reassembly({
    data: (bytes) => told.push(...bytes),
    gap: (bytes) => told.push(`gap ${bytes}`),
    end: () => told.push('end'),
  });
  for (const each of segments) {
    reassembly.take(each);
    if (acknowledged !== undefined) reassembly.acknowledged(acknowledged);
  }
  reassembly.end();
  return told;
}

test('segments in any order, doubled and overlapping, give the stream', (t) => {
  const pieces = fc.array(fc.tuple(fc.nat(STREAM.length), fc.integer({ min: 1, max: 200 })));
  const property = fc.property(
    fc.nat(0xffffffff),
    pieces,
    fc.infiniteStream(fc.nat()),
    (start, more, order) => {
      const cut = [...more, ...Array.from({ length: 12 }, (_, index) => [index * 50, 50] as const)];
      const segments = cut.map(([at, length]) =>
        segment(start + 1 + at, STREAM.subarray(at, at + length)),
      );
      segments.sort(() => ((order.next().value as number) % 2) - 0.5);
      const first = segment(start, new Uint8Array(0), { isFirst: true });
      const told = reassemble([first, ...segments, first]);
      if (told.join() !== [...STREAM, 'end'].join()) throw new Error(told.join().slice(0, 200));
    },
  );
  t.notThrows(() => checkProperty(property, 300));
});

test('a segment that never comes is a gap of its length', (t) => {
  const parts = [0, 100, 300].map((at) => segment(1 + at, STREAM.subarray(at, at + 100)));
  const told = reassemble([segment(0, new Uint8Array(0), { isFirst: true }), ...parts]);
  t.deepEqual(told, [...STREAM.slice(0, 200), 'gap 100', ...STREAM.slice(300, 400), 'end']);
});

test('what was acknowledged and does not come is given up before the end', (t) => {
  const parts = [100, 200, 300, 400].map((at) => segment(1 + at, STREAM.subarray(at, at + 100)));
  const reassembly = new Reassembly({
    data: (bytes) => told.push(bytes.length),
    gap: (bytes) => told.push(`gap ${bytes}`),
    end: () => told.push('end'),
  });
  const told: (number | string)[] = [];
  reassembly.take(segment(0, new Uint8Array(0), { isFirst: true }));
  for (const part of parts) {
    reassembly.take(part);
    reassembly.acknowledged(1);
  }
  t.deepEqual(told, []);
  reassembly.acknowledged(501);
  t.deepEqual(told, ['gap 100', 100, 100, 100, 100]);
});

test('the end waits for what is missing before it, and what comes again begins nothing', (t) => {
  const empty = new Uint8Array(0);
  const told = reassemble([
    segment(0, empty, { isFirst: true }),
    segment(11, STREAM.subarray(10, 20), { isLast: true }),
    segment(1, STREAM.subarray(0, 10)),
    segment(11, STREAM.subarray(10, 20), { isLast: true }),
  ]);
  t.deepEqual(told, [...STREAM.slice(0, 20), 'end']);
});

test('a new connection between the same ends begins anew, also where its start is missing', (t) => {
  const empty = new Uint8Array(0);
  const one = [segment(0, empty, { isFirst: true }), segment(1, STREAM.subarray(0, 5))];
  const other = [segment(9000, empty, { isFirst: true }), segment(9001, STREAM.subarray(5, 9))];
  const [a, b] = [[...STREAM.slice(0, 5)], [...STREAM.slice(5, 9)]];
  t.deepEqual(reassemble([...one, ...other]), [...a, 'end', ...b, 'end']);
  const far = segment(2 ** 31 - 5, STREAM.subarray(5, 9));
  t.deepEqual(reassemble([...one, far]), [...a, 'end', 'gap undefined', ...b, 'end']);
});

/** The least of plain envelopes, told apart by its second byte. */
const ENVELOPES = Array.from({ length: 8 }, (_, index) =>
  Uint8Array.of(PLAIN_KIND, 0x10, 1, ...new Uint8Array(20 + index * 9).fill(index)),
);

function readFrames(parts: readonly (Uint8Array | number | undefined)[]) {
  const told: string[] = [];
  const stream = new FrameStream({
    envelope: (envelope) => told.push(`envelope ${envelope[3]}`),
    problem: (reason, at, bytes) => told.push(`${reason} ${at} ${bytes}`),
    isEnvelope: (envelope) => envelope.slice(4).every((byte) => byte === envelope[3]),
  });
  for (const part of parts) part instanceof Uint8Array ? stream.data(part) : stream.gap(part);
  stream.end();
  return told;
}

const FRAMES = new Uint8Array(Buffer.concat(ENVELOPES.map(frame)));
const FIRST_BYTES = 4 + 23;

test('behind a gap the next whole frame is found, and what lies before it is told', (t) => {
  const told = readFrames([
    FRAMES.subarray(0, FIRST_BYTES + 10),
    20,
    FRAMES.subarray(FIRST_BYTES + 30),
  ]);
  t.deepEqual(told, [
    'envelope 0',
    `cut-frame ${FIRST_BYTES} 10`,
    `missing-bytes ${FIRST_BYTES + 10} 20`,
    `skipped-bytes ${FIRST_BYTES + 30} 6`,
    ...[2, 3, 4, 5, 6, 7].map((index) => `envelope ${index}`),
  ]);
});

test('a stream whose start is missing is read from the next frame on, however it is cut', (t) => {
  const property = fc.property(
    fc.integer({ min: 1, max: 4 + 22 }),
    fc.integer({ min: 1, max: 90 }),
    (from, size) => {
      const parts: (Uint8Array | undefined)[] = [undefined];
      for (let at = from; at < FRAMES.length; at += size) parts.push(FRAMES.slice(at, at + size));
      const told = readFrames(parts).join();
      const expected = [
        `skipped-bytes 0 ${FIRST_BYTES - from}`,
        ...[1, 2, 3, 4, 5, 6, 7].map((index) => `envelope ${index}`),
      ].join();
      if (told !== expected) throw new Error(`${from} ${size}: ${told}`);
    },
  );
  t.notThrows(() => checkProperty(property, 200));
});

test('a stream of something else is one problem, and frames behind it are found', (t) => {
  const other = new Uint8Array(Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n'));
  t.deepEqual(readFrames([other]), ['frame-too-long 0 0']);
  t.deepEqual(readFrames([other, FRAMES.subarray(0, FIRST_BYTES)]).at(-1), 'envelope 0');
});
