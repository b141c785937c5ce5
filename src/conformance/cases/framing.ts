/** 3: frames on streams, and how large they may be. */
import { encodePacket } from '../../wire/codec.js';
import { writeEnvelope } from '../../wire/envelope.js';
import { frame } from '../../wire/framing.js';
import type { PeerLink } from '../peer/peer-link.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { pause } from './context.js';
import { padded } from './odd-bytes.js';

const NETWORK = { features: ['tcp'], attachable: true } as const;

export const FRAMING_CASES: readonly ConformanceCase[] = [
  conformanceCase(
    '3.1.1-many-in-one-chunk',
    'Frames that follow each other in one chunk are all taken, in their order.',
    async (t) => {
      const link = await (await t.peer()).connect();
      const numbers = [901, 902, 903, 904, 905];
      link.sendRaw(Buffer.concat(numbers.map((number) => pingFrame(link, number))));
      const answered = () => link.arrived.map(({ packet }) => packet.heartbeat?.answer ?? 0);
      await link.until(() => answered().length >= numbers.length);
      t.check(
        answered().join() === numbers.join(),
        '3.1.1',
        `answers to the pings ${numbers.join(', ')}`,
        `answers to ${answered().join(', ') || 'none'}`,
      );
    },
    NETWORK,
  ),
  conformanceCase(
    '3.1.2-byte-by-byte',
    'A frame that comes a byte at a time is taken.',
    async (t) => {
      const link = await (await t.peer()).connect();
      for (const byte of pingFrame(link, 906)) {
        link.sendRaw(Uint8Array.of(byte));
        await pause(0);
      }
      const rule = '3.1.2';
      const expected = 'an answer to a ping whose frame came a byte at a time';
      await link.next(({ heartbeat }) => heartbeat?.answer === 906, { rule, expected }, 0);
    },
    NETWORK,
  ),
  ...(
    [
      ['3.1.3-empty-frame', 'A frame of length 0 closes its stream.', [0, 0, 0, 0], 'empty-frame'],
      [
        '3.1.3-too-long-untrusted',
        'A length of 1201 on a stream that is not trusted closes it before the frame has come.',
        [0, 0, 4, 177],
        'frame-too-long',
      ],
      [
        '3.1.3-length-above-2-31',
        'A length of 2^32 - 1 closes its stream.',
        [255, 255, 255, 255],
        'frame-too-long',
      ],
    ] as const
  ).map(([id, title, prefix, reason]) =>
    refusalCase(
      id,
      title,
      {
        prepare: async (t) => {
          const link = await (await t.peer()).connect();
          await link.ping();
          return link;
        },
        attack: async (t, link) => {
          link.sendRaw(Uint8Array.from(prefix));
          await mustClose(link, '3.1.3');
          t.check(link.arrived.length === 1, '2.7', 'no answer', link.seen(1));
        },
        reason,
      },
      NETWORK,
    ),
  ),
  refusalCase(
    '3.1.3-too-long-trusted',
    'A length above 16 MiB closes a trusted stream.',
    {
      prepare: (t) => t.friend(),
      attack: async (_t, link) => {
        link.sendRaw(Uint8Array.of(1, 0, 0, 1));
        await mustClose(link, '3.1.3');
      },
      reason: 'frame-too-long',
    },
    NETWORK,
  ),
];

/** The frame of a ping. */
export function pingFrame(link: PeerLink, number: number, bytes = 0): Uint8Array {
  const heartbeat = { ping: number, answer: 0, roundTripUs: 0 };
  const packet = padded(encodePacket(link.packet({ heartbeat })), bytes);
  return frame(writeEnvelope(packet, link.speaker.keyring));
}

/** @throws CaseFailure */
async function mustClose(link: PeerLink, rule: string): Promise<void> {
  await link.until(() => link.isClosed);
  if (!link.isClosed)
    await link.next(() => false, { rule, expected: 'the stream to be closed', withinMs: 0 });
}
