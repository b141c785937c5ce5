/**
 * The packet path (encode and seal; open and decode) against the bare libraries (protobuf-es and
 * libsodium, with no check, no id as text and no envelope), on the same packets in the same run.
 *
 * Machines are noisy: the two sides are run by turns, and the median of the rounds' ratios counts.
 */
import { randomFillSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import sodium from 'libsodium-wrappers';
import { PacketSchema } from '../gen/telepathine/v1/packet_pb.js';
import {
  cryptoReady,
  type Delta,
  decodePacket,
  deriveKeyring,
  Encoding,
  encodeEntryBody,
  encodePacket,
  generateKey,
  type Keyring,
  type Life,
  type Packet,
  readEnvelope,
  SEALED_OVERHEAD_BYTES,
  Status,
  writeEnvelope,
} from '../src/wire/index.js';

/** One packet in one direction. */
export interface PacketFigure {
  packet: string;
  packetBytes: number;
  direction: 'send' | 'receive';
  /** Packets a second through encodePacket and writeEnvelope, or readEnvelope and decodePacket. */
  pathPerSecond: number;
  /** Packets a second through the bare libraries. */
  barePerSecond: number;
  /** The path's rate by the bare libraries' rate, the median of all rounds. */
  ratio: number;
}

/** Measures all packets in both directions; takes some 10 s. */
export async function benchPacketPath(): Promise<PacketFigure[]> {
  await cryptoReady();
  const keyring = deriveKeyring(generateKey(), 'bench');
  const figures: PacketFigure[] = [];
  for (const [name, packet] of Object.entries(samplePackets())) {
    const packetBytes = encodePacket(packet).length;
    for (const [direction, race] of Object.entries(racesOf(packet, keyring))) {
      const sides = compare(race.path, race.bare);
      figures.push({ packet: name, packetBytes, direction: direction as 'send', ...sides });
    }
  }
  return figures;
}

const ROUNDS = 21;
const ROUND_MS = 30;

interface Race {
  path: () => unknown;
  bare: () => unknown;
}

function racesOf(packet: Packet, keyring: Keyring): Record<'send' | 'receive', Race> {
  const key = keyring.sealing.bytes;
  const bytes = encodePacket(packet);
  const message = fromBinary(PacketSchema, bytes);
  const envelope = writeEnvelope(bytes, keyring);
  const nonce = envelope.slice(5, 29);
  const box = envelope.slice(29);
  if (envelope.length !== bytes.length + SEALED_OVERHEAD_BYTES)
    throw new Error('overhead is wrong');
  return {
    send: {
      path: () => writeEnvelope(encodePacket(packet), keyring),
      bare: () => sodium.crypto_secretbox_easy(toBinary(PacketSchema, message), pooledNonce(), key),
    },
    receive: {
      path: () => {
        const opened = readEnvelope(envelope, keyring);
        const decoded = opened.ok ? decodePacket(opened.packetBytes) : opened;
        if (!decoded.ok) throw new Error(decoded.reason);
        return decoded.packet;
      },
      bare: () => fromBinary(PacketSchema, sodium.crypto_secretbox_open_easy(box, nonce, key)),
    },
  };
}

function compare(
  path: () => unknown,
  bare: () => unknown,
): Omit<PacketFigure, 'packet' | 'packetBytes' | 'direction'> {
  const rounds: { path: number; bare: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = round % 2 === 0 ? [path, bare] : [bare, path];
    const [one, other] = [ratePerSecond(first), ratePerSecond(second)];
    rounds.push(round % 2 === 0 ? { path: one, bare: other } : { path: other, bare: one });
  }
  // The first rounds warm up.
  const warm = rounds.slice(5);
  return {
    pathPerSecond: median(warm.map((round) => round.path)),
    barePerSecond: median(warm.map((round) => round.bare)),
    ratio: median(warm.map((round) => round.path / round.bare)),
  };
}

function ratePerSecond(run: () => unknown): number {
  const startMs = performance.now();
  let count = 0;
  let elapsedMs = 0;
  while (elapsedMs < ROUND_MS) {
    for (let index = 0; index < 100; index++) run();
    count += 100;
    elapsedMs = performance.now() - startMs;
  }
  return (count / elapsedMs) * 1000;
}

function median(values: number[]): number {
  return values.sort((left, right) => left - right)[values.length >> 1] as number;
}

const pool = new Uint8Array(341 * 24);
let poolUsed = pool.length;

function pooledNonce(): Uint8Array {
  if (poolUsed === pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += 24;
  return pool.subarray(poolUsed - 24, poolUsed);
}

/** A ping of some 80 bytes, a push of some 300, and a datagram that is full. */
export function samplePackets(): Record<string, Packet> {
  const ping = {
    ...emptyPacket(),
    token: '0123456789abcdef',
    echo: 'fedcba9876543210',
    heartbeat: { ping: 123_456, answer: 0, roundTripUs: 850 },
    fingerprints: [{ range: {}, count: 30, sum: '8899aabbccddeeff' }],
  };
  const push = { ...emptyPacket(), deltas: [delta(1, 2, 40), delta(2, 1, 40)] };
  const full = {
    ...ping,
    digests: [{ owners: Array.from({ length: 8 }, (_, index) => ownerDigest(index)) }],
    deltas: [delta(1, 4, 52), delta(2, 3, 52)],
  };
  return { ping, push, full };
}

function emptyPacket(): Packet {
  return {
    requiredFeatures: 0,
    protocol: 1,
    cluster: '',
    sender: life(1),
    uptimeMs: 3_600_000,
    fingerprints: [],
    digests: [],
    wants: [],
    deltas: [],
    probes: [],
    suspicions: [],
    votes: [],
  };
}

function life(seed: number): Life {
  return {
    owner: (0x1234_5678_9abc + seed * 0x1111_1111).toString(16).padStart(16, '1'),
    logId: (0xabcd_ef01_2345 + seed * 0x2222_2222).toString(16).padStart(16, '2'),
    generation: 1_790_000_000_000 + seed,
  };
}

function ownerDigest(seed: number) {
  return {
    ...life(seed),
    incarnation: 1,
    status: Status.alive,
    version: 900 + seed,
    floor: 300,
    ageMs: 0,
    refused: false,
  };
}

function delta(seed: number, entries: number, payloadBytes: number): Delta {
  return {
    ...life(seed),
    from: 1000,
    to: 1000 + entries,
    asOf: 1000 + entries,
    floor: 500,
    header: new Uint8Array(0),
    entries: Array.from({ length: entries }, (_, index) => ({
      body: encodeEntryBody({
        version: 1001 + index,
        name: `sensor/${index}/temperature`,
        content: {
          kind: 'value',
          encoding: Encoding.json,
          typeName: '',
          stamp: { time: 2000 + index },
        },
      }),
      payload: new Uint8Array(payloadBytes).fill(120),
      remainingMs: 60_000,
    })),
    requiredFeatures: 0,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const figure of await benchPacketPath()) {
    const { packet, packetBytes, direction, pathPerSecond, barePerSecond, ratio } = figure;
    const rates = `${Math.round(pathPerSecond)} /s by ${Math.round(barePerSecond)} /s`;
    process.stdout.write(
      `${packet} (${packetBytes} B) ${direction}: ${rates}, ${(ratio * 100).toFixed(0)} %\n`,
    );
  }
}
