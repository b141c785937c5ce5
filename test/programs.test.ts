import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MUTANTS } from '../conformance/mutants/mutants.js';
import { listed } from './support/arguments.js';

/** What developers run: what its usage must name, and arguments that are wrong. */
const PROGRAMS: Readonly<Record<string, { named: string[]; wrong: string[][] }>> = {
  'bench/main.js': {
    named: ['--only', '--peers', '--json', '--readme', 'stream-ten,', 'simulation,', 'chitchat,'],
    wrong: [
      ['--nonsense'],
      ['nonsense'],
      ['--only'],
      ['--only', 'nonsense'],
      ['--peers', 'nonsense'],
      ['--only', 'packet', '--readme'],
    ],
  },
  'bench/evaluate/main.js': {
    named: ['--only', '--quick', '--jobs', '--list', '--write', '--results', '--document', 'loss,'],
    wrong: [['--nonsense'], ['--only', 'nonsense'], ['--jobs', 'nonsense']],
  },
  'test/soak.js': {
    named: ['--minutes', '--promise', '--hostile', '--runs'],
    wrong: [['--nonsense'], ['--promise', '99'], ['--minutes', 'nonsense']],
  },
  'test/fuzz.js': {
    named: ['--target', '--seconds', '--executions', '--seed', '--input', 'entry-body,'],
    wrong: [['--nonsense'], ['--target', 'nonsense'], ['--seed', 'nonsense']],
  },
  'conformance/generator/main.js': {
    named: ['[FOLDER]'],
    wrong: [['--nonsense'], ['one', 'two']],
  },
  'conformance/mutants/main.js': {
    named: ['--only', '--jobs', ...MUTANTS.map(({ id }) => id)],
    wrong: [['--nonsense'], ['--only', 'nonsense'], ['--jobs', 'nonsense']],
  },
};

for (const [program, { named, wrong }] of Object.entries(PROGRAMS)) {
  test.serial(`${program} prints its usage in 80 columns, and runs nothing`, (t) => {
    const { status, stdout, stderr, left } = run(t, program, ['--help']);
    t.is(stderr, '');
    t.is(status, 0);
    t.regex(stdout, /^usage: npm run /);
    t.deepEqual(
      named.filter((name) => !stdout.includes(name)),
      [],
    );
    t.deepEqual(
      stdout.split('\n').filter((line) => line.length > 80),
      [],
    );
    t.deepEqual(left, []);
  });

  for (const args of wrong) {
    test.serial(`${program} ${args.join(' ')} is refused in one line, and runs nothing`, (t) => {
      const { status, stdout, stderr, left } = run(t, program, args);
      t.is(status, 2, stderr);
      t.is(stdout, '');
      t.regex(stderr, /^[^\n]+; --help has the usage\n$/);
      t.deepEqual(left, []);
    });
  }
}

test('names are listed in lines of up to 80 columns, each once', (t) => {
  const names = Array.from({ length: 50 }, (_, index) => `name-${index}`);
  const lines = listed(names).split('\n');
  t.true(lines.length > 1 && lines.every((line) => /^ {2}\S/.test(line) && line.length <= 80));
  t.deepEqual(lines.join(' ').trim().split(/, +/), names);
});

/** In a folder of its own, with what it left there. */
function run(t: ExecutionContext, program: string, args: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'telepathine-program-'));
  t.teardown(() => rmSync(cwd, { recursive: true }));
  const path = resolve('dist', program);
  t.true(existsSync(path), path);
  const ran = spawnSync(process.execPath, [path, ...args], { cwd, encoding: 'utf8' });
  return { ...ran, left: readdirSync(cwd) };
}
