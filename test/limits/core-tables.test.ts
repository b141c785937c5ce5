/** What a core remembers because of the network: each table to its last place, and one more. */
import test from 'ava';
import { FiredEvents } from '../../src/core/fired-events.js';
import { HeldDeltas } from '../../src/core/held-deltas.js';
import { Push } from '../../src/core/push.js';
import { type Delta, Status } from '../../src/wire/packet.js';
import { containerSizes } from '../support/containers.js';
import { makeOwner, makePacket } from '../support/core-state.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';
import { CoreParts, claimOf, idOf } from './core-parts.js';

const LINK = 'udp:10.0.0.2:9000';

test('16,384 lives keep their lines, and one more takes the place of the oldest', (t) => {
  const parts = new CoreParts();
  const { state, pings, links } = parts;
  const echo = links.token(LINK, state.nowMs);
  const lifeOf = (number: number) => ({ owner: idOf(number), logId: idOf(1), generation: 1 });
  const hear = (number: number) => {
    const packet = makePacket(state, { sender: lifeOf(number), uptimeMs: 5, token: echo, echo });
    pings.receive({ link: LINK, packet, bytes: 100, from: undefined });
  };
  for (let number = 1; number <= 16_384; number++) hear(number);
  t.is(pings.uptimeMs(lifeOf(1)), 5);
  hear(16_385);
  t.is(pings.uptimeMs(lifeOf(1)), undefined);
  t.is(pings.uptimeMs(lifeOf(2)), 5);
  t.is(pings.uptimeMs(lifeOf(16_385)), 5);
});

test('16,384 pings wait for answers, and one more is sent in place of the oldest', (t) => {
  const parts = new CoreParts();
  const { state, pings, links, outbox } = parts;
  const answered: number[] = [];
  const ping = (number: number) => {
    pings.send(LINK, () => answered.push(number));
    outbox.flush();
    state.effects.length = 0;
  };
  const answer = (number: number) => {
    const echo = links.token(LINK, state.nowMs);
    const heartbeat = { ping: 0, answer: number, roundTripUs: 0 };
    const packet = makePacket(state, { echo, heartbeat });
    pings.receive({ link: LINK, packet, bytes: 100, from: undefined });
  };
  for (let number = 1; number <= 16_384; number++) ping(number);
  answer(1);
  t.deepEqual(answered, [1]);
  for (const number of [16_385, 16_386]) ping(number);
  answer(2);
  answer(3);
  t.deepEqual(answered, [1, 3]);
});

test('65,536 collected owners are remembered, and one more in place of the oldest', (t) => {
  const { state, collection } = new CoreParts();
  const collect = (number: number) => {
    const owner = makeOwner(idOf(number));
    owner.statement = { ...claimOf(number), status: Status.left, downAtMs: 0 };
    state.directory.add(owner);
    collection.schedule(owner);
    t.true(collection.makeRoom());
    state.effects.length = 0;
  };
  for (let number = 1; number <= 65_536; number++) collect(number);
  t.truthy(collection.remembered(idOf(1)));
  collect(65_537);
  t.is(collection.remembered(idOf(1)), undefined);
  t.truthy(collection.remembered(idOf(2)));
});

test('as many owners are known as ownersMax says; one more only if another can go', (t) => {
  const ownersMax = 20;
  const { state, statements } = new CoreParts({ ownersMax });
  const introduce = (number: number) => statements.take(claimOf(number), true);
  for (let number = 1; number < ownersMax; number++) t.truthy(introduce(number));
  t.is(state.directory.size, ownersMax);
  t.is(introduce(ownersMax), undefined);
  t.is(state.counts.refusals.get('too-many-owners'), 1);
  statements.take(claimOf(7, { incarnation: 1, status: Status.dead }), true);
  t.truthy(introduce(ownersMax));
  t.is(state.directory.get(idOf(7)), undefined);
  t.is(state.directory.size, ownersMax);
});

test('room is made by those that left, then by the dead, the oldest first, without a look at all', (t) => {
  const { state, collection } = new CoreParts();
  const down = (number: number, status: Status, downAtMs: number) => {
    const owner = makeOwner(idOf(number));
    owner.statement = { ...claimOf(number), status, downAtMs };
    state.directory.add(owner);
    collection.schedule(owner);
  };
  down(1, Status.dead, 100);
  down(2, Status.left, 300);
  down(3, Status.dead, 50);
  down(4, Status.left, 200);
  state.directory.all = () => t.fail('it looked at all') as never;
  const gone = () => [1, 2, 3, 4].filter((number) => !state.directory.get(idOf(number)));
  for (const expected of [[4], [2, 4], [2, 3, 4], [1, 2, 3, 4]]) {
    t.true(collection.makeRoom());
    t.deepEqual(gone(), expected);
  }
  t.false(collection.makeRoom());
});

