import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { checkMemory, neededBytes } from '../../src/cli/simulate/memory.js';
import { SecondSampler } from '../../src/cli/simulate/second.js';
import { Series } from '../../src/cli/simulate/series.js';
import { readScenario } from '../../src/simulation/index.js';
import { runCommand, spawnCommand, temporaryFile } from './command.js';

const SHORT = ['--nodes', '3', '--duration', '2'];
const SHORT_FILE = temporaryFile(
  JSON.stringify({
    nodes: 4,
    durationMs: 12_000,
    settleMs: 1000,
    faults: [{ kind: 'crash', atMs: 1000, nodes: { names: ['n3'] } }],
  }),
);
/** Whatever the seed: what crashed is not known again so soon. */
const BROKEN_FILE = temporaryFile(
  JSON.stringify({
    nodes: 3,
    durationMs: 10_000,
    settleMs: 50,
    network: { latency: 40 },
    faults: [{ kind: 'crash', nodes: { count: 1 } }],
  }),
);

const MISTAKES: Record<string, { args: string[]; says: RegExp }> = {
  'an unknown key': {
    args: [temporaryFile('{"network": {"los": 0.1}}')],
    says: /scenario\.network\.los does not exist/,
  },
  'a negative rate': {
    args: [temporaryFile('{"load": [{"kind": "set", "perSecond": -2}]}')],
    says: /scenario\.load\[0\]\.perSecond: -2 was given; allowed is a number from 0 /,
  },
  'a negative loss': { args: ['--loss', '-0.1'], says: /scenario\.network\.loss: -0\.1 was given/ },
  'a loss of everything': { args: ['--loss', '100%'], says: /network\.loss: 1 was given.*0\.99/ },
  'no node': { args: ['--nodes', '0'], says: /scenario\.nodes: 0 was given; .* from 1 to 5000/ },
  'half a node': {
    args: ['--nodes', '1.5'],
    says: /scenario\.nodes: 1\.5 was given; allowed .*whole/,
  },
  'more nodes than memory allows': {
    args: ['--nodes', '5000'],
    says: /scenario\.nodes: 5000 nodes need some [\d.]+ GiB of memory; /,
  },
  'a number that is none': { args: ['--nodes', 'many'], says: /--nodes.*must be a number/ },
  'a time that is none': { args: ['--duration', '5 weeks'], says: /--duration.*must be a number/ },
  'a negative time': { args: ['--duration', '-5'], says: /scenario\.durationMs: -5000 was given/ },
  'a latency that is none': { args: ['--latency', '1..2..3'], says: /--latency.*two with \.\./ },
  'a latency that ends before it begins': {
    args: ['--latency', '20..1'],
    says: /latency\.maxMs: 1 was given; allowed is at least minMs/,
  },
  'seeds in the wrong order': { args: ['--seeds', '5..1'], says: /--seeds.*the lesser first/ },
  'a seed and seeds': { args: ['--seed', '1', '--seeds', '1..2'], says: /--seed .*--seeds/ },
  'a page of many runs': { args: ['--html', 'x', '--seeds', '1..2'], says: /--html .*--seeds/ },
  'a file that is not there': {
    args: ['/nowhere/x.json'],
    says: /\/nowhere\/x\.json cannot be read: ENOENT/,
  },
  'a folder': { args: ['/'], says: /\/ cannot be read/ },
  'a file that is not JSON': { args: [temporaryFile('{\n"nodes": }')], says: /is not JSON: / },
  'JSON that is no object': { args: [temporaryFile('[1]')], says: /scenario: an array was given/ },
  'a page that cannot be written': {
    args: [...SHORT, '--html', '/nowhere/page.html'],
    says: /\/nowhere\/page\.html cannot be written: ENOENT/,
  },
  'two files': { args: [SHORT_FILE, SHORT_FILE], says: /too many arguments/ },
};

for (const [name, { args, says }] of Object.entries(MISTAKES)) {
  test.serial(`${name} is one line on standard error and exit code 2, at once`, async (t) => {
    const { code, stdout, stderr } = await runCommand(['simulate', ...args]);
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, /^telepathine: [^\n]+\n$/);
    t.regex(stderr, says);
  });
}

test.serial('the report is for people, in 80 columns', async (t) => {
  const { code, stdout, stderr } = await runCommand(['simulate', SHORT_FILE, '--seed', '7']);
  t.is(stderr, '', 'no progress where there is no terminal');
  t.is(code, 0);
  t.regex(stdout, /^4 nodes, seed 7, 13\.\d+ s simulated$/m);
  t.regex(stdout, /^ {2}ends noticed after +p50 [\d.]+ s, p99 [\d.]+ s, max [\d.]+ s$/m);
  t.regex(stdout, /^ {2}invariants +kept$/m);
  t.true(stdout.split('\n').every((line) => line.length <= 80));
});

