import test from 'ava';
import fc from 'fast-check';
import { VirtualClock } from '../../src/clock/virtual-clock.js';

test('calls come by time, and at one time in the order of scheduling', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), (times) => {
      const clock = new VirtualClock();
      const called: number[] = [];
      times.forEach((atMs, index) => {
        clock.schedule(atMs, () => {
          called.push(index);
          if (clock.nowMs() !== atMs) throw new Error(`called at ${clock.nowMs()}, not ${atMs}`);
        });
      });
      clock.advance(20);
      const expected = [...times.keys()].sort(
        (a, b) => (times[a] as number) - (times[b] as number) || a - b,
      );
      t.deepEqual(called, expected);
    }),
  );
});

test('a call is made once, at its time, and never in the tick that schedules it', (t) => {
  const clock = new VirtualClock(1000);
  const called: number[] = [];
  clock.schedule(500, () => called.push(clock.nowMs()));
  clock.schedule(1010, () => called.push(clock.nowMs()));
  t.deepEqual(called, []);
  clock.advance(0);
  t.deepEqual(called, [1000]);
  clock.advance(9);
  t.is(clock.nowMs(), 1009);
  clock.advance(100);
  t.deepEqual(called, [1000, 1010]);
  t.is(clock.nowMs(), 1109);
});

test('what a call schedules is made in the same run if it is due', (t) => {
  const clock = new VirtualClock();
  const called: string[] = [];
  clock.schedule(1, () => {
    called.push('first');
    clock.schedule(1, () => called.push('at once'));
    clock.schedule(5, () => called.push('later'));
    clock.schedule(6, () => called.push('too late'));
  });
  clock.runUntil(5);
  t.deepEqual(called, ['first', 'at once', 'later']);
  t.is(clock.nextCallMs(), 6);
});

test('a cancelled call is not made, also when it is cancelled by one before it', (t) => {
  const clock = new VirtualClock();
  const called: string[] = [];
  const first = clock.schedule(1, () => called.push('first'));
  clock.schedule(2, () => third.cancel());
  const third = clock.schedule(2, () => called.push('third'));
  first.cancel();
  first.cancel();
  clock.advance(10);
  t.deepEqual(called, []);
  t.is(clock.nextCallMs(), undefined);
});

test('time does not go back', (t) => {
  const clock = new VirtualClock(100);
  clock.runUntil(50);
  t.is(clock.nowMs(), 100);
});

test('wall clocks can be set and skewed, and the time line stays', (t) => {
  const clock = new VirtualClock(0, 1_000_000);
  const skewed = clock.skewed(3_600_000, 2);
  t.is(clock.wallMs(), 1_000_000);
  t.is(skewed.wallMs(), 4_600_000);
  clock.advance(1000);
  t.is(clock.wallMs(), 1_001_000);
  t.is(skewed.wallMs(), 4_602_000);
  t.is(skewed.nowMs(), 1000);
  clock.setWall(5);
  clock.advance(1);
  t.is(clock.wallMs(), 6);
  const called: number[] = [];
  skewed.schedule(1010, () => called.push(skewed.nowMs()));
  clock.advance(100);
  t.deepEqual(called, [1010]);
});
