/**
 * Two nodes with one name: the one that has run for longer goes on. What runs on real sockets comes
 * first, alone: what runs in virtual time would hold it up.
 */
import test from 'ava';
import type { TelepathineError } from '../../src/error.js';
import { Telepathine } from '../../src/telepathine.js';
import { Mesh, type MeshNode } from '../support/mesh.js';
import { recordingLogger } from '../telepathine/recording-logger.js';
import { TestMesh } from '../telepathine/test-mesh.js';
import { pause, until } from '../transport/recorder.js';

const QUICK = { profile: 'local' } as const;
/** Of starts within two round trips either may win, and on a busy machine those are long. */
const CLEARLY_LATER_MS = 1500;

for (const udp of [true, false]) {
  test.serial(
    `a second node of a name is refused, and the first goes on, with udp: ${udp}`,
    async (t) => {
      const options = { ...QUICK, udp };
      await using witness = await Telepathine.start({ ...options, name: 'witness' });
      const seeds = [witness.port];
      await using first = await Telepathine.start({ ...options, name: 'same', seeds });
      first.on('error', (error) => t.fail(String(error)));
      first.set('k', 'first');
      await witness.ready({ peers: 1, timeoutMs: 20_000 });
      const stops: string[] = [];
      witness.on('peer:stop', (peer) => stops.push(peer));
      await pause(CLEARLY_LATER_MS);
      const second = new Telepathine({ ...options, name: 'same', seeds });
      second.set('k', 'second');
      t.teardown(() => second.stop());
      const error = await t.throwsAsync<TelepathineError>(second.start().started, {
        code: 'NAME_TAKEN',
      });
      t.regex(error?.message ?? '', new RegExp(`'same', at 127\\.0\\.0\\.1:${first.port}`));
      t.is(second.port, 0);
      first.set('after', 1);
      await using newcomer = new Telepathine({ ...options, name: 'newcomer', seeds }).start();
      await newcomer.ready({ peers: 2, timeoutMs: 20_000 });
      for (const node of [witness, newcomer]) {
        await until(() => node.getRemote('same', 'after') === 1, 20_000);
        t.is(node.getRemote('same', 'k'), 'first');
        t.is(node.peer('same')?.port, first.port);
      }
      t.deepEqual(stops, []);
    },
  );
}

test.serial('of two nodes of one name that start at once exactly one goes on', async (t) => {
  for (let round = 0; round < 4; round++) {
    await using witness = await Telepathine.start({ ...QUICK, name: 'witness' });
    const logger = recordingLogger();
    const pair = [1, 2].map(
      () => new Telepathine({ ...QUICK, name: 'same', seeds: [witness.port], logger }),
    );
    t.teardown(() => Promise.all(pair.map((node) => node.stop())));
    const failures: (string | undefined)[] = [];
    for (const node of pair) {
      node.on('error', (error) => failures.push((error as TelepathineError).code));
      node.start().started.catch((error: TelepathineError) => failures.push(error.code));
    }
    await until(() => failures.length > 0, 20_000);
    await pause(500);
    t.deepEqual(failures, ['NAME_TAKEN'], `round ${round}`);
    const running = pair.filter(({ port }) => port > 0);
    t.is(running.length, 1);
    await until(() => witness.peer('same')?.port === running[0]?.port, 20_000);
  }
});

test('of two nodes of one name that did not see each other one goes on when they do', async (t) => {
  for (const cut of ['before the first', 'between the two']) {
    const mesh = new TestMesh();
    const left = mesh.node().start();
    const right = mesh.node({ seeds: ['10.0.0.1:9000'] }).start();
    if (cut === 'between the two') await mesh.until(() => left.livePeers().length === 1);
    mesh.network.partition([['10.0.0.1:9000', '10.0.0.3:9000']]);
    const older = mesh.node({ name: 'same' }).start();
    await mesh.run(3000);
    const younger = mesh.node({ name: 'same', seeds: ['10.0.0.2:9000'] }).start();
    await mesh.settled(Promise.all([older.started, younger.started]));
    older.set('k', 'older');
    younger.set('k', 'younger');
    await mesh.run(5000);
    t.is(left.getRemote('same', 'k'), 'older');
    t.is(right.getRemote('same', 'k'), 'younger');
    const errors: unknown[] = [];
    older.on('error', (error) => t.fail(String(error)));
    younger.on('error', (error) => errors.push((error as TelepathineError).code));
    mesh.network.heal();
    await mesh.until(() => younger.port === 0);
    t.deepEqual(errors, ['NAME_TAKEN']);
    await mesh.until(() => right.getRemote('same', 'k') === 'older');
    await mesh.run(30_000);
    for (const node of [left, right]) {
      t.is(node.getRemote('same', 'k'), 'older', cut);
      t.is(node.peer('same')?.address, '10.0.0.3');
      t.true(node.peer('same')?.alive);
    }
    t.true(older.port > 0);
  }
});

test('of two nodes of one name that listen everywhere the second stops', (t) => {
  for (const seed of [1, 2, 3]) {
    const mesh = new Mesh(seed, { latencyMaxMs: 30 });
    const start = (name: string, last: number) => {
      const ips = [new Uint8Array(0), Uint8Array.of(10, 0, 0, last)];
      const addresses = ips.map((ip) => ({ family: 4, ip, port: 9000, transport: 'udp' }) as const);
      return mesh.start(name, ['n0'], { addresses });
    };
    mesh.start('n0');
    const first = start('same', 2);
    mesh.run(5000);
    mesh.nodes.delete('same');
    mesh.nodes.set('first', first);
    const second = start('same', 3);
    mesh.run(10_000);
    const isTaken = (node: MeshNode) => node.events.some(({ type }) => type === 'nameTaken');
    t.deepEqual([isTaken(first), isTaken(second)], [false, true], `seed ${seed}`);
    t.is(mesh.node('n0').core.peer('same', mesh.nowMs)?.address, first.address);
  }
});
