/** A capture of what the vectors have one receive, for Wireshark and `telepathine decode`. */
import { PcapngWriter } from '../../src/decode/capture/pcapng-writer.js';
import { makeDatagram, makeIpPacket, makeSegment } from '../../src/decode/net/make-packet.js';
import type { Carried } from './layer-source.js';

/**
 * pcapng of raw IP packets, one a millisecond, each with a comment that names its vector. Datagrams
 * come from one port; each stream has its own, and is cut into segments.
 */
export class Capture {
  readonly #blocks: Uint8Array[] = [];
  readonly #file = new PcapngWriter((block) => this.#blocks.push(block));
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
    const atMs = FIRST_SECOND * 1000 + this.#packets++;
    this.#file.packet(BigInt(atMs) * 1_000_000n, packet, comment);
  }
}

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
