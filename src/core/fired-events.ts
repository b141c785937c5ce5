import type { Hex64 } from '../wire/packet.js';

/** Log ids of one owner that are kept: a node comes back seldom within the life of an event. */
const LOGS_MAX = 8;

/**
 * Which events of an owner have fired here, so that none fires twice: the number of the last one, for
 * each of the owner's latest log ids. It outlives generations, since a node that raises its
 * generation says its live events again, and it outlives the owner's collection.
 */
export class FiredEvents {
  #logs: { logId: Hex64; sequence: number }[] = [];

  /** Takes note of an event. False if it, or a later one of the log, has fired before. */
  advance(logId: Hex64, sequence: number): boolean {
    const known = this.#logs.find((log) => log.logId === logId);
    if (known === undefined) {
      this.#logs = [...this.#logs.slice(1 - LOGS_MAX), { logId, sequence }];
      return true;
    }
    if (sequence <= known.sequence) return false;
    known.sequence = sequence;
    return true;
  }
}
