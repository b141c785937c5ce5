/** Writes a capture anew, with packets in the clear, as pcapng. */
import { FRAME_PREFIX_BYTES } from '../wire/framing.js';
import { PcapngWriter } from './capture/pcapng-writer.js';
import type { Instant } from './capture/record.js';
import type { End, Item, Place } from './item.js';
import type { IpPacket } from './net/ip-packet.js';
import {
  IP_PAYLOAD_BYTES_MAX,
  makeDatagram,
  makeIpPacket,
  makeSegment,
  type PacketParts,
} from './net/make-packet.js';

/**
 * A capture of IP packets, in which a datagram's payload is a serialised Packet, without an envelope:
 * whoever knows the schema can read it. What came as a frame of a stream is a datagram too, with a
 * comment that says so; what is too long for one is TCP segments: a length of 4 bytes, then the Packet.
 */
export class PlainCapture {
  /** By both ends: where the next segment begins. */
  readonly #sequences = new Map<string, number>();

  readonly #file: PcapngWriter;

  /** @param write takes the next bytes of the file. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#file = new PcapngWriter(write);
  }

  /** A packet in the clear; an envelope of a stream that could not be opened as it is. */
  item(item: Item): void {
    const { place } = item;
    if (item.kind === 'packet') {
      const form = item.keyId === undefined ? 'plain' : `sealed by key ${item.keyId}`;
      const way = place.transport === 'tcp' ? ', a frame of a TCP stream' : '';
      this.#add(place, item.packetBytes, `Telepathine, ${form}${way}`);
    } else if (item.envelope !== undefined && place.transport !== 'udp') {
      this.#add(place, item.envelope, `not opened: ${item.reason}`);
    }
  }

  /** A packet of something else, as it is. */
  other(ip: IpPacket, time: Instant | undefined): void {
    if (ip.isCut || ip.payload.length > IP_PAYLOAD_BYTES_MAX) return;
    this.#packet(time, makeIpPacket(ip), '');
  }

  #add({ time, from = NOWHERE, to = NOWHERE }: Place, payload: Uint8Array, comment: string): void {
    const ends = { source: from.ip, destination: to.ip };
    const ports = [from.port, to.port] as const;
    if (payload.length <= IP_PAYLOAD_BYTES_MAX - 8) {
      const datagram = makeDatagram(ends, ports, payload);
      this.#packet(time, makeIpPacket({ ...ends, protocol: 17, payload: datagram }), comment);
      return;
    }
    const frame = new Uint8Array(FRAME_PREFIX_BYTES + payload.length);
    new DataView(frame.buffer).setUint32(0, payload.length);
    frame.set(payload, FRAME_PREFIX_BYTES);
    for (let at = 0; at < frame.length; at += SEGMENT_BYTES) {
      const part = frame.subarray(at, at + SEGMENT_BYTES);
      this.#addSegment({ time, from, to }, ends, part, at === 0 ? comment : '');
    }
  }

  #addSegment(
    { time, from, to }: { time: Instant | undefined; from: End; to: End },
    ends: Pick<PacketParts, 'source' | 'destination'>,
    part: Uint8Array,
    comment: string,
  ): void {
    const key = `${from.text}>${to.text}`;
    const sequence = this.#sequences.get(key) ?? 1;
    if (this.#sequences.size >= STREAMS_MAX) this.#sequences.clear();
    this.#sequences.set(key, (sequence + part.length) >>> 0);
    const payload = makeSegment(ends, [from.port, to.port], sequence, part);
    this.#packet(time, makeIpPacket({ ...ends, protocol: 6, payload }), comment);
  }

  #packet(time: Instant | undefined, packet: Uint8Array, comment: string): void {
    const { seconds, nanoseconds } = time ?? { seconds: 0, nanoseconds: 0 };
    this.#file.packet(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), packet, comment);
  }
}

const SEGMENT_BYTES = 60_000;
const STREAMS_MAX = 10_000;
/** For what was not captured on a network. */
const NOWHERE: End = { ip: new Uint8Array(4), port: 0, text: '' };
