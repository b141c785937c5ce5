import { readFileSync } from 'node:fs';
import test from 'ava';

const TRIAL = readFileSync('.ci/runtimes/trial.mjs', 'utf8');

test('docs/RUNTIMES.md has a line for each trial, and what fails is what the trials know', (t) => {
  const document = readFileSync('docs/RUNTIMES.md', 'utf8');
  const rows = [
    ...document.matchAll(/^\| ([^|]+) \| (works|fails[^|]*) \| (works|fails[^|]*) \|$/gm),
  ];
  const titles = [...TRIAL.matchAll(/await trial\((['"])(.+?)\1,/g)].map(([, , title]) => title!);
  t.true(titles.length >= 8);
  const shown = rows.map(([, title]) => title!.replaceAll('`', ''));
  t.deepEqual(shown, titles);
  const [bun, deno] = [2, 3].map((column) =>
    rows.filter((row) => row[column] !== 'works').map(([, title]) => title!.replaceAll('`', '')),
  );
  t.deepEqual(bun, known('bun'));
  t.deepEqual(deno, known('deno'));
});

test('docs/RUNTIMES.md has the versions that are tried', (t) => {
  const document = readFileSync('docs/RUNTIMES.md', 'utf8');
  const script = readFileSync('.ci/other-runtimes.sh', 'utf8');
  const version = (name: string) => new RegExp(`^${name}_version=(.+)$`, 'm').exec(script)![1]!;
  t.true(document.includes(`| Bun ${version('bun')} | Deno ${version('deno')} |`));
  const run = readFileSync('.ci/run', 'utf8');
  const [, older] = /^for version in ([\d. ]+); do\n {2}check "TypeScript/m.exec(run)!;
  t.true(document.includes(`with ${older!.split(' ').join(' and ')} by`));
});

function known(runtime: string): string[] {
  const [, list] = new RegExp(`^  ${runtime}: \\[(.*)\\],$`, 'm').exec(TRIAL) ?? [];
  return [...(list ?? '').matchAll(/'([^']+)'/g)].map(([, title]) => title!);
}
