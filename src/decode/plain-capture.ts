/** Writes a capture anew, with packets in the clear, as pcapng. */
import { FRAME_PREFIX_BYTES } from '../wire/framing.js';
import { RAW_IP_LINK_TYPE } from './capture/link.js';
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

  /** @param write takes the next bytes of the file. */
  constructor(private readonly write: (bytes: Uint8Array) => void) {
    write(block(SECTION_HEADER, u32(ORDER_MAGIC), u16(1, 0), u32(0xffffffff, 0xffffffff)));
    const nanoseconds = [u16(OPTION_TIME_RESOLUTION, 1), Uint8Array.of(9, 0, 0, 0), u32(0)];
    write(block(INTERFACE, u16(RAW_IP_LINK_TYPE, 0), u32(0), ...nanoseconds));
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
    this.#block(time, makeIpPacket(ip), '');
  }

  #add({ time, from = NOWHERE, to = NOWHERE }: Place, payload: Uint8Array, comment: string): void {
    const ends = { source: from.ip, destination: to.ip };
    const ports = [from.port, to.port] as const;
    if (payload.length <= IP_PAYLOAD_BYTES_MAX - 8) {
      const datagram = makeDatagram(ends, ports, payload);
      this.#block(time, makeIpPacket({ ...ends, protocol: 17, payload: datagram }), comment);
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
    this.#block(time, makeIpPacket({ ...ends, protocol: 6, payload }), comment);
  }

  #block(time: Instant | undefined, packet: Uint8Array, comment: string): void {
    const { seconds, nanoseconds } = time ?? { seconds: 0, nanoseconds: 0 };
    const at = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    const text = new TextEncoder().encode(comment);
    const options = text.length > 0 ? [u16(OPTION_COMMENT, text.length), padded(text), u32(0)] : [];
    const head = u32(0, Number((at >> 32n) & 0xffffffffn), Number(at & 0xffffffffn));
    const lengths = u32(packet.length, packet.length);
    this.write(block(ENHANCED_PACKET, head, lengths, padded(packet), ...options));
  }
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_COMMENT = 1;
const OPTION_TIME_RESOLUTION = 9;
const SEGMENT_BYTES = 60_000;
const STREAMS_MAX = 10_000;
/** For what was not captured on a network. */
const NOWHERE: End = { ip: new Uint8Array(4), port: 0, text: '' };

function block(type: number, ...parts: Uint8Array[]): Uint8Array {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  bytes.set(u32(type, length));
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(u32(length), at);
  return bytes;
}

function u32(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true);
  return new Uint8Array(view.buffer);
}

function u16(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 2));
  for (const [index, value] of values.entries()) view.setUint16(index * 2, value, true);
  return new Uint8Array(view.buffer);
}

/** Up to the next multiple of 4 bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + (-bytes.length & 3));
  whole.set(bytes);
  return whole;
}
