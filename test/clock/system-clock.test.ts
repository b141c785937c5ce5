import test from 'ava';
import { SystemClock } from '../../src/clock/system-clock.js';

/** A machine whose time is told by the test. */
function machine() {
  const time = { monotonicMs: 5000, wallMs: 1_000_000, uptimeMs: 90_000 };
  const clock = new SystemClock({
    sources: {
      monotonicMs: () => time.monotonicMs,
      wallMs: () => time.wallMs,
      // As coarse as it is on some systems.
      uptimeMs: () => Math.floor(time.uptimeMs / 1000) * 1000,
    },
  });
  const pass = (ms: number) => {
    time.monotonicMs += ms;
    time.wallMs += ms;
    time.uptimeMs += ms;
  };
  const sleep = (ms: number) => {
    time.wallMs += ms;
    time.uptimeMs += ms;
  };
  return { clock, time, pass, sleep };
}

test('the time in which the machine slept is added when it wakes', (t) => {
  const { clock, pass, sleep } = machine();
  const startMs = clock.nowMs();
  pass(2500);
  t.is(clock.nowMs() - startMs, 2500);
  sleep(60_000);
  pass(10);
  const sinceMs = clock.nowMs() - startMs;
  t.true(Math.abs(sinceMs - 62_510) <= 1000, String(sinceMs));
});

test('sleep is found without the help of the wall clock too', (t) => {
  const { clock, time, pass } = machine();
  const startMs = clock.nowMs();
  time.uptimeMs += 60_000;
  pass(10_000);
  t.true(clock.nowMs() - startMs >= 69_000);
});

test('a coarse uptime and a wall clock that is set make no sleep', (t) => {
  const { clock, time, pass } = machine();
  const startMs = clock.nowMs();
  for (let step = 0; step < 200; step++) {
    pass(333);
    if (step % 10 === 0) time.wallMs += step % 20 === 0 ? 86_400_000 : -86_400_000;
    t.is(clock.nowMs() - startMs, (step + 1) * 333);
  }
});

test('it never goes back, also when the uptime does', (t) => {
  const { clock, time, pass, sleep } = machine();
  sleep(10_000);
  pass(1);
  const beforeMs = clock.nowMs();
  time.uptimeMs = 0;
  pass(20_000);
  t.true(clock.nowMs() >= beforeMs + 20_000);
});

test('a call of the real clock is never early and never in the same tick', async (t) => {
  const clock = new SystemClock();
  for (const delayMs of [-5, 0, 0.3, 5.4, 20]) {
    const atMs = clock.nowMs() + delayMs;
    let scheduled = false;
    const calledMs = await new Promise<number>((resolve) => {
      clock.schedule(atMs, () => resolve(scheduled ? clock.nowMs() : Number.NaN));
      scheduled = true;
    });
    t.true(calledMs >= atMs, `${calledMs} ${atMs}`);
  }
});

test('a cancelled call of the real clock is not made, and one of weeks is no call now', async (t) => {
  const clock = new SystemClock();
  let called = 0;
  clock.schedule(clock.nowMs() + 1, () => called++).cancel();
  const weeks = clock.schedule(clock.nowMs() + 2 ** 33, () => called++);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.is(called, 0);
  weeks.cancel();
});
