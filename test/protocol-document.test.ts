/** docs/PROTOCOL.md says what the code does: its numbers, its titles and its worked examples. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { readOptions } from '../src/api/options.js';
import { fingerprintOf } from '../src/core/directory.js';
import { ownerHash } from '../src/core/fingerprint.js';
import { Log } from '../src/core/log.js';
import { Owner } from '../src/core/owner.js';
import { PhiEstimator, phi } from '../src/core/phi.js';
import { sealBox } from '../src/crypto/secretbox.js';
import { tcpLimits } from '../src/transport/tcp-limits.js';
import {
  cryptoReady,
  type Delta,
  decodePacket,
  deriveSealingKey,
  type Encoding,
  type EntryBody,
  encodeEntryBody,
  encodeOwnerHeader,
  encodePacket,
  frame,
  Keyring,
  ownerIdOf,
  type Packet,
  readEnvelope,
  type Status,
  writeEnvelope,
} from '../src/wire/index.js';

test.before(() => cryptoReady());

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/PROTOCOL.md', root), 'utf8');
/** The text without what stands in fences. */
const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');

// Sections

const titles = [...prose.matchAll(/^#+ (?:Appendix )?(?<number>[\w.]+?):? (?<title>.+)$/gm)].map(
  (match) => ({ number: match.groups!['number']!, title: match.groups!['title']! }),
);

/** Numbers of sections and rules, in the order of the text. */
const numbers = [...prose.matchAll(/^(?:#+ |\*\*)(?<number>\d+(?:\.\d+)*)(?:\*\*)? /gm)].map(
  (match) => match.groups!['number']!,
);

test('the numbers of sections and rules are unique and ascend', (t) => {
  t.true(numbers.length > 200);
  for (const [index, number] of numbers.entries()) {
    if (index > 0) t.true(isBelow(numbers[index - 1]!, number), `${number} comes too late`);
  }
});

function isBelow(a: string, b: string): boolean {
  const [left, right] = [a, b].map((number) => number.split('.').map(Number));
  for (const [index, part] of right!.entries()) {
    const other = left![index] ?? -1;
    if (other !== part) return other < part;
  }
  return false;
}

test('each rule stands in its section', (t) => {
  let section = '';
  for (const match of prose.matchAll(/^(?<mark>#+ |\*\*)(?<number>\d+(?:\.\d+)*)/gm)) {
    const { mark, number } = match.groups as { mark: string; number: string };
    if (mark.startsWith('#')) section = number;
    else t.true(number.startsWith(`${section}.`), `${number} stands in ${section}`);
  }
});

test('every section or rule that the text refers to exists', (t) => {
  const known = new Set([...numbers, ...titles.map(({ number }) => number)]);
  const withoutTitles = prose.replaceAll(/^(#+ .*|\*\*[\d.]+\*\*)/gm, '');
  const inProse = /(?<![\w.^:-])\d{1,2}(?:\.\d{1,2}){1,2}(?![\d.]*[\w^*]|\.\d)/g;
  const referred = [...withoutTitles.matchAll(inProse)].map(([number]) => number);
  t.true(referred.length > 100);
  for (const number of referred) {
    if (!NO_REFERENCES.has(number)) t.true(known.has(number), `${number} does not exist`);
  }
});

/** The value of VOTES_WITHIN_BURSTS. */
const NO_REFERENCES = new Set(['1.5']);

test('every section title that a source cites exists', (t) => {
  const known = new Set(titles.map(({ title }) => title));
  let cited = 0;
  for (const file of sourceFiles('src/')) {
    const comments = readSource(file).replaceAll(/\n\s*(\*|\/\/)?\s*/g, ' ');
    for (const [, list] of comments.matchAll(/PROTOCOL\.md, ("[^"]+"(?:(?:, | and )"[^"]+")*)/g)) {
      for (const [, title] of list!.matchAll(/"([^"]+)"/g)) {
        cited += 1;
        t.true(known.has(title!), `${file} cites "${title}"`);
      }
    }
  }
  t.true(cited >= 20);
});

// Constants

interface Row {
  name: string;
  value: number;
  kind: string;
}

const rows = new Map(
  tableBelow('Constants').map(([name, value, , kind]): [string, Row] => [
    name!,
    { name: name!, value: evaluate(value!.replaceAll('^', '**')), kind: kind! },
  ]),
);

test('the table of constants has each once, of a kind that it explains', (t) => {
  const names = tableBelow('Constants').map(([name]) => name!);
  t.is(new Set(names).size, names.length);
  for (const { name, kind } of rows.values()) {
    t.regex(kind, /^(P|[MN] (\S+ to \S+|at (least|most) \S+|above .+))$/, name);
  }
});

test('every constant of the table has the value of the code', (t) => {
  const options = new Map(
    Object.entries({ ...readOptions({}), ...tcpLimits() }).map(([name, value]) => [
      name.replace(/MS$/, 'Ms'),
      value,
    ]),
  );
  for (const { name, value } of rows.values()) {
    const inCode = /^[a-z]/.test(name) ? options.get(name) : constantOf(name);
    t.is(inCode, value, name);
  }
});

test('the ranges of the options are those that the code takes', (t) => {
  const given = Object.keys(readOptions({}));
  let checked = 0;
  for (const { name, kind } of rows.values()) {
    const option = [name, name.replace(/Ms$/, 'MS')].find((each) => given.includes(each));
    const range = /^[MN] (?<least>\d+) to (?<most>\d+)$/.exec(kind)?.groups;
    if (option === undefined || range === undefined) continue;
    checked += 1;
    const [least, most] = [Number(range['least']), Number(range['most'])];
    t.notThrows(() => readOptions({ [option]: least }), name);
    t.notThrows(() => readOptions({ [option]: most }), name);
    t.throws(() => readOptions({ [option]: least - 1 }), { code: 'INVALID_ARGUMENT' }, name);
    t.throws(() => readOptions({ [option]: most + 1 }), { code: 'INVALID_ARGUMENT' }, name);
  }
  t.true(checked >= 13);
});

test('every number of the core and every limit of the wire is in the table', (t) => {
  for (const { file, name, expression } of constants()) {
    if (!file.startsWith('src/core/') && file !== 'src/wire/limits.ts') continue;
    if (/^(new|\{|\[|'|`)/.test(expression)) continue;
    t.true(rows.has(name), `${name} of ${file} is missing in PROTOCOL.md, "Constants"`);
  }
});

test('every constant that the text names is in the table', (t) => {
  for (const [name] of prose.matchAll(/\b[A-Z]+(?:_[A-Z0-9]+)+\b/g)) {
    t.true(rows.has(name), `${name} is not in the table`);
  }
});

interface SourceConstant {
  file: string;
  name: string;
  expression: string;
}

/** The constants in capitals that stand at the top level of the sources. */
function constants(): SourceConstant[] {
  const found: SourceConstant[] = [];
  for (const folder of ['src/api/', 'src/core/', 'src/crypto/', 'src/transport/', 'src/wire/']) {
    for (const file of sourceFiles(folder)) {
      const pattern = /^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: [^=]+)? =\s+([^;]+);/gm;
      for (const [, name, expression] of readSource(file).matchAll(pattern)) {
        found.push({ file, name: name!, expression: expression! });
      }
    }
  }
  return found;
}

function constantOf(name: string): number {
  const scrypt = /^SCRYPT_([NRP])$/.exec(name)?.[1];
  if (scrypt !== undefined) return scryptParameter(scrypt);
  const found = constants().filter((each) => each.name === name);
  if (found.length !== 1) throw new Error(`${found.length} constants are called ${name}`);
  return evaluate(found[0]!.expression);
}

function scryptParameter(letter: string): number {
  const settings = constants().find(({ name }) => name === 'SCRYPT')?.expression ?? '';
  const value = new RegExp(`\\b${letter}: ([^,}]+)`, 'i').exec(settings)?.[1];
  if (value === undefined) throw new Error(`no parameter ${letter} of scrypt`);
  return evaluate(value);
}

/** The value of an expression of numbers, of other constants, and of + - * / ** and brackets. */
function evaluate(expression: string): number {
  const tokens = expression.match(/\*\*|[-+*/()]|0x[\da-f]+|[\d_.]+|[A-Za-z_][\w.]*|\S/g) ?? [];
  const sum = () => chain(product, { '+': (a, b) => a + b, '-': (a, b) => a - b });
  const product = () => chain(power, { '*': (a, b) => a * b, '/': (a, b) => a / b });
  const chain = (operand: () => number, by: Record<string, (a: number, b: number) => number>) => {
    let value = operand();
    for (let step = by[tokens[0] ?? '']; step !== undefined; step = by[tokens[0] ?? '']) {
      tokens.shift();
      value = step(value, operand());
    }
    return value;
  };
  const power = (): number => {
    const base = atom();
    if (tokens[0] !== '**') return base;
    tokens.shift();
    return base ** power();
  };
  const atom = (): number => {
    const token = tokens.shift() ?? '';
    if (token === '(') {
      const value = sum();
      tokens.shift();
      return value;
    }
    if (/^\d/.test(token)) return Number(token.replaceAll('_', ''));
    if (token === 'Number.MAX_SAFE_INTEGER') return Number.MAX_SAFE_INTEGER;
    if (/^[A-Z]/.test(token)) return constantOf(token);
    throw new Error(`cannot evaluate ${expression}`);
  };
  const value = sum();
  if (tokens.length > 0) throw new Error(`cannot evaluate ${expression}`);
  return value;
}

// Reasons

test('every reason for which the wire and the core refuse is listed', (t) => {
  const listed = new Set(tableBelow('reasons of refusals').map(([reason]) => reason));
  const reasons = new Set<string>();
  for (const [, reason] of readSource('src/wire/refusal.ts').matchAll(/\| '([a-z-]+)'/g)) {
    reasons.add(reason!);
  }
  // In the core only reasons have hyphens; the others stand where they are counted.
  const inCore = /'([a-z]+(?:-[a-z]+)+)'|refuse\((?:this\.)?state, '([a-z]+)'/g;
  for (const file of sourceFiles('src/core/')) {
    for (const [, reason, word] of readSource(file).matchAll(inCore)) reasons.add(reason ?? word!);
  }
  t.true(reasons.size >= 30);
  for (const reason of reasons) t.true(listed.has(`\`${reason}\``), `${reason} is not listed`);
});

// Worked examples

type Example = Record<string, string>;

/** The examples of a kind: `name: value` a line; indented lines go on with the value above. */
function examples(kind: string): Example[] {
  const blocks = [...text.matchAll(/^```example (?<kind>\S+)\n(?<lines>[\s\S]*?)^```$/gm)];
  return blocks
    .filter((block) => block.groups!['kind'] === kind)
    .map((block) => {
      const example: Example = {};
      let last = '';
      for (const line of block.groups!['lines']!.trimEnd().split('\n')) {
        const [, name, value] = /^(\S[^:]*): *(.*)$/.exec(line) ?? [];
        last = name ?? last;
        example[last] = name === undefined ? example[last] + line.trim() : value!;
      }
      return example;
    });
}

function only(kind: string): Example {
  const [example] = examples(kind);
  if (example === undefined) throw new Error(`no example of ${kind}`);
  return example;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (digits: string | undefined) => new Uint8Array(Buffer.from(digits ?? '', 'hex'));

test('the examples of owner ids', (t) => {
  t.is(examples('owner-id').length, 3);
  for (const example of examples('owner-id')) {
    t.is(hex(new TextEncoder().encode(example['name'])), example['name bytes']!);
    t.is(ownerIdOf(example['name']!), example['owner id']!);
  }
});

test('the examples of sealing keys', (t) => {
  t.is(examples('sealing-key').length, 3);
  for (const example of examples('sealing-key')) {
    const key = deriveSealingKey(example['network']!, example['cluster']!);
    t.deepEqual([hex(key.bytes), key.id], [example['key']!, example['key id']!]);
  }
});

test('the examples of entry bodies', (t) => {
  t.is(examples('entry-body').length, 3);
  for (const example of examples('entry-body')) {
    t.is(hex(encodeEntryBody(bodyOf(example))), example['bytes']!);
  }
});

function bodyOf(example: Example): EntryBody {
  const encoding = Number(example['encoding']) as Encoding;
  const origin = example['stamp origin'];
  const stamp = { time: Number(example['stamp time']), ...(origin && { origin }) };
  const sequence = Number(example['sequence']);
  const contents: Record<string, EntryBody['content']> = {
    value: { kind: 'value', encoding, typeName: '', stamp },
    tombstone: { kind: 'tombstone', stamp },
    say: { kind: 'say', sequence, encoding, typeName: '' },
  };
  const content = contents[example['content']!]!;
  return { version: Number(example['version']), name: example['name']!, content };
}

test('the example of a header', (t) => {
  const example = only('header');
  t.is(example['addresses'], 'udp 127.0.0.1:9000, tcp 127.0.0.1:9000');
  const address = { family: 4, ip: Uint8Array.of(127, 0, 0, 1), port: 9000 } as const;
  const [tag, value] = example['tags']!.split('=');
  const bytes = encodeOwnerHeader({
    version: Number(example['version']),
    name: example['name']!,
    addresses: [
      { ...address, transport: 'udp' },
      { ...address, transport: 'tcp' },
    ],
    tags: { [tag!]: value! },
    protocolMin: 1,
    protocolMax: 1,
    features: 0,
    keyIds: [example['key ids']!],
  });
  t.is(hex(bytes), example['bytes']!);
});

/** An owner as far as its digest goes. */
function ownerOf(example: Example): Owner {
  const life = {
    owner: example['owner id']!,
    logId: example['log id']!,
    generation: Number(example['generation']),
  };
  const log = new Log();
  log.version = Number(example['version']);
  log.floor = Number(example['floor']);
  const statement = {
    ...life,
    incarnation: Number(example['incarnation']),
    status: Number(example['status']) as Status,
    downAtMs: 0,
  };
  const owner = new Owner(statement);
  owner.setLog(log);
  return owner;
}

const hashOf = (owner: Owner) => {
  const { high, low } = ownerHash(owner);
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
};

test('the examples of hashes of digests, and their canonical bytes by the table', (t) => {
  t.is(examples('digest-hash').length, 2);
  const layout = tableBelow('Fingerprints');
  t.is(layout.length, 7);
  for (const example of examples('digest-hash')) {
    t.is(ownerIdOf(example['name']!), example['owner id']!);
    const canonical = layout.map(([, width, content]) => {
      const value = example[content!.replace(/:.*/, '')]!;
      const digits = /id$/.test(content!) ? value : BigInt(value).toString(16);
      return digits.padStart(2 * Number(width), '0');
    });
    t.is(canonical.join(''), example['canonical']!);
    t.is(canonical.join('').length, 2 * rows.get('CANONICAL_BYTES')!.value);
    const hash = createHash('sha256').update(bytesOf(example['canonical'])).digest();
    t.is(hex(hash.subarray(0, 8)), example['hash']!);
    t.is(hashOf(ownerOf(example)), example['hash']!);
  }
});

test('the example of a fingerprint', (t) => {
  const example = only('fingerprint');
  const owners = examples('digest-hash').map(ownerOf);
  t.is(owners.map(hashOf).join(' '), example['hashes']!);
  const { count, sum } = fingerprintOf({}, owners);
  t.deepEqual([String(count), sum], [example['count']!, example['sum']!]);
});

/** A packet of the sender that an example names, with no parts. */
function packetOf(example: Example): Packet {
  const sender = examples('digest-hash').find(({ name }) => name === example['sender'])!;
  const { owner, logId, generation } = ownerOf(sender).statement;
  return {
    requiredFeatures: 0,
    protocol: 1,
    cluster: '',
    sender: { owner, logId, generation },
    uptimeMs: Number(example['uptime ms']),
    fingerprints: [],
    digests: [],
    wants: [],
    deltas: [],
    probes: [],
    suspicions: [],
    votes: [],
  };
}

test('the examples of a packet, plain, sealed and framed', (t) => {
  const plain = only('plain-envelope');
  const { count, sum } = only('fingerprint');
  const packet: Packet = {
    ...packetOf(plain),
    token: plain['token']!,
    heartbeat: { ping: Number(plain['ping']), answer: 0, roundTripUs: 0 },
    fingerprints: [{ range: {}, count: Number(count), sum: sum! }],
  };
  const bytes = encodePacket(packet);
  t.is(hex(bytes), plain['packet']!);
  t.deepEqual(decodePacket(bytes), { ok: true, packet });
  t.is(hex(writeEnvelope(bytes, undefined)), plain['envelope']!);
  t.is(hex(frame(bytesOf(plain['envelope']))), only('frame')['frame']!);
  checkSealed(t, bytes);
});

function checkSealed(t: ExecutionContext, packetBytes: Uint8Array): void {
  const sealed = only('sealed-envelope');
  const [first] = examples('sealing-key');
  t.deepEqual([sealed['key'], sealed['key id']], [first!['key'], first!['key id']]);
  const key = deriveSealingKey(first!['network']!, first!['cluster']!);
  const box = sealBox(packetBytes, bytesOf(sealed['nonce']), key.bytes);
  t.is(`21${sealed['key id']}${sealed['nonce']}${hex(box)}`, sealed['envelope']!);
  const opened = readEnvelope(bytesOf(sealed['envelope']), new Keyring([key]));
  t.deepEqual(opened, { ok: true, packetBytes, keyId: key.id });
}

test('the example of a push', (t) => {
  const example = only('push');
  const packet = packetOf(example);
  const [value, event] = example['payloads']!.split(' ').map((each) => Buffer.from(each));
  const [valueBody, eventBody] = examples('entry-body').map(({ bytes }) => bytesOf(bytes));
  const delta: Delta = {
    ...packet.sender,
    from: 7,
    to: 9,
    asOf: 9,
    floor: 2,
    header: new Uint8Array(0),
    entries: [
      { body: valueBody!, payload: value! },
      { body: eventBody!, payload: event!, remainingMs: 19_990 },
    ],
    requiredFeatures: 0,
  };
  t.is(hex(encodePacket({ ...packet, deltas: [delta] })), example['packet']!);
});

test('the examples of phi', (t) => {
  const lines = Object.entries(only('phi'));
  t.is(lines.length, 5);
  for (const [settings, value] of lines) {
    const [elapsed, mean, deviation] = (settings.match(/\d+/g) ?? []).map(Number);
    t.is(phi(elapsed!, mean!, deviation!).toFixed(6), value);
  }
});

test('the examples of overdue times', (t) => {
  t.is(examples('overdue').length, 3);
  const settings = /With phiDeviationMinMs (\d+), phiToleranceMs (\d+) and/.exec(prose);
  const [deviationMinMs, toleranceMs] = [Number(settings?.[1]), Number(settings?.[2])];
  for (const example of examples('overdue')) {
    const estimator = new PhiEstimator({ deviationMinMs, toleranceMs });
    for (const sample of example['samples']!.match(/\d+/g) ?? []) estimator.add(Number(sample));
    t.is(estimator.phi(500).toFixed(6), example['phi(500)']!);
    const lateMs =
      estimator.timeoutMs(rows.get('phiThreshold')!.value) - Number(example['overdue']);
    t.true(lateMs > -0.001 && lateMs <= 1, `${lateMs} ms after the exact time`);
  }
});

// Reading

function tableBelow(title: string): string[][] {
  const section = prose.split(/^#+ /m).find((each) => each.split('\n')[0]?.endsWith(title)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function sourceFiles(folder: string): string[] {
  const names = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => folder + name);
}

function readSource(file: string): string {
  return readFileSync(new URL(file, root), 'utf8');
}
