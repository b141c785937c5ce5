/** Scenarios that once broke a promise, each as small as it can be. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { Core } from '../../src/core/core.js';
import { emptyParts, pack } from '../../src/core/packing.js';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import { containerSizes } from '../support/containers.js';
import { makePacket, makeState } from '../support/core-state.js';
import { HandPeer } from '../support/hand-peer.js';
import { DEFAULT_CORE_OPTIONS, Mesh, type MeshNode } from '../support/mesh.js';

/** Of a node that says nothing of itself but its name. */
const EMPTY_HEADER = {
  version: 1,
  addresses: [],
  tags: {},
  protocolMin: 1,
  protocolMax: 1,
  features: 0,
  keyIds: [],
};
const MAX = Number.MAX_SAFE_INTEGER;

function attacked(): { mesh: Mesh; evil: HandPeer } {
  const mesh = new Mesh(7);
  mesh.recording = true;
  mesh.grow(3);
  mesh.run(2000);
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(100);
  return { mesh, evil };
}

function lifeOf(mesh: Mesh, name: string) {
  const { generation, incarnation } = mesh.node(name).core.self(mesh.nowMs);
  const flight = mesh.sent.findLast((each) => each.from === mesh.address(name));
  const decoded = decodePacket(flight!.bytes);
  if (!decoded.ok) throw new Error('not decoded');
  return { owner: ownerIdOf(name), logId: decoded.packet.sender.logId, generation, incarnation };
}

for (const logId of ['its own', 'ffffffffffffffff']) {
  test(`hearing of the highest generation (log id ${logId}) does not silence a node`, (t) => {
    const { mesh, evil } = attacked();
    const life = lifeOf(mesh, 'n0');
    const claim = { ...life, logId: logId === 'its own' ? life.logId : logId, generation: 2 ** 48 };
    evil.send('n0', { digests: [{ owners: [evil.digest(claim)] }] });
    t.notThrows(() => mesh.run(5000));
    t.true(mesh.node('n0').core.self(mesh.nowMs).generation <= 2 ** 48);
  });
}

test('an absurd age since death does not make packets that nobody can read', (t) => {
  const { mesh, evil } = attacked();
  const life = lifeOf(mesh, 'n1');
  const dead = evil.digest({ ...life, status: 2, ageMs: MAX });
  evil.send('n0', { digests: [{ owners: [dead] }] });
  mesh.run(50);
  t.notThrows(() => {
    evil.send('n0', { digests: [{ owners: [evil.digest({ ...life, status: 1, ageMs: 0 })] }] });
    mesh.run(5000);
  });
});

test('a node that left is collected also where the clock is below zero', (t) => {
  const mesh = new Mesh(3);
  mesh.nowMs = -1e13;
  const [first, , third] = mesh.grow(3);
  mesh.input(third!, { type: 'leave' });
  mesh.run(5000);
  mesh.kill('n2');
  mesh.run(100_000);
  t.is(first!.core.peers(mesh.nowMs).length, 1);
});

test('a push with a known sender, from an address that proved nothing, is not answered threefold', (t) => {
  const { mesh } = attacked();
  const { incarnation, ...sender } = lifeOf(mesh, 'n1');
  const afar = new HandPeer(mesh, 'x', '10.8.8.8:53');
  const unknown = afar.digest({ owner: '00000000000000aa' });
  const { token, echo, ...push } = afar.packet('n0', { sender, digests: [{ owners: [unknown] }] });
  push.uptimeMs = Math.floor(mesh.nowMs) + 1000;
  const bytes = encodePacket(push);
  afar.deliver('n0', bytes);
  mesh.run(5000);
  const sent = mesh.sent.filter((flight) => flight.to === '10.8.8.8:53');
  const answered = sent.reduce((sum, flight) => sum + flight.bytes.length + 45, 0);
  t.true(answered <= 3 * (bytes.length + 45), `${answered} for ${bytes.length + 45}`);
});

