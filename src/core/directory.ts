import { ownerIdOf } from '../wire/owner-id.js';
import type { Fingerprint, OwnerId, Range } from '../wire/packet.js';
import { ownerHash } from './fingerprint.js';
import { isAlive, type Owner } from './owner.js';

/** All owners that a node knows, in the order of their ids: the hash ring. */
export class Directory {
  /** By ascending id; found by halving, which takes no memory beside the list. */
  #owners: Owner[] = [];
  #live: Owner[] | undefined;
  #others: Owner[] | undefined;
  #whole: { sum: Fingerprint; untilMs: number } | undefined;

  /**
   * @param sharedUntilMs until when an owner belongs to digests and fingerprints: Infinity, or a time
   * that has passed.
   * @param nowMs the core's time.
   */
  constructor(
    private readonly sharedUntilMs: (owner: Owner) => number,
    private readonly nowMs: () => number,
  ) {}

  get size(): number {
    return this.#owners.length;
  }

  get(id: OwnerId): Owner | undefined {
    const owner = this.#owners[this.#indexOf(id)];
    return owner?.id === id ? owner : undefined;
  }

  named(name: string): Owner | undefined {
    const owner = this.get(ownerIdOf(name));
    return owner?.name === name ? owner : undefined;
  }

  add(owner: Owner): void {
    this.#owners.splice(this.#indexOf(owner.id), 0, owner);
    this.changed();
  }

  remove(owner: Owner): void {
    const index = this.#indexOf(owner.id);
    if (this.#owners[index] !== owner) return;
    this.#owners.splice(index, 1);
    this.changed();
  }

  /** To be called when a header or a status has changed, as this node sees it. */
  changed(): void {
    this.#live = undefined;
    this.#others = undefined;
    this.#whole = undefined;
  }

  /** To be called when what an owner's digest says has changed. */
  digestChanged(owner: Owner): void {
    owner.hashHigh = undefined;
    this.#whole = undefined;
  }

  /** The live owners whose headers are known by ascending id, this node included. */
  live(): readonly Owner[] {
    this.#live ??= this.#owners.filter((owner) => isAlive(owner) && owner.hasHeader);
    return this.#live;
  }

  /** The same without this node. */
  liveBeside(self: Owner): readonly Owner[] {
    this.#others ??= this.live().filter((owner) => owner !== self);
    return this.#others;
  }

  all(): readonly Owner[] {
    return this.#owners;
  }

  /** The shared owners of a range by ascending id. */
  shared(range: Range): Owner[] {
    const from = range.start === undefined ? 0 : this.#indexOf(range.start);
    const to = range.end === undefined ? this.#owners.length : this.#indexOf(range.end);
    const nowMs = this.nowMs();
    return this.#owners.slice(from, to).filter((owner) => this.sharedUntilMs(owner) >= nowMs);
  }

  /** The count and the sum of hashes of the shared owners of a range. */
  fingerprint(range: Range): Fingerprint {
    if (range.start !== undefined || range.end !== undefined) {
      return fingerprintOf(range, this.shared(range));
    }
    const known = this.#whole;
    if (known !== undefined && this.nowMs() <= known.untilMs) return known.sum;
    const owners = this.shared(range);
    const sum = fingerprintOf(range, owners);
    let untilMs = Number.POSITIVE_INFINITY;
    for (const owner of owners) untilMs = Math.min(untilMs, this.sharedUntilMs(owner));
    this.#whole = { sum, untilMs };
    return sum;
  }

  #indexOf(id: OwnerId): number {
    let low = 0;
    let high = this.#owners.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#owners[middle] as Owner).id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Sums the owners' hashes modulo 2^64. */
export function fingerprintOf(range: Range, owners: readonly Owner[]): Fingerprint {
  let high = 0;
  let low = 0;
  for (const owner of owners) {
    if (owner.hashHigh === undefined) {
      const hash = ownerHash(owner);
      // Signed halves are kept without a box.
      owner.hashHigh = hash.high | 0;
      owner.hashLow = hash.low | 0;
    }
    high += owner.hashHigh >>> 0;
    low += owner.hashLow >>> 0;
  }
  const carry = Math.floor(low / 2 ** 32);
  return { range, count: owners.length, sum: hex32(high + carry) + hex32(low) };
}

function hex32(value: number): string {
  return (value % 2 ** 32).toString(16).padStart(8, '0');
}
