/** The format pcapng: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html. */
import { ByteQueue } from './byte-queue.js';
import type {
  CaptureFault,
  CaptureFaultReason,
  CaptureReader,
  CaptureSink,
  Instant,
} from './record.js';
import { RECORD_BYTES_MAX } from './record.js';

/** Whether bytes begin as a file of pcapng does. */
export function isPcapng(head: Uint8Array): boolean {
  return [0x0a, 0x0d, 0x0d, 0x0a].every((byte, index) => head[index] === byte);
}

/**
 * Reads sections of both byte orders, with any number of interfaces, and packets in enhanced, simple
 * and the obsolete packet blocks. All other blocks are skipped.
 */
export class PcapngReader implements CaptureReader {
  readonly #queue = new ByteQueue();
  #offset = 0;
  #littleEndian = true;
  #interfaces: Interface[] = [];
  /** Of a block that is too long to be kept. */
  #bytesToSkip = 0;
  #fault: CaptureFault | undefined;

  constructor(private readonly sink: CaptureSink) {}

  push(chunk: Uint8Array): CaptureFault | undefined {
    this.#queue.push(chunk);
    while (this.#fault === undefined && this.#readBlock());
    return this.#fault;
  }

  end(): CaptureFault | undefined {
    if (this.#queue.length > 0 || this.#bytesToSkip > 0 || this.#offset === 0) this.#stop('cut');
    return this.#fault;
  }

  #readBlock(): boolean {
    if (this.#bytesToSkip > 0) {
      this.#bytesToSkip -= this.#skip(this.#bytesToSkip);
      if (this.#bytesToSkip > 0) return false;
    }
    const head = this.#queue.peek(BLOCK_HEAD_BYTES);
    if (head === undefined) return false;
    const view = viewOf(head);
    if (view.getUint32(0, true) === SECTION_HEADER) {
      const order = view.getUint32(8, true);
      if (order !== ORDER_MAGIC && order !== ORDER_MAGIC_SWAPPED) return this.#stop('bad-length');
      this.#littleEndian = order === ORDER_MAGIC;
    }
    const type = view.getUint32(0, this.#littleEndian);
    const length = view.getUint32(4, this.#littleEndian);
    if (length < BLOCK_HEAD_BYTES || length % 4 !== 0) return this.#stop('bad-length');
    if (length > BLOCK_BYTES_MAX) return this.#skipLongBlock(type, length);
    const block = this.#queue.peek(length);
    if (block === undefined) return false;
    if (viewOf(block).getUint32(length - 4, this.#littleEndian) !== length) {
      return this.#stop('bad-length');
    }
    const offset = this.#offset;
    this.#skip(length);
    this.#take(type, block.subarray(8, length - 4), offset);
    return true;
  }

  #skipLongBlock(type: number, length: number): boolean {
    if (type === SECTION_HEADER || type === INTERFACE) return this.#stop('bad-length');
    if (type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === OBSOLETE_PACKET) {
      this.#tellFault('bad-length', this.#offset);
    }
    this.#bytesToSkip = length;
    return true;
  }

  #take(type: number, body: Uint8Array, offset: number): void {
    const view = viewOf(body);
    switch (type) {
      case SECTION_HEADER:
        this.#interfaces = [];
        if (body.length < 16 || view.getUint16(4, this.#littleEndian) !== 1) {
          this.#fault = { reason: 'unknown-version', offset };
        }
        break;
      case INTERFACE:
        if (body.length < 8) this.#tellFault('bad-length', offset);
        // Too many: an index is still taken, so that those of the others stay right.
        else if (this.#interfaces.length < INTERFACES_MAX) {
          this.#interfaces.push(readInterface(body, this.#littleEndian));
        }
        break;
      case ENHANCED_PACKET:
        this.#takePacket(
          body,
          body.length < 20 ? -1 : view.getUint32(0, this.#littleEndian),
          offset,
        );
        break;
      case OBSOLETE_PACKET:
        this.#takePacket(
          body,
          body.length < 20 ? -1 : view.getUint16(0, this.#littleEndian),
          offset,
        );
        break;
      case SIMPLE_PACKET:
        this.#takeSimplePacket(body, offset);
        break;
    }
  }

  #takePacket(body: Uint8Array, interfaceIndex: number, offset: number): void {
    if (interfaceIndex < 0) return this.#tellFault('bad-length', offset);
    const view = viewOf(body);
    const littleEndian = this.#littleEndian;
    const from = this.#interfaces[interfaceIndex];
    if (from === undefined) return this.#tellFault('unknown-interface', offset);
    const length = view.getUint32(12, littleEndian);
    if (length > body.length - 20) return this.#tellFault('bad-length', offset);
    const units = BigInt(view.getUint32(4, littleEndian)) * 2n ** 32n;
    this.sink.record({
      time: instantOf(units + BigInt(view.getUint32(8, littleEndian)), from),
      linkType: from.linkType,
      bytes: body.subarray(20, 20 + length),
      originalBytes: view.getUint32(16, littleEndian),
      offset,
    });
  }

  /** It is of the first interface, has no time, and its length may only be what the capture kept. */
  #takeSimplePacket(body: Uint8Array, offset: number): void {
    const [from] = this.#interfaces;
    if (body.length < 4) return this.#tellFault('bad-length', offset);
    if (from === undefined) return this.#tellFault('unknown-interface', offset);
    const originalBytes = viewOf(body).getUint32(0, this.#littleEndian);
    const keptBytesMax = from.snapshotBytes === 0 ? RECORD_BYTES_MAX : from.snapshotBytes;
    const length = Math.min(originalBytes, keptBytesMax, body.length - 4);
    this.sink.record({
      time: undefined,
      linkType: from.linkType,
      bytes: body.subarray(4, 4 + length),
      originalBytes,
      offset,
    });
  }

  #skip(bytes: number): number {
    const skipped = this.#queue.skip(bytes);
    this.#offset += skipped;
    return skipped;
  }

  #tellFault(reason: CaptureFaultReason, offset: number): void {
    this.sink.fault({ reason, offset });
  }

  #stop(reason: CaptureFaultReason): false {
    this.#fault ??= { reason, offset: this.#offset };
    return false;
  }
}

