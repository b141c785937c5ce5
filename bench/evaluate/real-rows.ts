/** The rows that are measured by real time and memory: real nodes, two cores, the simulator. */
import { fileURLToPath } from 'node:url';
import { count, figure, type Output, type Row, time, worst } from './row.js';

const BENCH = fileURLToPath(new URL('../main.js', import.meta.url));
const OWNER = fileURLToPath(new URL('../owner-memory.js', import.meta.url));
const RECONCILE = fileURLToPath(new URL('./reconcile.js', import.meta.url));

/** No more than so much above the middle third, after a collection of garbage. */
const LEVEL_FACTOR_MAX = 1.3;
/** While a stream lasts: no event waits for longer. */
const STREAM_MS_MAX = 5000;

/** All of them, in the order of the tables. */
export function realRows(): Row[] {
  return [
    ...[1, 10, 100].map(reconciliation),
    NEWS,
    stream('one', '5,000 events/s from one of ten, 30 s'),
    stream('ten', '1,000 events/s from each of ten, 30 s'),
    newcomer(0, 'A newcomer to 10,000 owners of 20 keys of 100 B', {
      target: 'all within 30 s; who carries them has ≤ 600 MB',
      isMet: (of) => of('newcomerMs') <= 30_000 && of('carrierBytesMax') <= 600e6,
    }),
    newcomer(1, 'A newcomer to 100 MB of 1,000 owners', {
      target: '≥ 30 MB/s',
      isMet: (of) => of('megabytesPerSecond') >= 30,
    }),
    OWNER_MEMORY,
    SIMULATOR_SPEED,
    SIMULATOR_MEMORY,
  ];
}

function reconciliation(owners: number): Row {
  return {
    name: `reconcile-${owners}`,
    table: 'reconciliation',
    what: `${owners} of 2,000 owners differ`,
    target: 'recorded',
    seeds: [1],
    quick: true,
    command: () => [RECONCILE, String(owners)],
    shown: `\`node dist/bench/evaluate/reconcile.js ${owners}\``,
    judge: (outputs) => ({
      measured:
        `${count(worst(outputs, 'bytes'))} B in ${count(worst(outputs, 'packets'))} packets, ` +
        `${count(worst(outputs, 'roundTrips'))} round trips`,
      met: outputs.every((output) => output['equal'] === true),
    }),
  };
}

const NEWS: Row = {
  name: 'real-news',
  table: 'real',
  what: '`set` and `say` reach all of 50, 50 times each',
  target: 'p50 ≤ 20 ms, max ≤ 250 ms',
  seeds: [1],
  quick: false,
  command: () => [BENCH, '--only', 'news', '--json'],
  shown: '`npm run bench -- --only news`',
  judge: (outputs) => {
    const of = (kind: string, part: string) => worst(outputs, `news.${kind}.${part}`);
    const text = (kind: string) =>
      `${kind} p50 ${time(of(kind, 'allP50Ms'))}, max ${time(of(kind, 'maxMs'))}`;
    const kinds = ['set', 'say'];
    return {
      measured: kinds.map(text).join('; '),
      met: kinds.every((kind) => of(kind, 'allP50Ms') <= 20 && of(kind, 'maxMs') <= 250),
    };
  },
};

function stream(name: 'one' | 'ten', what: string): Row {
  return {
    name: `real-stream-${name}`,
    table: 'real',
    what,
    target: 'all once and in order; queues and memory level off',
    seeds: [1],
    quick: false,
    command: () => [BENCH, '--only', `stream-${name}`, '--json'],
    shown: `\`npm run bench -- --only stream-${name}\``,
    judge: (outputs) => {
      const of = (part: string) => worst(outputs, `stream.${name}.${part}`);
      const [lost, doubled, disordered] = ['lost', 'doubled', 'disordered'].map(of) as number[];
      const growth = Math.max(...outputs.map((output) => heapGrowth(output, name)));
      const isWhole = lost === 0 && doubled === 0 && disordered === 0 && of('refused') === 0;
      return {
        measured:
          `${count(lost as number)} lost, ${count(doubled as number)} doubled, ` +
          `${count(disordered as number)} out of order; p50 ${time(of('p50Ms'))}, ` +
          `p99 ${time(of('p99Ms'))}, max ${time(of('maxMs'))}; heap at the end × ${growth.toFixed(2)} ` +
          `of the middle's; ${count(100 * of('corePart'))} % of a core`,
        met: isWhole && of('maxMs') <= STREAM_MS_MAX && growth <= LEVEL_FACTOR_MAX,
      };
    },
  };
}

