import test from 'ava';
import { RefusalLog } from '../../src/node/refusal-log.js';

function recorded() {
  const said: string[] = [];
  return { said, log: new RefusalLog((address, reason) => said.push(`${address} ${reason}`)) };
}

test('an address and a reason are said once a minute', (t) => {
  const { said, log } = recorded();
  for (let ms = 0; ms < 60_000; ms += 1000) log.note('a', 'malformed', ms);
  log.note('a', 'unknown-key', 59_000);
  log.note('b', 'malformed', 59_000);
  t.deepEqual(said, ['a malformed', 'a unknown-key', 'b malformed']);
  log.note('a', 'malformed', 60_000);
  log.note('b', 'malformed', 60_000);
  t.is(said.length, 4);
});

test('a flood of addresses is said 1,000 times a minute', (t) => {
  const { said, log } = recorded();
  for (let index = 0; index < 5000; index++) log.note(String(index), 'malformed', index);
  t.is(said.length, 1000);
  for (let index = 0; index < 5000; index++) log.note(String(index), 'malformed', 70_000 + index);
  t.is(said.length, 2000);
});
