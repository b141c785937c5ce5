import test from 'ava';
import type { Link } from '../../src/core/contract.js';
import { Links } from '../../src/core/links.js';
import { Outbox } from '../../src/core/outbox.js';
import { Pings } from '../../src/core/pings.js';
import { Pulls } from '../../src/core/pulls.js';
import { Random } from '../../src/core/random.js';
import { type OwnerDigest, Status } from '../../src/wire/packet.js';
import { makeEntry, makeOwner, makeState, seedOf } from '../support/core-state.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';

const LINK: Link = 'udp:10.0.0.2:9000';
const NEXT_PUSH_MS = 100;
const DEADLINES_MAX = 4096;
const OWNER = '1000000000000001';

function rig() {
  const state = makeState();
  const links = new Links(new Random(seedOf(1), 'tokens'));
  links.use(LINK).theirToken = 'eeeeeeeeeeeeeeee';
  const outbox = new Outbox(state, links);
  const pings = new Pings(state, links, outbox, () => undefined);
  const pulls = new Pulls(state, links, pings, outbox, () => undefined);
  /** Whether an owner is asked for when the node at the link claims it, by an exchange or a push. */
  const asks = (claim: OwnerDigest, hot = false): boolean => {
    pulls.consider(claim, LINK, hot);
    pulls.flush();
    const { wants } = outbox.to(LINK);
    return wants.some(({ owner }) => owner === claim.owner);
  };
  return { state, pulls, asks };
}

/** A claim to hold version 5 of an owner, of which the node shows nothing. */
function claimOf(id: string, changes: Partial<OwnerDigest> = {}): OwnerDigest {
  const { owner, logId, generation } = makeOwner(id).statement;
  const statement = { incarnation: 0, status: Status.alive, ageMs: 0 };
  const log = { version: 5, floor: 0, refused: false };
  return { owner, logId, generation, ...statement, ...log, ...changes };
}

test('what an exchange claims of an owner just pushed is asked for only after 100 ms', (t) => {
  const { state, pulls, asks } = rig();
  state.directory.add(makeOwner(OWNER));
  pulls.pushed(OWNER);
  t.false(asks(claimOf(OWNER)));
  state.nowMs += NEXT_PUSH_MS - 1;
  t.false(asks(claimOf(OWNER)));
  state.nowMs += 1;
  t.true(asks(claimOf(OWNER)));
});

test('each push begins the 100 ms anew, for its owner alone', (t) => {
  const { state, pulls, asks } = rig();
  const other = '2000000000000002';
  for (const id of [OWNER, other]) pulls.pushed(id);
  state.nowMs += NEXT_PUSH_MS / 2;
  pulls.pushed(OWNER);
  state.nowMs += NEXT_PUSH_MS / 2;
  t.true(asks(claimOf(other)));
  t.false(asks(claimOf(OWNER)));
});

test('what a push shows to be missing is asked for at once', (t) => {
  const { pulls, asks } = rig();
  pulls.pushed(OWNER);
  t.true(asks(claimOf(OWNER), true));
});

for (const status of [Status.left, Status.dead]) {
  test(`an owner of status ${status}, which pushes nothing any more, is asked for at once`, (t) => {
    const { pulls, asks } = rig();
    pulls.pushed(OWNER);
    t.true(asks(claimOf(OWNER, { status })));
  });
}

test('of owners that are pushed the latest 4096 are remembered', (t) => {
  const { pulls, asks } = rig();
  const idOf = (index: number) => (index + 1).toString(16).padStart(16, '0');
  for (let index = 0; index <= DEADLINES_MAX; index++) pulls.pushed(idOf(index));
  t.true(asks(claimOf(idOf(0))));
  t.false(asks(claimOf(idOf(1))));
  t.false(asks(claimOf(idOf(DEADLINES_MAX))));
});

/** A node that a peer has just pushed version 2 of its log; `asked` tells which packets want more. */
function pushedTo() {
  const mesh = new Mesh(7, {}, { gossipIntervalMs: 3_600_000, heartbeatIntervalMs: 3_600_000 });
  mesh.recording = true;
  mesh.start('n0');
  const peer = new HandPeer(mesh, 'peer');
  peer.join('n0');
  mesh.run(3000);
  const push = (version: number) => {
    const { body, payload } = makeEntry(version, 'value', `k${version}`);
    const entries = [{ body, payload }];
    peer.push('n0', {
      deltas: [peer.delta({ from: version - 1, to: version, asOf: version, entries })],
    });
  };
  const claim = () =>
    peer.send('n0', { digests: [{ range: {}, owners: [peer.digest({ version: 9 })] }] });
  push(2);
  const asked = () =>
    peer.listen().some(({ wants }) => wants.some(({ owner }) => owner === peer.life.owner));
  asked();
  return { mesh, push, claim, asked };
}

test('a node that is pushed a log waits with the claim of an exchange, and not with a gap', (t) => {
  const { mesh, push, claim, asked } = pushedTo();
  t.is(mesh.node('n0').core.position('peer')?.version, 2);
  claim();
  t.false(asked());
  push(5);
  mesh.run(60);
  t.true(asked());
});

test('a node that was pushed a log asks for what an exchange claims 100 ms later', (t) => {
  const { mesh, claim, asked } = pushedTo();
  mesh.run(NEXT_PUSH_MS);
  claim();
  t.true(asked());
});
