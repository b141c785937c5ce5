/** Frames: envelopes on a byte stream (PROTOCOL.md, "Framing"). */
import { bytesOf } from '../../../src/conformance/vectors/bytes.js';
import type { Chunking, FramingVector } from '../../../src/conformance/vectors/lower-layers.js';
import { FRAME_BYTES_MAX, UNTRUSTED_FRAME_BYTES_MAX } from '../../../src/wire/limits.js';
import { filled, fromHex, hexOf, joined, uint32, utf8 } from '../hex.js';
import { type Draft, type LayerSource, VectorList } from '../layer-source.js';
import { ALICE_TOKEN, BOB_TOKEN, plainEnvelope } from '../samples.js';

const PING = plainEnvelope({
  token: ALICE_TOKEN,
  heartbeat: { ping: 1, answer: 0, roundTripUs: 0 },
});
const ECHO = plainEnvelope({ token: ALICE_TOKEN, echo: BOB_TOKEN, uptimeMs: 1501 });

const WHOLE: Chunking = { name: 'all at once', sizes: [1 << 26] };
const SINGLE: Chunking = { name: 'one byte at a time', sizes: [1] };
const PREFIX_FIRST: Chunking = { name: 'the first prefix, then the rest', sizes: [4, 1 << 26] };
const IN_PREFIX: Chunking = { name: 'cut within the first prefix', sizes: [2, 1 << 26] };
const BLOCKS: Chunking = { name: 'blocks of 65536 bytes', sizes: [65_536] };
const SEGMENTS: Chunking = { name: 'segments of 1448 bytes', sizes: [1448] };
const USUAL = [WHOLE, SINGLE, PREFIX_FIRST, IN_PREFIX];
const LARGE = [WHOLE, BLOCKS];

const KEPT = { result: 'accept', connection: 'kept', halfReadBytes: 0 } as const;
const TOO_LONG = refused('frame-too-long');
const EMPTY = refused('empty-frame');

const MUTATIONS = {
  'length-zero': 'The length of a frame is 0.',
  'length-over-limit': "The frame is one byte longer than the receiver's limit.",
  'length-over-limit-announced': 'A length above the limit is announced, and nothing follows.',
  'length-top-bit': 'The highest bit of the length is set: it is no negative number.',
  'length-little-endian': 'The bytes of the length stand in the reverse order.',
  'length-too-large': 'The length counts more bytes than the envelope has.',
  'length-too-small': 'The length counts fewer bytes than the envelope has.',
  'prefix-missing': 'There is no length ahead of the envelope.',
  'prefix-short': 'The length has 2 bytes in place of 4.',
  'padding-between': 'Zero bytes stand between two frames.',
  'cut-off': 'The end of the bytes is missing.',
  'other-protocol': 'The bytes are those of another protocol.',
  'trust-missing': 'The receiver does not trust the stream.',
  'trust-too-late': 'The receiver trusts the stream one frame later.',
} as const;

export const framing: LayerSource<'framing'> = {
  layer: 'framing',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'framing'>({
      ...{ layer: 'framing', grade: 'MUST', level: 'basic', features: ['tcp'] },
    });
    for (const draft of [...frames(), ...cuts(), ...limits(), ...trust()]) list.add(draft);
    for (const draft of [...wrongLengths(), ...wrongBytes(), ...wrongTrust()]) list.add(draft);
    return list.vectors;
  },
  received: ({ given }: FramingVector) => {
    const bytes = bytesOf(given.stream);
    return [{ bytes, carried: { transport: 'tcp', payload: bytes } }];
  },
};

function frames(): Draft<'framing'>[] {
  const many = Array.from({ length: 40 }, (_, index) => plainEnvelope({ uptimeMs: index }));
  return [
    positive('one-frame', '3.1.1', 'The envelope behind its length is delivered.', [PING]),
    positive('two-frames', '3.1.1', 'Frames follow each other without padding.', [PING, ECHO]),
    positive('one-byte', '3.1.1', 'A frame may hold a single byte.', [Uint8Array.of(0x11)], {
      notes: 'The envelope is refused by its content, which is no matter of the frame.',
    }),
    positive('same-twice', '3.1.1', 'The same frame twice is delivered twice.', [PING, PING]),
    positive('many-frames', '3.1.2', 'Many frames in one chunk are all delivered.', many),
    {
      ...positive('nothing', '3.1.2', 'A stream without bytes delivers nothing.', []),
      given: { stream: '', chunkings: [WHOLE] },
    },
  ];
}

