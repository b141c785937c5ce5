/** docs/API.md is about what `import … from 'telepathine'` gives: all of it, and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import eventemitter2 from 'eventemitter2';
import * as index from '../src/index.js';
import { Telepathine } from '../src/index.js';
import {
  codeBlocks,
  codeSpans,
  compileExample,
  promisedOutput,
  runExample,
  tables,
} from './documents.js';

const { EventEmitter2 } = eventemitter2;
const PATH = 'docs/API.md';
const documentTables = tables(PATH);

/** The rows of all tables whose first column has this title. */
function rowsOf(title: string): (readonly string[])[] {
  return documentTables.filter(({ columns }) => columns[0] === title).flatMap(({ rows }) => rows);
}

/** The types as they are published. */
function declarations(path: string): string {
  return readFileSync(new URL(`../src/${path}.d.ts`, import.meta.url), 'utf8');
}

// Members

/** `set` of `set(key, value)`, and so on. */
function memberName(signature: string): string {
  return signature.replace(/^Telepathine\./, 'static ').replace(/^(new \w+|[^(]+)\(.*$/, '$1');
}

const members = new Map(
  rowsOf('member').map(([cell]) => {
    const [signature] = codeSpans(cell!);
    return [memberName(signature!), signature!];
  }),
);

const prototype: object = Telepathine.prototype;
const CLASS_FILES = [
  'telepathine',
  ...readdirSync(new URL('../src/api', import.meta.url))
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => `api/${name.slice(0, -'.d.ts'.length)}`),
];

/** What only classes of this package may use: the published types do not have it. */
const hidden = new Set(
  CLASS_FILES.flatMap((path) => {
    const source = readFileSync(`src/${path}.ts`, 'utf8');
    const names = source.matchAll(/^ {2}protected (?:abstract |readonly )*(\w+)/gm);
    return [...names].map(([, name]) => name!);
  }),
);

/** Node 20 describes the symbol in its own way. */
function nameOf(key: string | symbol): string {
  if (typeof key === 'string') return key;
  return `[${key.description?.replace(/^nodejs\./, 'Symbol.')}]`;
}

/** The names of what the class itself adds to EventEmitter2. */
function ownMembers(): string[] {
  const names = new Set<string>();
  for (let each = prototype; each !== EventEmitter2.prototype; each = Object.getPrototypeOf(each)) {
    for (const key of Reflect.ownKeys(each)) names.add(nameOf(key));
  }
  const plain = Object.keys(new EventEmitter2({ wildcard: true, delimiter: ':' }));
  for (const name of Object.keys(new Telepathine())) {
    if (!plain.includes(name)) names.add(name);
  }
  names.delete('constructor');
  return [...names].filter((name) => !hidden.has(name));
}

function inheritedMethods(): string[] {
  const names = Object.getOwnPropertyNames(EventEmitter2.prototype);
  return names.filter((name) => {
    const isMethod = typeof Reflect.get(EventEmitter2.prototype, name) === 'function';
    return isMethod && !/^_|^constructor$/.test(name);
  });
}

function staticMembers(): string[] {
  const names = Object.getOwnPropertyNames(Telepathine);
  return names.filter((name) => !['length', 'name', 'prototype'].includes(name));
}

test('every public member of the class is in docs/API.md, and no other', (t) => {
  const expected = [
    'new Telepathine',
    ...staticMembers().map((name) => `static ${name}`),
    ...new Set([...ownMembers(), ...inheritedMethods()]),
  ];
  t.true(expected.length > 60);
  t.deepEqual([...members.keys()].sort(), expected.sort());
});

test('the arguments of the members in docs/API.md are those of the code', (t) => {
  const own = ownMembers();
  let compared = 0;
  for (const [name, signature] of members) {
    const [, word] = /^static (\w+)$/.exec(name) ?? [];
    const isOwnMethod = own.includes(name) && signature.startsWith(`${name}(`) && name[0] !== '[';
    if (word === undefined && !isOwnMethod) continue;
    const method: unknown = word ? Reflect.get(Telepathine, word) : Reflect.get(prototype, name);
    const [, list] = /^[^(]*\((.*)\) \{$/m.exec(String(method))!;
    const real = list!.split(', ').map((argument) => argument.split(' = ')[0]!);
    const shown = signature.slice(signature.indexOf('(')).match(/[\w.]+/g) ?? [''];
    // What stands behind `...rest` in the code has names in its type only.
    const named = real.at(-1) === '...rest' ? real.slice(0, -1) : real;
    t.deepEqual(named === real ? shown : shown.slice(0, named.length), named, signature);
    compared += 1;
  }
  t.true(compared > 40);
});

test('the codes in docs/API.md are codes of errors', (t) => {
  const codes = declarations('error').match(/(?<=')[A-Z_]+(?=')/g)!;
  const shown = readFileSync(PATH, 'utf8').match(/\b[A-Z]+(?:_[A-Z]+)+\b|\bSTOPPED\b/g)!;
  t.true(shown.length > 30);
  for (const code of shown) t.true(codes.includes(code), code);
});

// Events

test('every event is in docs/API.md with its arguments, and no other', (t) => {
  const [, body] = /interface NodeEvents<[^>]*> \{\n(.*?)^\}/ms.exec(declarations('api/events'))!;
  const expected = new Map([
    ['set:[key]', 'peer, key, value, expiresAt'],
    ['say:[event]', 'data, fromPeer'],
  ]);
  for (const [, name, given] of body!.matchAll(/^ {4}'?([\w:]+)'?: \[(.*)\];$/gm)) {
    expected.set(name!, (given!.match(/\w+(?=: )/g) ?? []).join(', '));
  }
  const shown = new Map(rowsOf('event').map(([event, given]) => [codeSpans(event!)[0]!, given!]));
  t.true(expected.size > 10);
  t.deepEqual(new Map([...shown].sort()), new Map([...expected].sort()));
});

// Exports and types

test('every export is in docs/API.md, and no other', (t) => {
  const lists = declarations('index').matchAll(/^export (?:type )?\{ (.*?) \} from/gm);
  const expected = [...lists].flatMap(([, names]) => names!.match(/\w+/g)!);
  for (const name of Object.keys(index)) t.true(expected.includes(name), name);
  const shown = rowsOf('export').map(([cell]) => codeSpans(cell!)[0]!);
  t.deepEqual([...shown].sort(), [...expected].sort());
});

/** The fields of an exported interface, those of what it extends included. */
function fieldsOf(type: string): string[] {
  const file = new RegExp(`\\b${type}\\b.* from '\\./(.*)\\.js'`).exec(declarations('index'))![1]!;
  const pattern = new RegExp(`interface ${type}(?: extends (\\w+))? \\{\\n(.*?)^\\}`, 'ms');
  const [, base, body] = pattern.exec(declarations(file))!;
  const own = [...body!.matchAll(/^ {4}(?:readonly )?(\w+)\??:/gm)].map(([, field]) => field!);
  return [...new Set([...own, ...(base === undefined ? [] : fieldsOf(base))])];
}

test('every field of what goes in and comes out is in docs/API.md, and no other', (t) => {
  const shown: [type: string, field: string][] = [];
  for (const { columns, rows } of documentTables) {
    if (!columns[0]!.startsWith('field')) continue;
    for (const row of rows) {
      const types = columns[1] === 'of' ? codeSpans(row[1]!) : codeSpans(columns[0]!);
      for (const type of types) shown.push([type, codeSpans(row[0]!)[0]!]);
    }
  }
  const exported = rowsOf('export').map(([cell]) => codeSpans(cell!)[0]!);
  // The options of a node have a document of their own, with a test of its own.
  const options = exported.filter((name) => /(?<!^Telepathine)Options$/.test(name));
  for (const type of new Set([
    'Peer',
    'TelepathineStats',
    ...options,
    ...shown.map(([of]) => of),
  ])) {
    const fields = shown.flatMap(([of, field]) => (of === type ? [field] : []));
    const expected = fieldsOf(type);
    t.true(expected.length > 0);
    t.deepEqual(fields.sort(), expected.sort(), type);
  }
});

// Examples

for (const [number, code] of codeBlocks(PATH, ['js', 'ts']).entries()) {
  test(`example ${number + 1} of docs/API.md prints what it says`, async (t) => {
    const isTyped = codeBlocks(PATH, ['ts']).includes(code);
    const { stdout, stderr } = await runExample(isTyped ? await compileExample(code) : code);
    t.is(stderr, '');
    t.not(promisedOutput(code), '');
    t.is(stdout, promisedOutput(code));
  });
}
