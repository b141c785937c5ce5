import test from 'ava';
import { HOST } from '../../src/node/host.js';
import { SleepingMachine } from '../support/sleeping-machine.js';
import { TestMesh } from '../telepathine/test-mesh.js';

const MINUTE_MS = 60_000;

/** Two nodes, and one on a machine that can be suspended; all know each other. */
async function startMesh(options: { deadGraceMs?: number } = {}) {
  const mesh = new TestMesh();
  const machine = new SleepingMachine(mesh.clock);
  const [a, b] = [mesh.node(options), mesh.node(options)];
  const sleeper = mesh.node({ ...options, [HOST]: { ...mesh.host(3), clock: machine } });
  const nodes = [a, b, sleeper];
  const told: string[] = [];
  for (const node of nodes) {
    for (const event of ['peer:start', 'peer:stop', 'peer:forget', 'key:expired']) {
      node.on(event as 'own', (...args: unknown[]) =>
        told.push(`${node.peer_name} ${event} ${args.slice(0, 2).join(' ')}`),
      );
    }
    node.hear('*', function (data) {
      told.push(`${node.peer_name} heard ${String(this.event)} ${String(data)}`);
    });
    node.start();
  }
  await mesh.until(() => nodes.every((node) => node.livePeers().length === 2));
  const suspend = async (forMs: number, act: () => void) => {
    mesh.network.partition([['10.0.0.3:9000']]);
    machine.sleep();
    act();
    await mesh.run(forMs);
    mesh.network.heal();
    machine.wake();
  };
  told.length = 0;
  return { mesh, a, b, sleeper, told, suspend };
}

test('what has ended while the machine slept is gone the moment it wakes', async (t) => {
  const { mesh, a, b, sleeper, told, suspend } = await startMesh();
  const inMs = (ms: number) => mesh.clock.wallMs() + ms;
  sleeper.set('own', 1, inMs(MINUTE_MS)).set('stays', 2);
  a.set('ends', 3, inMs(MINUTE_MS)).set('lasts', 4, inMs(30 * MINUTE_MS));
  await mesh.run(1000);
  let ticks = 0;
  sleeper.every(1000, () => {
    ticks += 1;
  });
  await mesh.run(5000);
  told.length = 0;
  ticks = 0;
  await suspend(10 * MINUTE_MS, () => {
    b.say('short', 1, MINUTE_MS).say('long', 2, 60 * MINUTE_MS);
    a.set('new', 5);
  });
  t.is(ticks, 0);
  t.is(sleeper.get('own'), undefined);
  t.deepEqual(sleeper.keys(), ['stays']);
  t.is(sleeper.getRemote('n1', 'ends'), undefined);
  t.is(sleeper.getRemote('n1', 'lasts'), 4);
  await mesh.until(() => [a, b].every((node) => node.livePeers().includes('n3')));
  await mesh.until(() => sleeper.getRemote('n1', 'new') === 5);
  await mesh.run(5000);
  t.true(ticks <= 7, String(ticks));
  t.deepEqual(told.slice().sort(), [
    'n1 heard long 2',
    'n1 heard short 1',
    'n1 key:expired n1 ends',
    'n1 key:expired n3 own',
    'n1 peer:start n3',
    'n1 peer:stop n3',
    'n2 key:expired n1 ends',
    'n2 key:expired n3 own',
    'n2 peer:start n3',
    'n2 peer:stop n3',
    'n3 heard long 2',
    'n3 key:expired n1 ends',
    'n3 key:expired n3 own',
  ]);
  t.deepEqual(a.entriesOf('n3'), [['stays', 2]]);
  t.deepEqual(sleeper.entriesOf('n1'), [
    ['lasts', 4],
    ['new', 5],
  ]);
  t.is(sleeper.stats()?.verdicts, 0);
});

test('a machine that slept until it was forgotten comes back with all it has', async (t) => {
  const { mesh, a, b, sleeper, told, suspend } = await startMesh({ deadGraceMs: MINUTE_MS });
  sleeper.set('k', 1);
  await mesh.run(1000);
  await suspend(10 * MINUTE_MS, () => b.set('new', 2));
  t.deepEqual(a.allPeers(), ['n2']);
  await mesh.until(() => [a, b].every((node) => node.getRemote('n3', 'k') === 1));
  await mesh.until(() => sleeper.getRemote('n2', 'new') === 2);
  await mesh.run(5000);
  const expected = ['stop', 'forget', 'start'].flatMap((event) => [
    `n1 peer:${event} n3`,
    `n2 peer:${event} n3`,
  ]);
  t.deepEqual(told.sort(), expected.sort());
});
