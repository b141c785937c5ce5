import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { deriveKeyring, generateKey } from '../../src/crypto/derive.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import { frame } from '../../src/wire/framing.js';
import { pause, until } from '../transport/recorder.js';
import { TcpAttacker } from './attackers.js';
import { Friend } from './friend.js';
import { Member } from './member.js';
import { Victim } from './victim.js';

const NETWORK = generateKey();
const CONNECTIONS = 10_000;
const CONNECTIONS_MAX = 512;
/** At once: systems let a process have some thousand open, and a listener some hundred waiting. */
const WAVE = 500;
const GROWTH_BYTES_MAX = 20e6;

/** What a connection may send and then no more. */
const FRAGMENTS = {
  nothing: new Uint8Array(0),
  'a part of a length': Uint8Array.of(0, 0),
  'the length of a frame': Uint8Array.of(0, 0, 4, 0),
  'half a frame': Uint8Array.of(0, 0, 4, 0, ...new Uint8Array(500)),
};

for (const network of [undefined, NETWORK]) {
  const kind = network === undefined ? 'public' : 'private';
  const options = network === undefined ? {} : { network };
  const keyring = network === undefined ? undefined : deriveKeyring(network, '');

  test.serial(`ten thousand connections do not keep a ${kind} node from its friends`, async (t) => {
    const victim = await Victim.start(t, options);
    const friends = [
      await Friend.start(t, victim, options),
      await Friend.start(t, victim, { ...options, udp: false }),
    ];
    for (const friend of friends) await friend.exchange();
    const before = await victim.ask('memory');
    let open = true;
    const exchanging = friends.map(async (friend) => {
      let exchanges = 0;
      for (; open; exchanges++) await friend.exchange();
      return exchanges;
    });
    const mob = new Mob(t, victim);
    let most = 0;
    for (let opened = 0; opened < CONNECTIONS; opened += WAVE) {
      await mob.open(WAVE);
      most = Math.max(most, await victim.ask('sockets'));
    }
    open = false;
    const exchanges = await Promise.all(exchanging);
    const { refusals } = await victim.stats();
    const grownBytes = (await victim.ask('memory')).usedBytes - before.usedBytes;
    t.log(`${mob.opened} opened, ${most} at once at the node`, refusals, { exchanges, grownBytes });
    t.true(mob.opened >= CONNECTIONS);
    // Its server is a socket too, and those that it refuses go in the next turn.
    t.true(most <= CONNECTIONS_MAX + 100);
    t.true((refusals['connections-full'] ?? 0) > 0);
    t.true(Math.min(...exchanges) >= 5);
    t.true(grownBytes < GROWTH_BYTES_MAX);
    mob.leave();
    await until(() => mob.isGone);
    for (const friend of friends) await friend.exchange();
  });

  test(`who stays silent or half-sent at a ${kind} node is shut out after ten seconds`, async (t) => {
    const victim = await Victim.start(t, options);
    const beganMs = performance.now();
    const attackers: TcpAttacker[] = [];
    for (const fragment of Object.values(FRAGMENTS)) {
      const attacker = await TcpAttacker.open(t, victim);
      if (fragment.length > 0) attacker.write(fragment);
      attackers.push(attacker);
    }
    const dribbler = await TcpAttacker.open(t, victim);
    dribbler.write(FRAGMENTS['the length of a frame']);
    attackers.push(dribbler);
    const dribble = setInterval(() => dribbler.write(Uint8Array.of(0)), 100);
    t.teardown(() => clearInterval(dribble));
    await pause(5000);
    t.true(attackers.every(({ socket }) => !socket.closed));
    await Promise.all(attackers.map((attacker) => attacker.closed()));
    t.true(performance.now() - beganMs > 9000);
    const { refusals } = await victim.stats();
    const { 'not-trusted-in-time': silent = 0, 'frame-too-slow': slow = 0 } = refusals;
    t.is(silent + slow, attackers.length);
  });

  test(`lengths beyond the limit close a connection to a ${kind} node at once`, async (t) => {
    const victim = await Victim.start(t, options);
    const before = await victim.ask('memory');
    const lengths = [0, 1201, 2 ** 16, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
    const rounds = 20;
    for (let round = 0; round < rounds; round++) {
      const closing = lengths.map(async (length) => {
        const attacker = await TcpAttacker.open(t, victim);
        attacker.write(Buffer.concat([lengthPrefix(length), new Uint8Array(1300)]));
        await attacker.closed();
      });
      await Promise.all(closing);
    }
    const { refusals, received } = await victim.stats();
    t.deepEqual(refusals, {
      'empty-frame': rounds,
      'frame-too-long': rounds * (lengths.length - 1),
    });
    t.is(received.tcp.packets, 0);
    const grownBytes = (await victim.ask('memory')).usedBytes - before.usedBytes;
    t.true(grownBytes < 5e6);
  });

  test(`a member that announces large frames takes no memory of a ${kind} node`, async (t) => {
    await cryptoReady();
    const victim = await Victim.start(t, options);
    const members = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const attacker = await TcpAttacker.open(t, victim);
        const member = Member.byStream(`evil ${index}`, attacker, keyring);
        await member.greet();
        return { attacker, member };
      }),
    );
    const before = await victim.ask('memory');
    for (const { attacker } of members) {
      attacker.write(Buffer.concat([lengthPrefix(2 ** 24), new Uint8Array(1000)]));
    }
    const [greedy] = members;
    const tooLong = await TcpAttacker.open(t, victim);
    await Member.byStream('greedy', tooLong, keyring).greet();
    tooLong.write(lengthPrefix(2 ** 24 + 1));
    await tooLong.closed();
    const grownBytes = (await victim.ask('memory')).usedBytes - before.usedBytes;
    t.log(`${grownBytes} bytes more for ${members.length} frames of 16 MiB`);
    t.true(grownBytes < 5e6);
    t.is((await victim.stats()).refusals['frame-too-long'], 1);
    t.false(greedy?.attacker.socket.closed);
  });

  test(`a frame that comes a byte at a time is answered by a ${kind} node`, async (t) => {
    await cryptoReady();
    const victim = await Victim.start(t, options);
    const attacker = await TcpAttacker.open(t, victim);
    const member = Member.byStream('slow', attacker, keyring);
    const ping = { heartbeat: { ping: 7, answer: 0, roundTripUs: 0 } };
    for (const byte of frame(member.envelope(ping))) {
      attacker.write(Uint8Array.of(byte));
      await pause(1);
    }
    await until(() => member.answers === 1);
    const three = Array.from({ length: 3 }, () => frame(member.envelope(ping)));
    attacker.write(Buffer.concat(three));
    await until(() => member.answers === 4);
    t.deepEqual((await victim.stats()).refusals, {});
  });
}

