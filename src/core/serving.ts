import { REMAINING_MS_MAX } from '../wire/limits.js';
import type { Want } from '../wire/packet.js';
import { deltaBaseBytes, entryBytes } from '../wire/size.js';
import type { Link } from './contract.js';
import { compareLives } from './life.js';
import { isStream } from './link.js';
import type { Links } from './links.js';
import type { LogEntry } from './log.js';
import type { Outbox } from './outbox.js';
import { currentLog, digestOf, type Owner } from './owner.js';
import type { OutgoingDelta, OutgoingEntry } from './packing.js';
import type { Pings } from './pings.js';
import { type CoreState, isShared } from './state.js';

/** Bytes of deltas that answer one packet of wants: several datagrams, or a stream's window. */
const DATAGRAM_WINDOW_BYTES = 8 * 1024;
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;

const NOTHING = new Uint8Array(0);
const NO_HEADER = { version: 0, bytes: NOTHING };

/** Answers wants from the logs that this node shows (PROTOCOL.md, "Serving"). */
export class Serving {
  constructor(
    private readonly state: CoreState,
    private readonly outbox: Outbox,
    private readonly links: Links,
    private readonly pings: Pings,
  ) {}

  /**
   * Answers wants within a window of bytes. Each owner gets an equal share first, what is left goes
   * round in the order of asking, so that no owner starves; the asker asks again for the rest. On a
   * stream that may not carry large packets yet, a ping goes along whose answer will allow them.
   */
  answer(link: Link, wants: readonly Want[]): void {
    if (isStream(link) && this.links.get(link)?.confirmed !== true) this.pings.send(link);
    const window = isStream(link) ? STREAM_WINDOW_BYTES : DATAGRAM_WINDOW_BYTES;
    const share = Math.floor(window / Math.max(1, wants.length));
    let left = window;
    let waiting = wants.length;
    for (const want of wants) {
      waiting -= 1;
      const owner = this.state.directory.get(want.owner);
      if (owner === undefined || !isShared(this.state, owner)) continue;
      const spare = left - share * waiting;
      const delta = this.#delta(owner, want, Math.max(share, spare));
      // To name a link there makes a packet, be it an empty one.
      if (startsAnew(want, owner))
        this.outbox.to(link).statements.set(owner.id, digestOf(owner, this.state.nowMs));
      if (delta === undefined) continue;
      this.outbox.to(link).deltas.push(delta.whole);
      left -= delta.bytes;
      if (left <= 0) return;
    }
  }

  /** The part of an owner's log above a version that a push carries; undefined if it is too large. */
  recent(owner: Owner, from: number, bytesMax: number): OutgoingDelta | undefined {
    const log = currentLog(owner);
    if (log === undefined || from < log.floor) return undefined;
    const delta = this.#empty(owner, from);
    let bytes = 0;
    for (const entry of log.between(from, log.version)) {
      bytes += entry.body.length + entry.payload.length;
      if (entry.payload.length > PUSHED_PAYLOAD_BYTES_MAX || bytes > bytesMax) return undefined;
      const outgoing = this.#entry(entry);
      if (outgoing !== undefined) delta.entries.push(outgoing);
    }
    delta.to = log.version;
    return delta;
  }

  #delta(
    owner: Owner,
    want: Want,
    bytesMax: number,
  ): { whole: OutgoingDelta; bytes: number } | undefined {
    const log = currentLog(owner);
    if (log === undefined) return undefined;
    const from = baseFor(want, owner);
    if (from === undefined) return undefined;
    const whole = this.#empty(owner, from);
    let bytes = deltaBaseBytes(whole);
    for (const entry of log.between(from, log.version)) {
      const outgoing = this.#entry(entry);
      if (outgoing === undefined) continue;
      const size = entryBytes(outgoing);
      if (whole.entries.length > 0 && bytes + size > bytesMax) return { whole, bytes };
      whole.entries.push(outgoing);
      whole.to = outgoing.version;
      bytes += size;
    }
    whole.to = log.version;
    return { whole, bytes };
  }

  #empty(owner: Owner, from: number): OutgoingDelta {
    const { logId, generation } = owner.statement;
    const { log } = owner;
    const { version, bytes } = owner.currentHeader ?? NO_HEADER;
    return {
      owner: owner.id,
      logId,
      generation,
      from,
      to: from,
      asOf: log.version,
      floor: log.floor,
      header: version > from ? bytes : NOTHING,
      entries: [],
      requiredFeatures: 0,
    };
  }

  /** An entry as it is sent now; undefined for an event that has ended. */
  #entry(entry: LogEntry): OutgoingEntry | undefined {
    const { version, body, payload } = entry;
    if (!Number.isFinite(entry.expiresAtMs)) return { version, body, payload };
    const leftMs = Math.max(0, Math.floor(entry.expiresAtMs - this.state.nowMs));
    const remainingMs = Math.min(leftMs, REMAINING_MS_MAX);
    if (remainingMs > 0) return { version, body, payload, remainingMs };
    return entry.kind === 'event' ? undefined : { version, body, payload: NOTHING, remainingMs };
  }
}

/** Payloads above this are announced, not pushed. */
export const PUSHED_PAYLOAD_BYTES_MAX = 1024;

/** The version from which a want is served; undefined if there is nothing to serve. */
function baseFor(want: Want, owner: Owner): number | undefined {
  const { log } = owner;
  if (startsAnew(want, owner)) {
    return want.logId !== undefined && isNewer(want, owner) ? undefined : 0;
  }
  // A complete transfer begins at 0: what is staged of it may lie below what is shown.
  const continues = want.stagedTo > 0 && log.version >= want.asOf && log.floor <= want.floorMax;
  if (continues) return log.version > want.stagedTo ? want.stagedTo : undefined;
  if (log.version <= want.version) return undefined;
  return want.version >= log.floor ? want.version : 0;
}

/** The asker knows nothing of the life that is held here. */
function startsAnew(want: Want, owner: Owner): boolean {
  return want.logId !== owner.statement.logId || want.generation !== owner.statement.generation;
}

function isNewer(want: Want, owner: Owner): boolean {
  const { generation, logId } = owner.statement;
  return (
    compareLives({ ...want, logId: want.logId ?? '' }, { owner: owner.id, generation, logId }) > 0
  );
}