interface Interface {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapshotBytes: number;
  readonly unitsPerSecond: bigint;
  readonly offsetSeconds: number;
}

/** Type, length, and of a section header the magic number. */
const BLOCK_HEAD_BYTES = 12;
const BLOCK_BYTES_MAX = RECORD_BYTES_MAX + 65_536;
const INTERFACES_MAX = 4096;
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const ORDER_MAGIC = 0x1a2b3c4d;
const ORDER_MAGIC_SWAPPED = 0x4d3c2b1a;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;

function readInterface(body: Uint8Array, littleEndian: boolean): Interface {
  const view = viewOf(body);
  let unitsPerSecond = 1_000_000n;
  let offsetSeconds = 0;
  for (let at = 8; at + 4 <= body.length; ) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    const value = at + 4;
    if (code === 0 || value + length > body.length) break;
    if (code === OPTION_TIME_RESOLUTION && length === 1) {
      const exponent = BigInt(view.getUint8(value) & 0x7f);
      unitsPerSecond = view.getUint8(value) & 0x80 ? 2n ** exponent : 10n ** exponent;
    } else if (code === OPTION_TIME_OFFSET && length === 8) {
      offsetSeconds = Number(view.getBigInt64(value, littleEndian));
    }
    at = value + Math.ceil(length / 4) * 4;
  }
  const linkType = view.getUint16(0, littleEndian);
  const snapshotBytes = view.getUint32(4, littleEndian);
  return { linkType, snapshotBytes, unitsPerSecond, offsetSeconds };
}

function instantOf(units: bigint, { unitsPerSecond, offsetSeconds }: Interface): Instant {
  const seconds = Number(units / unitsPerSecond) + offsetSeconds;
  const nanoseconds = Number(((units % unitsPerSecond) * 1_000_000_000n) / unitsPerSecond);
  return { seconds, nanoseconds };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
