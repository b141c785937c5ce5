import { readdirSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import test from 'ava';
import { readScenario } from '../../src/simulation/index.js';

const FOLDER = 'simulations';
const schema = JSON.parse(readFileSync(`${FOLDER}/scenario.schema.json`, 'utf8')) as Schema;
const isValid: ValidateFunction = new Ajv({ strict: true, strictTypes: false }).compile(schema);
const files = readdirSync(FOLDER).filter((file) => file !== 'scenario.schema.json');

interface Schema {
  description?: string;
  type?: string;
  $ref?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  enum?: string[];
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  definitions?: Record<string, Schema>;
}

for (const file of files) {
  test(`simulations/${file} is a scenario by the schema and by the reader`, (t) => {
    const given = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as { $schema: string };
    t.true(isValid(given), JSON.stringify(isValid.errors));
    t.notThrows(() => readScenario(given));
    t.is(given.$schema, './scenario.schema.json');
  });
}

test('the scenarios that the documentation promises are there', (t) => {
  const names = [
    ...['idle', 'crash-one', 'crash-tenth', 'crash-half', 'loss-30', 'churn', 'random-faults'],
    ...['rapid-lossy', 'rapid-one-way', 'rapid-flip-flop', 'mass-start', 'rolling-restart'],
    ...['rolling-restart-fast', 'constant-cost', 'fast-news', 'loss-30-joined'],
    ...['lifeguard-5', 'lifeguard-20', 'lifeguard-50', 'partition-60-40', 'partition-50-50'],
  ];
  t.deepEqual(files.sort(), names.map((name) => `${name}.json`).sort());
});

const NODE = { kind: 'crash', nodes: { count: 1 } };
/** For each part of a scenario the least that makes one, and where its fields stand. */
const PARTS: Record<string, { schema: Schema; put: (fields: object) => object }> = {
  // Only the reader knows that seeds are nodes.
  scenario: { schema, put: (fields) => ('seeds' in fields ? { nodes: 5000, ...fields } : fields) },
  node: { schema: definition('node'), put: (node) => ({ node }) },
  network: { schema: definition('network'), put: (network) => ({ network }) },
  clocks: { schema: definition('clocks'), put: (clocks) => ({ clocks }) },
  random: { schema: definition('random'), put: (random) => ({ random }) },
  load: {
    schema: definition('load'),
    put: (fields) => ({ load: [{ kind: 'set', perSecond: 1, ...fields }] }),
  },
  'a fault of nodes': fault(0, NODE),
  'a partition': fault(1, { kind: 'partition', shares: [0.5, 0.5] }),
  'a lossy fault': fault(2, { kind: 'lossy', nodes: { share: 0.5 } }),
  'a replay': fault(3, { kind: 'replay' }),
};

for (const [name, { schema: part, put }] of Object.entries(PARTS)) {
  test(`the schema and the reader take the same of ${name}, to the last number`, (t) => {
    let samples = 0;
    for (const [field, described] of Object.entries(part.properties ?? {})) {
      for (const value of [...boundsOf(described), null, 'x', true, [], {}, [null]]) {
        samples += 1;
        const sample = put({ [field]: value });
        t.is(isTaken(sample), isValid(sample), JSON.stringify(sample));
      }
    }
    const strange = put({ strange: 1 });
    t.deepEqual([isTaken(strange), isValid(strange)], [false, false]);
    t.true(samples >= 6);
  });
}

test('the schema and the reader take the same of samples that are right and wrong', (t) => {
  for (const [right, sample] of [
    [true, {}],
    [true, { $schema: './scenario.schema.json' }],
    [false, { $schema: 1 }],
    [false, { network: { $schema: 'x' } }],
    [false, { toString: 1 }],
    [false, JSON.parse('{"__proto__": {"nodes": 3}}')],
    [false, []],
    [false, null],
    [true, { network: { latency: 5 } }],
    [true, { network: { latency: { minMs: 1, maxMs: 20 } } }],
    [true, { network: { latency: { medianMs: 20, p99Ms: 200 } } }],
    [false, { network: { latency: { minMs: 1 } } }],
    [false, { network: { latency: { minMs: 1, p99Ms: 20 } } }],
    [false, { network: { latency: '5' } }],
    [true, { faults: [{ ...NODE, nodes: { names: ['n0', 'n9'] } }] }],
    [false, { faults: [{ ...NODE, nodes: { names: [''] } }] }],
    [false, { faults: [{ ...NODE, nodes: { count: 1, share: 1 } }] }],
    [false, { faults: [{ ...NODE, nodes: {} }] }],
    [false, { faults: [{ ...NODE, nodes: { share: 1.1 } }] }],
    [false, { faults: [{ kind: 'crash' }] }],
    [false, { faults: [{ kind: 'explode', nodes: { count: 1 } }] }],
    [false, { faults: [{ ...NODE, shares: [1] }] }],
    [false, { faults: [{ kind: 'partition' }] }],
    [false, { faults: [{ kind: 'partition', shares: [2] }] }],
    [false, { load: [{ kind: 'set' }] }],
    [false, { load: { kind: 'set', perSecond: 1 } }],
  ] as const) {
    t.is(isTaken(sample), right, JSON.stringify(sample));
    t.is(isValid(sample), right, JSON.stringify(sample));
  }
});

test('every field of the schema is described, and a number has its range', (t) => {
  let fields = 0;
  const look = (described: Schema, name: string): void => {
    fields += 1;
    if (described.$ref === undefined) t.truthy(described.description, name);
    if (['number', 'integer'].includes(described.type ?? '')) {
      t.is(typeof described.minimum, 'number', name);
      t.is(typeof described.maximum, 'number', name);
    }
    for (const [key, each] of Object.entries(described.properties ?? {}))
      look(each, `${name}.${key}`);
    for (const each of described.anyOf ?? []) look(each, `${name}, one of`);
  };
  look(schema, 'scenario');
  for (const [name, each] of Object.entries(schema.definitions ?? {})) look(each, name);
  t.true(fields > 60);
});

test('the defaults of the schema are those of the reader', (t) => {
  const compare = (part: Schema, read: object, name: string): number => {
    const values = new Map<string, unknown>(Object.entries(read));
    let compared = 0;
    for (const [field, { default: fallback, description }] of Object.entries(
      part.properties ?? {},
    )) {
      if (fallback === undefined) continue;
      t.deepEqual(values.get(field), fallback, `${name}.${field}`);
      t.truthy(description ?? true);
      compared += 1;
    }
    return compared;
  };
  const samples = Object.entries(PARTS).map(([name, { schema: part, put }]) => {
    const scenario = readScenario(put({})) as unknown as Record<string, unknown>;
    const list = (scenario['load'] as object[]).concat(scenario['faults'] as object[]);
    const read = scenario[name] instanceof Object && name !== 'load' ? scenario[name] : list[0];
    return compare(part, name === 'scenario' ? scenario : (read as object), name);
  });
  t.true(samples.every((compared) => compared > 0));
  t.true(samples.reduce((total, each) => total + each) > 35);
});

test('what the schema cannot say the reader refuses, and names the field', (t) => {
  for (const [sample, message] of [
    [{ nodes: 3, seeds: 4 }, /scenario\.seeds: 4 was given; allowed is at most 3/],
    [{ network: { latency: { minMs: 2, maxMs: 1 } } }, /latency\.maxMs: 1 was given/],
    [{ network: { latency: { medianMs: 2, p99Ms: 1 } } }, /latency\.p99Ms: 1 was given/],
    [
      { nodes: 3, faults: [{ ...NODE, nodes: { names: ['n3'] } }] },
      /scenario\.faults\[0\]\.nodes\.names: 'n3' was given; allowed is n0 to n2/,
    ],
    [
      { nodes: 3, load: [{ kind: 'set', perSecond: 1, nodes: { names: ['x'] } }] },
      /scenario\.load\[0\]\.nodes\.names: 'x'/,
    ],
  ] as const) {
    t.true(isValid(sample), JSON.stringify(sample));
    t.throws(() => readScenario(sample), { code: 'INVALID_ARGUMENT', message });
  }
});

test('a message names the field, however deep, and what is allowed', (t) => {
  for (const [sample, message] of [
    [{ nods: 3 }, 'scenario.nods does not exist'],
    [{ network: { loss: -0.1 } }, 'scenario.network.loss: -0.1 was given; allowed is'],
    [{ faults: [NODE, { ...NODE, forMs: -1 }] }, 'scenario.faults[1].forMs: -1 was given'],
    [{ load: [{ kind: 'set' }] }, 'scenario.load[0].perSecond: undefined was given; allowed is'],
  ] as const) {
    const error = t.throws(() => readScenario(sample), { code: 'INVALID_ARGUMENT' });
    t.true(error?.message.includes(message), error?.message);
  }
});

function definition(name: string): Schema {
  const found = schema.definitions?.[name];
  if (found === undefined) throw new Error(`the schema has no ${name}`);
  return found;
}

function fault(index: number, least: object): (typeof PARTS)[string] {
  const part = definition('fault').anyOf?.[index] as Schema;
  return { schema: part, put: (fields) => ({ faults: [{ ...least, ...fields }] }) };
}

/** Values at the bounds of what is described, just beyond them, and of the other kinds. */
function boundsOf({ minimum, maximum, type, enum: words = [] }: Schema): unknown[] {
  if (minimum === undefined || maximum === undefined) return [...words, false, 0];
  const step = type === 'integer' ? 1 : 1e-3;
  const inside = (minimum + maximum) / 2;
  return [minimum, maximum, minimum - step, maximum + step, inside, Math.floor(inside) + 0.5];
}

function isTaken(sample: unknown): boolean {
  try {
    readScenario(sample);
    return true;
  } catch {
    return false;
  }
}