function lengthPrefix(length: number): Uint8Array {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, length);
  return prefix;
}

/** Connections from many addresses of this machine. */
class Mob {
  opened = 0;
  readonly #sockets = new Set<Socket>();

  constructor(
    t: ExecutionContext,
    private readonly victim: Victim,
  ) {
    t.teardown(() => this.leave());
  }

  get isGone(): boolean {
    return this.#sockets.size === 0;
  }

  async open(count: number): Promise<void> {
    const fragments = Object.values(FRAGMENTS);
    const opening = Array.from({ length: count }, (_, index) =>
      this.#connect(fragments[index % fragments.length] as Uint8Array),
    );
    await Promise.all(opening);
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(fragment: Uint8Array): Promise<void> {
    const number = 1 + (this.opened % 8);
    this.opened += 1;
    // Others than 127.0.0.1 are there on Linux only.
    const from = process.platform === 'linux' ? { localAddress: `127.0.0.${number}` } : {};
    const socket = connect({ port: this.victim.port, host: '127.0.0.1', ...from });
    this.#sockets.add(socket);
    return new Promise((resolve) => {
      socket
        .on('error', () => resolve())
        .on('close', () => {
          this.#sockets.delete(socket);
          resolve();
        });
      socket.resume().on('connect', () => socket.write(fragment, () => resolve()));
    });
  }
}
