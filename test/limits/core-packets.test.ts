/** What a core puts into packets and takes out of them: as much as it may, and one more. */
import test from 'ava';
import type { Link } from '../../src/core/contract.js';
import { Core } from '../../src/core/core.js';
import { digestOf } from '../../src/core/owner.js';
import { Push } from '../../src/core/push.js';
import { VALUE_BYTES_MAX } from '../../src/wire/limits.js';
import { makeEntry, makeOwner, seedOf } from '../support/core-state.js';
import { HandPeer } from '../support/hand-peer.js';
import { DEFAULT_CORE_OPTIONS, Mesh } from '../support/mesh.js';
import { boundOf } from '../support/packet-size.js';
import { CoreParts, claimOf, idOf } from './core-parts.js';

const DATAGRAMS = 'udp:10.0.0.2:9000';
const STREAM = 'tcp:10.0.0.2:9000';

test('16 suspicions and 16 probes of a packet are taken, and no more', (t) => {
  for (const asked of [16, 17]) {
    const parts = new CoreParts();
    const [asker, ...suspects] = parts.addOwners(1 + asked);
    const suspicions = suspects.map(({ statement }) => ({ ...claimOf(1), ...statement }));
    parts.suspicions.asked(parts.received(asker!, DATAGRAMS, { suspicions }));
    t.is(parts.outbox.to(DATAGRAMS).votes.length, 16);
    const others = new CoreParts();
    const [helper, ...probed] = others.addOwners(1 + asked);
    const probes = probed.map(({ owner, logId, generation }) => ({ owner, logId, generation }));
    others.suspicions.probeFor(others.received(helper!, DATAGRAMS, { probes }));
    t.is(others.sent().filter(({ packet }) => packet.heartbeat?.ping).length, 16);
  }
});

test('a log is asked for five times in vain, and then left alone for a second', (t) => {
  const parts = new CoreParts();
  for (const link of [DATAGRAMS, STREAM]) parts.prove(link);
  let wants = 0;
  const links: Link[] = [];
  const count = () => {
    for (const { link, packet } of parts.sent()) {
      wants += packet.wants.length;
      if (packet.wants.length > 0) links.push(link);
    }
  };
  parts.pulls.consider(claimOf(1), DATAGRAMS, false);
  count();
  parts.wait(20_000, count);
  t.is(wants, 5);
  t.deepEqual(links, [DATAGRAMS, DATAGRAMS, DATAGRAMS, DATAGRAMS, STREAM]);
  parts.pulls.consider(claimOf(1), DATAGRAMS, false);
  count();
  t.is(wants, 6);
});

test('32 wants go by datagrams, more by a stream, and 1,000 at once', (t) => {
  for (const [claims, link, wants] of [
    [32, DATAGRAMS, 32],
    [33, STREAM, 33],
    [1000, STREAM, 1000],
    [1001, STREAM, 1000],
  ] as const) {
    const parts = new CoreParts();
    for (const each of [DATAGRAMS, STREAM]) parts.prove(each, true);
    for (let number = 1; number <= claims; number++) {
      parts.pulls.consider(claimOf(number), DATAGRAMS, false);
    }
    const asking = parts.sent().filter(({ packet }) => packet.wants.length > 0);
    t.deepEqual([...new Set(asking.map((each) => each.link))], [link]);
    t.is(
      asking.reduce((sum, { packet }) => sum + packet.wants.length, 0),
      wants,
    );
  }
});

test('a range of 10 owners is listed, one of 11 cut into 16 parts at most', (t) => {
  for (const owners of [10, 11, 200]) {
    const parts = new CoreParts();
    const [asker] = parts.addOwners(owners - 1);
    const fingerprints = [{ range: {}, count: owners, sum: idOf(1) }];
    parts.exchange.compare(parts.received(asker!, DATAGRAMS, { fingerprints }));
    const { digests, fingerprints: ranges } = parts.outbox.to(DATAGRAMS);
    t.is(digests.length, owners === 10 ? 1 : 0);
    t.is(digests[0]?.owners.length ?? 0, owners === 10 ? 10 : 0);
    t.is(ranges.length, owners === 10 ? 0 : owners === 11 ? 11 : 16);
  }
});

test('200 digests answer a datagram, and 10,000 a packet on a stream', (t) => {
  for (const [link, most] of [
    [DATAGRAMS, 200],
    [STREAM, 10_000],
  ] as const) {
    for (const owners of [most, most + 1]) {
      const parts = new CoreParts();
      const [asker] = parts.addOwners(owners - 1);
      const fingerprints = [{ range: {}, count: 0, sum: idOf(0) }];
      parts.exchange.compare(parts.received(asker!, link, { fingerprints }));
      t.is(parts.outbox.to(link).statements.size, most);
    }
  }
});

test('12,000 digests of a packet are taken, in however many lists they come', (t) => {
  for (const lists of [1, 3]) {
    for (const owners of [12_000, 12_001]) {
      const parts = new CoreParts();
      const [teller] = parts.addOwners(1);
      const digests = Array.from({ length: lists }, (_, list) => ({
        owners: Array.from({ length: owners }, (_, index) => index)
          .filter((index) => index % lists === list)
          .map((index) => digestOf(makeOwner(idOf(10 + index)), 0)),
      }));
      parts.exchange.take(parts.received(teller!, STREAM, { digests }));
      t.is(parts.state.directory.size, 2 + 12_000, `${owners} in ${lists}`);
    }
  }
});