test('an event does not fire again when its owner comes back to a log id after another', (t) => {
  for (let seed = 0; seed < 40; seed++) {
    const mesh = new Mesh(seed);
    mesh.start('n0');
    mesh.start('n1', ['n0'], { generation: 1000 });
    mesh.run(1000);
    mesh.kill('n1');
    mesh.run(10_000);
    // The new life guesses a lower generation, and a newcomer hears of it before the old one.
    const fresh = mesh.start('n2');
    const again = mesh.start('n1', [], { generation: 1 });
    mesh.mayPass = (from, to) => ![from, to].includes(mesh.address('n0'));
    mesh.say('n1', 'e', 1, 60_000);
    mesh.input(fresh, { type: 'seeds', addresses: [again.address] });
    mesh.run(5000);
    mesh.mayPass = () => true;
    mesh.input(fresh, { type: 'seeds', addresses: [mesh.address('n0')] });
    mesh.run(30_000);
    t.deepEqual(fresh.heard, ['n1:e=1'], `seed ${seed}`);
  }
});

test('an event does not fire again when the other life was collected in between', (t) => {
  for (let seed = 0; seed < 10; seed++) {
    const intervals = { heartbeatIntervalMs: 600_000, gossipIntervalMs: 600_000 };
    const mesh = new Mesh(seed, { latencyMaxMs: 20 }, intervals);
    const names = ['n0', 'n1', 'n2'];
    for (const name of names) mesh.start(name, name === 'n0' ? [] : ['n0']);
    mesh.run(2000);
    mesh.input(mesh.node('n0'), { type: 'leave' });
    mesh.run(600_000);
    mesh.kill('n0');
    mesh.start('n0', ['n1', 'n2'], { generation: 1 });
    mesh.say('n0', 'e', 1, 180_000);
    mesh.kill('n1');
    const again = mesh.start('n1');
    mesh.input(again, { type: 'seeds', addresses: [mesh.address('n0'), mesh.address('n2')] });
    mesh.run(180_000);
    t.true(again.heard.length <= 1, `seed ${seed}: ${again.heard}`);
  }
});

test('links that went down are forgotten', (t) => {
  const options = { ...DEFAULT_CORE_OPTIONS, name: 'n0', generation: 1, addresses: [] };
  const core = new Core(options, Uint8Array.of(1));
  core.handle({ type: 'start' }, 0);
  const drop = (count: number) => {
    for (let i = 0; i < count; i++) {
      core.handle({ type: 'linkDown', link: `tcp:10.0.0.1:1#${Math.random()}` }, i * 20);
    }
  };
  drop(20_000);
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  drop(60_000);
  collect();
  t.true(process.memoryUsage().heapUsed - before < 1_000_000);
});

test('a list of sixteen owners keeps to the budget with the longest cluster name too', (t) => {
  const state = makeState();
  const owners = Array.from({ length: 16 }, (_, i) => ({
    owner: `f${i.toString(16).padStart(15, '0')}`,
    logId: 'ffffffffffffffff',
    generation: 2 ** 48,
    incarnation: 2 ** 32 - 1,
    status: 2 as const,
    version: MAX,
    floor: MAX,
    ageMs: MAX,
    refused: true,
  }));
  const make = () =>
    makePacket(state, {
      token: 'aaaaaaaaaaaaaaaa',
      echo: 'aaaaaaaaaaaaaaaa',
      uptimeMs: 1e9,
      cluster: 'c'.repeat(255),
    });
  const range = { start: '1111111111111111', end: 'ffffffffffffffff' };
  const packets = pack({ ...emptyParts(), digests: [{ range, owners }] }, make(), make, 1155);
  for (const packet of packets) t.true(encodePacket(packet).length <= 1155);
});

test('the longest life of a value does not make packets that nobody can read', (t) => {
  for (let i = 0; i < 20; i++) {
    const { mesh, evil } = attacked();
    mesh.run(i * 0.37);
    const body = encodeEntryBody({
      version: 2,
      name: 'k',
      content: { kind: 'value', encoding: 1, typeName: '', stamp: { time: 1 } },
    });
    const entries = [{ body, payload: Uint8Array.of(49), remainingMs: MAX }];
    evil.send('n0', { digests: [{ owners: [evil.digest({ version: 2 })] }] });
    evil.send('n0', { deltas: [evil.delta({ from: 1, to: 2, asOf: 2, entries })] });
    t.notThrows(() => mesh.run(2000));
  }
});

