import type { OwnerId } from '../wire/packet.js';
import type { Owner } from './owner.js';
import type { CoreState } from './state.js';

/** Each node is watched by so many successors on the ring. */
export const WATCHERS = 4;

/**
 * The nodes that watch `subject`: its first live successors on the ring of ids, this node among them
 * if it is one. A node that this one suspects is passed over, so that the next takes its place.
 */
export function watchersOf(state: CoreState, subject: Owner): Owner[] {
  const ring = state.directory.live();
  const watchers: Owner[] = [];
  const first = firstAfter(ring, subject.id);
  for (let i = 0; i < ring.length && watchers.length < WATCHERS; i++) {
    const owner = ring[(first + i) % ring.length] as Owner;
    if (owner.id !== subject.id && !owner.suspected) watchers.push(owner);
  }
  return watchers;
}

/** The nodes that this one watches: its first live predecessors, suspects included. */
export function watchedBy(state: CoreState, watcher: Owner): Owner[] {
  const ring = state.directory.live();
  const index = firstAfter(ring, watcher.id) - 1;
  const watched: Owner[] = [];
  if (ring[index] !== watcher) return watched;
  let trusted = 0;
  for (let i = 1; i < ring.length && trusted < WATCHERS; i++) {
    const owner = ring[(index - i + ring.length) % ring.length] as Owner;
    watched.push(owner);
    if (!owner.suspected) trusted += 1;
  }
  return watched;
}

/** The first after an id on a ring, by ascending id, that is accepted; undefined if none is. */
export function successorOf(
  ring: readonly Owner[],
  id: OwnerId,
  accepts: (owner: Owner) => boolean,
): Owner | undefined {
  const first = firstAfter(ring, id);
  for (let i = 0; i < ring.length; i++) {
    const owner = ring[(first + i) % ring.length] as Owner;
    if (accepts(owner)) return owner;
  }
  return undefined;
}

/** Where the first owner above an id stands; the ring's length if there is none. */
function firstAfter(ring: readonly Owner[], id: OwnerId): number {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ring[middle] as Owner).id <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
