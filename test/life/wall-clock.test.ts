import test from 'ava';
import type { Clock } from '../../src/clock/clock.js';
import type { Telepathine } from '../../src/index.js';
import { HOST } from '../../src/node/host.js';
import { TestMesh } from '../telepathine/test-mesh.js';

const YEAR_MS = 365 * 24 * 3_600_000;
const MINUTE_MS = 60_000;

/** A wall clock that can be set, over the time of the mesh. */
class SettableClock implements Clock {
  constructor(
    private readonly world: Clock,
    public wallOffsetMs = 0,
  ) {}

  nowMs(): number {
    return this.world.nowMs();
  }

  wallMs(): number {
    return this.world.wallMs() + this.wallOffsetMs;
  }

  schedule(atMs: number, callback: () => void) {
    return this.world.schedule(atMs, callback);
  }
}

interface Seen {
  /** Every envelope that was sent, with its time. */
  packets: string[];
  /** Everything that the nodes told, less wall-clock times. */
  told: string[];
}

/**
 * The same minutes of a mesh of three; `jumpsMs` is what happens to the wall clocks of the nodes
 * after the start.
 */
async function minutes(jumpsMs: readonly (readonly number[])[]): Promise<Seen> {
  const mesh = new TestMesh();
  const seen: Seen = { packets: [], told: [] };
  mesh.network.tap(({ from, to, kind, envelope }) => {
    const hex = Buffer.from(envelope).toString('hex');
    seen.packets.push(`${mesh.clock.nowMs()} ${from} ${to} ${kind} ${hex}`);
  });
  const clocks = [1, 2, 3].map(() => new SettableClock(mesh.clock));
  const nodes = clocks.map((clock, i) =>
    mesh.node({ tombstoneGraceMs: MINUTE_MS, [HOST]: { ...mesh.host(i + 1), clock } }),
  );
  for (const node of nodes) tell(node, mesh, seen.told);
  for (const node of nodes) node.start();
  await mesh.until(() => nodes.every((node) => node.livePeers().length === 2));
  const [a, b, c] = nodes as [Telepathine, Telepathine, Telepathine];
  const inMs = (i: number, ms: number) => clocks[i]!.wallMs() + ms;
  a.every(10_000, () => a.set('often', mesh.clock.nowMs()));
  b.set('ends', 1, inMs(1, MINUTE_MS)).say('said', 1, MINUTE_MS).set('stays', 2);
  for (const [i, jumps] of jumpsMs.entries()) {
    await mesh.run(5000);
    for (const [j, jumpMs] of jumps.entries()) clocks[j]!.wallOffsetMs = jumpMs;
    await mesh.run(1000);
    c.set(`k${i}`, i, inMs(2, MINUTE_MS)).say('said', i, 30_000);
    a.delete('often');
  }
  await mesh.settled(c.stop());
  await mesh.run(2 * MINUTE_MS);
  return seen;
}

function tell(node: Telepathine, mesh: TestMesh, told: string[]): void {
  node.onAny((event, ...args) => {
    const shown = args.slice(0, 3).filter((arg) => typeof arg !== 'object');
    told.push([mesh.clock.nowMs(), node.peer_name, String(event), ...shown].join(' '));
  });
}

test('wall clocks that are set by a year while nodes run change no packet and no event', async (t) => {
  const none = [0, 0, 0];
  const still = await minutes([none, none, none, none]);
  t.true(still.packets.length > 200, String(still.packets.length));
  t.true(still.told.some((line) => line.includes('key:expired n2 ends')));
  const jumping = await minutes([
    [YEAR_MS, 0, -YEAR_MS],
    [-YEAR_MS, YEAR_MS, 0],
    [0, -20 * YEAR_MS, 10 * YEAR_MS],
    none,
  ]);
  t.deepEqual(jumping.told, still.told);
  t.deepEqual(jumping.packets, still.packets);
});

