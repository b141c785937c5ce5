import test, { type ExecutionContext } from 'ava';
import { deriveKeyring, generateKey } from '../../src/crypto/derive.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import type { TelepathineStats } from '../../src/index.js';
import { runs } from '../support/scenario.js';
import { Ammunition } from './ammunition.js';
import { broadside, datagramsOf, droppedDatagrams, UdpAttacker, volley } from './attackers.js';
import { Friend } from './friend.js';
import { Victim } from './victim.js';

const NETWORK = generateKey();
/** Of all three kinds together: 10^5. */
const PACKETS = { udp: 25_000, tcp: 9_000 };
const VOLLEY = { udp: 100, tcp: 250 };
const GROWTH_BYTES_MAX = 20e6;

for (const [attackers, network, attackersKey] of [
  ['anybody, at a public node', undefined, undefined],
  ['those who have another key, at a private node', NETWORK, generateKey()],
  ['those who have the key, at a private node', NETWORK, NETWORK],
] as const) {
  test.serial(
    `floods of made-up, spoilt and replayed packets do nothing: from ${attackers}`,
    async (t) => {
      await cryptoReady();
      const { seed, numRuns } = runs(1);
      t.log(`seed ${seed}`);
      const options = network === undefined ? {} : { network };
      const victim = await Victim.start(t, options);
      const friend = await Friend.start(t, victim, options);
      await friend.chat();
      const keyringOf = (key: string | undefined) => (key ? deriveKeyring(key, '') : undefined);
      const ammunition = new Ammunition({
        seed,
        recorded: friend.recorded.slice(),
        keyring: keyringOf(network),
        attackersKeyring: keyringOf(attackersKey),
      });
      const flood = new Flood(t, victim, friend, ammunition);
      await flood.pour({ udp: 2000, tcp: 1000 });
      const before = await victim.ask('memory');
      for (let run = 0; run < numRuns; run++) await flood.pour(PACKETS);
      await flood.check();
      const grownBytes = (await victim.ask('memory')).usedBytes - before.usedBytes;
      t.log(`${(grownBytes / 1e6).toFixed(1)} MB more, ${flood.tale()}`);
      t.true(grownBytes < GROWTH_BYTES_MAX);
    },
  );
}

/** Envelopes that are sent to a node by its enemies, and what must become of them. */
class Flood {
  readonly #attackers: Promise<UdpAttacker[]>;
  readonly #sent = { udp: 0, tcp: 0 };
  #underWay: Promise<void> = Promise.resolve();
  /** How many the wire layer must refuse, by reason; `read` are those that it must not. */
  readonly #fates = new Map<string, number>();
  /** How long each exchange of the friend with the victim took, meanwhile. */
  readonly #exchangesMs: number[] = [];

  constructor(
    private readonly t: ExecutionContext,
    private readonly victim: Victim,
    private readonly friend: Friend,
    private readonly ammunition: Ammunition,
  ) {
    const ips = [1, 2, 3, 4].map((number) => `127.0.0.${number}`);
    this.#attackers = Promise.all(ips.map((ip) => UdpAttacker.open(t, ip)));
  }

  /** Sends so many of each kind, while the friend goes on exchanging values with the victim. */
  async pour(packets: { udp: number; tcp: number }): Promise<void> {
    let pouring = true;
    const exchanging = (async () => {
      while (pouring) this.#exchangesMs.push(await this.friend.exchange());
    })();
    const ends = { udp: this.#sent.udp + packets.udp, tcp: this.#sent.tcp + packets.tcp };
    try {
      while (this.#sent.udp < ends.udp) await this.#datagrams();
      while (this.#sent.tcp < ends.tcp) await this.#frames();
      await this.#underWay;
    } finally {
      pouring = false;
    }
    await exchanging;
  }

  /** What was sent has been taken or refused, all of it, and each refusal is counted by its reason. */
  async check(): Promise<void> {
    const { t, victim } = this;
    const wire = [...this.#fates].filter(([reason]) => reason !== 'read');
    const dropped = droppedDatagrams(victim.port);
    /** What was sent and not counted, by reason: nothing, but for what the system has dropped. */
    const missing = ({ refusals }: TelepathineStats) =>
      wire.map(([reason, count]) => count - (refusals[reason] ?? 0));
    const areCounted = (now: TelepathineStats) =>
      missing(now).every((count) => count >= 0) &&
      missing(now).reduce((sum, count) => sum + count, 0) <= (dropped ?? this.#sent.udp);
    const stats = await victim.statsWhen(areCounted);
    const { received, receivedByType, refusals } = stats;
    const read = Object.values(receivedByType).reduce((sum, { packets }) => sum + packets, 0);
    const enveloped = wire.filter(([reason]) => reason !== 'datagram-too-large');
    const refused = enveloped.reduce((sum, [reason]) => sum + (refusals[reason] ?? 0), 0);
    t.is(read + refused, received.udp.packets + received.tcp.packets);
    // Whatever else has come is of the friend, of whose packets some may not have come.
    const friends = this.friend.node.stats()?.sent;
    const others = received.tcp.packets - this.#sent.tcp;
    t.true(others >= 0 && others <= (friends?.tcp.packets ?? 0));
    // Where the system does not tell what it drops, any may be missing.
    if (dropped !== undefined) t.true(datagramsOf(stats) >= this.#sent.udp - dropped);
    t.true(datagramsOf(stats) <= this.#sent.udp + (friends?.udp.packets ?? 0));
    t.is(refusals['internal-error'], undefined);
    const pauseMs = await victim.ask('longestPauseMs');
    t.log(`longest pause ${pauseMs.toFixed(0)} ms, dropped ${dropped}`, refusals);
    t.true(this.#exchangesMs.length >= 5);
  }

  tale(): string {
    const longestMs = Math.max(...this.#exchangesMs).toFixed(0);
    const { udp, tcp } = this.#sent;
    const count = this.#exchangesMs.length;
    return `${udp} datagrams, ${tcp} frames, ${count} exchanges, the longest ${longestMs} ms`;
  }

  /** The next volley is made while the last one is being taken. */
  async #datagrams(): Promise<void> {
    const envelopes = Array.from({ length: VOLLEY.udp }, () => this.#next('udp'));
    await this.#underWay;
    this.#underWay = volley(this.victim, await this.#attackers, envelopes);
    const again = this.friend.recorded[this.#sent.udp % this.friend.recorded.length];
    if (again?.kind !== 'udp') return;
    this.#note(again.envelope, 'udp');
    this.friend.send('udp', again.envelope);
  }

  async #frames(): Promise<void> {
    const envelopes = Array.from({ length: VOLLEY.tcp }, () => this.#next('tcp'));
    await this.#underWay;
    this.#underWay = broadside(this.t, this.victim, envelopes);
  }

  /** What may follow on a stream: an empty or long frame would end it. */
  #next(kind: 'udp' | 'tcp'): Uint8Array {
    let envelope = this.ammunition.next();
    while (kind === 'tcp' && (envelope.length === 0 || envelope.length > 1200)) {
      envelope = this.ammunition.next();
    }
    this.#note(envelope, kind);
    return envelope;
  }

  #note(envelope: Uint8Array, kind: 'udp' | 'tcp'): void {
    this.#sent[kind] += 1;
    const fate = this.ammunition.fate(envelope, kind);
    this.#fates.set(fate, (this.#fates.get(fate) ?? 0) + 1);
  }
}
