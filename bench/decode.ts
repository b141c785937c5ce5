/**
 * A capture of a million sealed packets, decoded to lines, against the bare libraries (libsodium and
 * protobuf-es) that open and read the same packets and do nothing else.
 */
import { fromBinary } from '@bufbuild/protobuf';
import sodium from 'libsodium-wrappers';
import { PacketSchema } from '../gen/telepathine/v1/packet_pb.js';
import { textLine } from '../src/cli/decode/text-line.js';
import { Decoder } from '../src/decode/decoder.js';
import { Filter } from '../src/decode/filter.js';
import { KeySet } from '../src/decode/key-set.js';
import { OwnerNames } from '../src/decode/names.js';
import { makeDatagram, makeIpPacket } from '../src/decode/net/make-packet.js';
import {
  cryptoReady,
  deriveSealingKey,
  encodePacket,
  generateKey,
  Keyring,
  type Packet,
  type SealingKey,
  type WireEntry,
  writeEnvelope,
} from '../src/wire/index.js';
import { samplePackets } from './packet.js';

/** What decoding a capture takes. */
export interface DecodeFigures {
  packets: number;
  /** Of an envelope. */
  bytes: number;
  /** Processor time of this process. */
  seconds: number;
  /** The bare libraries' time for the same packets. */
  bareSeconds: number;
  /** By how much the memory of this process grew at most, in bytes. */
  grownBytes: number;
}

const PACKETS = 1_000_000;
/** Records that are made; they come again and again. */
const RECORDS = 1000;
const ENVELOPE_BYTES = 300;
const UPTIME_MS = 1_000_000;

/** Takes about a minute. */
export async function benchDecode(packets = PACKETS): Promise<DecodeFigures> {
  await cryptoReady();
  const key = deriveSealingKey(generateKey(), '');
  const envelopes = envelopesOf(key);
  const capture = recordsOf(envelopes);
  const bareSeconds = measure(() => openBare(envelopes, key, packets));
  const rounds = packets / RECORDS;
  // Once more than is counted: the memory that the code itself takes does not count.
  decodeAll(capture, key, Math.ceil(rounds / 10));
  const before = process.memoryUsage().rss;
  let grownBytes = 0;
  const seconds = measure(() => {
    const lines = decodeAll(capture, key, rounds, () => {
      grownBytes = Math.max(grownBytes, process.memoryUsage().rss - before);
    });
    if (lines !== packets) throw new Error(`${lines} packets were decoded`);
  });
  const bytes = (envelopes[0] as Uint8Array).length;
  return { packets, bytes, seconds, bareSeconds, grownBytes };
}

function decodeAll(
  capture: Uint8Array,
  key: SealingKey,
  rounds: number,
  afterRound: () => void = () => undefined,
): number {
  const names = new OwnerNames();
  const filter = new Filter({});
  let lines = 0;
  const decoder = new Decoder(
    { keys: new KeySet([key]) },
    {
      item: (item) => {
        if (item.kind === 'packet') names.learn(item.packet);
        if (filter.passes(item) && textLine(item, names).length > 0) lines += 1;
      },
    },
  );
  decoder.push(FILE_HEADER);
  for (let round = 0; round < rounds; round++) {
    decoder.push(capture);
    afterRound();
  }
  decoder.end();
  return lines;
}

function openBare(envelopes: readonly Uint8Array[], { bytes }: SealingKey, packets: number): void {
  for (let index = 0; index < packets; index++) {
    const envelope = envelopes[index % envelopes.length] as Uint8Array;
    const [nonce, box] = [envelope.subarray(5, 29), envelope.subarray(29)];
    fromBinary(PacketSchema, sodium.crypto_secretbox_open_easy(box, nonce, bytes));
  }
}

function measure(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function envelopesOf(key: SealingKey): Uint8Array[] {
  const { push } = samplePackets() as { push: Packet };
  const deltas = push.deltas.slice(0, 1);
  const keyring = new Keyring([key]);
  const seal = (packet: Packet) => writeEnvelope(encodePacket(packet), keyring);
  const lacking = ENVELOPE_BYTES - seal({ ...push, deltas, uptimeMs: UPTIME_MS }).length;
  const entry = deltas[0]?.entries[0] as WireEntry;
  const payload = new Uint8Array([...entry.payload, ...new Uint8Array(lacking).fill(0x20)]);
  Object.assign(entry, { payload });
  return Array.from({ length: RECORDS }, (_, index) =>
    seal({ ...push, deltas, uptimeMs: UPTIME_MS + index }),
  );
}

/** Of libpcap: little-endian, microseconds, raw IP. */
const FILE_HEADER = new Uint8Array(
  Uint32Array.of(0xa1b2c3d4, 0x00040002, 0, 0, 262_144, 101).buffer,
);

function recordsOf(envelopes: readonly Uint8Array[]): Uint8Array {
  const ends = { source: Uint8Array.of(127, 0, 0, 1), destination: Uint8Array.of(127, 0, 0, 1) };
  const records = envelopes.flatMap((envelope, index) => {
    const payload = makeDatagram(ends, [9001, 9002 + (index % 50)], envelope);
    const packet = makeIpPacket({ ...ends, protocol: 17, payload });
    const head = Uint32Array.of(1_790_000_000, index * 900, packet.length, packet.length);
    return [new Uint8Array(head.buffer), packet];
  });
  return new Uint8Array(Buffer.concat(records));
}
