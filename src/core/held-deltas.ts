import type { Delta, OwnerId } from '../wire/packet.js';
import type { Received } from './state.js';

const DELTAS_PER_OWNER_MAX = 64;
const OWNERS_MAX = 1024;

/** A delta that came before the one that it follows. */
export interface HeldDelta {
  delta: Delta;
  received: Received;
}

/** Deltas that start above what is held: datagrams overtake each other. */
export class HeldDeltas {
  readonly #owners = new Map<OwnerId, HeldDelta[]>();

  /** @returns whether it is the first of its owner. */
  hold(delta: Delta, received: Received): boolean {
    const held = this.#owners.get(delta.owner);
    if (held === undefined) {
      if (this.#owners.size >= OWNERS_MAX) return false;
      this.#owners.set(delta.owner, [{ delta, received }]);
      return true;
    }
    if (held.length < DELTAS_PER_OWNER_MAX) held.push({ delta, received });
    return false;
  }

  /** Takes all that is held of an owner, by ascending start. */
  take(id: OwnerId): HeldDelta[] {
    const held = this.#owners.get(id) ?? [];
    this.#owners.delete(id);
    return held.sort((a, b) => a.delta.from - b.delta.from);
  }
}
