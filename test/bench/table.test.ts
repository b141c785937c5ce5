import { readFileSync } from 'node:fs';
import test from 'ava';
import { type Column, peersTable } from '../../bench/peers/rows.js';
import { withComparison } from '../../bench/results.js';

const COLUMNS: Column[] = [
  {
    name: 'one',
    title: 'One',
    setting: 'sealed',
    figures: { join: { value: 600 }, eventsPerSecond: { value: 1000 }, falseDeaths: { value: 0 } },
  },
  {
    name: 'two',
    title: 'Two',
    setting: 'open',
    figures: { join: { value: 150 }, eventsPerSecond: { none: 'no events' } },
  },
  {
    name: 'few',
    title: 'Few',
    setting: 'open',
    figures: { join: { value: 100, nodes: 20 }, eventsPerSecond: { value: 200 } },
  },
  { name: 'none', title: 'None', setting: '', figures: {}, skipped: 'go is not installed' },
];

test('the table marks the best of each row, which may be a peer, and gives ratios', (t) => {
  const lines = peersTable(COLUMNS).split('\n');
  t.is(lines[0], '|  | One | Two | Few |');
  t.is(
    lines[3],
    '| 50 nodes start, until all see all | 600 ms | **150 ms** (×0.25) | 100 ms (20 nodes) |',
  );
  t.true(
    lines.includes(
      '| events that all of 10 nodes hear | **1,000 /s** | no events | 200 /s (×0.20) |',
    ),
  );
  t.true(lines.includes('Skipped: None: go is not installed.'));
});

test('the README has the markers between which the comparison goes', (t) => {
  const readme = readFileSync('README.md', 'utf8');
  const results = { date: '2000-01-01', cores: 2, memoryGiB: 8, node: 'v20.19.0', peers: COLUMNS };
  const once = withComparison(readme, results);
  t.true(once.includes('Measured on 2000-01-01'));
  t.is(withComparison(once, results), once);
  t.true(once.endsWith(readme.slice(readme.indexOf('## More'))));
  t.throws(() => withComparison('no markers', results), { message: /lacks/ });
});
