import test from 'ava';
import * as fc from 'fast-check';
import {
  FRAME_BYTES_MAX,
  FrameReader,
  frame,
  UNTRUSTED_FRAME_BYTES_MAX,
} from '../../src/wire/index.js';
import { checkProperty } from './property.js';

const envelopes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 });

function read(reader: FrameReader, chunks: Uint8Array[]) {
  const frames: Uint8Array[] = [];
  let refusal: string | undefined;
  for (const chunk of chunks) {
    refusal = reader.push(chunk, (each) => frames.push(new Uint8Array(each)))?.reason;
  }
  return { frames, refusal };
}

function cut(bytes: Uint8Array, sizes: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const length of sizes) {
    chunks.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  return [...chunks, bytes.subarray(offset)];
}

function concat(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function announce(length: number): Uint8Array {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, length);
  return prefix;
}

test('any chunking gives the same frames', (t) => {
  checkProperty(
    fc.property(envelopes, cuts, (sent, sizes) => {
      const reader = new FrameReader();
      const stream = concat(sent.map(frame));
      t.deepEqual(read(reader, cut(stream, sizes)), { frames: sent, refusal: undefined });
      t.is(reader.bufferedBytes, 0);
    }),
  );
});

test('one byte at a time gives the same frames', (t) => {
  const sent = [Uint8Array.of(7), new Uint8Array(1200).fill(3), Uint8Array.of(1, 2)];
  const stream = concat(sent.map(frame));
  const chunks = Array.from(stream, (_, index) => stream.subarray(index, index + 1));
  t.deepEqual(read(new FrameReader(), chunks), { frames: sent, refusal: undefined });
});

test('any chunking gives the same frames before a refusal', (t) => {
  checkProperty(
    fc.property(
      envelopes,
      cuts,
      fc.constantFrom(0, 1201, 2 ** 31, 2 ** 32 - 1),
      (sent, sizes, bad) => {
        const stream = concat([...sent.map(frame), announce(bad), new Uint8Array(50)]);
        const refusal = bad === 0 ? 'empty-frame' : 'frame-too-long';
        t.deepEqual(read(new FrameReader(), cut(stream, sizes)), { frames: sent, refusal });
      },
    ),
  );
});

test('a refused stream stays refused and keeps nothing', (t) => {
  const reader = new FrameReader();
  t.is(read(reader, [announce(UNTRUSTED_FRAME_BYTES_MAX + 1)]).refusal, 'frame-too-long');
  const after = read(reader, [frame(Uint8Array.of(1))]);
  t.deepEqual(after, { frames: [], refusal: 'frame-too-long' });
  t.is(reader.bufferedBytes, 0);
});

test('the limit holds to the byte, and can be raised to that of the protocol', (t) => {
  const reader = new FrameReader();
  t.is(read(reader, [frame(new Uint8Array(UNTRUSTED_FRAME_BYTES_MAX))]).frames.length, 1);
  t.is(reader.frameBytesMax, UNTRUSTED_FRAME_BYTES_MAX);
  reader.frameBytesMax = FRAME_BYTES_MAX;
  t.is(read(reader, [frame(new Uint8Array(FRAME_BYTES_MAX))]).frames.length, 1);
  t.is(read(reader, [announce(FRAME_BYTES_MAX + 1)]).refusal, 'frame-too-long');
});

test('a limit raised on delivery holds for the next frame of the same chunk', (t) => {
  const reader = new FrameReader();
  const lengths: number[] = [];
  const refusal = reader.push(
    concat([frame(Uint8Array.of(1)), frame(new Uint8Array(5000))]),
    (each) => {
      lengths.push(each.length);
      reader.frameBytesMax = FRAME_BYTES_MAX;
    },
  );
  t.is(refusal, undefined);
  t.deepEqual(lengths, [1, 5000]);
});

test('the kept bytes are counted', (t) => {
  const reader = new FrameReader();
  read(reader, [announce(1000).subarray(0, 3)]);
  t.is(reader.bufferedBytes, 3);
  read(reader, [announce(1000).subarray(3), new Uint8Array(10)]);
  t.is(reader.bufferedBytes, 14);
});

test('dribbled bytes of a frame of 16 MiB are not copied again and again', (t) => {
  const reader = new FrameReader();
  reader.frameBytesMax = FRAME_BYTES_MAX;
  read(reader, [announce(FRAME_BYTES_MAX)]);
  const chunk = new Uint8Array(64);
  const started = performance.now();
  for (let sent = 0; sent < FRAME_BYTES_MAX - 64; sent += 64) read(reader, [chunk]);
  // Copying all that was kept at each chunk would move 2 TB.
  t.true(performance.now() - started < 20_000);
  t.is(read(reader, [chunk]).frames[0]?.length, FRAME_BYTES_MAX);
});

test('an announced length takes no memory before its bytes come', (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 100 }, () => new FrameReader());
  for (const reader of readers) {
    reader.frameBytesMax = FRAME_BYTES_MAX;
    read(reader, [announce(FRAME_BYTES_MAX), new Uint8Array(100)]);
  }
  t.true(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
  t.is(readers[0]?.bufferedBytes, 104);
});

test('nothing and too much cannot be framed, and a limit must be in range', (t) => {
  t.throws(() => frame(new Uint8Array(0)), { code: 'INVALID_ARGUMENT' });
  t.throws(() => frame(new Uint8Array(FRAME_BYTES_MAX + 1)), { code: 'TOO_LARGE' });
  for (const limit of [0, -1, 1.5, Number.NaN, FRAME_BYTES_MAX + 1]) {
    t.throws(() => (new FrameReader().frameBytesMax = limit), { code: 'INVALID_ARGUMENT' });
  }
});
