/** 2 and 4: envelopes, keys and rotation. */
import { deriveKeyring, generateKey } from '../../crypto/derive.js';
import { encodePacket } from '../../wire/codec.js';
import {
  PLAIN_KIND,
  PLAIN_OVERHEAD_BYTES,
  SEALED_KIND,
  SEALED_OVERHEAD_BYTES,
  writeEnvelope,
} from '../../wire/envelope.js';
import { DATAGRAM_BYTES_MAX } from '../../wire/limits.js';
import { decodeOwnerHeader } from '../../wire/owner-header.js';
import { makeWant } from '../peer/make-want.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { BAD_PING, believed, luringPacket, refusedEnvelope, sendInVain } from './harm.js';
import { joined, padded } from './odd-bytes.js';

const SEALED = { features: ['sealed'] } as const;
const PUBLIC = { features: ['public'], start: { keys: [] }, attachable: false } as const;

function flipped(envelope: Uint8Array, at: number): Uint8Array {
  const bytes = envelope.slice();
  bytes[at] = (bytes[at] as number) ^ 1;
  return bytes;
}

const REFUSED: readonly ConformanceCase[] = [
  refusedEnvelope(
    '2.4-plain-in-private',
    'A node with keys passes over what comes in the clear, and never answers it.',
    'plain-in-private',
    (packet) => writeEnvelope(packet, undefined),
    SEALED,
  ),
  refusedEnvelope(
    '2.4-sealed-in-public',
    'A node without keys passes over what is sealed.',
    'sealed-in-public',
    (packet) => writeEnvelope(packet, deriveKeyring(generateKey(), '')),
    PUBLIC,
  ),
  refusedEnvelope('2.5-empty', 'An empty datagram is refused.', 'empty', () => new Uint8Array(0), {
    features: ['udp'],
  }),
  ...[0x00, 0x10, 0x12, 0x20, 0x22, 0x31, 0xff].map((kind) =>
    refusedEnvelope(
      `2.5-kind-${kind.toString(16).padStart(2, '0')}`,
      `An envelope whose first byte is 0x${kind.toString(16).padStart(2, '0')} is refused.`,
      'unknown-kind',
      (packet, link) => {
        const envelope = writeEnvelope(packet, link.speaker.keyring).slice();
        envelope[0] = kind;
        return envelope;
      },
    ),
  ),
  refusedEnvelope(
    '2.5-truncated',
    'A sealed envelope of 44 bytes is refused.',
    'truncated',
    (packet, link) =>
      writeEnvelope(packet, link.speaker.keyring).slice(0, SEALED_OVERHEAD_BYTES - 1),
    SEALED,
  ),
  refusedEnvelope(
    '2.5-cut-box',
    'A sealed envelope that lacks its last byte is refused.',
    'not-authentic',
    (packet, link) => writeEnvelope(packet, link.speaker.keyring).slice(0, -1),
    SEALED,
  ),
  refusedEnvelope(
    '2.5-longer-box',
    'A sealed envelope with a byte behind it is refused.',
    'not-authentic',
    (packet, link) => joined(writeEnvelope(packet, link.speaker.keyring), Uint8Array.of(0)),
    SEALED,
  ),
  refusedEnvelope(
    '2.5-wrong-key',
    'What is sealed by a key that the node does not hold is refused.',
    'unknown-key',
    (packet) => writeEnvelope(packet, deriveKeyring(generateKey(), 'conformance')),
    SEALED,
  ),
  refusedEnvelope(
    '2.5-wrong-key-right-id',
    'What is sealed by another key, under the id of the right one, is refused.',
    'not-authentic',
    (packet, link) => {
      const other = writeEnvelope(packet, deriveKeyring(generateKey(), 'conformance')).slice();
      other.set(link.speaker.keyring?.sealing.idBytes ?? [], 1);
      return other;
    },
    SEALED,
  ),
  ...(
    [
      ['nonce', 5],
      ['mac', 29],
      ['ciphertext', 60],
    ] as const
  ).map(([what, at]) =>
    refusedEnvelope(
      `2.5-flipped-${what}`,
      `A sealed envelope with a flipped bit in its ${what} is refused.`,
      'not-authentic',
      (packet, link) => flipped(writeEnvelope(packet, link.speaker.keyring), at),
      SEALED,
    ),
  ),
  refusalCase(
    '4.2.2-other-cluster-key',
    'The same key in another cluster seals for nobody here.',
    {
      prepare: believed,
      attack: async (t, scene) => {
        const stranger = deriveKeyring(t.started.keys, 'another cluster');
        for (const link of scene.links) {
          const packet = encodePacket(luringPacket(scene, link));
          const envelope = writeEnvelope(packet, stranger);
          await sendInVain('4.2.2', link, () => link.sendEnvelope(envelope));
        }
      },
      reason: 'unknown-key',
    },
    { features: ['sealed'], attachable: false },
  ),
  refusalCase(
    '2.8-datagram-too-large',
    'A datagram of 1201 bytes is refused.',
    {
      prepare: believed,
      attack: async (_t, scene) => {
        const [link] = scene.links;
        if (link === undefined) return;
        await sendInVain('2.8', link, () => link.sendPacketBytes(datagram(scene, 1)));
      },
      reason: 'datagram-too-large',
    },
    { features: ['udp'] },
  ),
];

