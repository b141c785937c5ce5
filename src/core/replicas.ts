import {
  BYTES_PER_OWNER_MAX,
  EVENTS_PER_OWNER_MAX,
  KEYS_PER_OWNER_MAX,
  KNOWN_FEATURES,
} from '../wire/limits.js';
import { decodeOwnerHeader } from '../wire/owner-header.js';
import { ownerIdOf } from '../wire/owner-id.js';
import type { Delta } from '../wire/packet.js';
import type { RemoteValue } from './contract.js';
import { FiredEvents } from './fired-events.js';
import { HeldBytes } from './held-bytes.js';
import { compareLives } from './life.js';
import { Log, type LogEntry, type LogView } from './log.js';
import { currentLog, type Owner, shownVersion } from './owner.js';
import { readEntries, type Staged, stage, type Transfer } from './staging.js';
import { type CoreState, emit, nameOf, refuse } from './state.js';

/** What is held and what replaces it are counted together while a transfer runs. */
const OVERLAP = 2;

/** What the arrival of a delta sets going. */
export interface ReplicaHost {
  /** A node's header has come for the first time, or anew. */
  headerTaken(owner: Owner, first: boolean, moved: boolean): void;
  /** What is shown of an owner has grown from a version. */
  shown(owner: Owner, fromVersion: number): void;
  scheduleEnd(owner: Owner, log: Log, entry: LogEntry): void;
}

/** What became of a delta; `refused` ones are counted. */
export type DeltaResult = Exclude<Staged, 'malformed'> | 'refused';

/**
 * Takes deltas of other owners' logs and shows them to the application, in the owner's order
 * (PROTOCOL.md, "Taking a delta").
 */
export class Replicas {
  readonly #heldBytes: HeldBytes;

  constructor(
    private readonly state: CoreState,
    private readonly host: ReplicaHost,
  ) {
    this.#heldBytes = new HeldBytes(state);
  }

  /** Takes a delta of the life that the owner's statement speaks of. */
  take(owner: Owner, delta: Delta): DeltaResult {
    if (owner.refused) return this.#refuse('owner-refused');
    if ((delta.requiredFeatures & ~KNOWN_FEATURES) !== 0) {
      return this.#refuseOwner(owner, 'unknown-feature');
    }
    if (delta.header.length > 0 && !this.#takeHeader(owner, delta)) return 'refused';
    const read = () => readEntries(delta, this.state.nowMs);
    const { result, transfer } = stage(
      delta,
      currentLog(owner),
      owner.transfer,
      read,
      this.state.nowMs,
    );
    if (result === 'malformed') return this.#refuse('malformed-entry');
    if (transfer !== undefined && this.#isOverLimit(owner, transfer)) {
      return this.#refuseOwner(owner, 'owner-over-limit');
    }
    const isTaken = result === 'staged' || result === 'complete';
    if (isTaken && !this.#heldBytes.admits(owner, delta)) {
      return this.#refuseOwner(owner, 'node-over-limit');
    }
    owner.transfer = transfer;
    // Nothing of a life is shown before its header: without it the node has no name.
    if (transfer === undefined || transfer.to < transfer.asOf || !owner.hasCurrentHeader) {
      return result === 'complete' ? 'staged' : result;
    }
    owner.transfer = undefined;
    this.#show(owner, transfer);
    return 'complete';
  }

  /** An owner is not known any more. */
  removed(owner: Owner): void {
    this.#heldBytes.removed(owner);
  }

  /** Nothing of the owner's earlier life is shown any more. */
  dropLog(owner: Owner): void {
    this.#heldBytes.changed();
    owner.dropEntries();
    for (const entry of owner.log.keys.values()) {
      if (entry.kind === 'value') this.#emitDeleted(owner, entry, true);
    }
  }

  /** An entry has come to its end: a value becomes a tombstone, an event goes. */
  end(owner: Owner, log: Log, entry: LogEntry): void {
    if (!entry.held || owner.writableLog() !== log) return;
    const value = entry.kind === 'value' ? remoteValue(owner, entry) : undefined;
    log.end(entry, this.state.nowMs);
    if (value === undefined) return;
    const name = nameOf(owner);
    emit(this.state, { type: 'expired', name, owner: owner.id, key: entry.name, value });
  }

  /** Nothing more is taken of this owner; what is shown of it stays. */
  #refuseOwner(owner: Owner, reason: string): 'refused' {
    if (owner.transfer !== undefined) this.#heldBytes.changed();
    owner.refused = true;
    owner.transfer = undefined;
    return this.#refuse(reason);
  }

