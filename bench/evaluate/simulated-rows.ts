/** The rows that `telepathine simulate` measures. */
import { fileURLToPath } from 'node:url';
import { count, figure, type Judgement, type Output, type Row, time, worst } from './row.js';

const COMMAND = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const QUICK_NODES_MAX = 100;

/** A scenario at one size. */
interface Simulated {
  readonly scenario: string;
  readonly nodes: number;
  /** Default: one. */
  readonly seeds?: number;
  /** As `--duration` takes it; default: the scenario's. */
  readonly duration?: string;
  /** Default: by the number of nodes. */
  readonly quick?: boolean;
}

/** What makes the rows of one kind. */
type Kind = Pick<Row, 'table' | 'target'> & {
  /** For people, without the number of nodes. */
  readonly what: string;
  judge(outputs: readonly Output[]): Judgement;
};

const FEW = [3, 50, 200, 1000];
const SEEDS: Readonly<Record<number, number>> = { 3: 10, 50: 5, 200: 3 };

/** All of them, in the order of the tables. */
export function simulatedRows(): Row[] {
  return [
    ...(['crash-one', 'crash-tenth', 'crash-half'] as const).flatMap((scenario) =>
      FEW.map((nodes) =>
        row(crash(scenario), { scenario, nodes, seeds: SEEDS[nodes] ?? 1, quick: nodes <= 50 }),
      ),
    ),
    ...[50, 200].map((nodes) =>
      row(LOSS, { scenario: 'loss-30', nodes, duration: '1h', quick: false }),
    ),
    row(LOSS, { scenario: 'loss-30-joined', nodes: 1000, duration: '1h', quick: false }),
    ...Object.keys(RAPID).map((scenario) =>
      row(rapid(scenario), { scenario, nodes: 100, seeds: 3, duration: '30min' }),
    ),
    ...[5, 20, 50].map((paused) => {
      const scenario = `lifeguard-${paused}`;
      return row(lifeguard(paused), { scenario, nodes: 100, seeds: 3, duration: '10min' });
    }),
    ...['60-40', '50-50'].flatMap((parts) =>
      [50, 200, 1000].map((nodes) =>
        row(partition(parts), {
          scenario: `partition-${parts}`,
          nodes,
          seeds: nodes <= 50 ? 3 : 1,
        }),
      ),
    ),
    ...[100, 1000].map((nodes) => row(MASS_START, { scenario: 'mass-start', nodes })),
    row(ROLLING, { scenario: 'rolling-restart-fast', nodes: 100, duration: '25s' }),
    row(ROLLING, { scenario: 'rolling-restart-fast', nodes: 1000 }),
    ...[100, 1000].map((nodes) => row(CHURN, { scenario: 'churn', nodes })),
    ...[10, 50, 200, 1000, 2000].map((nodes) => row(COST, { scenario: 'constant-cost', nodes })),
    COST_GROWTH,
    ...[100, 1000].map((nodes) => row(NEWS, { scenario: 'fast-news', nodes })),
  ];
}

function row(kind: Kind, simulated: Simulated): Row {
  const { scenario, nodes, seeds = 1, duration, quick = nodes <= QUICK_NODES_MAX } = simulated;
  const flags = [
    `simulations/${scenario}.json`,
    '--nodes',
    String(nodes),
    ...(duration === undefined ? [] : ['--duration', duration]),
  ];
  const seedsShown = seeds === 1 ? '' : `, seeds 1 to ${seeds}`;
  return {
    ...kind,
    name: `${scenario}-${nodes}`,
    what: `${kind.what}, ${count(nodes)} nodes`,
    quick,
    seeds: Array.from({ length: seeds }, (_, index) => index + 1),
    command: (seed) => [COMMAND, 'simulate', ...flags, '--seed', String(seed), '--json'],
    shown: `\`simulate ${flags.join(' ')}\`${seedsShown}`,
    judge: (outputs) => withBreaches(kind.judge(outputs), outputs),
  };
}

/** Whatever is measured: no invariant may break, and the run must have come to its end. */
function withBreaches({ measured, met }: Judgement, outputs: readonly Output[]): Judgement {
  const broken = worst(outputs, 'violations');
  const isWhole = outputs.every((output) => output['complete'] === true);
  return {
    measured:
      measured +
      (broken === 0 ? '' : `; ${count(broken)} invariants broken`) +
      (isWhole ? '' : '; stopped before the end'),
    met: met && broken === 0 && isWhole,
  };
}

const CRASHED: Readonly<Record<string, { what: string; mostMs: number }>> = {
  'crash-one': { what: 'One crashes', mostMs: 5000 },
  'crash-tenth': { what: 'A tenth crashes', mostMs: 5000 },
  'crash-half': { what: 'Half crash', mostMs: 12_000 },
};

function crash(scenario: keyof typeof CRASHED & string): Kind {
  const { what, mostMs } = CRASHED[scenario] as { what: string; mostMs: number };
  return {
    table: 'detection',
    what,
    target: `p99 ≤ ${mostMs / 1000} s`,
    judge: (outputs) => {
      const missed = worst(outputs, 'undetected');
      const stops = worst(outputs, 'falseStops');
      return {
        measured:
          spread(outputs, 'allKnowMs') +
          (missed === 0 ? '' : `; ${count(missed)} pairs not noticed`) +
          (stops === 0 ? '' : `; ${count(stops)} reports of live ones`),
        met: worst(outputs, 'allKnowMs.p99') <= mostMs && missed === 0 && stops === 0,
      };
    },
  };
}

const LOSS: Kind = {
  table: 'loss',
  what: '30 % loss each way for an hour',
  target: '0 reports of live ones',
  judge: (outputs) => {
    const reports = worst(outputs, 'falseStops') + worst(outputs, 'faultyStops');
    return { measured: `${count(reports)} reports`, met: reports === 0 };
  },
};

