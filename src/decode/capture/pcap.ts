/** The format of libpcap: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html. */
import { ByteQueue } from './byte-queue.js';
import type { CaptureFault, CaptureFaultReason, CaptureReader, CaptureSink } from './record.js';
import { RECORD_BYTES_MAX } from './record.js';

/** Whether bytes begin as a file of libpcap does. */
export function isPcap(head: Uint8Array): boolean {
  return head.length >= 4 && formOf(head) !== undefined;
}

/** Reads both byte orders, and times in microseconds and nanoseconds. */
export class PcapReader implements CaptureReader {
  readonly #queue = new ByteQueue();
  #offset = 0;
  #header: Header | undefined;
  #fault: CaptureFault | undefined;

  constructor(private readonly sink: CaptureSink) {}

  push(chunk: Uint8Array): CaptureFault | undefined {
    this.#queue.push(chunk);
    while (this.#fault === undefined) {
      const isRead = this.#header === undefined ? this.#readHeader() : this.#readRecord();
      if (!isRead) break;
    }
    return this.#fault;
  }

  end(): CaptureFault | undefined {
    if (this.#queue.length > 0 || this.#header === undefined) this.#stop('cut');
    return this.#fault;
  }

  #readHeader(): boolean {
    const bytes = this.#queue.peek(FILE_HEADER_BYTES);
    if (bytes === undefined) return false;
    const form = formOf(bytes) as Form;
    const view = viewOf(bytes);
    if (view.getUint16(4, form.littleEndian) !== 2) return this.#stop('unknown-version');
    // The upper bits tell about checksums at the end of frames.
    this.#header = { ...form, linkType: view.getUint32(20, form.littleEndian) & 0xffff };
    this.#skip(FILE_HEADER_BYTES);
    return true;
  }

  #readRecord(): boolean {
    const { littleEndian, nanosecondsPerUnit, linkType } = this.#header as Header;
    const head = this.#queue.peek(RECORD_HEADER_BYTES);
    if (head === undefined) return false;
    const view = viewOf(head);
    const capturedBytes = view.getUint32(8, littleEndian);
    if (capturedBytes > RECORD_BYTES_MAX) return this.#stop('bad-length');
    const bytes = this.#queue.peek(RECORD_HEADER_BYTES + capturedBytes);
    if (bytes === undefined) return false;
    const offset = this.#offset;
    const nanoseconds = view.getUint32(4, littleEndian) * nanosecondsPerUnit;
    const record = {
      time: { seconds: view.getUint32(0, littleEndian), nanoseconds: nanoseconds % 1e9 },
      linkType,
      bytes: bytes.subarray(RECORD_HEADER_BYTES),
      originalBytes: view.getUint32(12, littleEndian),
      offset,
    };
    this.#skip(bytes.length);
    this.sink.record(record);
    return true;
  }

  #skip(bytes: number): void {
    this.#queue.skip(bytes);
    this.#offset += bytes;
  }

  #stop(reason: CaptureFaultReason): false {
    this.#fault ??= { reason, offset: this.#offset };
    return false;
  }
}

interface Form {
  littleEndian: boolean;
  nanosecondsPerUnit: number;
}

interface Header extends Form {
  linkType: number;
}

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MICROSECONDS_MAGIC = 0xa1b2c3d4;
const NANOSECONDS_MAGIC = 0xa1b23c4d;

function formOf(bytes: Uint8Array): Form | undefined {
  for (const littleEndian of [true, false]) {
    const magic = viewOf(bytes).getUint32(0, littleEndian);
    if (magic === MICROSECONDS_MAGIC) return { littleEndian, nanosecondsPerUnit: 1000 };
    if (magic === NANOSECONDS_MAGIC) return { littleEndian, nanosecondsPerUnit: 1 };
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