for (const years of [1, -1]) {
  test(`a value ends when it was to end at its setting, with a wall clock set by ${years} year`, async (t) => {
    const mesh = new TestMesh();
    const [a] = await mesh.start(1);
    const clock = new SettableClock(mesh.clock);
    const node = mesh.node({ [HOST]: { ...mesh.host(2), clock } }).start();
    await mesh.until(() => a!.livePeers().length === 1 && node.livePeers().length === 1);
    const setAtMs = mesh.clock.nowMs();
    const ended: number[] = [];
    for (const each of [a!, node]) {
      each.on('key:expired', () => ended.push(mesh.clock.nowMs() - setAtMs));
    }
    let expiresAt = 0;
    a!.know('k', (_peer, _key, _value, at) => {
      expiresAt = at ?? 0;
    });
    const dueAt = clock.wallMs() + MINUTE_MS;
    node.set('k', 1, dueAt).set('late', 2, clock.wallMs() + 2 * MINUTE_MS);
    await mesh.run(1000);
    t.true(Math.abs(expiresAt - dueAt) < 50);
    clock.wallOffsetMs = years * YEAR_MS;
    await mesh.run(MINUTE_MS - 2000);
    t.is(node.get('k'), 1);
    t.is(a!.getRemote('n2', 'k'), 1);
    await mesh.settled(node.stop());
    await mesh.settled(node.start().started);
    t.is(node.get('k'), 1, 'a new start keeps the time');
    await mesh.run(3000);
    t.is(node.get('k'), undefined);
    t.is(node.get('late'), 2);
    await mesh.until(() => a!.getRemote('n2', 'late') === 2);
    await mesh.run(MINUTE_MS);
    t.deepEqual([...node.keys(), ...a!.getRemoteKeys('n2')], []);
    t.true(ended.every((ms) => [1, 2].some((at) => Math.abs(ms - at * MINUTE_MS) < 100)));
    t.true(ended.length >= 3, String(ended));
    t.throws(() => node.set('k', 1, clock.wallMs() - 1), { code: 'INVALID_ARGUMENT' });
    t.notThrows(() => node.set('k', 1, clock.wallMs() + 1));
  });
}

test('a node that starts again with its clock a year back is believed, and its old life is not', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const clock = new SettableClock(mesh.clock, YEAR_MS);
  const host = { ...mesh.host(2), clock };
  const first = mesh.node({ name: 'b', address: '10.0.0.2:9000', [HOST]: host });
  await mesh.settled(first.set('old', 1).start().started);
  await mesh.until(() => a!.getRemote('b', 'old') === 1);
  mesh.network.crash('10.0.0.2:9000');
  await mesh.until(() => a!.deadPeers().length === 1);
  clock.wallOffsetMs = -YEAR_MS;
  const second = mesh.node({
    name: 'b',
    address: '10.0.0.2:9000',
    [HOST]: { ...mesh.host(3), clock },
  });
  await mesh.settled(second.set('new', 2).start().started);
  await mesh.until(() => a!.getRemote('b', 'new') === 2);
  t.deepEqual(a!.entriesOf('b'), [['new', 2]]);
  t.deepEqual(second.livePeers(), ['n1']);
  const set = a!.waitFor('set:new');
  second.set('new', 3);
  await mesh.settled(set);
  t.deepEqual(a!.entriesOf('b'), [['new', 3]]);
});

test('what a handler is told of the end of a value is by the own wall clock', async (t) => {
  const mesh = new TestMesh();
  const clock = new SettableClock(mesh.clock, -30 * YEAR_MS);
  const [a] = await mesh.start(1);
  const node = mesh.node({ [HOST]: { ...mesh.host(2), clock } }).start();
  await mesh.until(() => node.livePeers().length === 1);
  const known = node.waitFor('set:k');
  a!.set('k', 1, mesh.clock.wallMs() + MINUTE_MS);
  const [, , , expiresAt] = (await mesh.settled(known)) as number[];
  t.true(Math.abs(expiresAt! - clock.wallMs() - MINUTE_MS) < 50);
});
