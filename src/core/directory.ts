import type { Fingerprint, OwnerId, Range } from '../wire/packet.js';
import { ownerHash } from './fingerprint.js';
import { isAlive, type Owner } from './owner.js';

/** All owners that a node knows, in the order of their ids: the hash ring. */
export class Directory {
  readonly #owners = new Map<OwnerId, Owner>();
  readonly #names = new Map<string, Owner>();
  #ids: OwnerId[] = [];
  #live: Owner[] | undefined;

  /** @param isShared whether an owner belongs to digests and fingerprints just now. */
  constructor(private readonly isShared: (owner: Owner) => boolean) {}

  get size(): number {
    return this.#ids.length;
  }

  get(id: OwnerId): Owner | undefined {
    return this.#owners.get(id);
  }

  named(name: string): Owner | undefined {
    return this.#names.get(name);
  }

  add(owner: Owner): void {
    this.#owners.set(owner.id, owner);
    this.#ids.splice(this.#indexOf(owner.id), 0, owner.id);
    this.#live = undefined;
  }

  setName(owner: Owner, name: string): void {
    this.#names.set(name, owner);
  }

  remove(owner: Owner): void {
    if (this.#owners.get(owner.id) !== owner) return;
    this.#owners.delete(owner.id);
    const name = owner.header?.content.name;
    if (name !== undefined) this.#names.delete(name);
    this.#ids.splice(this.#indexOf(owner.id), 1);
    this.#live = undefined;
  }

  /** To be called when a status or a suspicion has changed. */
  changed(): void {
    this.#live = undefined;
  }

  /** The live owners whose headers are known by ascending id, this node included. */
  live(): readonly Owner[] {
    this.#live ??= [...this.all()].filter((owner) => isAlive(owner) && owner.header !== undefined);
    return this.#live;
  }

  *all(): Generator<Owner> {
    for (const id of this.#ids) yield this.#owners.get(id) as Owner;
  }

  /** The shared owners of a range by ascending id. */
  shared(range: Range): Owner[] {
    const from = range.start === undefined ? 0 : this.#indexOf(range.start);
    const to = range.end === undefined ? this.#ids.length : this.#indexOf(range.end);
    const owners: Owner[] = [];
    for (let i = from; i < to; i++) {
      const owner = this.#owners.get(this.#ids[i] as OwnerId) as Owner;
      if (this.isShared(owner)) owners.push(owner);
    }
    return owners;
  }

  /** The count and the sum of hashes of the shared owners of a range. */
  fingerprint(range: Range): Fingerprint {
    return fingerprintOf(range, this.shared(range));
  }

  #indexOf(id: OwnerId): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ids[middle] as OwnerId) < id) low = middle + 1;
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
    owner.hash ??= ownerHash(owner);
    low += owner.hash.low;
    high += owner.hash.high;
  }
  const carry = Math.floor(low / 2 ** 32);
  return { range, count: owners.length, sum: hex32(high + carry) + hex32(low) };
}

function hex32(value: number): string {
  return (value % 2 ** 32).toString(16).padStart(8, '0');
}
