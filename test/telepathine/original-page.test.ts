/**
 * The page of the original, line by line: its constructor, methods, events and options, each tried
 * for what the page says of it.
 */
import test from 'ava';
import { OPTION_NAMES } from '../../src/api/options.js';
import { Telepathine } from '../../src/index.js';
import { CONSTRUCTOR } from './original-page/constructor.js';
import { EVENTS } from './original-page/events.js';
import { METHODS } from './original-page/methods.js';
import { OPTIONS } from './original-page/options.js';
import { TestMesh } from './test-mesh.js';

for (const [says, check] of Object.entries({ ...CONSTRUCTOR, ...METHODS, ...EVENTS, ...OPTIONS })) {
  test(`as the original's page says: ${says}`, (t) => check(t, new TestMesh()));
}

test('every method and option that the original names is there', (t) => {
  const node = new Telepathine();
  for (const says of Object.keys(METHODS)) {
    for (const [, name] of says.matchAll(/\b(\w+)\(/g)) {
      if (name === 'handler') continue;
      t.is(typeof node[name as keyof Telepathine], 'function', name);
    }
  }
  for (const says of Object.keys(OPTIONS)) t.true(OPTION_NAMES.includes(says.split(':')[0]!), says);
});
