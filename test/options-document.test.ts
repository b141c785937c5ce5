import { readFileSync } from 'node:fs';
import test from 'ava';
import { OPTION_NAMES, readOptions } from '../src/api/options.js';
import { PROFILE_NAMES } from '../src/api/profiles.js';
import type { TelepathineOptions } from '../src/index.js';
import { tcpLimits } from '../src/transport/tcp-limits.js';
import * as limits from '../src/wire/limits.js';

const document = readFileSync('docs/OPTIONS.md', 'utf8');
const rows = [...document.matchAll(/^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|/gm)].map(
  ([, name, fallback, allowed]) => ({ name: name!, fallback: fallback!, allowed: allowed! }),
);

test('docs/OPTIONS.md has every option, and no other', (t) => {
  t.deepEqual(rows.map(({ name }) => name).sort(), [...OPTION_NAMES].sort());
});

test('the defaults in docs/OPTIONS.md are those of the code, for every profile', (t) => {
  let compared = 0;
  for (const { name, fallback } of rows) {
    const [general, ...special] = fallback.split(/; |, /);
    const byProfile = new Map(special.map((each) => each.split(' ') as [string, string]));
    for (const profile of [undefined, ...PROFILE_NAMES]) {
      const settings = readOptions(profile === undefined ? {} : { profile });
      const kept = new Map(Object.entries({ ...settings, ...settings.tcp }));
      const value = JSON.stringify(kept.get(name));
      const shown = byProfile.get(profile ?? '') ?? general!;
      // What is told in words, and what is not kept under the option's name, is left out.
      if (value === undefined || !/^(?:\d+|true|false|""|\[\]|\{\})$/.test(shown)) continue;
      t.is(value, shown, `${name}, ${profile ?? 'no profile'}`);
      compared += 1;
    }
  }
  t.true(compared >= 4 * 25);
});

test('the ranges in docs/OPTIONS.md are those of the code', (t) => {
  let compared = 0;
  for (const { name, allowed } of rows) {
    const [, least, most] = /^(\d+) to (\d+)(?:, whole)?$/.exec(allowed) ?? [];
    if (least === undefined) continue;
    const read = (value: number) => readOptions({ [name]: value } as TelepathineOptions);
    const refused = { code: 'INVALID_ARGUMENT' };
    t.notThrows(() => read(Number(least)), name);
    t.notThrows(() => read(Number(most)), name);
    t.throws(() => read(Number(least) - 1), refused, name);
    t.throws(() => read(Number(most) + 1), refused, name);
    const half = () => read(Number(least) + 0.5);
    if (allowed.endsWith('whole') || name === 'port') t.throws(half, refused, name);
    else t.notThrows(half, name);
    compared += 1;
  }
  t.true(compared >= 18);
});

test('the limits in docs/OPTIONS.md are those of the code', (t) => {
  const known: Record<string, unknown> = { ...limits, ...tcpLimits() };
  const shown = [...document.matchAll(/^\| `(\w+)`: [^|]* \| (\d+) \|$/gm)];
  t.is(shown.length, 15);
  for (const [, name, value] of shown) t.is(known[name!], Number(value), name);
});

test('the pace in docs/OPTIONS.md and in the comment of the option is that of the core', (t) => {
  const text = readFileSync('src/core/gossip.ts', 'utf8');
  const [, intervals] = /^const LONGEST_INTERVALS = (\d+);$/m.exec(text)!;
  const said = `every ${intervals} of these`;
  t.true(document.includes(said), said);
  t.true(readFileSync('src/api/options.ts', 'utf8').includes(said), said);
});
