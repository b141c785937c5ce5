import type { Delta, OwnerId } from '../wire/packet.js';
import type { Received } from './state.js';

const DELTAS_PER_OWNER_MAX = 64;
const OWNERS_MAX = 1024;
/** Only datagrams overtake each other: these are some 900 full ones. */
const HELD_DELTA_BYTES_MAX = 2 ** 20;

/** A delta that came before the one that it follows. */
export interface HeldDelta {
  delta: Delta;
  received: Received;
}

/** Deltas that start above what is held: datagrams overtake each other. */
export class HeldDeltas {
  readonly #owners = new Map<OwnerId, HeldDelta[]>();
  #bytes = 0;

  /** @returns whether it is the first of its owner. */
  hold(delta: Delta, received: Received): boolean {
    const held = this.#owners.get(delta.owner);
    if (this.#bytes + received.bytes > HELD_DELTA_BYTES_MAX) return false;
    if (held === undefined) {
      if (this.#owners.size >= OWNERS_MAX) return false;
      this.#owners.set(delta.owner, [{ delta, received }]);
      this.#bytes += received.bytes;
      return true;
    }
    if (held.length >= DELTAS_PER_OWNER_MAX) return false;
    held.push({ delta, received });
    this.#bytes += received.bytes;
    return false;
  }

  /** Takes all that is held of an owner, by ascending start. */
  take(id: OwnerId): HeldDelta[] {
    const held = this.#owners.get(id) ?? [];
    this.#owners.delete(id);
    for (const { received } of held) this.#bytes -= received.bytes;
    return held.sort((a, b) => a.delta.from - b.delta.from);
  }
}
