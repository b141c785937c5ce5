/** The mutants: each changes what it means to, and is caught by no accident. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { fail, featuresOf, pass } from '../../conformance/mutants/catch.js';
import { occurrences, replaceOnce } from '../../conformance/mutants/change.js';
import type { Mutant } from '../../conformance/mutants/mutant.js';
import { MUTANTS } from '../../conformance/mutants/mutants.js';
import { CASES } from '../../src/conformance/cases/all.js';
import { conformanceCase } from '../../src/conformance/cases/case.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import { FOLDER } from './suite.js';

test.before(() => cryptoReady());

const SOURCES = new URL('../../src/', import.meta.url);
const document = readFileSync(new URL('../docs/PROTOCOL.md', FOLDER), 'utf8');

test('there are enough mutants, each with an id of its own', (t) => {
  t.true(MUTANTS.length >= 36);
  t.is(new Set(MUTANTS.map(({ id }) => id)).size, MUTANTS.length);
  for (const { id } of MUTANTS) t.regex(id, /^[a-z]+(-[a-z0-9]+)+$/);
});

for (const { id, section, file, find, replace, caughtBy } of MUTANTS) {
  test(`the mutant ${id} changes one place, and has a rule and a case`, (t) => {
    t.is(occurrences(readFileSync(new URL(file, SOURCES), 'utf8'), find), 1);
    t.not(find, replace);
    t.true(document.includes(`\n**${section}** `), section);
    t.true(
      CASES.some((each) => each.id === caughtBy),
      caughtBy,
    );
  });
}

test('a text that stands there never or twice is not replaced', (t) => {
  t.is(replaceOnce('abc', 'b', '$&'), 'a$&c');
  t.throws(() => replaceOnce('abc', 'd', 'x'), { message: /0 times/ });
  t.throws(() => replaceOnce('abcb', 'b', 'x'), { message: /2 times/ });
});

const [floor] = MUTANTS.filter(({ id }) => id === 'floor-forgotten') as [Mutant];

test('a mutant is caught by its case, and by its rule alone', async (t) => {
  const features = await featuresOf('none');
  const given = CASES.find(({ id }) => id === floor.caughtBy)!;
  t.is((await pass(given, features)).wrong, undefined);
  t.is((await fail(floor, given, features)).wrong, undefined);
  t.regex(
    (await fail({ ...floor, section: '1.1.1' }, given, features)).wrong!,
    /not caught by 1\.1/,
  );
});

test('a mutant that passes, crashes or hangs is not caught', async (t) => {
  const features = await featuresOf('none');
  const run = (rule: string) =>
    conformanceCase(`${floor.section}-made-up`, 'A case of this test.', async (it) => {
      if (rule === 'crash') await it.ask('set', { key: 'x'.repeat(2000), value: 1 });
    });
  t.regex((await fail(floor, run('pass'), features)).wrong!, /passed/);
  t.regex((await fail(floor, run('crash'), features)).wrong!, /refuses/);
});
