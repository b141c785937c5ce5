/** The key of a mesh is changed while it runs. */
import test from 'ava';
import { generateKey } from '../../src/index.js';
import { Telepathine } from '../../src/telepathine.js';
import { deriveSealingKey } from '../../src/wire/index.js';
import { TestMesh } from '../telepathine/test-mesh.js';
import { pause, until } from '../transport/recorder.js';
import { BusyMesh } from './busy-mesh.js';

const [OLD, NEW] = [generateKey(), generateKey()];
const [OLD_ID, NEW_ID] = [OLD, NEW].map((key) => deriveSealingKey(key, '').id) as [string, string];
/** What each node is given, step by step: see docs/KEYS.md. */
const STEPS = [[OLD, NEW], [NEW, OLD], [NEW]];

test.serial(
  'on real sockets a busy mesh changes its key, and loses and doubles nothing',
  async (t) => {
    const first = await Telepathine.start({ profile: 'local', network: OLD });
    const options = { profile: 'local', network: OLD, seeds: [first.port] } as const;
    const others = Array.from({ length: 4 }, () => new Telepathine(options).start());
    const nodes = [first, ...others];
    t.teardown(() => Promise.all(nodes.map((node) => node.stop())));
    await Promise.all(nodes.map((node) => node.ready({ peers: 4, timeoutMs: 30_000 })));
    const mesh = new BusyMesh(nodes);
    const acting = setInterval(() => mesh.act(), 10);
    t.teardown(() => clearInterval(acting));
    for (const keys of STEPS) {
      await pause(200);
      for (const node of nodes) {
        node.rotateKeys(keys);
        await pause(60);
      }
    }
    await pause(200);
    clearInterval(acting);
    await until(() => mesh.isSettled(), 30_000);
    mesh.check(t);
    t.true(mesh.said > 20, `${mesh.said}`);
    for (const node of nodes) {
      const counts = node.stats()?.packetsByKey ?? {};
      t.deepEqual(Object.keys(counts).sort(), [OLD_ID, NEW_ID].sort());
    }
  },
);

test('at 20 % loss a busy mesh changes its key, and loses and doubles nothing', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const mesh = new TestMesh({ seed });
    const nodes = await mesh.start(5, { network: OLD });
    mesh.network.change({ lossRate: 0.2, doublingRate: 0.1, latency: { minMs: 1, maxMs: 60 } });
    const busy = new BusyMesh(nodes);
    const actFor = async (times: number) => {
      for (let time = 0; time < times; time++) {
        busy.act();
        await mesh.run(20);
      }
    };
    await actFor(10);
    for (const keys of STEPS) {
      for (const node of nodes) {
        node.rotateKeys(keys);
        await actFor(5);
      }
      // Longer than a packet is on its way: none comes under a key that was dropped.
      await mesh.run(3000);
    }
    await mesh.until(() => busy.isSettled());
    await mesh.run(5000);
    busy.check(t, `seed ${seed}`);
    for (const node of nodes) {
      const { refusals } = node.stats()!;
      for (const reason of ['unknown-key', 'not-authentic', 'internal-error']) {
        t.is(refusals[reason], undefined, `seed ${seed}: ${reason}`);
      }
    }
  }
});

test('each node shows which keys the others hold, and by which key packets come', async (t) => {
  const mesh = new TestMesh();
  const [one, other] = await mesh.start(2, { network: OLD });
  t.deepEqual(one!.keyIds, [OLD_ID]);
  t.deepEqual(one!.peer('n2')?.keyIds, [OLD_ID]);
  other!.rotateKeys([OLD, NEW]);
  await mesh.run(200);
  t.deepEqual(one!.peer('n2')?.keyIds, [OLD_ID, NEW_ID]);
  one!.rotateKeys([NEW, OLD]);
  await mesh.run(5000);
  t.deepEqual(one!.keyIds, [NEW_ID, OLD_ID]);
  t.deepEqual(other!.peer('n1')?.keyIds, [NEW_ID, OLD_ID]);
  const before = other!.stats()!.packetsByKey;
  await mesh.run(20_000);
  const after = other!.stats()!.packetsByKey;
  t.is(after[OLD_ID], before[OLD_ID], 'nobody seals to it by the old key any more');
  t.true(after[NEW_ID]! > before[NEW_ID]!);
  t.is(one!.stats()!.packetsByKey[NEW_ID], undefined, 'the other has not moved it to the front');
});

test('without keys there is none to show', async (t) => {
  const mesh = new TestMesh();
  const [one] = await mesh.start(2);
  t.deepEqual(one!.keyIds, []);
  t.deepEqual(one!.peer('n2')?.keyIds, []);
  t.deepEqual(one!.stats()?.packetsByKey, {});
});
