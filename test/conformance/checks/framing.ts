/** Vectors of framing against this implementation. */
import { bytesOf, chunksOf, type FramingVector } from '../../../src/conformance/vectors/index.js';
import { FRAME_BYTES_MAX, FrameReader } from '../../../src/wire/index.js';
import { differences, layerOf, printed } from './outcome.js';

/** What is tested, so that a test can put something broken in its place. */
export type MakeReader = () => Reader;

type Reader = Pick<FrameReader, 'push' | 'frameBytesMax' | 'bufferedBytes'>;

export function checkFraming(
  { given, expect }: FramingVector,
  makeReader: MakeReader = () => new FrameReader(),
): string[] {
  const stream = bytesOf(given.stream);
  const expected = { ...expect, frames: expect.frames.map(printed) };
  return given.chunkings.flatMap(({ name, sizes }) => {
    const outcome = read(makeReader(), chunksOf(stream, sizes), given.trustedAfterFrames);
    return differences(outcome, expected, name);
  });
}

function read(reader: Reader, chunks: Uint8Array[], trustedAfterFrames = Number.NaN) {
  const frames: string[] = [];
  if (trustedAfterFrames === 0) reader.frameBytesMax = FRAME_BYTES_MAX;
  let error: string | undefined;
  for (const chunk of chunks) {
    const refusal = reader.push(chunk, (frame) => {
      frames.push(printed(frame));
      if (frames.length === trustedAfterFrames) reader.frameBytesMax = FRAME_BYTES_MAX;
    });
    error = refusal?.reason;
  }
  const halfReadBytes = reader.bufferedBytes;
  if (error === undefined) {
    // Nothing has come of a stream that only waits.
    const result = frames.length === 0 && halfReadBytes > 0 ? 'ignore' : 'accept';
    return { result, connection: 'kept', frames, halfReadBytes };
  }
  const layer = layerOf(error);
  return { result: 'reject', layer, error, connection: 'closed', frames, halfReadBytes };
}
