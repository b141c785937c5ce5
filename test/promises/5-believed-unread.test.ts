import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import fc from 'fast-check';
import { Core } from '../../src/core/core.js';
import { decodePacket, type Life, type Packet } from '../../src/wire/index.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import { HandPeer } from '../support/hand-peer.js';
import { hostileParts, spoil, spoiling } from '../support/hostile.js';
import { DEFAULT_CORE_OPTIONS, type Flight, Mesh, type MeshNode } from '../support/mesh.js';
import { runs } from '../support/scenario.js';

const shot = fc.record({
  flight: fc.nat(10_000),
  spoilings: fc.array(spoiling, { maxLength: 3 }),
  link: fc.constantFrom('its own', 'udp:10.7.7.7:7', 'tcp:10.7.7.7:7#x', 'udp:[::1]:1'),
  afterMs: fc.constantFrom(0, 0, 0, 0, 1, 20, 300, 2500),
});

test('spoilt and made-up bytes never throw, and without an echo they change nothing', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  const shots = fc.array(shot, { minLength: 5, maxLength: 20, size: 'max' });
  fc.assert(
    fc.property(fc.integer(), shots, (seed, list) => {
      const mesh = busyMesh(seed);
      const recorded = [...mesh.sent];
      for (const { flight, spoilings, link, afterMs } of list) {
        mesh.run(afterMs);
        const original = recorded[flight % recorded.length] as Flight;
        const bytes = spoil(original.bytes, spoilings);
        const victim = mesh.node('n0');
        if (link === 'its own') shootAsKnown(mesh, victim, original, bytes);
        else shootAsStranger(mesh, victim, link, bytes);
      }
      mesh.run(500);
    }),
    { ...settings, includeErrorInReport: true },
  );
  t.pass();
});

test('a member that lies changes nothing of a node itself, whose friends are still answered', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  const lives = ['n0', 'n1', 'evil'].map(
    (name): Life => ({
      owner: ownerIdOf(name),
      logId: 'same as in the mesh',
      generation: 0,
    }),
  );
  const attack = fc.record({
    parts: hostileParts(lives),
    pushed: fc.boolean(),
    afterMs: fc.constantFrom(0, 5, 200, 1500),
  });
  const attacks = fc.array(attack, { minLength: 1, maxLength: 12, size: 'max' });
  fc.assert(
    fc.property(fc.integer(), attacks, (seed, list) => {
      const mesh = busyMesh(seed);
      const evil = new HandPeer(mesh);
      evil.join('n0');
      const victim = mesh.node('n0');
      const own = ownState(mesh, victim);
      for (const { parts, pushed, afterMs } of list) {
        const real = realLives(mesh, parts);
        if (pushed) evil.push('n0', real);
        else evil.send('n0', real);
        mesh.run(afterMs);
      }
      const answered = answersTo(mesh, victim, mesh.node('n1'));
      mesh.run(12_000);
      if (ownState(mesh, victim) !== own) throw new Error(`own state is ${ownState(mesh, victim)}`);
      if (answersTo(mesh, victim, mesh.node('n1')) <= answered) throw new Error('no answer');
      if (victim.core.nextDeadlineMs() === undefined) throw new Error('the core has stopped');
      checkFinite(victim, mesh.nowMs);
    }),
    { ...settings, includeErrorInReport: true },
  );
  t.pass();
});

test('floods of strangers, of owners that do not exist and of broken streams take no memory', (t) => {
  const core = flooded();
  flood(core, 0, 12_000);
  const before = heapBytes();
  flood(core, 12_000, 36_000);
  const grown = heapBytes() - before;
  t.true(grown < 1_500_000, `${grown} bytes more after three times the flood`);
  t.true(core.stats().owners <= 2);
  t.true(Object.keys(core.stats().refusals).length < 30);
});

/** Two nodes that hold keys and events, and have said much of what nodes say. */
function busyMesh(seed: number): Mesh {
  const mesh = new Mesh(seed, { loss: 0.05, doubling: 0.05, latencyMaxMs: 20 });
  mesh.recording = true;
  mesh.start('n0');
  mesh.start('n1', ['n0']);
  mesh.run(300);
  mesh.set('n0', 'k0', 'mine');
  mesh.set('n1', 'k1', 'x'.repeat(1100), 5000);
  mesh.say('n1', 'e', 1, 10_000);
  mesh.run(700);
  mesh.delete('n1', 'k1');
  mesh.set('n0', '__proto__', 1);
  mesh.run(500);
  return mesh;
}

function ownState(mesh: Mesh, node: MeshNode): string {
  return mesh.shows(node, node.name).join();
}

/** All that an application could see of others. */
function shownState(mesh: Mesh, node: MeshNode): string {
  const peers = node.core.peers(mesh.nowMs).map((peer) => {
    const { phi, ...seen } = peer;
    return { ...seen, keys: mesh.shows(node, peer.name) };
  });
  const { phi, ...self } = node.core.self(mesh.nowMs);
  return JSON.stringify([peers, self, ownState(mesh, node)]);
}

/** A packet on the link it had, perhaps with its echo: it may be believed, but it may not throw. */
function shootAsKnown(mesh: Mesh, victim: MeshNode, original: Flight, bytes: Uint8Array): void {
  const decoded = decodePacket(bytes);
  if (!decoded.ok || original.kind === 'tcp') return;
  const packet = decoded.packet;
  mesh.input(victim, { type: 'packet', link: `udp:${original.from}`, packet, bytes: bytes.length });
}

