/**
 * The page of the original: `original-page/page.json` has all that it names, with the arguments, the
 * results and the defaults as they stand there. Each row is tried by a check whose title quotes it.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { OPTION_NAMES, readOptions } from '../../src/api/options.js';
import { Telepathine } from '../../src/index.js';
import { CONSTRUCTOR } from './original-page/constructor.js';
import { EVENTS } from './original-page/events.js';
import { METHODS } from './original-page/methods.js';
import { OPTIONS } from './original-page/options.js';
import { TestMesh } from './test-mesh.js';

interface Signature {
  name: string;
  arguments: string;
  /** A value, or what it is; absent where the page says nothing of it. */
  returns?: unknown;
}

interface Page {
  constructors: Signature[];
  methods: Signature[];
  events: Signature[];
  /** The default null stands for undefined. */
  options: { name: string; default: unknown }[];
  properties: string[];
  environment: string[];
  behaviour: string[];
}

const page: Page = JSON.parse(
  readFileSync('test/telepathine/original-page/page.json', 'utf8'),
) as Page;

const CHECKS = { ...CONSTRUCTOR, ...METHODS, ...EVENTS, ...OPTIONS };

for (const [says, check] of Object.entries(CHECKS)) {
  test(`as the original's page says: ${says}`, (t) => check(t, new TestMesh()));
}

for (const row of rowsOf(page)) {
  test(`a check tries what the original's page has: ${row}`, (t) => {
    t.true(Object.keys(CHECKS).some((says) => says.startsWith(row) || says.includes(` ${row}`)));
  });
}

test('no check is of something that the page does not have', (t) => {
  const rows = rowsOf(page);
  const strange = Object.keys(CHECKS).filter((says) => !rows.some((row) => says.includes(row)));
  t.deepEqual(strange, []);
});

test('every method of the original is there, and returns what it returned', async (t) => {
  const node = new Telepathine({ port: 0 });
  const samples: Record<string, unknown[]> = {
    start: [],
    addPeer: ['127.0.0.1:9'],
    after: [60_000, () => undefined],
    ...{ get: ['key'], getRemote: ['peer', 'key'], getRemoteKeys: ['peer'] },
    ...{ allPeers: [], livePeers: [], deadPeers: [] },
  };
  const results: Record<string, unknown> = {
    'the node': node,
    ...{ 'the value': undefined, 'the keys': [], 'the names': [] },
  };
  for (const { name, returns } of page.methods) {
    const method = node[name as 'get'] as (this: Telepathine, ...given: unknown[]) => unknown;
    t.is(typeof method, 'function', name);
    if (returns === undefined) continue;
    const result = method.apply(node, samples[name]!);
    t.deepEqual(result, typeof returns === 'string' ? results[returns] : returns, name);
  }
  await node.stop();
});

test('every option of the original is there, with its default', (t) => {
  const defaults = readOptions({}) as unknown as Record<string, unknown>;
  for (const { name, default: value } of page.options) {
    t.true(OPTION_NAMES.includes(name), name);
    if (['boolean', 'number'].includes(typeof value)) t.is(defaults[name], value, name);
  }
});

/** Each row as a check's title quotes it. */
function rowsOf(page: Page): string[] {
  const written = (value: unknown) =>
    value === null ? 'undefined' : JSON.stringify(value).replaceAll('"', "'");
  return [
    ...page.constructors.map((each) => `new ${each.name}(${each.arguments})`),
    ...page.methods.map((each) => `${each.name}(${each.arguments})`),
    ...page.events.map((each) => `on('${each.name}', function(${each.arguments}))`),
    ...page.options.map((each) => `${each.name}: ${written(each.default)}`),
    ...page.properties.map((name) => `this.${name}`),
    ...page.environment,
    ...page.behaviour,
  ];
}