function cuts(): Draft<'framing'>[] {
  const stream = stringOf([PING, ECHO]);
  const first = PING.length + 4;
  const chunkings = [
    { name: 'cut behind the first frame', sizes: [first, 1 << 26] },
    { name: 'cut within the second prefix', sizes: [first + 3, 1 << 26] },
    { name: 'cut within both envelopes', sizes: [9, first, 1 << 26] },
    { name: 'with chunks of no bytes', sizes: [0, 3, 0, 5, 0, 1 << 26] },
    { name: 'three bytes at a time', sizes: [3] },
  ];
  return [
    {
      ...positive('odd-cuts', '3.1.2', 'No way to cut the stream changes the frames.', []),
      given: { stream, chunkings },
      expect: { ...KEPT, frames: [hexOf(PING), hexOf(ECHO)] },
    },
    {
      ...positive('half-prefix', '3.1.2', 'A length that has come in part is waited for.', []),
      given: { stream: `${stringOf([PING])}0000`, chunkings: USUAL },
      expect: { ...KEPT, frames: [hexOf(PING)], halfReadBytes: 2 },
    },
    {
      ...positive('half-frame', '3.1.2', 'A frame that has come in part is waited for.', []),
      given: {
        stream: stringOf([PING]) + stringOf([ECHO]).slice(0, 24),
        chunkings: USUAL,
      },
      expect: { ...KEPT, frames: [hexOf(PING)], halfReadBytes: 12 },
    },
  ];
}

function limits(): Draft<'framing'>[] {
  return [
    {
      ...large('untrusted-limit', '3.2.1', UNTRUSTED_FRAME_BYTES_MAX),
      title: 'Before trust a frame of UNTRUSTED_FRAME_BYTES_MAX is taken.',
    },
    {
      ...large('trusted-above-untrusted', '3.2.1', UNTRUSTED_FRAME_BYTES_MAX + 1, 0),
      title: 'On a trusted stream a frame above UNTRUSTED_FRAME_BYTES_MAX is taken.',
    },
    {
      ...large('trusted-two-mebibytes', '3.2.1', 2 * 1024 * 1024, 0),
      title: 'On a trusted stream every receiver takes a frame of 2 MiB.',
      alsoSections: ['11.7.4'],
    },
    {
      ...large('trusted-limit', '3.2.1', FRAME_BYTES_MAX, 0),
      title: 'On a trusted stream a frame of FRAME_BYTES_MAX is taken.',
      grade: 'MAY',
      notes: 'A receiver may choose a lower limit, but none below 2 MiB.',
    },
  ];
}

function trust(): Draft<'framing'>[] {
  const body = UNTRUSTED_FRAME_BYTES_MAX + 800;
  const stream = filled(joined(frameOf(ECHO), uint32(body)), 0x11, body);
  const behind = filled(joined(frameOf(PING), frameOf(ECHO), uint32(body)), 0x11, body);
  return [
    {
      id: 'large-behind-trust',
      title: 'The frame that makes the stream trusted and a large one may share a chunk.',
      section: '3.2.3',
      alsoSections: ['3.2.2'],
      given: { stream, chunkings: [...USUAL, SEGMENTS], trustedAfterFrames: 1 },
      expect: { ...KEPT, frames: [hexOf(ECHO), filled(new Uint8Array(0), 0x11, body)] },
    },
    {
      id: 'large-behind-trust-by-second',
      title: 'The limit counts from the frame behind the one that brought the trust.',
      section: '3.2.3',
      given: { stream: behind, chunkings: [...USUAL, SEGMENTS], trustedAfterFrames: 2 },
      expect: {
        ...KEPT,
        frames: [hexOf(PING), hexOf(ECHO), filled(new Uint8Array(0), 0x11, body)],
      },
    },
  ];
}

function wrongLengths(): Draft<'framing'>[] {
  const over = UNTRUSTED_FRAME_BYTES_MAX + 1;
  const littleEndian = uint32(PING.length).reverse();
  const short = uint32(PING.length - 1);
  return [
    negative('zero-first', 'one-frame', 'length-zero', '00000000', EMPTY),
    negative(
      'zero-second',
      'two-frames',
      'length-zero',
      `${stringOf([PING])}00000000${hexOf(ECHO)}`,
      { ...EMPTY, frames: [hexOf(PING)] },
    ),
    negative(
      'untrusted-over',
      'untrusted-limit',
      'length-over-limit',
      filled(uint32(over), 0x11, over),
      { ...TOO_LONG, frames: [] },
    ),
    negative(
      'untrusted-over-announced',
      'untrusted-limit',
      'length-over-limit-announced',
      hexOf(uint32(over)),
      TOO_LONG,
    ),
    negative(
      'trusted-over-announced',
      'trusted-limit',
      'length-over-limit-announced',
      hexOf(uint32(FRAME_BYTES_MAX + 1)),
      TOO_LONG,
      0,
    ),
    negative('top-bit', 'one-frame', 'length-top-bit', `8000003f${hexOf(PING)}`, TOO_LONG),
    negative('all-bits', 'trusted-limit', 'length-top-bit', 'ffffffff', TOO_LONG, 0),
    negative(
      'little-endian',
      'one-frame',
      'length-little-endian',
      hexOf(joined(littleEndian, PING)),
      TOO_LONG,
    ),
    negative(
      'little-endian-trusted',
      'one-frame',
      'length-little-endian',
      hexOf(joined(littleEndian, PING)),
      TOO_LONG,
      0,
    ),
    negative(
      'length-short',
      'two-frames',
      'length-too-small',
      hexOf(joined(short, PING, frameOf(ECHO))),
      { ...TOO_LONG, frames: [hexOf(PING.subarray(0, -1))] },
    ),
    negative(
      'length-counts-prefix',
      'one-frame',
      'length-too-large',
      hexOf(joined(uint32(PING.length + 4), PING)),
      { ...waiting(PING.length + 4), frames: [] },
    ),
  ];
}

