/** 3: frames on streams, and how large they may be. */
import { encodePacket } from '../../wire/codec.js';
import { writeEnvelope } from '../../wire/envelope.js';
import { frame } from '../../wire/framing.js';
import { UNTRUSTED_FRAME_BYTES_MAX } from '../../wire/limits.js';
import { makeWant } from '../peer/make-want.js';
import type { PeerLink } from '../peer/peer-link.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { pause } from './context.js';
import { joined, padded } from './odd-bytes.js';

/** So that a node that is not too busy reads each by itself. */
const BYTE_EVERY_MS = 5;

const NETWORK = { features: ['tcp'], attachable: true } as const;

const FRAMES: readonly ConformanceCase[] = [
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
      // What comes before the node reads from the stream comes at once, whatever was sent.
      await link.ping();
      for (const byte of pingFrame(link, 906)) {
        link.sendRaw(Uint8Array.of(byte));
        await pause(BYTE_EVERY_MS);
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

const TRUST: readonly ConformanceCase[] = [
  conformanceCase(
    '3.2.1-untrusted-limit',
    'A frame of 1200 bytes is taken on a stream that is not trusted.',
    async (t) => {
      const link = await (await t.peer()).connect();
      const overhead = link.speaker.keyring === undefined ? 1 : 45;
      link.sendRaw(pingFrame(link, 907, UNTRUSTED_FRAME_BYTES_MAX - overhead));
      const awaited = { rule: '3.2.1', expected: 'an answer to a ping in a frame of 1200 bytes' };
      await link.next(({ heartbeat }) => heartbeat?.answer === 907, awaited, 0);
    },
    NETWORK,
  ),
  conformanceCase(
    '3.2.1-two-mebibytes',
    'A frame of 2 MiB is taken on a trusted stream.',
    async (t) => {
      const link = await t.friend();
      link.sendRaw(pingFrame(link, 908, 2 * 1024 * 1024 - 45));
      const awaited = { rule: '3.2.1', expected: 'an answer to a ping in a frame of 2 MiB' };
      await link.next(({ heartbeat }) => heartbeat?.answer === 908, awaited);
    },
    NETWORK,
  ),
  conformanceCase(
    '3.2.3-trust-and-large-frame',
    'A packet that makes a stream trusted, and a large frame behind it in one chunk, are both taken.',
    async (t) => {
      const link = await (await t.peer()).connect();
      await link.ping();
      link.sendRaw(joined(pingFrame(link, 909), pingFrame(link, 910, 100_000)));
      const awaited = { rule: '3.2.3', expected: 'answers to both pings' };
      await link.next(({ heartbeat }) => heartbeat?.answer === 910, awaited, 1);
    },
    NETWORK,
  ),
  refusalCase(
    '3.2.2-other-streams-token',
    'A token that was given on another stream makes no stream trusted.',
    {
      prepare: async (t) => {
        const peer = await t.peer();
        const [one, other] = [await peer.connect(), await peer.connect()];
        await one.ping();
        await other.ping();
        return { one, other };
      },
      attack: async (_t, { one, other }) => {
        one.send({ echo: other.echo, heartbeat: { ping: 911, answer: 0, roundTripUs: 0 } });
        one.sendRaw(Uint8Array.of(0, 0, 4, 177));
        await mustClose(one, '3.2.2');
      },
      reason: 'frame-too-long',
    },
    NETWORK,
  ),
  conformanceCase(
    '3.3.1-unconfirmed',
    'On a stream that the node has opened no frame above 1200 bytes goes before it is confirmed.',
    async (t) => {
      await t.ask('set', { key: 'large', value: 'v'.repeat(20_000) });
      const dialled = await t.peer('dialled');
      dialled.answersPings = false;
      const { peer, link } = await t.member();
      await peer.introduce(link, dialled.self);
      await dialled.udp.until(() => dialled.links.length > 1 && dialled.arrivals.length > 0);
      const [, stream] = dialled.links;
      t.check(stream !== undefined, '13.4', 'a stream to a member, with a ping', 'there is none');
      const answer = dialled.arrivals[0]?.packet.heartbeat?.ping ?? 0;
      const wants = [makeWant(t.nodeId)];
      // Believed from here on, and still not confirmed: no ping with an echo was answered.
      stream?.send({ heartbeat: { ping: 0, answer, roundTripUs: 0 }, wants });
      await stream?.ping({ wants });
      const most = UNTRUSTED_FRAME_BYTES_MAX;
      const largest = () =>
        Math.max(0, ...(stream?.arrived ?? []).map(({ envelope }) => envelope.length));
      t.check(largest() <= most, '3.3.1', `frames of at most ${most} bytes`, `one of ${largest()}`);
      dialled.answersPings = true;
      await stream?.until(() =>
        dialled.arrivals.some(({ packet }) => (packet.heartbeat?.ping ?? 0) > 0),
      );
      await pause(300);
      for (let asked = 0; asked < 5 && largest() <= most; asked++) await stream?.ping({ wants });
      t.check(
        largest() > most,
        '11.7.4',
        'the large entry once the stream is confirmed',
        `${largest()}`,
      );
    },
    { features: ['tcp'], start: { udp: false } },
  ),
  conformanceCase(
    '3.4.2-same-stream',
    'A packet that answers something on a stream goes back on that stream.',
    async (t) => {
      const peer = await t.peer();
      const streams = [await peer.connect(), await peer.connect()];
      for (const link of streams) await link.meet();
      for (const link of streams) {
        const others = streams
          .filter((each) => each !== link)
          .map((each) => [each, each.mark] as const);
        await link.ping({ wants: [makeWant(t.nodeId)], fingerprints: [] });
        for (const [other, mark] of others) {
          const came = other.arrived.slice(mark).filter(({ packet }) => packet.deltas.length > 0);
          t.check(came.length === 0, '3.4.2', 'nothing on another stream', other.seen(mark));
        }
      }
    },
    NETWORK,
  ),
  conformanceCase(
    '3.4.1-one-port',
    'A node with datagrams takes streams at the same port.',
    async (t) => {
      const peer = await t.peer();
      await peer.udp.ping();
      await (await peer.connect()).ping();
    },
    { features: ['udp', 'tcp'], attachable: true },
  ),
  conformanceCase(
    '8.7.5-ipv6',
    'A node at an address of IPv6 takes datagrams and streams there.',
    async (t) => {
      const peer = await t.peer();
      if (t.has('udp')) await peer.udp.ping();
      await (await peer.connect()).ping();
    },
    { features: ['ipv6'], start: { address: '::1' } },
  ),
  conformanceCase(
    '8.7.5-streams-only',
    'A node without datagrams is reached by streams, and reaches members by them.',
    async (t) => {
      const { peer } = await t.member('streams');
      await t.ask('set', { key: 'k', value: 1 });
      const [datagrams] = peer.links;
      await pause(800);
      const came = datagrams?.arrived.length ?? 0;
      t.check(came === 0, '8.7.5', 'no datagrams', `${came}`);
      const status = await t.statusOf('streams');
      t.check(status === 'alive', '8.7.5', 'a member that is alive', status);
    },
    { features: ['tcp'], start: { udp: false } },
  ),
];

export const FRAMING_CASES: readonly ConformanceCase[] = [...FRAMES, ...TRUST];

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
