import type { Delta } from '../wire/packet.js';
import type { Owner } from './owner.js';
import type { CoreState } from './state.js';

/** This part of what may be held is divided among as many owners as may be known. */
const SHARED_OUT = 1 / 4;
/** What an entry costs in memory beside its bytes (measured by bench/entry-memory.ts). */
const ENTRY_OVERHEAD_BYTES = 650;

/**
 * Keeps what is held of all the others' logs within `heldBytesMax`. Each owner has a share of a
 * quarter of it to itself, so that one that holds much does not shut the others out. An owner whose
 * delta goes beyond is refused from then on, until another one is collected.
 */
export class HeldBytes {
  /** Never less than what is held: the last count, and all that was taken since. */
  #atMost = 0;
  /** The packet in which it was counted last, if nothing has changed since. */
  #countedIn: CoreState['source'];
  readonly #crowdedOut = new Set<Owner>();

  constructor(private readonly state: CoreState) {}

  /** Whether a delta that is just being taken fits. */
  admits(owner: Owner, { entries, header }: Delta): boolean {
    const { heldBytesMax, ownersMax } = this.state.options;
    let bytes = entries.length * ENTRY_OVERHEAD_BYTES + header.length;
    for (const { body, payload } of entries) bytes += body.length + payload.length;
    const shareBytes = (heldBytesMax * SHARED_OUT) / ownersMax;
    const fits = () =>
      this.#atMost + bytes <= heldBytesMax * (1 - SHARED_OUT) ||
      bytesOf(owner) + bytes <= shareBytes;
    if (!fits()) this.#count();
    if (!fits()) {
      this.#crowdedOut.add(owner);
      return false;
    }
    this.#atMost += bytes;
    this.changed();
    return true;
  }

  /** Something may be held no longer. */
  changed(): void {
    this.#countedIn = undefined;
  }

  /** An owner is gone. If that gave room, those that were refused for want of it are asked again. */
  removed(owner: Owner): void {
    this.#crowdedOut.delete(owner);
    if (bytesOf(owner) === 0) return;
    this.changed();
    for (const other of this.#crowdedOut) other.refused = false;
    this.#crowdedOut.clear();
  }

  /** It goes through all owners: once for a packet, though thousands of its deltas be refused. */
  #count(): void {
    const { source, directory, self } = this.state;
    if (source !== undefined && this.#countedIn === source) return;
    this.#countedIn = source;
    this.#atMost = 0;
    for (const owner of directory.all()) if (owner !== self) this.#atMost += bytesOf(owner);
  }
}

function bytesOf({ headerBytes, log, transfer }: Owner): number {
  const bytes = headerBytes + log.bytes + log.entryCount * ENTRY_OVERHEAD_BYTES;
  if (transfer === undefined) return bytes;
  return bytes + transfer.bytes + transfer.entries.length * ENTRY_OVERHEAD_BYTES;
}
