import { Random } from '../../src/core/random.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import type { Delta, Life, Packet, WireEntry } from '../../src/wire/packet.js';
import { ForgedLife } from '../support/forged-life.js';
import type { Member } from './member.js';

const MAX = Number.MAX_SAFE_INTEGER;
const INCARNATION_MAX = 2 ** 32 - 1;

/** Parts of packets with which a member that means harm would use a node up. */
export class Lies {
  readonly #random: Random;
  #names = 0;
  #version = 1;

  /** @param real lives that questions are asked about: of the node, of its friends. */
  constructor(
    seed: number,
    private readonly member: Member,
    private readonly real: readonly Life[],
  ) {
    this.#random = new Random(new Uint8Array(new Int32Array([seed]).buffer), 'lies');
  }

  /** Takes turns at all kinds; each packet fits a datagram. */
  next(): Partial<Packet> {
    const kinds = [
      () => ({ digests: [{ owners: this.#digests(18) }] }),
      () => ({ deltas: this.#named() }),
      () => ({ digests: [{ owners: this.#digests(5) }], deltas: [this.#newVersions(5)] }),
      () => ({ wants: this.#times(24, () => this.#want()) }),
      () => ({ suspicions: this.#times(30, () => this.#suspicion()) }),
      () => ({ probes: this.#times(30, () => this.#someone()) }),
      () => ({ votes: this.#times(25, () => ({ ...this.#suspicion(), opinion: 3 as const })) }),
      () => ({ fingerprints: this.#fingerprints(25) }),
      () => ({ heartbeat: { ping: 0, answer: this.#random.uint32(), roundTripUs: 2 ** 32 - 1 } }),
    ];
    return (kinds[this.#random.below(kinds.length)] as () => Partial<Packet>)();
  }

  /** Lies about the real lives themselves: lives, logs and deaths that they never had. */
  nextSlander(): Partial<Packet> {
    // The victim's life as it is now: it answers lies with new generations.
    const life = this.#pick([this.member.heard ?? this.member.life, ...this.real]);
    const another = { ...life, logId: this.#random.hex64(), generation: life.generation + 1 };
    const whose = this.#random.below(2) === 0 ? life : another;
    const digest = this.member.digest({
      ...whose,
      incarnation: this.#pick([0, 1, INCARNATION_MAX]),
      status: this.#pick([1, 2, 3] as const),
      version: this.#pick([0, 1, 1000, MAX]),
      ageMs: this.#pick([0, 1000, MAX]),
    });
    const version = this.#pick([0, 5, MAX - 1]);
    const entries = [this.#entry(version + 1, `forged ${this.#random.below(5)}`)];
    const reach = { from: version, to: version + 1, asOf: version + 1, floor: version };
    return {
      digests: [{ owners: [digest] }],
      deltas: [this.member.delta({ ...whose, ...reach, entries })],
      suspicions: [{ ...whose, incarnation: digest.incarnation }],
      votes: [{ ...life, incarnation: digest.incarnation, opinion: 3 }],
    };
  }

  #digests(count: number) {
    const digests = this.#times(count, () =>
      this.member.digest({
        ...this.#nobody(),
        incarnation: this.#pick([0, INCARNATION_MAX]),
        status: this.#pick([1, 1, 2, 3] as const),
        version: this.#pick([0, 1, MAX]),
      }),
    );
    return digests.sort((a, b) => (a.owner < b.owner ? -1 : 1));
  }

  /** An owner with a name, an address and a key: introduced by the digests that go before. */
  #named(): Delta[] {
    const invented = new ForgedLife(`invented ${this.#names++}`, '127.0.0.1:9');
    this.member.send({ digests: [{ owners: [invented.digest()] }] });
    const { header } = invented.header();
    return [invented.delta({ header, to: 2, asOf: 2, entries: [this.#entry(2, 'k')] })];
  }

  /** The next keys of the member itself, each another. */
  newKeys(count: number): Delta {
    return this.#ownLog(count, () => this.#random.hex64());
  }

  /** Of few keys, so that what is held stays small: what fills memory is another test's subject. */
  #newVersions(count: number): Delta {
    return this.#ownLog(count, () => `key ${this.#random.below(1000)}`);
  }

  #ownLog(count: number, name: () => string): Delta {
    const from = this.#version;
    const entries = this.#times(count, () => this.#entry(++this.#version, name()));
    return this.member.delta({ from, to: this.#version, asOf: this.#version, entries });
  }

  #entry(version: number, name: string): WireEntry {
    const content = { kind: 'value', encoding: 2, typeName: '', stamp: { time: version } } as const;
    return { body: encodeEntryBody({ version, name, content }), payload: new Uint8Array(100) };
  }

  #want() {
    const { owner } = this.#someone();
    return { owner, generation: 0, version: 0, stagedTo: MAX, asOf: MAX, floorMax: MAX };
  }

  #suspicion() {
    return { ...this.#someone(), incarnation: this.#pick([0, 1, 7]) };
  }

  #fingerprints(count: number) {
    return this.#times(count, (index) => ({
      range: { start: hex(index * 2 ** 48), end: hex((index + 1) * 2 ** 48) },
      count: 2 ** 32 - 1,
      sum: this.#random.hex64(),
    }));
  }

  #someone(): Life {
    return this.#random.below(4) === 0 ? this.#pick(this.real) : this.#nobody();
  }

  #nobody(): Life {
    const generation = this.#pick([1, 5000, 2 ** 48]);
    return { owner: this.#random.hex64(), logId: this.#random.hex64(), generation };
  }

  #times<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T;
  }
}

function hex(number: number): string {
  return number.toString(16).padStart(16, '0');
}