function wrongBytes(): Draft<'framing'>[] {
  const whole = frameOf(PING);
  return [
    negative('no-prefix', 'one-frame', 'prefix-missing', hexOf(PING), TOO_LONG),
    negative(
      'short-prefix',
      'one-frame',
      'prefix-short',
      hexOf(joined(uint32(PING.length).subarray(2), PING)),
      TOO_LONG,
    ),
    negative(
      'padding',
      'two-frames',
      'padding-between',
      hexOf(joined(whole, fromHex('00000000'), frameOf(ECHO))),
      { ...EMPTY, frames: [hexOf(PING)] },
    ),
    negative(
      'padding-one',
      'two-frames',
      'padding-between',
      hexOf(joined(whole, fromHex('00'), frameOf(ECHO))),
      { ...EMPTY, frames: [hexOf(PING)] },
    ),
    negative(
      'cut-last',
      'one-frame',
      'cut-off',
      hexOf(whole.subarray(0, -1)),
      waiting(whole.length - 1),
    ),
    negative(
      'http',
      'one-frame',
      'other-protocol',
      hexOf(utf8('GET / HTTP/1.1\r\nHost: alice\r\n\r\n')),
      TOO_LONG,
      0,
    ),
    negative('tls', 'one-frame', 'other-protocol', '160301006d01000069030300000000', TOO_LONG, 0),
  ];
}

function wrongTrust(): Draft<'framing'>[] {
  const body = UNTRUSTED_FRAME_BYTES_MAX + 800;
  const large = filled(joined(frameOf(ECHO), uint32(body)), 0x11, body);
  const section = '3.2.1';
  return [
    {
      ...negative('never-trusted', 'large-behind-trust', 'trust-missing', large, {
        ...TOO_LONG,
        frames: [hexOf(ECHO)],
      }),
      ...{ section, title: 'Without trust the large frame behind the small one is refused.' },
    },
    {
      ...negative('trusted-late', 'large-behind-trust', 'trust-too-late', large, {
        ...TOO_LONG,
        frames: [hexOf(ECHO)],
      }),
      ...{ section, title: 'A frame that begins before the trust keeps to the lower limit.' },
      given: { stream: large, chunkings: [...USUAL, SEGMENTS], trustedAfterFrames: 2 },
    },
  ];
}

// Drafts

function positive(
  id: string,
  section: string,
  title: string,
  envelopes: readonly Uint8Array[],
  more: { notes?: string } = {},
): Draft<'framing'> {
  return {
    ...{ id, title, section, ...more },
    given: { stream: stringOf(envelopes), chunkings: USUAL },
    expect: { ...KEPT, frames: envelopes.map(hexOf) },
  };
}

function large(
  id: string,
  section: string,
  length: number,
  trustedAfterFrames?: number,
): Omit<Draft<'framing'>, 'title'> {
  return {
    ...{ id, section },
    given: {
      stream: filled(uint32(length), 0x11, length),
      chunkings: LARGE,
      ...(trustedAfterFrames !== undefined && { trustedAfterFrames }),
    },
    expect: { ...KEPT, frames: [filled(new Uint8Array(0), 0x11, length)] },
  };
}

/** Its title and section are those of the refusal; a stream that only waits has none. */
function negative(
  id: string,
  mutationOf: string,
  mutation: keyof typeof MUTATIONS,
  stream: FramingVector['given']['stream'],
  expect: Partial<FramingVector['expect']> & Pick<FramingVector['expect'], 'result' | 'connection'>,
  trustedAfterFrames?: number,
): Draft<'framing'> {
  const waits = expect.result === 'ignore';
  return {
    ...{ id, mutationOf, mutation },
    title: waits ? 'What is missing of the frame is waited for.' : TITLES[expect.error as Reason],
    section: waits ? '3.1.1' : '3.1.3',
    given: {
      stream,
      chunkings: typeof stream === 'string' ? USUAL : [...USUAL, SEGMENTS],
      ...(trustedAfterFrames !== undefined && { trustedAfterFrames }),
    },
    expect: { halfReadBytes: 0, frames: [], ...expect },
  };
}

type Reason = keyof typeof TITLES;
const TITLES = {
  'empty-frame': 'A length of 0 is refused, and the stream is closed.',
  'frame-too-long': 'A length above the limit is refused at once, and the stream is closed.',
};

function refused(error: Reason) {
  return { result: 'reject', layer: 'framing', error, connection: 'closed' } as const;
}

function waiting(halfReadBytes: number) {
  return { result: 'ignore', connection: 'kept', halfReadBytes } as const;
}

function stringOf(envelopes: readonly Uint8Array[]): string {
  return envelopes.map((envelope) => hexOf(frameOf(envelope))).join('');
}

function frameOf(envelope: Uint8Array): Uint8Array {
  return joined(uint32(envelope.length), envelope);
}
