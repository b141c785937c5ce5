import { spawnSync } from 'node:child_process';
import test from 'ava';
import { decodePacket } from '../../src/wire/codec.js';
import { fuzzCommand } from './command.js';
import { readSteps, writeSteps } from './core-script.js';
import { readCorpus } from './corpus.js';
import { within } from './deadline.js';
import { faultOf, fuzz } from './fuzzer.js';
import { BYTE_MUTATIONS } from './mutations.js';
import { PROTOBUF_MUTATIONS, readFields, withoutFields, writeFields } from './protobuf.js';
import type { Target } from './target.js';
import { TARGETS } from './targets.js';

/** Those that are slow get fewer. */
const EXECUTIONS: Readonly<Record<string, number>> = { core: 40, flood: 1, capture: 300 };
const EXECUTIONS_USUALLY = 2000;
const SEED = 20;

for (const target of TARGETS) {
  test(`some thousand inputs break no promise of the target ${target.name}`, (t) => {
    const executions = EXECUTIONS[target.name] ?? EXECUTIONS_USUALLY;
    const corpus = readCorpus(target.name);
    t.true(corpus.length > 1);
    const { finding, inputs } = fuzz(target, corpus, { seed: SEED, executions });
    t.is(finding, undefined, finding && Buffer.from(finding.input).toString('hex'));
    t.true(inputs > corpus.length, 'nothing new was found');
  });
}

test('the corpus is of the present wire: its messages are taken', (t) => {
  for (const name of ['packet', 'entry-body', 'owner-header']) {
    const { run } = TARGETS.find((target) => target.name === name) as Target;
    for (const input of readCorpus(name)) {
      t.notRegex(run(input.slice()), /^(refused|malformed|bad-|integer-)/, name);
    }
  }
});

test('one seed takes one course, another another', (t) => {
  const [packet] = TARGETS as [Target];
  const courseOf = (seed: number) =>
    fuzz(packet, readCorpus('packet'), { seed, executions: 1000 }).digest;
  t.is(courseOf(1), courseOf(1));
  t.not(courseOf(1), courseOf(2));
});

/** A fault that takes a packet with two wants and a vote; none of the corpus has exactly that. */
const FAULTY: Target = {
  name: 'packet',
  inputBytesMax: 2000,
  cpuMsMax: 500,
  batch: 100,
  mutations: [...BYTE_MUTATIONS, ...PROTOBUF_MUTATIONS],
  smaller: withoutFields,
  run(input) {
    const decoded = decodePacket(input);
    if (!decoded.ok) return decoded.reason;
    const { wants, votes, deltas } = decoded.packet;
    if (wants.length > 2 && votes.length > 0 && deltas.length > 1) throw new Error('planted');
    return `${wants.length} ${votes.length} ${deltas.length}`;
  },
};

test('a planted fault is found, made small, and shown again by the command that is printed', (t) => {
  t.deepEqual(
    readCorpus('packet').map((input) => faultOf(FAULTY, input)?.message),
    readCorpus('packet').map(() => undefined),
  );
  const lines: string[] = [];
  const printer = {
    log: (line: string) => lines.push(line),
    error: (line: string) => lines.push(line),
  };
  const args = ['--target', 'packet', '--seed', '3', '--executions', '50000'];
  t.is(fuzzCommand(args, [FAULTY], printer), 1);
  t.regex(lines[0] as string, /^BROKEN packet seed 3: \d+ executions/);
  t.regex(lines[1] as string, /planted.*target packet, seed 3, execution \d+$/s);
  const [, hex = ''] = /^again: npm run fuzz -- --target packet --input '([0-9a-f]+)'$/.exec(
    lines.at(-1) as string,
  ) as RegExpExecArray;
  t.true(hex.length < 2 * 260, `${hex.length / 2} bytes`);
  t.is(fuzzCommand(['--target', 'packet', '--input', hex], [FAULTY], printer), 1);
  t.regex(lines.at(-1) as string, /^BROKEN packet: .*planted/s);
});

test('what takes too long is a fault, and what never ends is ended', (t) => {
  const busy: Target = {
    ...FAULTY,
    cpuMsMax: 5,
    run() {
      for (const startMs = performance.now(); performance.now() < startMs + 50; );
      return '';
    },
  };
  t.regex(faultOf(busy, new Uint8Array(0))?.message as string, /^it takes/);
  t.throws(
    () =>
      within(20, () => {
        for (;;);
      }),
    { message: 'not done in 20 ms' },
  );
});

test('memory that stays in use is a fault, and how much it is stands in the output', (t) => {
  const kept: Uint8Array[] = [];
  const lines: string[] = [];
  const printer = {
    log: (line: string) => lines.push(line),
    error: (line: string) => lines.push(line),
  };
  const args = ['--target', 'packet', '--seed', '1', '--executions', '20000'];
  for (const keeps of [false, true]) {
    const target: Target = {
      ...FAULTY,
      grownBytesMax: 20 * 1024 * 1024,
      run(input) {
        const bytes = new Uint8Array(10_000).fill(input.length);
        if (keeps) kept.push(bytes);
        return '';
      },
    };
    t.is(fuzzCommand(args, [target], printer), keeps ? 1 : 0);
  }
  t.is(lines.length, 4);
  const memory = /, memory in use (\d+)\.\d MB and later (\d+)\.\d MB at most, /;
  t.regex(lines[0]!, /^kept packet seed 1: 20000 executions /);
  t.regex(lines[1]!, /^BROKEN packet seed 1: 5000 executions /);
  const [, calm, calmMost] = memory.exec(lines[0]!)!;
  const [, start, most] = memory.exec(lines[1]!)!;
  t.true(Number(calmMost) < Number(calm) + 20);
  t.true(Number(most) > Number(start) + 40);
  t.regex(lines[2]!, /grew by \d+\.\d MB; 20\.0 MB are allowed$/);
  t.is(lines[3], 'again: npm run fuzz -- --target packet --seed 1 --executions 5000');
});

test('npm run fuzz looks at what code is reached, and ends with 0 if all is kept', (t) => {
  // Left out, Node would hand it down all the same.
  const env = { ...process.env, NODE_V8_COVERAGE: '' };
  const args = [
    'dist/test/fuzz.js',
    '--target',
    'entry-body',
    '--executions',
    '300',
    '--seed',
    '1',
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  t.is(status, 0);
  t.regex(stdout, /^kept entry-body seed 1: 300 executions .* [1-9]\d{3,} characters of code\n$/);
});

test('wrong arguments are refused', (t) => {
  const lines: string[] = [];
  const printer = { log: () => undefined, error: (line: string) => lines.push(line) };
  for (const args of [
    ['--target', 'nothing'],
    ['--seconds', 'ten'],
    ['--input', '00'],
    ['--what'],
  ]) {
    t.is(fuzzCommand(args, TARGETS, printer), 2, args.join(' '));
  }
  t.regex(lines[0] as string, /^no target nothing; there are packet, /);
});

test('fields and steps that are read and written are the same bytes', (t) => {
  for (const input of readCorpus('packet')) t.deepEqual(writeFields(readFields(input)!), input);
  for (const input of readCorpus('core')) t.deepEqual(writeSteps(readSteps(input)), input);
});