const RAPID: Readonly<Record<string, string>> = {
  'rapid-lossy': '1 % lose 80 % of what is sent to them',
  'rapid-one-way': 'Nothing reaches 1 %, which send',
  'rapid-flip-flop': 'Nothing reaches 1 %, for 20 s of each 40',
};

function rapid(scenario: string): Kind {
  return {
    table: 'rapid',
    what: RAPID[scenario] as string,
    target: '0 reports of good ones; ≤ 1 change in 10 min',
    judge: (outputs) => {
      const changes = worst(outputs, 'changesPerTenMinutesMax');
      // What a deaf node takes the others for is its own affair, and shown.
      return {
        measured: `${goodReported(outputs).measured}; ${count(changes)} changes`,
        met: worst(outputs, 'falseStops') === 0 && changes <= 1,
      };
    },
  };
}

function lifeguard(paused: number): Kind {
  return {
    table: 'lifeguard',
    what: `${paused} stand still for 1 to 30 s, again and again`,
    target: '0 reports of the others',
    judge: goodReported,
  };
}

/** By those without a fault, and by those that had one and may not know it. */
function goodReported(outputs: readonly Output[]): Judgement {
  const byGood = worst(outputs, 'falseStops');
  const byBad = worst(outputs, 'misledStops');
  return {
    measured: `${count(byGood)} reports by good ones, ${count(byBad)} by faulty ones`,
    met: byGood === 0 && byBad === 0,
  };
}

function partition(parts: string): Kind {
  return {
    table: 'partition',
    what: `Cut ${parts.replace('-', '/')} for 5 min`,
    target: 'equal ≤ 10 s; 0 lost, 0 revived',
    judge: (outputs) => {
      const equalMs = worst(outputs, 'convergenceMs');
      const lost = worst(outputs, 'lostEvents');
      const revived = worst(outputs, 'revivedKeys');
      return {
        measured: `equal after ${time(equalMs)}; ${count(lost)} events lost, ${count(revived)} keys revived`,
        met: equalMs <= 10_000 && lost === 0 && revived === 0,
      };
    },
  };
}

const MASS_START: Kind = {
  table: 'growth',
  what: 'All start at once from three seeds',
  target: 'all see all ≤ 10 s',
  judge: (outputs) => {
    const joinMs = worst(outputs, 'joinMs');
    return { measured: `after ${time(joinMs)}`, met: joinMs <= 10_000 };
  },
};

const ROLLING: Kind = {
  table: 'growth',
  what: 'All restart in turn, ten a second',
  target: 'no live one reported, none missed',
  judge: (outputs) => {
    const stops = worst(outputs, 'falseStops');
    const missed = worst(outputs, 'undetected');
    const equalMs = worst(outputs, 'convergenceMs');
    return {
      measured: `${count(stops)} reports of live ones, ${count(missed)} pairs missed, equal after ${time(equalMs)}`,
      met: stops === 0 && missed === 0 && Number.isFinite(equalMs),
    };
  },
};

const CHURN: Kind = {
  table: 'growth',
  what: '1 % are killed each minute, and return',
  target: 'no live one reported; noticed p99 ≤ 5 s',
  judge: (outputs) => {
    const stops = worst(outputs, 'falseStops');
    return {
      measured: `${count(stops)} reports of live ones; noticed ${spread(outputs, 'allKnowMs')}`,
      met: stops === 0 && worst(outputs, 'allKnowMs.p99') <= 5000,
    };
  },
};

const COST: Kind = {
  table: 'cost',
  what: 'Idle',
  target: '≤ 300 B/s; a seed ≤ twice that',
  judge: (outputs) => {
    const bytes = worst(outputs, 'othersBytesPerSecond');
    const packets = worst(outputs, 'othersPacketsPerSecond');
    const seed = worst(outputs, 'seedBytesPerSecondMax');
    return {
      measured: `${count(bytes)} B/s, ${count(packets)} packets/s; a seed ${count(seed)} B/s`,
      met: bytes <= 300 && seed <= 600,
    };
  },
};

const COST_GROWTH: Row = {
  name: 'constant-cost-growth',
  table: 'cost',
  what: 'Idle, from 50 to 2,000 nodes',
  target: '≤ 20 % of growth',
  seeds: [],
  quick: false,
  of: ['constant-cost-50', 'constant-cost-2000'],
  command: () => [],
  shown: 'the rows above',
  judge: (outputs) => {
    const [few, many] = outputs.map((output) => figure(output, 'othersBytesPerSecond'));
    const percent = 100 * ((many as number) / (few as number) - 1);
    return { measured: `${percent.toFixed(1)} %`, met: percent <= 20 };
  },
};

const NEWS: Kind = {
  table: 'news',
  what: 'A key or event, links of 1 ms',
  target: 'p50 ≤ 15 ms, max ≤ 400 ms, ≤ 6 copies a receiver',
  judge: (outputs) => {
    const copies = worst(outputs, 'copiesPerReceiver');
    const kinds = ['setMs', 'newsMs'];
    const p50 = Math.max(...kinds.map((kind) => worst(outputs, `${kind}.p50`)));
    const max = Math.max(...kinds.map((kind) => worst(outputs, `${kind}.max`)));
    return {
      measured: `set ${spread(outputs, 'setMs')}; say ${spread(outputs, 'newsMs')}; ${count(copies)} copies`,
      met: p50 <= 15 && max <= 400 && copies <= 6,
    };
  },
};

function spread(outputs: readonly Output[], name: string): string {
  const of = (part: string) => time(worst(outputs, `${name}.${part}`));
  return `p50 ${of('p50')}, p99 ${of('p99')}, max ${of('max')}`;
}
