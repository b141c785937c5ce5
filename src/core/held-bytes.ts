import type { Delta } from '../wire/packet.js';
import type { Owner } from './owner.js';
import type { CoreState } from './state.js';

/** What an entry costs in memory beside its bytes (measured by bench/entry-memory.ts). */
const ENTRY_OVERHEAD_BYTES = 650;

/**
 * Keeps what is held of all the others' logs within `heldBytesMax`. An owner whose delta goes beyond
 * is refused from then on, until another one is collected.
 */
export class HeldBytes {
  /** Never less than what is held: the last count, and all that was taken since. */
  #atMost = 0;
  readonly #crowdedOut = new Set<Owner>();

  constructor(private readonly state: CoreState) {}

  /** Whether a delta that is just being taken fits. */
  admits(owner: Owner, { entries, header }: Delta): boolean {
    const { heldBytesMax } = this.state.options;
    let bytes = entries.length * ENTRY_OVERHEAD_BYTES + header.length;
    for (const { body, payload } of entries) bytes += body.length + payload.length;
    if (this.#atMost + bytes > heldBytesMax) this.#atMost = this.#count();
    if (this.#atMost + bytes > heldBytesMax) {
      this.#crowdedOut.add(owner);
      return false;
    }
    this.#atMost += bytes;
    return true;
  }

  /** An owner was collected: those that were refused for want of room are asked for again. */
  collected(): void {
    for (const owner of this.#crowdedOut) owner.refused = false;
    this.#crowdedOut.clear();
  }

  #count(): number {
    let bytes = 0;
    for (const owner of this.state.directory.all()) {
      if (owner === this.state.self) continue;
      const { headerBytes, log, transfer } = owner;
      bytes += headerBytes + log.bytes + log.entryCount * ENTRY_OVERHEAD_BYTES;
      if (transfer === undefined) continue;
      bytes += transfer.bytes + transfer.entries.length * ENTRY_OVERHEAD_BYTES;
    }
    return bytes;
  }
}
