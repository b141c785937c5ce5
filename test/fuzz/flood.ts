import type { CoreOptions, Link } from '../../src/core/contract.js';
import { Random } from '../../src/core/random.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import {
  type Delta,
  Encoding,
  type Life,
  type Opinion,
  type OwnerDigest,
  type Packet,
  type Status,
  type WireEntry,
} from '../../src/wire/packet.js';
import { DEFAULT_CORE_OPTIONS } from '../support/mesh.js';
import { CheckedCore } from './checked-core.js';

/** Choices that are made over and over; the input of a flood says how often each is yes. */
const CHOICES = ['slow', 'echo', 'stream', 'fresh', 'self', 'dead', 'header', 'gap'] as const;
type Choice = (typeof CHOICES)[number];

interface Named extends Life {
  name: string;
}

const ADDRESSES = 300;
const LIVES = 24;
/** At most so many of the lives that are named are new ones: others are to be known already. */
const FRESH_MAX = 0.03;
const TOKEN = 'eeeeeeeeeeeeeeee';
const NOTHING = new Uint8Array(0);

/** A core, and packets of ever new owners, lives and addresses that it gets within seconds. */
export class Flood {
  readonly core: CheckedCore;
  readonly #random: Random;
  readonly #odds: readonly number[];
  readonly #self: Named;
  /** Those that were named last. */
  readonly #lives: Named[] = [];
  #nowMs = 0;
  #names = 0;

  /** @param input the odds of the choices, a byte each; with what follows it is the seed. */
  constructor(input: Uint8Array, options: Partial<CoreOptions>) {
    this.#random = new Random(input, 'flood');
    this.#odds = CHOICES.map((_, index) => (input[index] ?? 128) / 256);
    const own = { ...DEFAULT_CORE_OPTIONS, name: 'n0', generation: 1000, addresses: [] };
    this.core = new CheckedCore({ ...own, ...options }, Uint8Array.of(1));
    this.core.handle({ type: 'start' }, this.#nowMs);
    const { owner, logId, generation } = this.core.self(this.#nowMs);
    this.#self = { name: 'n0', owner, logId, generation };
  }

  /** Lets some time go by, and gives the core a packet. */
  send(): void {
    this.#nowMs += this.#is('slow') ? this.#random.below(100) : this.#random.real();
    const address = `10.${this.#random.below(3)}.0.${this.#random.below(ADDRESSES / 3)}:9000`;
    const link: Link = this.#is('stream') ? `tcp:${address}#10.0.0.1:9000` : `udp:${address}`;
    const packet = this.#packet();
    const token = this.core.given.get(link)?.token;
    if (token === undefined) packet.heartbeat = { ping: 1, answer: 0, roundTripUs: 0 };
    else if (this.#is('echo')) packet.echo = token;
    this.core.handle({ type: 'packet', link, packet, bytes: 1200 }, this.#nowMs);
    if (this.#random.real() < 0.01) this.core.handle({ type: 'linkDown', link }, this.#nowMs);
  }

  #is(choice: Choice): boolean {
    return this.#random.real() < (this.#odds[CHOICES.indexOf(choice)] as number);
  }

  #packet(): Packet {
    const { name: _, ...sender } = this.#life();
    const some = <Part>(make: () => Part, most: number) =>
      Array.from({ length: this.#random.below(4) === 0 ? this.#random.below(most + 1) : 0 }, make);
    const statements = some(() => this.#statement(), 20).sort((a, b) =>
      a.owner < b.owner ? -1 : 1,
    );
    const owners = statements.filter(({ owner }, at) => owner !== statements[at - 1]?.owner);
    return {
      requiredFeatures: 0,
      protocol: 1,
      cluster: '',
      sender,
      uptimeMs: Math.floor(this.#nowMs),
      token: TOKEN,
      fingerprints: some(() => ({ range: {}, count: 3, sum: TOKEN }), 1),
      digests: owners.length > 0 ? [{ owners }] : [],
      wants: some(() => ({ ...this.#life(), version: 0, stagedTo: 0, asOf: 0, floorMax: 0 }), 4),
      deltas: some(() => this.#delta(), 4),
      probes: some(() => this.#life(), 20),
      suspicions: some(() => ({ ...this.#life(), incarnation: this.#random.below(3) }), 20),
      votes: some(() => this.#vote(), 4),
    };
  }

  /** Somebody new, another life of the core's own name, or one of those before. */
  #life(): Named {
    if (this.#random.real() < FRESH_MAX && this.#is('self')) {
      return {
        ...this.#self,
        logId: this.#random.hex64(),
        generation: 1 + this.#random.below(9999),
      };
    }
    const slot = this.#random.below(LIVES);
    const known = this.#lives[slot];
    const isFresh = this.#random.real() < FRESH_MAX && this.#is('fresh');
    if (known !== undefined && !isFresh) return known;
    const life = this.#newLife(this.#random.real() < 0.5 ? known : undefined);
    this.#lives[slot] = life;
    return life;
  }

  #newLife(before: Named | undefined): Named {
    const name = before?.name ?? `f${this.#names++}`;
    const generation = (before?.generation ?? 0) + 1;
    return { name, owner: ownerIdOf(name), logId: this.#random.hex64(), generation };
  }

  #statement(): OwnerDigest {
    const status = (this.#is('dead') ? 2 + this.#random.below(2) : 1) as Status;
    const ageMs = status === 1 ? 0 : this.#random.below(100_000);
    const version = this.#random.below(4);
    const incarnation = this.#random.below(3);
    return { ...this.#life(), incarnation, status, version, floor: 0, ageMs, refused: false };
  }

  #delta(): Delta {
    const life = this.#life();
    const from = this.#is('gap') ? this.#random.below(6) : 0;
    const to = from + 1 + this.#random.below(3);
    const asOf = to + this.#random.below(2);
    const header = this.#is('header') ? headerOf(life.name) : NOTHING;
    const entries = this.#random.real() < 0.2 ? [] : [this.#entry(from + 1)];
    return { ...life, from, to, asOf, floor: 0, header, entries, requiredFeatures: 0 };
  }

  #entry(version: number): WireEntry {
    const form = { encoding: Encoding.json, typeName: '' };
    const isEvent = this.#random.real() < 0.3;
    const content = isEvent
      ? ({ kind: 'say', sequence: this.#random.below(50) + 1, ...form } as const)
      : ({ kind: 'value', stamp: { time: 1 }, ...form } as const);
    const name = `k${this.#random.below(5)}`;
    const entry: WireEntry = {
      body: encodeEntryBody({ version, name, content }),
      payload: new Uint8Array(this.#random.below(900)),
    };
    if (isEvent) entry.remainingMs = 1 + this.#random.below(60_000);
    return entry;
  }

  #vote(): Packet['votes'][number] {
    const opinion = (1 + this.#random.below(4)) as Opinion;
    return { ...this.#life(), incarnation: this.#random.below(3), opinion };
  }
}

/** Those of the core's own name are where the core is: nobody else can be asked there. */
function headerOf(name: string): Uint8Array {
  const port = name === 'n0' ? 1 : 9000;
  return encodeOwnerHeader({
    version: 1,
    name,
    addresses: [{ family: 4, ip: Uint8Array.of(10, 9, 0, name.length), port, transport: 'udp' }],
    tags: {},
    protocolMin: 1,
    protocolMax: 1,
    features: 0,
    keyIds: [],
  });
}
