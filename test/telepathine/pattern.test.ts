import test from 'ava';
import fc from 'fast-check';
import { Pattern } from '../../src/api/pattern.js';

const MATCHING = [
  ['*', 'a'],
  ['*', 'a:b:c'],
  ['*', ''],
  ['*', '*'],
  ['*', '__proto__'],
  ['**', 'a:b'],
  ['a:*', 'a:b'],
  ['a:*', 'a:b:c'],
  ['a:*', 'a:'],
  ['a:**', 'a'],
  ['a:**', 'a:b:c'],
  ['*:b', 'a:b'],
  ['a:*:c', 'a:b:c'],
  ['a:**:a', 'a:a:a:a'],
  ['**:c', 'c'],
  ['a', 'a'],
  ['', ''],
];

for (const [pattern, name] of MATCHING) {
  test(`the pattern '${pattern}' matches the name '${name}'`, (t) => {
    t.true(new Pattern(pattern!).matches(name!.split(':')));
  });
}

const NOT_MATCHING = [
  ['a:*', 'a'],
  ['a:*', 'b:a'],
  ['*:b', 'a:c:b'],
  ['*:b', 'b'],
  ['a:*:c', 'a:b:b:c'],
  ['a:*:c', 'a:c'],
  ['a', '*'],
  ['a:b', 'a:*'],
  ['a', 'A'],
  ['', ':'],
];

for (const [pattern, name] of NOT_MATCHING) {
  test(`the pattern '${pattern}' does not match the name '${name}'`, (t) => {
    t.false(new Pattern(pattern!).matches(name!.split(':')));
  });
}

test('a pattern matches as its definition says, for all short patterns and names', (t) => {
  const segment = fc.constantFrom('a', 'b', '', '__proto__', '*', '**');
  const text = fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(':'));
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const expected = matchesByDefinition(pattern.split(':'), name.split(':'));
      t.is(new Pattern(pattern).matches(name.split(':')), expected);
    }),
    { numRuns: 5000 },
  );
});

test('a pattern of many wildcards is matched in reasonable time', (t) => {
  const pattern = new Pattern(`${'**:a:'.repeat(200)}b`);
  t.false(pattern.matches(new Array<string>(1024).fill('a')));
});

function matchesByDefinition(pattern: string[], name: string[]): boolean {
  const [wanted, ...rest] = pattern;
  if (wanted === undefined) return name.length === 0;
  if (wanted === '**') {
    return name.some((_, at) => matchesByDefinition(rest, name.slice(at))) || rest.length === 0
      ? true
      : matchesByDefinition(rest, []);
  }
  if (wanted === '*' && rest.length === 0) return name.length >= 1;
  const [first, ...others] = name;
  if (first === undefined) return false;
  return (wanted === '*' || wanted === first) && matchesByDefinition(rest, others);
}
