import { Status } from '../wire/packet.js';
import type { CoreStats, PeerView, Position, RemoteValue } from './contract.js';
import { isReadable } from './log.js';
import { type Owner, shownVersion } from './owner.js';
import { remoteValue } from './replicas.js';
import { type CoreState, nameOf } from './state.js';

/** A node as the application sees it. */
export function viewOf(owner: Owner, phi: number): PeerView {
  const { statement, contact, header } = owner;
  const view: PeerView = {
    name: nameOf(owner),
    owner: owner.id,
    address: owner.reach.address,
    status: statusOf(owner),
    suspected: owner.suspected,
    logId: statement.logId,
    generation: statement.generation,
    incarnation: statement.incarnation,
    version: shownVersion(owner),
    tags: header?.tags ?? {},
    keyIds: header?.keyIds ?? [],
    phi,
  };
  if (contact?.roundTripMs !== undefined) view.roundTripMs = contact.roundTripMs;
  return view;
}

export function positionOf(owner: Owner): Position {
  const { logId, generation, incarnation } = owner.statement;
  return {
    owner: owner.id,
    logId,
    generation,
    incarnation,
    status: statusOf(owner),
    version: shownVersion(owner),
    doubted: owner.doubt === 'dead',
  };
}

/** Names of the other nodes, as far as they are known: all, the live, or those dead or left. */
export function namesOf({ directory, self }: CoreState, which: 'all' | 'live' | 'down'): string[] {
  const names: string[] = [];
  for (const owner of directory.all()) {
    const isMeant = which === 'all' || owner.announcedAlive === (which === 'live');
    if (isMeant && owner !== self && owner.hasHeader) names.push(owner.name);
  }
  return names;
}

export function statsOf({ counts, directory }: CoreState): CoreStats {
  return {
    refusals: Object.fromEntries(counts.refusals),
    owners: directory.size,
    live: directory.live().length,
    suspicions: counts.suspicions,
    verdicts: counts.verdicts,
    bursts: counts.bursts,
  };
}

/** The value of a key, unless it has ended. */
export function readable(owner: Owner, key: string, nowMs: number): RemoteValue | undefined {
  const entry = owner.log.keys.get(key);
  return isReadable(entry, nowMs) ? remoteValue(owner, entry) : undefined;
}

/** The keys that have a value. */
export function readableKeys(owner: Owner, nowMs: number): string[] {
  const entries = [...owner.log.keys.values()].filter((entry) => isReadable(entry, nowMs));
  return entries.map((entry) => entry.name);
}

/** As the application was told last. */
function statusOf({ status, announcedAlive }: Owner): PeerView['status'] {
  if (status === Status.left) return 'left';
  return announcedAlive ? 'alive' : 'dead';
}
