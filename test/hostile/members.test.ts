import test, { type ExecutionContext } from 'ava';
import { deriveKeyring, generateKey } from '../../src/crypto/derive.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import type { TelepathineOptions } from '../../src/index.js';
import type { Life, Packet } from '../../src/wire/packet.js';
import { runs } from '../support/scenario.js';
import { until } from '../transport/recorder.js';
import { packetOf } from './ammunition.js';
import { datagramsOf, UdpAttacker } from './attackers.js';
import { Friend } from './friend.js';
import { Lies } from './lies.js';
import { Member } from './member.js';
import { Victim } from './victim.js';

/**
 * Each names up to 30 nodes that are none. With what introduces them, and with those of
 * `flood.test.ts`, somebody who has the key sends more than 10^5.
 */
const PACKETS = { public: 4000, private: 54_000 };
const VOLLEY = 75;
/** An invented node takes 2 KB: 20,000, as many as a node remembers by default, 42 MB. */
const OWNERS_MAX = 3000;
const HELD_BYTES_MAX = 4 * 2 ** 20;
const GROWTH_BYTES_MAX = 20e6;

for (const network of [undefined, generateKey()]) {
  const kind = network === undefined ? 'public' : 'private';
  const options = network === undefined ? {} : { network };

  test.serial(
    `a member that invents nodes, keys and questions does not keep a ${kind} node from its friends`,
    async (t) => {
      const attack = await Attack.begin(t, { ...options, ownersMax: OWNERS_MAX });
      const { victim, friend, lies } = attack;
      const before = await victim.ask('memory');
      let pouring = true;
      const exchanging = (async () => {
        const tookMs: number[] = [];
        while (pouring) tookMs.push(await friend.exchange());
        return tookMs;
      })();
      await attack.pour(PACKETS[kind] * runs(1).numRuns, () => lies.next());
      pouring = false;
      const tookMs = await exchanging;
      const stats = await victim.stats();
      const after = await victim.ask('memory');
      const pauseMs = await victim.ask('longestPauseMs');
      const grownBytes = after.usedBytes - before.usedBytes;
      const { owners, live, refusals } = stats;
      const [exchanges, longestMs] = [tookMs.length, Math.max(...tookMs)];
      const sent = attack.member.sent;
      t.log({ sent, exchanges, longestMs, pauseMs, grownBytes, owners, live, refusals });
      t.is(refusals['no-valid-echo'], undefined, 'it was not believed: nothing was tested');
      t.is(refusals['datagram-too-large'], undefined);
      t.true(tookMs.length >= 3);
      t.true(stats.owners <= OWNERS_MAX);
      t.true(refusals['too-many-owners']! > 1000);
      t.is(stats.refusals['internal-error'], undefined);
      t.true(grownBytes < GROWTH_BYTES_MAX);
      await friend.exchange();
    },
  );

  test.serial(`lies about a ${kind} node and its friend are outdone once they end`, async (t) => {
    const { victim, friend, member, lies, pour } = await Attack.begin(t, options);
    const before = await victim.ask('memory');
    await pour(1000, () => lies.nextSlander());
    const { answers } = member;
    member.send({ heartbeat: { ping: 77, answer: 0, roundTripUs: 0 } });
    await until(() => member.answers > answers);
    const { refusals } = await victim.stats();
    const grownBytes = (await victim.ask('memory')).usedBytes - before.usedBytes;
    t.log({ grownBytes, refusals });
    t.is(refusals['internal-error'], undefined);
    t.true(grownBytes < GROWTH_BYTES_MAX);
    await friend.exchange();
  });

  test.serial(`what members fill a ${kind} node with stays below heldBytesMax`, async (t) => {
    const { victim, lies, pour } = await Attack.begin(t, {
      ...options,
      heldBytesMax: HELD_BYTES_MAX,
    });
    const before = await victim.ask('memory');
    const refused = async () => (await victim.stats()).refusals['node-over-limit'] ?? 0;
    for (let packets = 0; (await refused()) === 0; packets += 200) {
      if (packets > 20_000) throw new Error('there is no bound');
      await pour(200, () => ({ deltas: [lies.newKeys(5)] }));
    }
    const grownBytes = (await victim.ask('memory')).usedBytes - before.usedBytes;
    t.log({ grownBytes });
    t.true(grownBytes > HELD_BYTES_MAX / 8, 'nothing was held: nothing was tested');
    t.true(grownBytes < 2 * HELD_BYTES_MAX);
  });
}

/** A member at war with a node. */
class Attack {
  /** @param options of the victim and its friend. */
  static async begin(t: ExecutionContext, options: TelepathineOptions): Promise<Attack> {
    await cryptoReady();
    const victim = await Victim.start(t, options);
    const friend = await Friend.start(t, victim, options);
    await friend.exchange();
    const keyring = options.network === undefined ? undefined : deriveKeyring(options.network, '');
    const attacker = await UdpAttacker.open(t);
    const member = Member.byDatagrams('evil', victim, attacker, keyring);
    await member.join();
    const packets = friend.recorded.flatMap(({ envelope }) => packetOf(envelope, keyring) ?? []);
    const lives = [...new Map(packets.map(({ sender }) => [sender.owner, sender])).values()];
    const { seed } = runs(1);
    t.log(`seed ${seed}`);
    return new Attack(victim, friend, member, new Lies(seed, member, lives), lives);
  }

  private constructor(
    readonly victim: Victim,
    readonly friend: Friend,
    readonly member: Member,
    readonly lies: Lies,
    readonly lives: readonly Life[],
  ) {}

  /** Sends so many packets, no faster than they are taken: a volley is made while one is read. */
  readonly pour = async (packets: number, next: () => Partial<Packet>): Promise<void> => {
    let takenFrom = datagramsOf(await this.victim.stats());
    for (let sent = 0; sent < packets; sent += VOLLEY) {
      for (let i = 0; i < VOLLEY; i++) this.member.send(next());
      const wanted = takenFrom + (sent > 0 ? VOLLEY : 0);
      takenFrom = datagramsOf(await this.victim.statsWhen((now) => datagramsOf(now) >= wanted));
    }
  };
}
