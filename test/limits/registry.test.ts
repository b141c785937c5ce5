import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { tcpLimits } from '../../src/transport/tcp-limits.js';
import * as limits from '../../src/wire/limits.js';
import { LIMIT_TESTS, NO_LIMITS } from './registry.js';

/**
 * What a test file has as titles, and as rows of the tables that its titles are made of: its texts,
 * comments left out.
 */
function testedIn(file: string): string[] {
  const code = readFileSync(file, 'utf8').replace(/^ *(?:\/?\*|\/\/).*$/gm, '');
  return [...code.matchAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)*)\1/g)].map(([, , text]) => text!);
}

/** Constants such as `LINKS_MAX`; those of times are not limits but paces. */
function boundsIn(folder: string): string[] {
  return readdirSync(folder).flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    const names = [...text.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]*_MAX)\b/gm)];
    return names.map(([, name]) => name as string).filter((name) => !name.includes('_MS_'));
  });
}

const NAMES = new Set([
  ...Object.keys(limits),
  ...Object.keys(tcpLimits()),
  ...boundsIn('src/wire'),
  ...boundsIn('src/core'),
]);

test('every limit has a test that reaches it, and one that goes beyond', (t) => {
  t.true(NAMES.size > 55, `${NAMES.size}`);
  const missing = [...NAMES].filter((name) => !(name in LIMIT_TESTS) && !NO_LIMITS.includes(name));
  t.deepEqual(missing, [], 'add a test, and its title to test/limits/registry.ts');
});

test('no test is named of a limit that is not there', (t) => {
  const beside = ['ownersMax', 'heldBytesMax', 'OVERLAP', 'JSON_DEPTH_MAX'];
  const known = (name: string) => NAMES.has(name) || beside.includes(name);
  t.deepEqual(
    [...Object.keys(LIMIT_TESTS), ...NO_LIMITS].filter((name) => !known(name)),
    [],
  );
});

test('the tests of limits are where the list says', (t) => {
  for (const [name, { taken, refused }] of Object.entries(LIMIT_TESTS)) {
    for (const [file, words] of [taken, refused]) {
      t.true(
        testedIn(file).some((text) => text.includes(words)),
        `${name}: '${words}' in ${file}`,
      );
    }
  }
});
