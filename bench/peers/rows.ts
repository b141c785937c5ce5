/** The rows of the comparison, and the table that they make. */
import type { Figure, Figures } from './work.js';

interface Row {
  key: string;
  title: string;
  unit: 'ms' | 'B' | '%' | 'MiB' | '/s' | '';
  /** Whether more is better. */
  most?: boolean;
}

/** In the order of the table; the keys are those of `Figures`. */
export const ROWS: readonly Row[] = [
  { key: 'join', title: '50 nodes start, until all see all', unit: 'ms' },
  { key: 'changeP50', title: 'a change reaches each of 50, median', unit: 'ms' },
  { key: 'changeMax', title: 'a change reaches each of 50, slowest', unit: 'ms' },
  { key: 'deathMedian', title: 'a killed node, until all 50 know, median', unit: 'ms' },
  { key: 'deathMax', title: 'a killed node, until all 50 know, slowest', unit: 'ms' },
  { key: 'lossyChangeP50', title: '30 % loss: a change reaches each, median', unit: 'ms' },
  { key: 'lossyChangeMax', title: '30 % loss: a change reaches each, slowest', unit: 'ms' },
  { key: 'lossyDeathMedian', title: '30 % loss: all know of a killed node, median', unit: 'ms' },
  { key: 'lossyDeathMax', title: '30 % loss: all know of a killed node, slowest', unit: 'ms' },
  { key: 'falseDeaths', title: '30 % loss: pairs that held the living for dead', unit: '' },
  { key: 'eventsPerSecond', title: 'events that all of 10 nodes hear', unit: '/s', most: true },
  { key: 'idleBytes10', title: 'idle, bytes a node and second, 10 nodes', unit: 'B' },
  { key: 'idleBytes20', title: 'idle, bytes a node and second, 20 nodes', unit: 'B' },
  { key: 'idleBytes40', title: 'idle, bytes a node and second, 40 nodes', unit: 'B' },
  { key: 'idleCpu', title: 'idle, 50 nodes in one process, of a core', unit: '%' },
  { key: 'idleMemory', title: 'idle, 50 nodes in one process, memory', unit: 'MiB' },
];

/** One peer's column: its figures, or why there are none. */
export interface Column {
  name: string;
  title: string;
  setting: string;
  figures: Figures;
  skipped?: string;
}

/**
 * A table of Markdown: the best of each row is bold, and the others' figures have their ratio to
 * the first column's. Figures of fewer nodes say so and take no part in either.
 */
export function peersTable(columns: readonly Column[]): string {
  const shown = columns.filter((column) => column.skipped === undefined);
  const lines = [
    ['', ...shown.map((column) => column.title)],
    ['---', ...shown.map(() => '---')],
    ['setting', ...shown.map((column) => column.setting)],
    ...ROWS.filter((row) => shown.some((column) => column.figures[row.key])).map((row) =>
      cells(row, shown),
    ),
  ];
  const skipped = columns
    .filter((column) => column.skipped !== undefined)
    .map((column) => `\nSkipped: ${column.title}: ${column.skipped}.\n`);
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n${skipped.join('')}`;
}

function cells(row: Row, columns: readonly Column[]): string[] {
  const figures = columns.map((column) => column.figures[row.key]);
  const values = figures.map(comparable);
  const known = values.filter((value) => value !== undefined);
  const best = row.most ? Math.max(...known) : Math.min(...known);
  const own = values[0];
  const texts = figures.map((figure, index) => {
    if (figure === undefined) return '–';
    if ('none' in figure) return figure.none;
    const text = `${rounded(figure.value)}${row.unit === '' ? '' : ` ${row.unit}`}`;
    if (figure.nodes !== undefined) return `${text} (${figure.nodes} nodes)`;
    const marked = figure.value === best ? `**${text}**` : text;
    const hasRatio = index > 0 && own !== undefined && own !== 0 && figure.value !== 0;
    return hasRatio ? `${marked} (×${ratio(figure.value / own)})` : marked;
  });
  return [row.title, ...texts];
}

/** The value, unless it is of fewer nodes than the row says. */
function comparable(figure: Figure | undefined): number | undefined {
  if (figure === undefined || 'none' in figure || figure.nodes !== undefined) return undefined;
  return figure.value;
}

function rounded(value: number): string {
  if (Number.isInteger(value) || value >= 10) return Math.round(value).toLocaleString('en');
  return value.toFixed(1);
}

function ratio(value: number): string {
  return value < 10 ? value.toPrecision(2) : String(Math.round(value));
}