function shootAsStranger(mesh: Mesh, victim: MeshNode, link: string, bytes: Uint8Array): void {
  const decoded = decodePacket(bytes);
  if (!decoded.ok) {
    if (typeof decoded.reason !== 'string') throw new Error('refused without a reason');
    return;
  }
  const { packet } = decoded;
  const known = packet.token === undefined && isKnown(mesh, packet.sender);
  const before = shownState(mesh, victim);
  const refused = refusals(victim);
  mesh.input(victim, { type: 'packet', link, packet, bytes: bytes.length + 45 });
  if (known) return;
  if (shownState(mesh, victim) !== before) throw new Error('a stranger was believed');
  if (isGreeting(packet)) return;
  if (refusals(victim) <= refused) throw new Error('a refusal was not counted');
}

/** What opens an exchange with a node that does not know the sender yet: nothing in it is lost. */
function isGreeting({ token, echo, digests, wants, deltas, probes, suspicions, votes }: Packet) {
  const content = [digests, wants, deltas, probes, suspicions, votes];
  return token !== undefined && echo === undefined && content.every((part) => part.length === 0);
}

/** Pushes are taken from whoever names a life that is known: the key of the mesh guards them. */
function isKnown(mesh: Mesh, life: Life): boolean {
  return [...mesh.nodes.values()].some((node) => node.core.self(mesh.nowMs).owner === life.owner);
}

function refusals(node: MeshNode): number {
  return Object.values(node.core.stats().refusals).reduce((sum, count) => sum + count, 0);
}

function answersTo(mesh: Mesh, from: MeshNode, to: MeshNode): number {
  return mesh.sent.filter((flight) => {
    if (flight.from !== from.address || flight.to !== to.address) return false;
    const decoded = decodePacket(flight.bytes);
    return decoded.ok && (decoded.packet.heartbeat?.answer ?? 0) > 0;
  }).length;
}

/** The arbitraries do not know the lives of the run: they are put in here. */
function realLives(mesh: Mesh, parts: Partial<Packet>): Partial<Packet> {
  const put = <T extends Life>(list: T[] | undefined): T[] | undefined =>
    list?.map((each) => realLife(mesh, each));
  const result = { ...parts };
  if (parts.digests !== undefined) {
    result.digests = parts.digests.map((digest) => ({
      ...digest,
      owners: put(digest.owners) ?? [],
    }));
  }
  if (parts.wants !== undefined) {
    result.wants = parts.wants.map((want) => {
      if (want.logId === undefined) return want;
      return { ...want, ...realLife(mesh, { ...want, logId: want.logId }) };
    });
  }
  for (const name of ['deltas', 'probes', 'suspicions', 'votes'] as const) {
    const list = put<Life>(parts[name]);
    if (list !== undefined) Object.assign(result, { [name]: list });
  }
  return result;
}

function realLife<T extends Life>(mesh: Mesh, life: T): T {
  const node = [...mesh.nodes.values()].find((each) => ownerIdOf(each.name) === life.owner);
  const generation = node?.core.self(mesh.nowMs).generation ?? 5000;
  const logId = life.logId.length === 16 ? life.logId : logIdOf(mesh, node);
  if (life.generation === 0) return { ...life, logId, generation };
  return life.generation === 1 && node !== undefined
    ? { ...life, logId, generation: generation + 1 }
    : { ...life, logId };
}

function logIdOf(mesh: Mesh, node: MeshNode | undefined): string {
  if (node === undefined) return 'e000000000000001';
  const flight = mesh.sent.find((each) => each.from === node.address);
  const decoded = flight && decodePacket(flight.bytes);
  return decoded?.ok ? decoded.packet.sender.logId : '1111111111111111';
}

function checkFinite(node: MeshNode, nowMs: number): void {
  for (const peer of [...node.core.peers(nowMs), node.core.self(nowMs)]) {
    const numbers = [peer.generation, peer.incarnation, peer.version];
    if (!numbers.every(Number.isSafeInteger)) throw new Error(JSON.stringify(peer));
  }
}

function flooded(): Core {
  const options = { ...DEFAULT_CORE_OPTIONS, name: 'n0', generation: 1, addresses: [] };
  const core = new Core(options, Uint8Array.of(1));
  core.handle({ type: 'start' }, 0);
  return core;
}

function flood(core: Core, first: number, count: number): void {
  for (let i = first; i < first + count; i++) {
    const nowMs = i;
    const hex = i.toString(16).padStart(16, '0');
    const address = `10.1.${(i >> 8) & 255}.${i & 255}:${1000 + (i >> 16)}`;
    const packet: Packet = {
      requiredFeatures: 0,
      protocol: 1,
      cluster: '',
      sender: { owner: hex, logId: hex, generation: i + 1 },
      uptimeMs: i,
      token: hex,
      heartbeat: { ping: i + 1, answer: i + 1, roundTripUs: 0 },
      fingerprints: [{ range: {}, count: 9, sum: hex }],
      digests: [],
      wants: [],
      deltas: [],
      probes: [],
      suspicions: [],
      votes: [],
    };
    core.handle({ type: 'packet', link: `udp:${address}`, packet, bytes: 200 }, nowMs);
    core.handle({ type: 'linkDown', link: `tcp:${address}#${i}` }, nowMs);
    core.handle({ type: 'wake' }, nowMs);
  }
}

function heapBytes(): number {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 4; i++) collect();
  return process.memoryUsage().heapUsed;
}
