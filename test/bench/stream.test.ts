import test from 'ava';
import { benchStream } from '../../bench/stream.js';

test('a small stream from two of ten processes comes once and in order to all', async (t) => {
  const figures = await benchStream({ speakers: 2, perSecondEach: 20, seconds: 1 });
  const { said, refused, lost, doubled, disordered } = figures;
  const counts = { said, refused, lost, doubled, disordered };
  t.deepEqual(counts, { said: 40, refused: 0, lost: 0, doubled: 0, disordered: 0 });
  t.true(figures.p50Ms >= 0 && figures.p50Ms <= figures.p99Ms && figures.p99Ms <= figures.maxMs);
  t.true(figures.worstMs.some((ms) => ms === figures.maxMs));
});
