/** What the vectors cover: rules of PROTOCOL.md, mutations, both ways to end. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { LAYERS } from '../../conformance/generator/layers/index.js';
import { LAYERS_OF_REASONS, type Vector } from '../../src/conformance/vectors/index.js';
import { codeSpans, tables } from '../documents.js';
import { REASONS } from './checks/outcome.js';
import { FOLDER, readJson, VECTORS } from './suite.js';

interface Untestable {
  /** A rule of PROTOCOL.md. */
  section: string;
  /** Why no vector can test it. */
  reason: string;
  /** What shows it in place of a vector: a test, or a case of the runner. */
  shownBy: string;
}

const text = readFileSync(new URL('../docs/PROTOCOL.md', FOLDER), 'utf8');
const rules = rulesOf(text);
const untestable = (readJson('untestable.json') as { rules: Untestable[] }).rules;
const cited = new Set(
  VECTORS.flatMap(({ section, alsoSections = [] }) => [section, ...alsoSections]),
);

/** The text of each numbered rule, as it stands. */
function rulesOf(document: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, number, rule] of document.matchAll(
    /^\*\*(\d+(?:\.\d+)+)\*\* ([\s\S]*?)(?=^\*\*\d|^#|(?![\s\S]))/gm,
  )) {
    found.set(number!, rule!);
  }
  return found;
}

const musts = mustsOf(rules);

function mustsOf(among: ReadonlyMap<string, string>): string[] {
  return [...among].filter(([, rule]) => /\bMUST\b/.test(rule)).map(([number]) => number);
}

test('the rules of PROTOCOL.md are found', (t) => {
  t.true(rules.size > 200);
  t.true(musts.length > 50);
  t.deepEqual(
    [...rulesOf('**1.1** a MUST\nb\n\n**1.2** c\n## d\nMUST\n')],
    [
      ['1.1', 'a MUST\nb\n\n'],
      ['1.2', 'c\n'],
    ],
  );
});

test('every MUST stands in a rule', (t) => {
  const count = (part: string) => part.match(/\bMUST\b/g)?.length ?? 0;
  const inRules = [...rules.values()].reduce((sum, rule) => sum + count(rule), 0);
  t.is(count(text), inRules);
});

test('every MUST is cited by a vector, or it is told why it cannot be', (t) => {
  t.deepEqual(uncited(rules), []);
  t.deepEqual(uncited(rulesOf('**3.1.1** MUST a\n\n**99.1** b\n\n**99.2** MUST c\n')), ['99.2']);
});

function uncited(among: ReadonlyMap<string, string>): string[] {
  const told = new Set([...untestable.map(({ section }) => section), ...cited]);
  return mustsOf(among).filter((number) => !told.has(number));
}

test('no rule is called untestable that has a vector, is no MUST, or does not exist', (t) => {
  const sections = untestable.map(({ section }) => section);
  t.is(new Set(sections).size, sections.length);
  t.deepEqual(
    sections.filter((number) => cited.has(number) || !musts.includes(number)),
    [],
  );
  for (const { reason, shownBy } of untestable) t.true(reason.length > 20 && shownBy.length > 5);
});

test('every section that a vector cites is a rule', (t) => {
  t.deepEqual(
    [...cited].filter((number) => !rules.has(number)),
    [],
  );
});

test('a vector is graded below MUST only where the rule says so, or has no MUST', (t) => {
  const wrong = VECTORS.filter(({ section, grade }) => {
    const rule = rules.get(section)!;
    return /\bMUST\b/.test(rule) && !rule.includes(grade);
  });
  t.deepEqual(
    wrong.map(({ id }) => id),
    [],
  );
});

test('every mutation is of a positive vector of its layer', (t) => {
  const byId = new Map(VECTORS.map((vector) => [vector.id, vector]));
  for (const { id, layer, mutationOf, given } of VECTORS) {
    if (mutationOf === undefined) continue;
    const origin = byId.get(mutationOf);
    t.truthy(origin, `${id}: ${mutationOf}`);
    t.is(origin?.layer, layer, id);
    t.is(origin?.mutation, undefined, id);
    t.notDeepEqual(given as object, origin!.given as object, id);
  }
});

test('what is refused or ignored is a mutation, and what is accepted is none', (t) => {
  for (const { id, mutation, expect } of VECTORS) {
    t.is(mutation === undefined, expect.result === 'accept', id);
  }
});

test('every mutation that is described is used', (t) => {
  for (const { layer, mutations } of LAYERS) {
    const used = new Set(
      VECTORS.filter((each) => each.layer === layer).map((each) => each.mutation),
    );
    t.deepEqual(
      Object.keys(mutations).filter((name) => !used.has(name)),
      [],
      layer,
    );
  }
});

test('at most five vectors share section, layer and mutation', (t) => {
  const counts = new Map<string, Vector[]>();
  for (const vector of VECTORS) {
    const key = `${vector.section} ${vector.layer} ${vector.mutation ?? 'none'}`;
    counts.set(key, [...(counts.get(key) ?? []), vector]);
  }
  for (const [key, vectors] of counts) t.true(vectors.length <= 5, key);
});

test('about half of the vectors of each layer are mutations', (t) => {
  for (const { layer } of LAYERS) {
    const ofLayer = VECTORS.filter((vector) => vector.layer === layer);
    const mutations = ofLayer.filter(({ mutation }) => mutation !== undefined);
    t.true(mutations.length * 5 >= ofLayer.length * 2, layer);
  }
});

test('the suite has 300 vectors at least, and half of them are mutations', (t) => {
  t.true(VECTORS.length >= 300);
  t.true(VECTORS.filter(({ mutation }) => mutation !== undefined).length * 2 >= VECTORS.length);
});

test('every reason that a decoder can give is expected by a vector', (t) => {
  const decoders = ['datagram', 'framing', 'envelope', 'sealing', 'packet'];
  // These take time, or several streams.
  const ofRunningNodes = ['half-read-bytes', 'not-trusted-in-time', 'frame-too-slow'];
  const expected = new Set(VECTORS.map(({ expect }) => expect.error));
  const unseen = REASONS.filter((reason) => decoders.includes(LAYERS_OF_REASONS[reason]!));
  t.deepEqual(
    unseen.filter((reason) => !expected.has(reason)),
    ofRunningNodes,
  );
});

test('a vector that is refused names the layer of its reason', (t) => {
  for (const { id, expect } of VECTORS) {
    t.is(expect.layer, LAYERS_OF_REASONS[expect.error ?? ''], id);
  }
});

test('the README tells the reasons of each layer', (t) => {
  const [table] = tables('conformance/README.md').filter(({ columns }) => columns[1] === 'reasons');
  const told = table!.rows.flatMap(([layer, reasons]) =>
    codeSpans(reasons!).map((reason) => [reason, codeSpans(layer!)[0]!]),
  );
  t.deepEqual(Object.fromEntries(told), LAYERS_OF_REASONS);
});

test('the reasons that the checks know are those of appendix B', (t) => {
  const appendix = text.slice(text.indexOf('## Appendix B'));
  const reasons = [...appendix.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, reason]) => reason);
  t.deepEqual([...REASONS].sort(), reasons.sort());
});
