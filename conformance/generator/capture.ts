/** A capture of what the vectors have one receive, for Wireshark and `telepathine decode`. */
import { makeDatagram, makeIpPacket, makeSegment } from '../../src/decode/net/make-packet.js';
import type { Carried } from './layer-source.js';

/**
 * pcapng of raw IP packets, one a millisecond, each with a comment that names its vector. Datagrams
 * come from one port; each stream has its own, and is cut into segments.
 */
export class Capture {
  readonly #blocks: Uint8Array[] = [
    block(SECTION_HEADER, u32(ORDER_MAGIC), u16(1, 0), u32(0xffffffff, 0xffffffff)),
    block(INTERFACE, u16(RAW_IP, 0), u32(0)),
  ];
  #packets = 0;
  #streams = 0;

  /** Bytes that no datagram could hold are left out. */
  add({ transport, payload: bytes, sourcePort = SENDER_PORT }: Carried, comment: string): void {
    if (transport === 'tcp') this.#addStream(bytes, comment);
    else if (bytes.length <= DATAGRAM_MAX) {
      const payload = makeDatagram(ENDS, [sourcePort, RECEIVER_PORT], bytes);
      this.#addPacket(makeIpPacket({ ...ENDS, protocol: 17, payload }), comment);
    }
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#blocks));
  }

  #addStream(bytes: Uint8Array, comment: string): void {
    const port = STREAM_PORTS + this.#streams++;
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const part = bytes.subarray(at, at + SEGMENT_BYTES);
      const payload = makeSegment(ENDS, [port, RECEIVER_PORT], at + 1, part);
      const packet = makeIpPacket({ ...ENDS, protocol: 6, payload });
      this.#addPacket(packet, at === 0 ? comment : '');
    }
  }

  #addPacket(packet: Uint8Array, comment: string): void {
    const microseconds = BigInt(FIRST_SECOND) * 1_000_000n + BigInt(this.#packets++) * 1000n;
    const text = new TextEncoder().encode(comment);
    const options = text.length > 0 ? [u16(COMMENT, text.length), padded(text), u32(0)] : [];
    const head = u32(0, Number(microseconds >> 32n), Number(microseconds & 0xffffffffn));
    const lengths = u32(packet.length, packet.length);
    this.#blocks.push(block(ENHANCED_PACKET, head, lengths, padded(packet), ...options));
  }
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const ORDER_MAGIC = 0x1a2b3c4d;
const RAW_IP = 101;
const COMMENT = 1;

/** Addresses of documentation (RFC 5737). */
const ENDS = {
  source: Uint8Array.of(192, 0, 2, 1),
  destination: Uint8Array.of(192, 0, 2, 2),
};
const SENDER_PORT = 9001;
const RECEIVER_PORT = 9000;
const STREAM_PORTS = 20_000;
const DATAGRAM_MAX = 65_507;
const SEGMENT_BYTES = 1448;
/** 1 January 2026. */
const FIRST_SECOND = 1_767_225_600;

function block(type: number, ...parts: Uint8Array[]): Uint8Array {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  return new Uint8Array(Buffer.concat([u32(type, length), ...parts, u32(length)]));
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