test('a newcomer, and one that was cut off, hear a living event of a node that has left', (t) => {
  const mesh = new Mesh(3);
  const nodes = mesh.grow(4);
  const absent = mesh.node('n3');
  mesh.mayPass = (from, to) => (from === absent.address) === (to === absent.address);
  mesh.say('n2', 'e', 1, 3_600_000);
  mesh.run(500);
  mesh.input(mesh.node('n2'), { type: 'leave' });
  mesh.run(90_000);
  mesh.mayPass = () => true;
  const late = mesh.start('late', ['n0']);
  mesh.run(30_000);
  t.deepEqual(late.heard, ['n2:e=1']);
  t.deepEqual(absent.heard, ['n2:e=1']);
  t.deepEqual(mesh.live(nodes[0] as MeshNode), ['late', 'n1', 'n3']);
});

test('a node that hears nothing does not have the others report the living as dead', (t) => {
  const mesh = new Mesh(4);
  const nodes = mesh.grow(20);
  const deaf = mesh.node('n7');
  mesh.mayPass = (_from, to) => to !== deaf.address;
  mesh.run(120_000);
  for (const node of nodes) {
    if (node === deaf) continue;
    const down = node.events.flatMap((event) => (event.type === 'peerDown' ? event.name : []));
    t.deepEqual(
      [...new Set(down)].filter((name) => name !== 'n7'),
      [],
      node.name,
    );
  }
});

test('dead owners that make room for others leave no deadline behind', (t) => {
  const mesh = new Mesh(5, {}, { ownersMax: 8 });
  mesh.recording = true;
  mesh.grow(2);
  const evil = new HandPeer(mesh);
  evil.join('n0');
  mesh.run(50);
  const { core } = mesh.node('n0');
  const heapOf = () => containerSizes(core).get('Schedule.#heap') as number;
  const before = heapOf();
  for (let i = 1; i <= 1000; i++) {
    const owner = i.toString(16).padStart(16, '0');
    const dead = evil.digest({ owner, logId: owner, status: 2, version: 0 });
    evil.send('n0', { digests: [{ owners: [dead] }] });
  }
  t.true(core.stats().owners <= 8);
  t.true(heapOf() < before + 100, `${heapOf()} deadlines after ${before}`);
});

test('many claims of the own name are asked about one at a time, and few are remembered', (t) => {
  const { mesh, evil } = attacked();
  const { core, address } = mesh.node('n0');
  const life = (number: number) => ({
    owner: ownerIdOf('n0'),
    logId: number.toString(16).padStart(16, '0'),
    generation: core.self(mesh.nowMs).generation + 1,
  });
  const claim = (number: number) =>
    evil.send('n0', { digests: [{ owners: [evil.digest(life(number))] }] });
  const header = encodeOwnerHeader({ ...EMPTY_HEADER, name: 'n0' });
  for (let number = 1; number <= 200; number++) {
    claim(number);
    evil.send('n0', { deltas: [evil.delta({ ...life(number), header })] });
    mesh.run(0.2);
  }
  for (let number = 1001; number <= 1200; number++) claim(number);
  t.is(containerSizes(core).get('Identity.#asking'), 64);
  const before = mesh.sent.length;
  mesh.run(400);
  const sent = mesh.sent
    .slice(before)
    .filter(({ from, to }) => from === address && to === evil.address);
  t.true(sent.length < 20, `${sent.length} packets`);
});

