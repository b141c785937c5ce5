/** What captures consist of, whatever their format. */

/** A point of time since 1970 (UTC), as exactly as captures give it. */
export interface Instant {
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
}

/** A packet of a link layer, as it was captured. */
export interface CaptureRecord {
  /** Absent: the format does not tell. */
  readonly time: Instant | undefined;
  /** A LINKTYPE_ of tcpdump.org. */
  readonly linkType: number;
  /** May be a view of what was read: whoever keeps it copies it. */
  readonly bytes: Uint8Array;
  /** Its length on the link; longer than `bytes` if the capture kept only a part. */
  readonly originalBytes: number;
  /** Where in the input the record begins, in bytes. */
  readonly offset: number;
}

/** Why a capture cannot be read, at all or from here on. */
export interface CaptureFault {
  readonly reason: CaptureFaultReason;
  /** Where in the input, in bytes. */
  readonly offset: number;
}

/** A stable word. */
export type CaptureFaultReason =
  /** It ends in the middle of a record. */
  | 'cut'
  /** A length that cannot be, so that the next record cannot be found. */
  | 'bad-length'
  /** A packet of an interface that no block describes. */
  | 'unknown-interface'
  /** A version of the format that is not known. */
  | 'unknown-version';

/** Who is told what a capture holds. */
export interface CaptureSink {
  record(record: CaptureRecord): void;
  /** A single record cannot be read; reading goes on. */
  fault(fault: CaptureFault): void;
}

/** Reads a capture as it comes. */
export interface CaptureReader {
  /** @returns a fault if nothing that follows can be read; every later call returns it again. */
  push(chunk: Uint8Array): CaptureFault | undefined;
  /** The input has ended. */
  end(): CaptureFault | undefined;
}

/** The longest packet that any tool captures (MAXIMUM_SNAPLEN of libpcap), in bytes. */
export const RECORD_BYTES_MAX = 262_144;
