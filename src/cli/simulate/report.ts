import type { Percentiles, Scenario, Totals } from '../../simulation/index.js';

const COLUMNS = 80;
const LABEL_COLUMNS = 26;
/** One is enough to look into; the others often follow from it. */
const VIOLATIONS_SHOWN = 10;

/** What came out of a run, for people, in 80 columns. */
export function reportLines(scenario: Scenario, totals: Totals): string[] {
  const { description, nodes, seed } = scenario;
  const simulated = `${nodes} nodes, seed ${seed}, ${time(totals.simulatedMs)} simulated`;
  return [
    ...(description === '' ? [] : wrap(description, '')),
    totals.complete ? simulated : `${simulated}; stopped before the end`,
    '',
    ...rows(totals).map(([label, value]) => `  ${label.padEnd(LABEL_COLUMNS)}${value}`),
    ...violationLines(totals),
  ];
}

/** Each figure with its name. */
export function rows(totals: Totals): [label: string, value: string][] {
  const { falseStops, faultyStops, changesMax, undetected, violations } = totals;
  const stops = `${count(falseStops)}, and ${count(faultyStops)} with a fault`;
  const often = changesMax > 1 ? `, one up to ${changesMax} times by another` : '';
  return [
    ['all see all after', totals.joinMs === undefined ? 'never' : time(totals.joinMs)],
    ['ends noticed after', spread(totals.detectionMs)],
    ['ends not noticed', `${count(undetected)} pairs at the end`],
    ['live nodes called dead', `${stops}${often}`],
    ['events heard after', spread(totals.newsMs)],
    ['keys shown after', spread(totals.setMs)],
    [
      'equal after the faults',
      totals.convergenceMs === undefined ? 'not measured' : time(totals.convergenceMs),
    ],
    ['sent by a node', traffic(totals)],
    ...(totals.refused === 0
      ? []
      : [['commands refused', `${count(totals.refused)}, for a limit`] as [string, string]]),
    ['invariants', violations.length === 0 ? 'kept' : `BROKEN, ${violations.length} times`],
    ['trace', totals.traceHash.slice(0, 16)],
  ];
}

/** What was broken, in lines that fit. */
export function violationLines({ violations }: Totals): string[] {
  const shown = violations.slice(0, VIOLATIONS_SHOWN).flatMap(({ atMs, text }) => {
    return wrap(`${time(atMs)}: ${text.replaceAll('\n', ' ')}`, '  ');
  });
  const more = violations.length - VIOLATIONS_SHOWN;
  return [...(shown.length > 0 ? ['', ...shown] : []), ...(more > 0 ? [`  and ${more} more`] : [])];
}

/** A time for people: `4.07 s`. */
export function time(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 600_000) return `${(ms / 1000).toFixed(ms < 100_000 ? 2 : 0)} s`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

function spread(percentiles: Percentiles | undefined): string {
  if (percentiles === undefined) return 'none';
  const { p50, p99, max } = percentiles;
  return `p50 ${time(p50)}, p99 ${time(p99)}, max ${time(max)}`;
}

function traffic(totals: Totals): string {
  const { bytesPerNodePerSecond, packetsPerNodePerSecond, bytesPerSecondMax } = totals;
  const busiest = `the busiest ${count(bytesPerSecondMax)} B/s`;
  const packets = `${packetsPerNodePerSecond.toFixed(1)} packets/s`;
  return `${count(bytesPerNodePerSecond)} B/s, ${packets}; ${busiest}`;
}

/** 12,345. */
function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const room = COLUMNS - line.length - 1;
    if (line.length > indent.length && word.length > room) {
      lines.push(line);
      line = `${indent}${indent}${word}`;
    } else line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line].map((each) => each.slice(0, COLUMNS));
}
