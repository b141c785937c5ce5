import type { Hex64 } from '../wire/packet.js';
import type { Link } from './contract.js';

/** What direct, fresh answers of a life have told. */
export interface Contact {
  readonly logId: Hex64;
  /** When it last answered, in the core's time. */
  atMs: number;
  /** Smoothed round trip; undefined before the first measurement. */
  roundTripMs: number | undefined;
  /** A stream on which this life has answered. */
  stream: Link | undefined;
  /** A second stream with the node, which is to be closed once the first is in use. */
  spareStream: Link | undefined;
  /** Datagrams have not got through of late: it is sent streams. */
  byStream: boolean;
  /** A datagram was answered once. */
  datagramsAnswered: boolean;
  /** When a datagram was last tried beside the streams. */
  datagramTriedAtMs: number;
}

/** With a life that has not answered yet. */
export function makeContact(logId: Hex64): Contact {
  return {
    logId,
    atMs: 0,
    roundTripMs: undefined,
    stream: undefined,
    spareStream: undefined,
    byStream: false,
    datagramsAnswered: false,
    datagramTriedAtMs: Number.NEGATIVE_INFINITY,
  };
}
