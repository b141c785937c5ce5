import type { OwnerNames } from '../../decode/names.js';
import type { Count, Statistics } from '../../decode/statistics.js';
import { shortened, shortWords, timeText } from './text-line.js';

/** Periods that are printed; a longer capture is told of in as many at least half as many. */
const PERIODS_SHOWN_MAX = 40;

const NAME_COLUMNS = 40;

/** What a capture comes to, for people. */
export function statisticsText(statistics: Statistics, names: OwnerNames): string[] {
  const { total, sealed, unopened, problems, byTransport, byType, exchanges } = statistics;
  return [
    row('packets', total),
    row('sealed', sealed),
    ...(unopened.packets > 0 ? [row('sealed, and no key opens them', unopened)] : []),
    ...section('by transport', Object.entries(byTransport)),
    ...section('by sender', senders(statistics, names)),
    ...section('by type', types(byType)),
    ...section(`by time, each ${shown(statistics).seconds} s`, shown(statistics).rows),
    ...titled(
      'exchanges',
      Object.entries(exchanges).map(([kind, { answered, unanswered, meanMs, maxMs }]) => {
        const took =
          meanMs === undefined
            ? ''
            : `, after ${meanMs.toFixed(2)} ms on average, ${maxMs?.toFixed(2)} at most`;
        return `  ${kind}: ${answered} answered, ${unanswered} unanswered${took}`;
      }),
    ),
    ...titled(
      'could not be read',
      Object.entries(problems).map(([reason, count]) => `  ${reason}: ${count}`),
    ),
  ];
}

/** Who sent what was read, by name, and where the rest came from. */
function senders({ bySender, unreadByAddress }: Statistics, names: OwnerNames): [string, Count][] {
  const label = (owner: string) => (owner === 'others' ? owner : names.label(owner));
  return [
    ...Object.entries(bySender).map<[string, Count]>(([owner, count]) => [label(owner), count]),
    ...Object.entries(unreadByAddress).map<[string, Count]>(([address, count]) => [
      `${address}, not read`,
      count,
    ]),
  ];
}

/** A long one in short words. */
function types(byType: Statistics['byType']): [string, Count][] {
  return Object.entries(byType).map(([type, count]) => [
    type.length < NAME_COLUMNS - 2 ? type : shortWords(type),
    count,
  ]);
}

function titled(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function section(title: string, counts: [string, Count][]): string[] {
  return titled(
    title,
    counts.map(([name, count]) => row(`  ${name}`, count)),
  );
}

function row(name: string, { packets, bytes }: Count): string {
  const label = shortened(name, NAME_COLUMNS).padEnd(NAME_COLUMNS);
  return `${label} ${`${packets}`.padStart(9)} packets ${`${bytes}`.padStart(12)} bytes`;
}

/** Periods put together until they fit. */
function shown({ periods }: Statistics): { seconds: number; rows: [string, Count][] } {
  const { from, counts } = periods;
  if (from === undefined) return { seconds: periods.seconds, rows: [] };
  const group = Math.ceil(counts.length / PERIODS_SHOWN_MAX);
  const seconds = periods.seconds * group;
  const rows: [string, Count][] = [];
  for (let at = 0; at < counts.length; at += group) {
    const sum = { packets: 0, bytes: 0 };
    for (const { packets, bytes } of counts.slice(at, at + group)) {
      sum.packets += packets;
      sum.bytes += bytes;
    }
    const begin = { seconds: from.seconds + at * periods.seconds, nanoseconds: 0 };
    rows.push([timeText(begin).slice(0, 8), sum]);
  }
  return { seconds, rows };
}
