import test from 'ava';
import * as fc from 'fast-check';
import { Links, TOKEN_PERIOD_MS } from '../../src/core/links.js';
import { Random } from '../../src/core/random.js';
import { seedOf } from '../support/core-state.js';
import { checkProperty } from '../wire/property.js';

const LINKS_MAX = 8192;
const links = (seed = 1) => new Links(new Random(seedOf(seed), 'tokens'));

test('a token is accepted in its period and the next, only on its link and only in its life', (t) => {
  const uptime = fc.integer({ min: 0, max: 40 * TOKEN_PERIOD_MS });
  const property = fc.property(uptime, uptime, (givenMs, echoedMs) => {
    const mine = links();
    const token = mine.token('udp:10.0.0.1:1', givenMs);
    const periods = Math.floor(echoedMs / TOKEN_PERIOD_MS) - Math.floor(givenMs / TOKEN_PERIOD_MS);
    t.is(mine.accepts('udp:10.0.0.1:1', token, echoedMs), periods === 0 || periods === 1);
    t.false(mine.accepts('udp:10.0.0.1:2', token, givenMs));
    t.false(mine.accepts('tcp:10.0.0.1:1', token, givenMs));
    t.false(links(2).accepts('udp:10.0.0.1:1', token, givenMs));
  });
  checkProperty(property, 200);
});

test('nothing is accepted without an echo, and no token is like another', (t) => {
  const mine = links();
  t.false(mine.accepts('udp:10.0.0.1:1', undefined, 0));
  t.false(mine.accepts('udp:10.0.0.1:1', '', 0));
  const tokens = Array.from({ length: 1000 }, (_, i) => mine.token(`udp:10.0.0.1:${i}`, 0));
  t.is(new Set(tokens).size, 1000);
  t.true(tokens.every((token) => /^[0-9a-f]{16}$/.test(token)));
});

test('a token that is made, or asked about, is not kept', (t) => {
  const mine = links();
  mine.token('udp:10.0.0.1:1', 0);
  mine.accepts('udp:10.0.0.1:1', 'aaaaaaaaaaaaaaaa', 0);
  t.is(mine.get('udp:10.0.0.1:1'), undefined);
});

test('beyond the bound the link that was unused for longest is forgotten', (t) => {
  const mine = links();
  for (let i = 0; i < LINKS_MAX; i++) mine.use(`udp:10.0.0.1:${i}`);
  t.truthy(mine.get('udp:10.0.0.1:0'));
  mine.use('udp:10.0.0.1:0').trusted = true;
  mine.use('udp:10.0.0.2:1');
  t.is(mine.get('udp:10.0.0.1:1'), undefined);
  t.true(mine.get('udp:10.0.0.1:0')?.trusted);
  for (let i = 0; i < LINKS_MAX; i++) mine.use(`udp:10.0.0.3:${i}`);
  t.is(mine.get('udp:10.0.0.1:0'), undefined);
});

test('a link that was removed begins again', (t) => {
  const mine = links();
  mine.use('tcp:10.0.0.1:1').confirmed = true;
  mine.remove('tcp:10.0.0.1:1');
  t.false(mine.use('tcp:10.0.0.1:1').confirmed);
});
