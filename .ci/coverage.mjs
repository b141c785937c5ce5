// Shows how much of src/core and src/wire the tests run, and fails if it is too little, or if a line
// of src/core is not run and no comment says why: /* c8 ignore next -- the reason */.
//
// coverage.mjs [folder]: the folder holds what Node wrote during `npm test` (NODE_V8_COVERAGE);
// without it the tests are run here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Report } from 'c8';

const LEAST = { lines: 95, branches: 90 };
const FOLDERS = ['src/core', 'src/wire'];
/** Folders each line of which is run, or has a reason. */
const STRICT = ['src/core'];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const given = process.argv[2];
const folder = given ?? mkdtempSync(join(tmpdir(), 'telepathine-coverage-'));
const complaints = [];

try {
  if (given === undefined) runTests();
  const coverage = await coverageByFile();
  for (const each of FOLDERS) report(each, coverage);
} finally {
  if (given === undefined) rmSync(folder, { recursive: true });
}
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;

function runTests() {
  const env = { ...process.env, NODE_V8_COVERAGE: folder };
  const { status } = spawnSync('npm test', { shell: true, stdio: 'inherit', env });
  if (status !== 0) complaints.push('the tests failed');
}

/** What was run of each file, by its path in the project. Maps lead from dist/ to the sources. */
async function coverageByFile() {
  const tool = new Report({
    tempDirectory: folder,
    include: FOLDERS.map((each) => `dist/${each}/**`),
    reporter: [],
    resolve: '',
    omitRelative: true,
    excludeNodeModules: true,
  });
  const map = await tool.getCoverageMapFromAllCoverageFiles();
  return new Map(
    map
      .files()
      .map((path) => [relative('.', path).replaceAll('\\', '/'), map.fileCoverageFor(path)]),
  );
}

function report(source, coverage) {
  const files = readdirSync(source)
    .map((name) => `${source}/${name}`)
    .filter(hasCode);
  const total = { lines: { covered: 0, total: 0 }, branches: { covered: 0, total: 0 } };
  for (const path of files) {
    const found = coverage.get(path);
    if (found === undefined) {
      complaints.push(`${path}: no test loads it`);
      continue;
    }
    add(total, found.toSummary());
    tellLines(path, found.getUncoveredLines(), STRICT.includes(source));
  }
  for (const [what, { covered, total: all }] of Object.entries(total)) {
    const percent = (100 * covered) / all;
    const least = LEAST[what];
    console.log(`${source}: ${percent.toFixed(2)} % of ${all} ${what} (at least ${least} %)`);
    if (!(percent >= least)) complaints.push(`${source}: less than ${least} % of the ${what}`);
  }
}

function add(total, summary) {
  for (const what of Object.keys(total)) {
    total[what].covered += summary[what].covered;
    total[what].total += summary[what].total;
  }
}

function tellLines(path, uncovered, isStrict) {
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    if (!/(?:[cv]8|node:coverage) (?:ignore|disable)/.test(line)) continue;
    const [, reason] = /c8 ignore (?:next(?: \d+)?|start|stop) -- (.+?) \*\//.exec(line) ?? [];
    if (reason === undefined) complaints.push(`${path}:${index + 1}: ignored without a reason`);
    else console.log(`${path}:${index + 1}: not run: ${reason}`);
  }
  for (const line of uncovered) {
    const text = `${path}:${line}: no test runs it: ${lines[line - 1].trim()}`;
    if (isStrict) complaints.push(text);
    else console.log(text);
  }
}

/** A file of types is empty once it is compiled, and never loaded. */
function hasCode(path) {
  const compiled = readFileSync(`dist/${path.replace(/\.ts$/, '.js')}`, 'utf8');
  return !/^(?:\s*\/\*.*?\*\/|\s*\/\/.*)*\s*export \{\};/s.test(compiled);
}
