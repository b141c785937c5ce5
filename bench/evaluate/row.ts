/** What the evaluation consists of: rows that are run, judged and shown. */

/** What a run has printed: the totals of a simulation, or the figures of a benchmark. */
export type Output = Readonly<Record<string, unknown>>;

/** How a row's runs came out. */
export interface Judgement {
  /** The figures, for people. */
  readonly measured: string;
  readonly met: boolean;
}

/** A claim at one size, and how it is measured. */
export interface Row {
  /** As `--only` takes it. */
  readonly name: string;
  /** Its table; `--only` takes that too. */
  readonly table: TableName;
  /** For people: what happens, and to how many nodes. */
  readonly what: string;
  readonly target: string;
  /** Each is run by itself; the worst one counts. */
  readonly seeds: readonly number[];
  /** Belongs to `--quick`, with its first seed. */
  readonly quick: boolean;
  /** Nothing is run: the first runs of these rows are judged. */
  readonly of?: readonly string[];
  /** What is run: the arguments of node after its options, for one seed. */
  command(seed: number): readonly string[];
  /** The same for people. */
  readonly shown: string;
  /** @param outputs of one run or more. */
  judge(outputs: readonly Output[]): Judgement;
}

/** In the order of docs/EVALUATION.md, each between markers of its name there. */
export const TABLE_NAMES = [
  'detection',
  'loss',
  'rapid',
  'lifeguard',
  'partition',
  'growth',
  'cost',
  'reconciliation',
  'news',
  'real',
  'simulator',
] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** The greatest of the runs; a run without the figure is worse than all. */
export function worst(outputs: readonly Output[], path: string): number {
  return Math.max(...outputs.map((output) => figure(output, path)));
}

/** A number by its path, such as `allKnowMs.p99`; Infinity if it was not measured. */
export function figure(output: Output, path: string): number {
  let value: unknown = output;
  for (const name of path.split('.')) value = (value as Output | null | undefined)?.[name];
  return typeof value === 'number' ? value : Number.POSITIVE_INFINITY;
}

/** A time for people. */
export function time(ms: number): string {
  if (!Number.isFinite(ms)) return 'never';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(2)} s`;
}

/** 12,345; of small ones one decimal. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
}
