/** What comes out of a capture: packets, and what could not be read. */
import type { Packet } from '../wire/packet.js';
import type { RefusalReason } from '../wire/refusal.js';
import type { CaptureFaultReason, Instant } from './capture/record.js';
import type { FrameProblem } from './frame-stream.js';

/** Where and when something was seen. */
export interface Place {
  /** Absent where the input does not tell. */
  readonly time?: Instant | undefined;
  /** How it travelled; absent for what was not captured on a network. */
  readonly transport?: 'udp' | 'tcp' | undefined;
  readonly from?: End | undefined;
  readonly to?: End | undefined;
  /** Where the record in which it ends begins, in bytes of the input. */
  readonly offset: number;
}

/** One end of a way. */
export interface End {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array;
  readonly port: number;
  /** `ip:port`, `[ipv6]:port`. */
  readonly text: string;
}

/** A packet that was opened and read. */
export interface PacketItem {
  readonly kind: 'packet';
  readonly place: Place;
  readonly envelope: Uint8Array;
  /** The key that sealed it, 8 hex digits; absent if it came in the clear. */
  readonly keyId?: string;
  readonly packetBytes: Uint8Array;
  readonly packet: Packet;
}

/** Something that could not be read. Decoding goes on behind it. */
export interface ProblemItem {
  readonly kind: 'problem';
  readonly place: Place;
  /** What could not be read. */
  readonly layer: Layer;
  readonly reason: ProblemReason;
  /** Where in that: in the stream for a frame, in the packet for a packet. */
  readonly at?: number;
  /** How many bytes it has, if that is known. */
  readonly bytes?: number;
  /** The key that sealed an envelope which cannot be opened, as it says: 8 hex digits. */
  readonly keyId?: string;
  /** The envelope, if there is one. */
  readonly envelope?: Uint8Array;
}

export type Item = PacketItem | ProblemItem;

export type Layer =
  | 'capture'
  | 'text'
  | 'link'
  | 'ip'
  | 'udp'
  | 'tcp'
  | 'frame'
  | 'envelope'
  | 'packet';

/** A stable word. */
export type ProblemReason =
  | CaptureFaultReason
  | FrameProblem
  | RefusalReason
  | 'unknown-link-type'
  | 'truncated'
  | 'fragments-missing'
  | 'fragments-overlap'
  /** The capture kept only the beginning of the packet. */
  | 'cut-by-capture'
  /** Text that is neither hex nor base64. */
  | 'not-hex-or-base64';