  #refuse(reason: string): 'refused' {
    refuse(this.state, reason);
    return 'refused';
  }

  #takeHeader(owner: Owner, delta: Delta): boolean {
    const isFirst = !owner.hasHeader;
    const content = decodeOwnerHeader(delta.header);
    if (content === undefined || content.version > delta.asOf) {
      refuse(this.state, 'malformed-header');
      return false;
    }
    if (ownerIdOf(content.name) !== owner.id) {
      refuse(this.state, 'name-mismatch');
      return false;
    }
    if (owner.hasHeader && owner.name !== content.name) {
      refuse(this.state, 'owner-id-collision');
      return false;
    }
    const { headerLife } = owner;
    const order = isFirst ? 1 : compareLives(delta, headerLife);
    const newer = order > 0 || (order === 0 && content.version > headerLife.version);
    if (!newer) return true;
    // Of an earlier process nothing is in use any more.
    const before = headerLife.logId === delta.logId ? owner.reach.address : '';
    owner.setHeader(delta.header, content);
    this.host.headerTaken(owner, isFirst, before !== '' && before !== owner.reach.address);
    return true;
  }

  #isOverLimit(owner: Owner, transfer: Transfer): boolean {
    const kept = transfer.complete ? undefined : currentLog(owner);
    const held = kept?.bytes ?? 0;
    const entries = kept === undefined ? 0 : kept.keys.size + kept.events;
    return (
      held + transfer.bytes > OVERLAP * BYTES_PER_OWNER_MAX ||
      entries + transfer.entries.length > OVERLAP * (KEYS_PER_OWNER_MAX + EVENTS_PER_OWNER_MAX)
    );
  }

  #show(owner: Owner, transfer: Transfer): void {
    this.#heldBytes.changed();
    const before = owner.log;
    const fromVersion = shownVersion(owner);
    if (transfer.complete || !owner.isLogCurrent) this.#replace(owner, before, transfer);
    const log = owner.writableLog();
    for (const entry of transfer.entries) this.#showEntry(owner, log, entry, before);
    log.version = transfer.asOf;
    log.raiseFloor(transfer.floor);
    this.state.directory.digestChanged(owner);
    owner.compact();
    this.host.shown(owner, fromVersion);
  }

  /** A complete transfer: what it lacks is gone. */
  #replace(owner: Owner, before: LogView, transfer: Transfer): void {
    owner.dropEntries();
    owner.setLog(new Log());
    const kept = new Set<string>();
    for (const entry of transfer.entries) if (entry.kind !== 'event') kept.add(entry.name);
    for (const entry of before.keys.values()) {
      if (!kept.has(entry.name) && entry.kind === 'value') this.#emitDeleted(owner, entry, true);
    }
  }

  #showEntry(owner: Owner, log: Log, entry: LogEntry, before: LogView): void {
    const ended = entry.expiresAtMs <= this.state.nowMs;
    if (entry.kind === 'event') {
      this.#showEvent(owner, log, entry, ended);
      return;
    }
    const older = log.keys.get(entry.name) ?? before.keys.get(entry.name);
    log.append(entry);
    if (entry.kind === 'value' && ended) log.end(entry, this.state.nowMs);
    if (entry.kind === 'tombstone') {
      this.#emitDeleted(owner, entry, older?.kind === 'value');
      return;
    }
    this.host.scheduleEnd(owner, log, entry);
    if (older !== undefined && isSameValue(older, entry)) return;
    const value = remoteValue(owner, entry);
    emit(this.state, { type: 'set', name: nameOf(owner), owner: owner.id, key: entry.name, value });
  }

  #showEvent(owner: Owner, log: Log, entry: LogEntry, ended: boolean): void {
    if (!ended) {
      log.append(entry);
      this.host.scheduleEnd(owner, log, entry);
    }
    owner.fired ??= new FiredEvents();
    if (!owner.fired.advance(owner.statement.logId, entry.sequence)) return;
    if (ended) return;
    const { payload, encoding, typeName } = entry;
    emit(this.state, {
      type: 'heard',
      name: nameOf(owner),
      owner: owner.id,
      event: entry.name,
      payload: { bytes: payload, encoding, typeName },
    });
  }

  #emitDeleted(owner: Owner, by: LogEntry, existed: boolean): void {
    const stamp = { origin: owner.id, ...by.stamp };
    const name = nameOf(owner);
    emit(this.state, { type: 'deleted', name, owner: owner.id, key: by.name, stamp, existed });
  }
}

/** A value with its life, as the application is told. */
export function remoteValue(owner: Owner, entry: LogEntry): RemoteValue {
  const { payload, encoding, typeName, stamp, expiresAtMs } = entry;
  const value: RemoteValue = {
    payload: { bytes: payload, encoding, typeName },
    stamp: { origin: owner.id, ...stamp },
  };
  if (Number.isFinite(expiresAtMs)) value.expiresAtMs = expiresAtMs;
  return value;
}

/** The same write, seen again because the owner has raised its generation. */
function isSameValue(a: LogEntry, b: LogEntry): boolean {
  return (
    a.kind === b.kind &&
    a.stamp.time === b.stamp.time &&
    a.stamp.origin === b.stamp.origin &&
    a.payload.length === b.payload.length &&
    a.payload.every((byte, index) => byte === b.payload[index])
  );
}
