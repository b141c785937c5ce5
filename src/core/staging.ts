import { decodeEntryBody } from '../wire/entry-body.js';
import type { Delta, WireEntry } from '../wire/packet.js';
import { type LogEntry, type LogView, makeEntry, sizeOf } from './log.js';

/** A transfer that has not all its parts yet (PROTOCOL.md, "Staging"). */
export interface Transfer {
  /** Contains all of the log, so that what it lacks is gone. */
  readonly complete: boolean;
  /** The highest floor with which the transfer may be continued. */
  readonly floorMax: number;
  /** All up to here is held. */
  to: number;
  /** The highest `as_of` given. */
  asOf: number;
  floor: number;
  readonly entries: LogEntry[];
  bytes: number;
  progressAtMs: number;
}

/**
 * What became of a delta.
 * - `stale`: it brings nothing new;
 * - `gap`: it starts above what is held;
 * - `staged`: taken, nothing becomes visible yet;
 * - `complete`: taken, and all of the transfer is there to be shown;
 * - `malformed`: an entry cannot be read; nothing is taken.
 */
export type Staged = 'stale' | 'gap' | 'staged' | 'complete' | 'malformed';

/** Without progress for this long a transfer gives way to another that reaches less far. */
const STALLED_AFTER_MS = 1000;

/**
 * Joins a delta's entries to what is staged, or begins a transfer.
 *
 * @param shown the log that is visible; undefined if none of the delta's life is.
 * @param read gives the delta's entries, or undefined if they are malformed; called only if needed.
 */
export function stage(
  delta: Delta,
  shown: LogView | undefined,
  staged: Transfer | undefined,
  read: () => LogEntry[] | undefined,
  nowMs: number,
): { result: Staged; transfer: Transfer | undefined } {
  const version = shown?.version ?? 0;
  if (delta.asOf <= version) return { result: 'stale', transfer: staged };
  const transfer = continued(delta, staged) ?? begun(delta, version, staged, nowMs);
  if (transfer === undefined) {
    const isGap = delta.from > (staged?.to ?? version);
    return { result: isGap ? 'gap' : 'stale', transfer: staged };
  }
  const entries = read();
  if (entries === undefined) return { result: 'malformed', transfer: staged };
  for (const entry of entries) {
    if (entry.version <= transfer.to) continue;
    transfer.entries.push(entry);
    transfer.bytes += sizeOf(entry);
  }
  if (delta.to > transfer.to) transfer.progressAtMs = nowMs;
  transfer.to = Math.max(transfer.to, delta.to);
  transfer.asOf = Math.max(transfer.asOf, delta.asOf);
  transfer.floor = Math.max(transfer.floor, delta.floor);
  return { result: transfer.to >= transfer.asOf ? 'complete' : 'staged', transfer };
}

function continued(delta: Delta, staged: Transfer | undefined): Transfer | undefined {
  if (staged === undefined) return undefined;
  const joins =
    delta.from <= staged.to &&
    delta.to >= staged.to &&
    delta.asOf >= staged.asOf &&
    delta.floor <= staged.floorMax;
  return joins ? staged : undefined;
}

/** A running transfer gives way only if it is stalled or its floor has been overtaken. */
function begun(
  delta: Delta,
  version: number,
  staged: Transfer | undefined,
  nowMs: number,
): Transfer | undefined {
  const incremental =
    delta.from <= version && delta.floor <= version && reachesBeyond(delta, version);
  const complete = delta.from === 0 && delta.floor > version;
  if (!incremental && !complete) return undefined;
  const givesWay =
    staged === undefined ||
    (delta.floor > staged.floorMax && delta.asOf >= staged.asOf) ||
    nowMs - staged.progressAtMs > STALLED_AFTER_MS;
  if (!givesWay) return undefined;
  const base = incremental ? version : 0;
  return {
    complete: !incremental,
    floorMax: incremental ? version : delta.floor,
    to: base,
    asOf: delta.asOf,
    floor: delta.floor,
    entries: [],
    bytes: 0,
    progressAtMs: nowMs,
  };
}

/** An empty part whose `as_of` lies above only says that there is more. */
function reachesBeyond(delta: Delta, version: number): boolean {
  return delta.to > version || delta.from === delta.to;
}

/**
 * Reads a delta's entries: bodies that parse, versions that ascend within (from, to], events that
 * live. Returns undefined if any is not so: then nothing of the delta is taken.
 */
export function readEntries(delta: Delta, nowMs: number): LogEntry[] | undefined {
  const entries: LogEntry[] = [];
  let last = delta.from;
  for (const wire of delta.entries) {
    const entry = readEntry(wire, nowMs);
    if (entry === undefined || entry.version <= last || entry.version > delta.to) return undefined;
    last = entry.version;
    entries.push(entry);
  }
  return entries;
}

function readEntry(wire: WireEntry, nowMs: number): LogEntry | undefined {
  const body = decodeEntryBody(wire.body);
  if (body === undefined) return undefined;
  const { kind } = body.content;
  const { payload, remainingMs } = wire;
  if (kind === 'say' && (remainingMs ?? 0) === 0) return undefined;
  if (kind === 'tombstone' && (payload.length > 0 || remainingMs !== undefined)) return undefined;
  const expiresAtMs = remainingMs === undefined ? Number.POSITIVE_INFINITY : nowMs + remainingMs;
  return makeEntry(body, wire.body, payload, expiresAtMs, nowMs);
}