const delta = (owner: number, from: number): Delta => {
  const header = new Uint8Array(0);
  const rest = { to: from, asOf: from, floor: 0, header, entries: [], requiredFeatures: 0 };
  return { owner: idOf(owner), logId: idOf(1), generation: 1, from, ...rest };
};
const receivedOf = (bytes: number) => ({
  ...new CoreParts().received(makeOwner(idOf(1)), LINK),
  bytes,
});

test('64 deltas of one owner are held, and those of 1,024 owners', (t) => {
  const held = new HeldDeltas();
  const received = receivedOf(100);
  for (let from = 1; from <= 65; from++) held.hold(delta(1, from), received);
  const taken = held.take(idOf(1)).map((each) => each.delta.from);
  t.deepEqual(
    taken,
    Array.from({ length: 64 }, (_, index) => index + 1),
  );
  for (let owner = 1; owner <= 1024; owner++) t.true(held.hold(delta(owner, 1), received));
  t.false(held.hold(delta(1025, 1), received));
  t.deepEqual(held.take(idOf(1025)), []);
  t.is(held.take(idOf(1024)).length, 1);
});

test('deltas of 1 MiB are held in all, to the byte', (t) => {
  const held = new HeldDeltas();
  t.true(held.hold(delta(1, 1), receivedOf(2 ** 20 - 100)));
  t.false(held.hold(delta(2, 1), receivedOf(101)));
  t.true(held.hold(delta(2, 1), receivedOf(100)));
  t.is(held.take(idOf(1)).length, 1);
  t.true(held.hold(delta(3, 1), receivedOf(2 ** 20 - 100)));
});

test('the events of 8 log ids of an owner are numbered, and a ninth makes the oldest forgotten', (t) => {
  const fired = new FiredEvents();
  for (let log = 1; log <= 8; log++) t.true(fired.advance(idOf(log), 5));
  t.false(fired.advance(idOf(1), 5));
  t.true(fired.advance(idOf(9), 5));
  t.false(fired.advance(idOf(2), 5));
  t.true(fired.advance(idOf(1), 5));
});

test('65,536 owners are asked for at once, and no more', (t) => {
  const { pulls } = new CoreParts();
  const running = () => containerSizes(pulls).get('Pulls.#pulls');
  for (let number = 1; number <= 65_536; number++) pulls.consider(claimOf(number), LINK, false);
  t.is(running(), 65_536);
  pulls.consider(claimOf(65_537), LINK, false);
  t.is(running(), 65_536);
});

test('4,096 owners that could not be had are left alone for a while, and as many streams', (t) => {
  const { pulls } = new CoreParts({ udp: false });
  const sizeOf = (name: string) => containerSizes(pulls).get(`Pulls.${name}`);
  const failOn = (number: number) => {
    const link = `tcp:10.0.0.2:${number}`;
    pulls.consider(claimOf(number), link, false);
    pulls.linkDown(link);
  };
  for (let number = 1; number <= 4096; number++) failOn(number);
  t.deepEqual([sizeOf('#failed'), sizeOf('#avoidStream')], [4096, 4096]);
  pulls.consider(claimOf(1), LINK, false);
  t.is(sizeOf('#pulls'), 0);
  failOn(4097);
  t.deepEqual([sizeOf('#failed'), sizeOf('#avoidStream')], [4096, 4096]);
  pulls.consider(claimOf(2), LINK, false);
  t.is(sizeOf('#pulls'), 0);
  pulls.consider(claimOf(1), LINK, false);
  t.is(sizeOf('#pulls'), 1);
});

test('16,384 unproven addresses are remembered to have been asked, and then all anew', (t) => {
  const parts = new CoreParts();
  const { state } = parts;
  const push = new Push(state, parts.serving, parts.outbox, parts.links, parts.pings);
  const asked = () => containerSizes(push).get('Push.#asked');
  const tell = (first: number, count: number) => {
    const owners = parts.addOwners(count, first);
    push.statement(state.self, false);
    push.flush();
    parts.sent();
    for (const owner of owners) state.directory.remove(owner);
  };
  for (let first = 1; first <= 16_384; first += 8) tell(first, 8);
  t.is(asked(), 16_384);
  tell(16_385, 1);
  t.is(asked(), 1);
});

test('64 other lives of the own name are remembered not to answer, and then all anew', (t) => {
  const mesh = new Mesh(7);
  mesh.recording = true;
  mesh.grow(2);
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(50);
  const { core } = mesh.node('n0');
  const absent = () => containerSizes(core).get('Identity.#absent');
  // Those that are said to have left do not answer: they are not asked.
  const claim = (number: number) => {
    const { owner, generation } = core.self(mesh.nowMs);
    const gone = claimOf(number, { owner, generation: generation + 1, status: Status.left });
    evil.send('n0', { digests: [{ owners: [gone] }] });
  };
  for (let number = 1; number <= 64; number++) claim(number);
  t.is(absent(), 64);
  claim(65);
  t.is(absent(), 0);
});