test.serial(
  'the last line of --json has the totals, and the lines before how it went',
  async (t) => {
    const { code, stdout } = await runCommand(['simulate', SHORT_FILE, '--json']);
    t.is(code, 0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const totals = lines.pop() as Line;
    t.true(
      lines.length >= 10 && lines.every(({ type, schema }) => type === 'sample' && schema === 1),
    );
    t.is(totals['type'], 'totals');
    t.is(totals['complete'], true);
    t.is(totals['falseStops'], 0);
    t.deepEqual(Object.keys(totals['detectionMs'] as object), ['p50', 'p99', 'max']);
    t.is(totals['newsMs'], null, 'what was not measured is there all the same');
    t.true((totals['convergenceMs'] as number) > 0);
    t.true((totals['bytesPerNodePerSecond'] as number) > 100);
    t.true((totals['packetsPerNodePerSecond'] as number) > 1);
    t.deepEqual(totals['violations'], []);
  },
);

test.serial('options win over the file', async (t) => {
  const args = ['--nodes', '5', '--duration', '500ms', '--seed', '-3', '--loss', '20%', '--json'];
  const [one, two] = await Promise.all([
    runCommand(['simulate', SHORT_FILE, ...args, '--latency', '5']),
    runCommand(['simulate', SHORT_FILE, ...args, '--latency', '5..20ms']),
  ]);
  const [first, second] = [lastLine(one.stdout), lastLine(two.stdout)];
  t.is(first['nodes'], 5);
  t.is(first['seed'], -3);
  t.is(first['simulatedMs'], (first['joinMs'] as number) + 500 + 1000);
  t.not(first['traceHash'], second['traceHash']);
});

test.serial('a broken invariant is told, and the exit code is 1', async (t) => {
  const { code, stdout } = await runCommand(['simulate', BROKEN_FILE]);
  t.is(code, 1);
  t.regex(stdout, /^ {2}invariants +BROKEN, \d+ times$/m);
  t.regex(stdout, /^ {2}10\.\d+ s: .*did not come to hold the same within 50 ms$/m);
});

test.serial('--seeds runs as many as it is told', async (t) => {
  const { code, stdout } = await runCommand(['simulate', ...SHORT, '--seeds', '-1..2']);
  t.is(stdout, '4 of 4 seeds were run: no invariant was broken\n');
  t.is(code, 0);
});

test.serial(
  '--seeds stops at the first seed that breaks an invariant, and says how to replay it',
  async (t) => {
    const { code, stdout } = await runCommand(['simulate', BROKEN_FILE, '--seeds', '5..9']);
    t.is(code, 1);
    t.regex(stdout, /^seed 5 breaks an invariant; 1 of 5 seeds were run$/m);
    const [, command = ''] = /^again: telepathine (.*)$/m.exec(stdout) ?? [];
    t.is(command, `simulate ${BROKEN_FILE} --seed 5`);
    const again = await runCommand([...command.split(' '), '--json']);
    t.is(again.code, 1);
    const summary = await runCommand(['simulate', BROKEN_FILE, '--seeds', '5..9', '--json']);
    const { firstBroken, run, violations } = lastLine(summary.stdout);
    t.deepEqual([firstBroken, run], [5, 1]);
    t.deepEqual(violations, lastLine(again.stdout)['violations']);
  },
);

test.serial('Ctrl-C prints what has been measured so far', async (t) => {
  const long = ['simulate', '--nodes', '20', '--duration', '24h'];
  const { code, stdout } = await interrupted([...long, '--json']);
  t.is(code, 130);
  const totals = lastLine(stdout);
  t.is(totals['type'], 'totals');
  t.is(totals['complete'], false);
  t.true((totals['bytesPerNodePerSecond'] as number) > 100);
});

test.serial('Ctrl-C ends a run of many seeds, and says how many there were', async (t) => {
  const seeds = ['simulate', ...SHORT, '--seeds', '1..1000000', '--json'];
  const { code, stdout } = await interrupted(seeds);
  t.is(code, 130);
  const { type, run, firstBroken } = lastLine(stdout);
  t.deepEqual([type, firstBroken], ['seeds', null]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { complete?: boolean });
  t.is(run, lines.filter(({ complete }) => complete).length);
  t.is(lines.at(-2)?.complete, false, 'what was measured of the last one is told too');
});

test.serial('a reader that goes away ends it', async (t) => {
  const child = spawnCommand(['simulate', '--duration', '24h', '--json']);
  child.stdout.once('data', () => child.stdout.destroy());
  t.is(await new Promise((resolve) => child.on('close', resolve)), 0);
});

test.serial('--html writes one page that needs no other file', async (t) => {
  const path = join(dirname(temporaryFile('')), 'page.html');
  const { code } = await runCommand(['simulate', SHORT_FILE, '--html', path]);
  t.is(code, 0);
  const page = readFileSync(path, 'utf8');
  t.is([...page.matchAll(/<svg /g)].length, 4);
  for (const plot of ['Convergence', 'bytes a second', 'Suspicions', 'Staleness']) {
    t.true(page.includes(plot), plot);
  }
  t.regex(page, /<path class="mean" d="M[\d.]+ [\d.]+L/);
  t.regex(page, /&#34;durationMs&#34;: 12000/, 'the scenario');
  t.regex(page, /&#34;traceHash&#34;: /, 'the totals');
  t.regex(page, /n3 crashes/);
  t.notRegex(page, /(?:src|href)=|url\(|@import|<script/);
  t.true(page.includes('prefers-color-scheme: dark'));
});

test.serial('what a scenario says cannot become markup of the page', async (t) => {
  const hostile = '</title><script>alert(1)</script>';
  const file = temporaryFile(JSON.stringify({ description: hostile, nodes: 2, durationMs: 500 }));
  const path = join(dirname(file), 'page.html');
  await runCommand(['simulate', file, '--html', path]);
  t.true(existsSync(path));
  t.false(readFileSync(path, 'utf8').includes('<script'));
});

test('memory is asked for by pairs of nodes and by what they hold', (t) => {
  const needed = (fields: object) => neededBytes(readScenario(fields));
  const doubled = needed({ nodes: 4000 }) / needed({ nodes: 2000 });
  t.true(doubled > 3 && doubled < 4);
  const load = [{ kind: 'set', perSecond: 1, keys: 1000, bytes: 1000 }];
  const heldFor = (durationMs: number) =>
    needed({ nodes: 100, durationMs, load }) - needed({ nodes: 100, durationMs });
  t.true(heldFor(3_600_000) > 100 * 100 * 1000 * 1000);
  t.true(Math.abs(heldFor(2000) / heldFor(3_600_000) - 2 / 1000) < 1e-6, 'two keys of a thousand');
});

test('who needs more than there is is told what there is, and how to get more', (t) => {
  const scenario = readScenario({ nodes: 1000 });
  const needed = neededBytes(scenario);
  const check = (heapBytes: number, totalBytes: number) => () =>
    checkMemory(scenario, { heapBytes, totalBytes });
  t.notThrows(check(needed, needed));
  t.throws(check(needed - 1, needed), { message: /Node takes at most .* GiB \(.*max-old-space/ });
  t.throws(check(needed - 1, needed - 1), { message: /; there are [\d.]+ GiB$/ });
});

test('a series of any length has a bounded number of buckets, and loses no value', (t) => {
  const series = new Series(100);
  const values = 100_000;
  for (let index = 0; index < values; index++) series.add(index * 100, index);
  t.true(series.buckets.length <= 400 && series.buckets.length > 150);
  t.is(
    series.buckets.reduce((total, { count }) => total + count, 0),
    values,
  );
  t.is(series.buckets.at(-1)?.most, values - 1);
  t.is(series.buckets[0]?.least, 0);
  const [first, second] = series.buckets;
  t.is((second?.atMs as number) - (first?.atMs as number), series.bucketMs);
});

type Line = Record<string, unknown>;

function lastLine(stdout: string): Line {
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Line;
}

/** Interrupts a command once it has written something. */
async function interrupted(args: string[]): Promise<{ code: unknown; stdout: string }> {
  const child = spawnCommand(args);
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => {
    if (stdout === '') child.kill('SIGINT');
    stdout += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stdout };
}

test('a sample of a second has all that was counted in it', (t) => {
  const seconds = new SecondSampler();
  const at = (atMs: number, bytesPerSecond: number, suspicions: number) =>
    seconds.add({
      ...{ atMs, bytesPerSecond, suspicions },
      ...{ phase: 'running', progress: 0.5, seeing: 1, stale: 0 },
    });
  t.is(at(250, 4000, 1), undefined);
  t.is(at(500, 0, 0), undefined);
  const first = at(1000, 1000, 2);
  t.is(first?.bytesPerSecond, 1500);
  t.is(first?.suspicions, 3);
  t.is(at(1500, 0, 0), undefined);
  const second = at(2000, 600, 1);
  t.is(second?.bytesPerSecond, 300);
  t.is(second?.suspicions, 1);
});