test('three seeds are called at once', (t) => {
  for (const seeds of [3, 4]) {
    const options = { ...DEFAULT_CORE_OPTIONS, name: 'n0', generation: 1, addresses: [] };
    const core = new Core(options, seedOf(1));
    const addresses = Array.from({ length: seeds }, (_, index) => `10.0.0.${index + 1}:9000`);
    core.handle({ type: 'seeds', addresses }, 0);
    const effects = core.handle({ type: 'start' }, 0);
    t.is(effects.filter(({ type }) => type === 'send').length, 3);
  }
});

test('payloads of 1,024 bytes are pushed, longer ones announced', (t) => {
  const { serving } = new CoreParts();
  const owner = makeOwner(idOf(1));
  const log = owner.writableLog();
  log.append(makeEntry(1, 'value', 'a', new Uint8Array(1024)));
  t.is(serving.recent(owner, 0, 2 ** 20)?.entries.length, 1);
  log.append(makeEntry(2, 'value', 'b', new Uint8Array(1025)));
  t.is(serving.recent(owner, 1, 2 ** 20), undefined);
});

test('16 KiB of one owner are pushed, one byte more is announced', (t) => {
  for (const bytes of [16 * 1024, 16 * 1024 + 1]) {
    const parts = new CoreParts();
    const { state } = parts;
    parts.addOwners(1);
    parts.prove('udp:10.1.0.1:9000');
    const log = state.self.writableLog();
    for (let version = 1; log.bytes < bytes; version++) {
      const empty = makeEntry(version, 'value', `k${version}`);
      const size = Math.min(bytes - log.bytes, 1000) - empty.body.length;
      log.append({ ...empty, payload: new Uint8Array(size) });
    }
    t.is(log.bytes, bytes);
    const push = new Push(state, parts.serving, parts.outbox, parts.links, parts.pings);
    push.log(state.self, 0, false);
    push.flush();
    const packets = parts.sent().map(({ packet }) => packet);
    t.is(
      packets.some(({ deltas }) => deltas.length > 0),
      bytes === 16 * 1024,
    );
    t.is(
      packets.some(({ digests }) => digests.length > 0),
      bytes !== 16 * 1024,
    );
  }
});

test('packets by stream grow to 256 KiB, and by 1 MiB more for a single entry, to the byte', (t) => {
  const half = STREAM_PACKET_BYTES_MAX / 2;
  const [together, apart] = lastThatFits(half + 1000, (bytes) => streamed([half, bytes]));
  t.deepEqual(together, [STREAM_PACKET_BYTES_MAX]);
  t.is(apart.length, 2);
  const most = STREAM_PACKET_BYTES_MAX + VALUE_BYTES_MAX;
  const [sent, announced] = lastThatFits(most, (bytes) => streamed([bytes]));
  t.deepEqual(sent, [most]);
  t.deepEqual(announced, [0]);
});

test('an incarnation is raised to 2^32 - 1, and beyond it the generation', (t) => {
  const mesh = new Mesh(7);
  mesh.recording = true;
  mesh.grow(2);
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(50);
  const self = () => mesh.node('n0').core.self(mesh.nowMs);
  const { generation } = self();
  const suspect = (incarnation: number) => {
    const { owner, logId } = self();
    evil.send('n0', { suspicions: [{ owner, logId, generation, incarnation }] });
  };
  suspect(2 ** 32 - 2);
  t.like(self(), { generation, incarnation: 2 ** 32 - 1 });
  suspect(2 ** 32 - 1);
  t.like(self(), { generation: generation + 1, incarnation: 0 });
});

const STREAM_PACKET_BYTES_MAX = 256 * 1024;
const LARGEST = new Uint8Array(2 * VALUE_BYTES_MAX);

/** What is sent with the largest size, up to a bound, that gives one packet, and what with one more. */
function lastThatFits(
  most: number,
  send: (bytes: number) => number[],
): [fitting: number[], beyond: number[]] {
  let bytes = most;
  let beyond: number[] = [];
  for (;;) {
    const sent = send(bytes);
    if (sent.length === 1 && sent[0] !== 0) return [sent, beyond];
    beyond = sent;
    bytes -= 1;
  }
}

/** Bytes of the packets in which entries of these sizes go by a stream; 0 for one without an entry. */
function streamed(payloadBytes: number[]): number[] {
  const parts = new CoreParts();
  parts.prove(STREAM, true);
  const entries = payloadBytes.map((bytes, index) => ({
    version: index + 1,
    body: new Uint8Array(20),
    payload: LARGEST.subarray(0, bytes),
  }));
  const to = entries.length;
  const life = { owner: idOf(1), logId: idOf(1), generation: 1 };
  const header = new Uint8Array(0);
  const whole = { ...life, from: 0, to, asOf: to, floor: 0, header, entries, requiredFeatures: 0 };
  parts.outbox.to(STREAM).deltas.push(whole);
  return parts.sent().map(({ packet }) => {
    const isEmpty = packet.deltas.every((delta) => delta.entries.length === 0);
    return isEmpty ? 0 : boundOf(packet);
  });
}
