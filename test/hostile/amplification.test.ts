import test, { type ExecutionContext } from 'ava';
import { deriveKeyring, generateKey } from '../../src/crypto/derive.js';
import type { Keyring } from '../../src/crypto/keyring.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import { encodePacket } from '../../src/wire/codec.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { frame } from '../../src/wire/framing.js';
import type { Life, Packet } from '../../src/wire/packet.js';
import { ForgedLife } from '../support/forged-life.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';
import { runs } from '../support/scenario.js';
import { pause } from '../transport/recorder.js';
import { Ammunition, packetOf } from './ammunition.js';
import { TcpAttacker, UdpAttacker, volley } from './attackers.js';
import { Friend } from './friend.js';
import { Victim } from './victim.js';

const NETWORK = generateKey();
const FACTOR_MAX = 3;
/** How long answers may take. */
const SETTLED_MS = 300;

for (const [who, network, attackersKey] of [
  ['anybody, of a public node', undefined, undefined],
  ['who has another key, of a private node', NETWORK, generateKey()],
  ['who has the key, of a private node', NETWORK, NETWORK],
] as const) {
  test(`who echoes no token gets at most three times what it sent: ${who}`, async (t) => {
    await cryptoReady();
    const { seed } = runs(1);
    t.log(`seed ${seed}`);
    const options = network === undefined ? {} : { network };
    const victim = await Victim.start(t, options);
    const friend = await Friend.start(t, victim, options);
    await friend.chat();
    const keyringOf = (key: string | undefined) => (key ? deriveKeyring(key, '') : undefined);
    const [keyring, attackersKeyring] = [keyringOf(network), keyringOf(attackersKey)];
    const recorded = friend.recorded.slice();
    const ammunition = new Ammunition({ seed, recorded, keyring, attackersKeyring });
    const lives = recorded.flatMap(({ envelope }) => packetOf(envelope, keyring)?.sender ?? []);
    const greedy = greedyEnvelopes(lives, attackersKeyring);

    const replays = recorded.map(({ envelope }) => envelope).slice(0, 500);
    const mixed = Array.from({ length: 1000 }, () => ammunition.next());
    const groups = [...greedy.map((one) => [one]), greedy, replays, mixed];
    const pairs = await Promise.all(groups.map((envelopes) => attack(t, victim, envelopes)));
    const attackers = pairs.flat();
    await pause(SETTLED_MS);
    const factors = attackers.map(({ receivedBytes, sentBytes }) => receivedBytes / sentBytes);
    const mostOfGreedy = Math.max(...factors.slice(0, 2 * greedy.length + 2));
    const most = Math.max(...factors);
    t.log(`${attackers.length} addresses; at most ${most.toFixed(2)} times`);
    t.true(most <= FACTOR_MAX);
    // Without the key nothing is answered but what others have sealed, and that not for long.
    t.is(mostOfGreedy > 0, network === attackersKey);
  });
}

test('a node that a member invents draws few packets to the address that it is said to have', (t) => {
  const mesh = new Mesh(1);
  mesh.recording = true;
  mesh.grow(20);
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(1000);
  const invented = new ForgedLife('invented', '10.7.7.7:9000');
  const drawn = () => mesh.sent.filter(({ to }) => to === invented.address);
  evil.send('n0', { digests: [{ owners: [invented.digest()] }] });
  evil.send('n0', { deltas: [invented.header()] });
  mesh.until(() => mesh.node('n0').core.peer('invented', mesh.nowMs)?.status === 'dead', 60_000);
  mesh.run(10_000);
  const untilDead = drawn();
  const bytes = untilDead.reduce((sum, flight) => sum + flight.bytes.length, 0);
  mesh.run(600_000);
  const later = drawn().length - untilDead.length;
  t.log(`${untilDead.length} packets of ${bytes} bytes until it was dead, ${later} in ten minutes`);
  t.true(untilDead.length > 0);
  t.true(untilDead.length <= 350);
  t.true(untilDead.every((flight) => flight.bytes.length <= 200));
  // A call for each node and gossip round, by one node in twenty: a round takes 6 s here.
  t.true(later <= 200);
});

/** Sends the same from one address by datagrams and from another by a stream. */
async function attack(
  t: ExecutionContext,
  victim: Victim,
  envelopes: readonly Uint8Array[],
): Promise<[UdpAttacker, TcpAttacker]> {
  const datagrams = await UdpAttacker.open(t);
  for (let first = 0; first < envelopes.length; first += 100) {
    await volley(victim, [datagrams], envelopes.slice(first, first + 100));
  }
  const stream = await TcpAttacker.open(t, victim);
  stream.write(Buffer.concat(envelopes.filter(fitsFrame).map(frame)));
  return [datagrams, stream];
}

/** What asks for much with little, from strangers of any name. */
function greedyEnvelopes(lives: readonly Life[], keyring: Keyring | undefined): Uint8Array[] {
  const nobody = new ForgedLife('nobody', '127.0.0.1:9');
  const [one = nobody.life, other = one] = lives;
  const heartbeat = { ping: 1, answer: 1, roundTripUs: 0 };
  const hex = (number: number) => number.toString(16).padStart(16, '0');
  const sum = hex(1);
  const ranges = Array.from({ length: 25 }, (_, i) => ({
    start: hex(i * 2 ** 48),
    end: hex((i + 1) * 2 ** 48),
  }));
  const want = { generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
  const parts: Partial<Packet>[] = [
    { heartbeat },
    { heartbeat, fingerprints: [{ range: {}, count: 0, sum: hex(0) }] },
    { heartbeat, fingerprints: [{ range: {}, count: 2 ** 32 - 1, sum }] },
    { heartbeat, fingerprints: ranges.map((range) => ({ range, count: 100, sum })) },
    { heartbeat, digests: [{ range: {}, owners: [] }] },
    { heartbeat, digests: [{ owners: [nobody.digest()] }] },
    { heartbeat, wants: [one, other].map(({ owner }) => ({ ...want, owner })) },
    { heartbeat, wants: Array.from({ length: 80 }, () => ({ ...want, owner: one.owner })) },
    { heartbeat, deltas: [nobody.header()] },
    { heartbeat, suspicions: [{ ...one, incarnation: 0 }] },
    { heartbeat, probes: [one, other], votes: [{ ...one, incarnation: 0, opinion: 3 }] },
    { digests: [{ range: {}, owners: [] }] },
    {},
  ];
  return parts.flatMap((each) =>
    [nobody.life, one, other, { ...one, logId: hex(7) }].flatMap((sender) =>
      [undefined, hex(5)].flatMap((echo) =>
        [undefined, hex(6)].map((token) => {
          const packet = nobody.blank({ ...each, sender });
          if (echo !== undefined) packet.echo = echo;
          if (token !== undefined) packet.token = token;
          return writeEnvelope(encodePacket(packet), keyring);
        }),
      ),
    ),
  );
}

function fitsFrame(envelope: Uint8Array): boolean {
  return envelope.length > 0 && envelope.length <= 1200;
}
