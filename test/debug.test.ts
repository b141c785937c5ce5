import test from 'ava';
import { debugLog } from '../src/debug.js';

test.serial('DEBUG is looked for at most every 100 ms, however many lines there are', (t) => {
  const { env } = process;
  const now = performance.now;
  let looks = 0;
  let nowMs = 5000;
  process.env = new Proxy(env, {
    get: (target, name: string) => {
      if (name === 'DEBUG') looks += 1;
      return target[name];
    },
  });
  performance.now = () => nowMs;
  t.teardown(() => {
    process.env = env;
    performance.now = now;
  });
  delete env['DEBUG'];
  const log = debugLog('telepathine:test');
  for (let line = 0; line < 1000; line++) {
    log('line %d', line);
    t.false(log.enabled);
  }
  t.is(looks, 1);
  nowMs += 99;
  t.false(log.enabled);
  t.is(looks, 1);
  nowMs += 1;
  t.false(log.enabled);
  t.is(looks, 2);
});

test.serial('what is asked for later is seen within 100 ms', (t) => {
  const now = performance.now;
  let nowMs = 5000;
  performance.now = () => nowMs;
  const before = process.env['DEBUG'];
  t.teardown(() => {
    performance.now = now;
    if (before === undefined) delete process.env['DEBUG'];
    else process.env['DEBUG'] = before;
  });
  delete process.env['DEBUG'];
  const log = debugLog('telepathine:test');
  t.false(log.enabled);
  process.env['DEBUG'] = 'telepathine:test';
  nowMs += 100;
  t.true(log.enabled);
});
