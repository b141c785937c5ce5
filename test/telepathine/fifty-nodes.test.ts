import test from 'ava';
import { benchMesh } from '../../bench/mesh.js';
import { Telepathine } from '../../src/index.js';

/** Margins are wide, since the machine may be busy: `npm run bench` tells the figures that count. */
test.serial('fifty nodes on real sockets find each other, and hear news at once', async (t) => {
  const { allSeeAllMs, set, say, mebibyteMs, newcomerMs } = await benchMesh(5);
  t.log({ allSeeAllMs, set, say, mebibyteMs, newcomerMs });
  t.true(allSeeAllMs < 15_000);
  t.true(set.p50Ms < 1000);
  t.true(set.maxMs < 5000);
  t.true(say.p50Ms < 1000);
  t.true(say.maxMs < 5000);
  t.true(mebibyteMs < 15_000);
  t.true(newcomerMs < 10_000);
});

test.serial('a value of one byte over 1 MiB is refused at set, and nothing is lost', async (t) => {
  const node = await Telepathine.start({ port: 0 });
  const largest = 'x'.repeat(1024 * 1024 - 2);
  node.set('large', largest);
  t.throws(() => node.set('large', `${largest}x`), { code: 'TOO_LARGE', message: /1048576/ });
  t.is(node.get('large'), largest);
  await node.stop();
});