/** A packet whose datagram is so much longer than it may be. */
function datagram(scene: Awaited<ReturnType<typeof believed>>, tooMany: number): Uint8Array {
  const [link] = scene.links;
  if (link === undefined) throw new Error('there is no link');
  const overhead =
    link.speaker.keyring === undefined ? PLAIN_OVERHEAD_BYTES : SEALED_OVERHEAD_BYTES;
  const packet = link.packet({ heartbeat: { ping: BAD_PING, answer: 0, roundTripUs: 0 } });
  return padded(encodePacket(packet), DATAGRAM_BYTES_MAX - overhead + tooMany);
}

const TAKEN: readonly ConformanceCase[] = [
  conformanceCase(
    '2.4-sealed-answers',
    'A node with keys answers sealed, also what was refused for coming in the clear.',
    async (t) => {
      const plain = await t.peer('plain', { keyring: undefined, cluster: t.started.cluster });
      const sealed = await t.peer();
      for (const cluster of [t.started.cluster ?? '', '']) {
        const parts = { cluster, heartbeat: { ping: 5, answer: 0, roundTripUs: 0 } };
        for (const link of [plain.udp, await plain.connect()]) link.send(parts);
      }
      const links = [await sealed.link(), await sealed.connect()];
      for (const link of links) await link.ping();
      const came = plain.links.flatMap((link) => [...link.arrived, ...link.unreadable]);
      t.check(came.length === 0, '2.4', 'no answer to plain envelopes', `${came.length} came`);
      for (const { envelope } of links.flatMap((link) => link.arrived)) {
        const kind = `the first byte ${envelope[0]}`;
        t.check(envelope[0] === SEALED_KIND, '2.4', 'sealed envelopes only', kind);
      }
    },
    { ...SEALED, attachable: true },
  ),
  conformanceCase(
    '2.4-plain-in-public-mesh',
    'A node without keys sends plain envelopes.',
    async (t) => {
      const { link } = await t.member();
      await t.ask('set', { key: 'k', value: 'v' });
      await link.ping();
      for (const { envelope } of link.arrived) {
        t.check(envelope[0] === PLAIN_KIND, '2.4', 'plain envelopes only', `${envelope[0]}`);
      }
    },
    PUBLIC,
  ),
  conformanceCase(
    '2.8-datagram-at-limit',
    'A datagram of 1200 bytes is taken.',
    async (t) => {
      const scene = await believed(t);
      const [link] = scene.links;
      if (link === undefined) return;
      const after = link.mark;
      link.sendPacketBytes(datagram(scene, 0));
      const awaited = {
        rule: '2.8',
        expected: 'an answer to the ping in a datagram of 1200 bytes',
      };
      await link.next(({ heartbeat }) => heartbeat?.answer === BAD_PING, awaited, after);
    },
    { features: ['udp'], attachable: true },
  ),
  conformanceCase(
    '2.3-fresh-nonces',
    'No nonce is used for two envelopes.',
    async (t) => {
      const link = await (await t.peer()).link();
      for (let round = 0; round < 200; round++) await link.ping();
      const nonces = link.arrived.map(({ envelope }) => Buffer.from(envelope.subarray(5, 29)));
      const different = new Set(nonces.map((nonce) => nonce.toString('hex'))).size;
      t.check(different === nonces.length, '2.3', `${nonces.length} nonces`, `${different}`);
    },
    { ...SEALED, attachable: true },
  ),
  conformanceCase(
    '4.1.2-passphrase',
    'A passphrase makes the key that section 4.2 says.',
    async (t) => {
      for (const link of [await (await t.peer()).link()]) await link.ping();
    },
    {
      features: ['sealed'],
      start: { keys: ['correct horse battery staple'], cluster: 'production' },
    },
  ),
];

