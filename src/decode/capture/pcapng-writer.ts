/**
 * Writes pcapng (draft-ietf-opsawg-pcapng) of raw IP packets: one section with one interface, times in
 * nanoseconds.
 */
import { RAW_IP_LINK_TYPE } from './link.js';

export class PcapngWriter {
  /** @param write takes the next bytes of the file. */
  constructor(private readonly write: (bytes: Uint8Array) => void) {
    write(block(SECTION_HEADER, u32(ORDER_MAGIC), u16(1, 0), u32(0xffffffff, 0xffffffff)));
    const nanoseconds = [u16(OPTION_TIME_RESOLUTION, 1), Uint8Array.of(9, 0, 0, 0), u32(0)];
    write(block(INTERFACE, u16(RAW_IP_LINK_TYPE, 0), u32(0), ...nanoseconds));
  }

  /**
   * @param atNs since 1970, in nanoseconds.
   * @param comment empty: none.
   */
  packet(atNs: bigint, packet: Uint8Array, comment: string): void {
    const text = new TextEncoder().encode(comment);
    const options = text.length > 0 ? [u16(OPTION_COMMENT, text.length), padded(text), u32(0)] : [];
    const head = u32(0, Number((atNs >> 32n) & 0xffffffffn), Number(atNs & 0xffffffffn));
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