/** The figure of one of the crowds that the benchmark tells of, by its name. */
type OfCrowd = (part: string) => number;

function newcomer(
  crowd: number,
  what: string,
  { target, isMet }: { target: string; isMet: (of: OfCrowd) => boolean },
): Row {
  const inRun = (output: Output) => (part: string) => figure(output, `newcomers.${crowd}.${part}`);
  return {
    name: `real-newcomer-${crowd + 1}`,
    table: 'real',
    what,
    target,
    seeds: [1],
    quick: false,
    command: () => [BENCH, '--only', 'newcomer', '--json'],
    shown: '`npm run bench -- --only newcomer`',
    judge: (outputs) => ({
      measured: outputs
        .map(inRun)
        .map(
          (of) =>
            `${time(of('newcomerMs'))}, ${of('megabytesPerSecond').toFixed(1)} MB/s; the carrier has ` +
            `${count(of('carrierBytesMax') / 1e6)} MB, the newcomer ${count(of('newcomerBytesMax') / 1e6)} MB`,
        )
        .join('; '),
      met: outputs.map(inRun).every(isMet),
    }),
  };
}

const OWNER_MEMORY: Row = {
  name: 'owner-memory',
  table: 'real',
  what: 'Memory for each owner known, beside keys and values',
  target: '≤ 400 B',
  seeds: [1],
  quick: false,
  command: () => ['--expose-gc', OWNER, '--json'],
  shown: '`node --expose-gc dist/bench/owner-memory.js`',
  judge: (outputs) => ({
    measured:
      `${count(worst(outputs, 'knownBytes'))} B; ${count(worst(outputs, 'metBytes'))} B once it ` +
      'has been met: round trip, uptime, tokens',
    met: worst(outputs, 'knownBytes') <= 400,
  }),
};

const SIMULATOR_SPEED: Row = {
  name: 'simulator-speed',
  table: 'simulator',
  what: '1,000 nodes, 60 virtual seconds idle after joining',
  target: '≤ 60 s',
  seeds: [1],
  quick: false,
  command: () => [BENCH, '--only', 'simulation', '--json'],
  shown: '`npm run bench -- --only simulation`',
  judge: (outputs) => {
    const of = (part: string) => worst(outputs, `simulation.speed.${part}`);
    const seconds = (part: string) => time(1000 * of(part));
    return {
      measured:
        `${seconds('idle.real')}; ${seconds('idle.cpu')} of all cores; ` +
        `joining before took ${seconds('joining.real')}`,
      met: of('idle.real') <= 60 && of('idle.cpu') <= 60,
    };
  },
};

/** Measured together with the speed. */
const SIMULATOR_MEMORY: Row = {
  name: 'simulator-memory',
  table: 'simulator',
  what: '2,000 nodes',
  target: '≤ 8 GiB',
  seeds: [],
  quick: false,
  of: [SIMULATOR_SPEED.name],
  command: () => [],
  shown: 'the row above',
  judge: (outputs) => {
    const gibibytes = worst(outputs, 'simulation.memory.residentBytesMax') / 2 ** 30;
    return { measured: `at most ${count(gibibytes)} GiB`, met: gibibytes <= 8 };
  },
};

/** The heap in the last third of the stream, by that in the middle one. */
function heapGrowth(output: Output, name: string): number {
  const figures = (output['stream'] as Output | undefined)?.[name] as Output | undefined;
  const heap = (figures?.['heapUsedBytes'] ?? []) as number[];
  const samples = Math.min(heap.length, Math.floor(figure(figures ?? {}, 'seconds') / 5));
  const third = Math.floor(samples / 3);
  if (third === 0) return Number.POSITIVE_INFINITY;
  const most = (from: number, to: number) => Math.max(...heap.slice(from, to));
  return most(2 * third, samples) / most(third, 2 * third);
}