test('a log of several windows is taken anew by one that missed a move of its floor', (t) => {
  const mesh = new Mesh(1, {}, { tombstoneGraceMs: 2000 });
  const [owner, absent] = mesh.grow(2) as [MeshNode, MeshNode];
  const keys = 60;
  for (let i = 0; i < keys; i++) mesh.set('n0', `k${i}`, 'x'.repeat(100_000));
  mesh.until(() => mesh.shows(absent, 'n0').length === keys, 10_000);
  mesh.mayPass = () => false;
  mesh.run(500);
  mesh.set('n0', 'gone', 1);
  mesh.delete('n0', 'gone');
  mesh.run(5000);
  mesh.mayPass = () => true;
  const { version } = owner.core.self(mesh.nowMs);
  t.notThrows(() =>
    mesh.until(() => absent.core.peer('n0', mesh.nowMs)?.version === version, 30_000),
  );
});

test('of two nodes with one name exactly one stops, however close their starts', (t) => {
  for (let gapMs = 0; gapMs <= 60; gapMs += 5) {
    for (let seed = 1; seed <= 5; seed++) {
      const mesh = new Mesh(seed, { latencyMinMs: 10, latencyMaxMs: 60 });
      mesh.start('seed');
      const taken: string[] = [];
      const watch = (node: MeshNode, which: string) => {
        if (node.events.some((event) => event.type === 'nameTaken')) taken.push(which);
      };
      const one = mesh.start('same', ['seed']);
      mesh.run(gapMs);
      mesh.nodes.delete('same');
      mesh.nodes.set('other', { ...one, name: 'other' });
      const two = mesh.start('same', ['seed']);
      mesh.run(20_000);
      watch(one, 'one');
      watch(two, 'two');
      t.is(taken.length, 1, `gap ${gapMs} ms, seed ${seed}`);
    }
  }
});

test('nodes that all leave at once do not wait for each other', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const mesh = new Mesh(seed, { latencyMaxMs: 20 });
    const nodes = mesh.grow(4);
    for (const node of nodes) {
      mesh.input(node, { type: 'leave' });
      mesh.run(5);
    }
    const hasLeft = (node: MeshNode) => node.events.some((event) => event.type === 'left');
    t.true(mesh.until(() => nodes.every(hasLeft), 2500) < 1000, `seed ${seed}`);
  }
});

test('what a node says and sets right after it has joined is heard though it leaves at once', (t) => {
  for (const latencyMaxMs of [1, 20, 200]) {
    const mesh = new Mesh(1, { latencyMinMs: latencyMaxMs / 2, latencyMaxMs });
    const nodes = mesh.grow(3);
    mesh.run(2000);
    const hasty = mesh.start('hasty', ['n0']);
    const had = (type: string) => hasty.events.some((event) => event.type === type);
    mesh.until(() => had('joined'), 5000);
    mesh.set('hasty', 'k', 1);
    mesh.say('hasty', 'e', 2);
    mesh.input(hasty, { type: 'leave' });
    t.true(mesh.until(() => had('left'), 3000) < 2000);
    mesh.run(5000);
    for (const node of nodes) {
      t.deepEqual(node.heard, ['hasty:e=2'], `${node.name}, ${latencyMaxMs} ms`);
      t.false(mesh.live(node).includes('hasty'));
    }
  }
});

test('a goodbye bears that one whose place was taken acknowledges late', (t) => {
  for (let seed = 1; seed <= 2; seed++) {
    const mesh = new Mesh(seed, { latencyMaxMs: 300 });
    const nodes = mesh.grow(20);
    t.notThrows(() => {
      for (const node of nodes) mesh.input(node, { type: 'leave' });
      mesh.run(2500);
    }, `seed ${seed}`);
    t.true(nodes.every((node) => node.events.some((event) => event.type === 'left')));
  }
});

test('the address of a node that listens everywhere is where its packets come from', (t) => {
  const mesh = new Mesh(1);
  const anywhere = [{ family: 4, ip: new Uint8Array(0), port: 9000, transport: 'udp' }] as const;
  const [first] = mesh.grow(1);
  mesh.start('everywhere', ['n0'], { addresses: [...anywhere] });
  const seen = () => first?.core.peer('everywhere', mesh.nowMs);
  mesh.until(() => seen() !== undefined, 5000);
  t.is(seen()?.address, mesh.address('everywhere'));
});