const FIRST = generateKey();
const SECOND = generateKey();

const ROTATION: readonly ConformanceCase[] = [
  conformanceCase(
    '4.3.1-opens-with-all',
    'A node opens by each of its keys, and seals by the first.',
    async (t) => {
      const ring = deriveKeyring([SECOND, FIRST], t.started.cluster);
      const peer = await t.peer('rotated', { keyring: ring, cluster: '' });
      const opens = { rule: '4.3.1', expected: 'an answer to what the second key has sealed' };
      const { answer } = await (await peer.link()).ping({}, opens);
      const first = deriveKeyring(FIRST, t.started.cluster).sealing.id;
      t.check(answer.keyId === first, '4.3.1', `key ${first} to seal`, `key ${answer.keyId}`);
    },
    { features: ['sealed'], start: { keys: [FIRST, SECOND] } },
  ),
  conformanceCase(
    '4.3.3-rotate',
    'After a rotation the new first key seals, both open; what is dropped opens no more.',
    async (t) => {
      const { cluster } = t.started;
      const both = await t.peer('both', {
        keyring: deriveKeyring([FIRST, SECOND], cluster),
        cluster: '',
      });
      const link = await both.link();
      await link.meet();
      await t.ask('rotate', { keys: [SECOND, FIRST] });
      const second = deriveKeyring(SECOND, cluster).sealing.id;
      const { answer } = await link.ping(
        {},
        { rule: '4.3.1', expected: 'the old key still to open' },
      );
      t.check(answer.keyId === second, '4.3.1', `key ${second} to seal`, `key ${answer.keyId}`);
      await t.ask('rotate', { keys: [SECOND] });
      const next = await t.peer('next', { keyring: deriveKeyring(SECOND, cluster), cluster: '' });
      const after = link.mark;
      link.send({ heartbeat: { ping: BAD_PING, answer: 0, roundTripUs: 0 } });
      await (await next.link()).ping({}, { rule: '4.3.3', expected: 'the new key to open alone' });
      const isAnswered = link.arrived
        .slice(after)
        .some(({ packet }) => packet.heartbeat?.answer === BAD_PING);
      t.check(!isAnswered, '2.5', 'no answer to a key that was dropped', link.seen(after));
    },
    { features: ['sealed', 'rotate'], start: { keys: [FIRST] } },
  ),
  conformanceCase(
    '4.3.2-key-ids',
    'The header tells the ids of the keys, the sealing one first, also after a rotation.',
    async (t) => {
      const { cluster } = t.started;
      const read = async (keys: string[]) => {
        const peer = await t.peer(undefined, {
          keyring: deriveKeyring(keys, cluster),
          cluster: '',
        });
        const link = await peer.connect();
        await link.meet();
        const { owner } = (link.arrived[0] as { packet: { sender: { owner: string } } }).packet
          .sender;
        const { all } = await link.ping({ wants: [makeWant(owner)] });
        const header = all
          .flatMap(({ packet }) => packet.deltas)
          .find((delta) => delta.header.length > 0);
        return header === undefined ? [] : (decodeOwnerHeader(header.header)?.keyIds ?? []);
      };
      const ids = (keys: string[]) => keys.map((key) => deriveKeyring(key, cluster).sealing.id);
      const before = await read([FIRST]);
      t.check(before.join() === ids([FIRST]).join(), '4.3.2', `${ids([FIRST])}`, before.join());
      await t.ask('rotate', { keys: [SECOND, FIRST] });
      const wanted = ids([SECOND, FIRST]).join();
      const rule = '4.3.2';
      await t.eventually({ rule, expected: `a header with the key ids ${wanted}` }, async () => {
        const seen = (await read([SECOND, FIRST])).join();
        return { holds: seen === wanted, seen };
      });
    },
    { features: ['sealed', 'rotate'], start: { keys: [FIRST] } },
  ),
];

export const ENVELOPE_CASES: readonly ConformanceCase[] = [...TAKEN, ...REFUSED, ...ROTATION];
