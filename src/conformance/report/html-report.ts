import type { CaseResult } from '../run/result.js';
import type { RunReport } from '../run/run.js';
import { totalsOf } from './totals.js';

/** A run as a page that needs nothing else: a line a case, a column an implementation. */
export function htmlReport(report: RunReport, version: string): string {
  const { results, tested, stale } = report;
  const columns = [...new Set(results.map(({ implementation }) => implementation))];
  const cases = [...new Map(results.map((result) => [result.id, result])).values()];
  const rows = cases.map((each) => row(each, columns, results));
  const about = tested.map(({ name, hello, misbehaviour }) => {
    if (misbehaviour !== undefined) {
      const { kind, detail, stderr } = misbehaviour;
      const says = `${name}: the node ${kind}: ${detail}`;
      return `<li class="misbehaved">${escaped(says)}<pre>${escaped(stderr)}</pre></li>`;
    }
    if (hello === undefined) return `<li>${escaped(name)}</li>`;
    const { implementation, version: its, level, features } = hello;
    const words = `${name}: ${implementation} ${its}, ${level}; ${features.join(' ')}`;
    return `<li>${escaped(words)}</li>`;
  });
  const sums = totalsOf(results).map(
    ({ level, grade, passed, failed, misbehaved, known, unsupported }) =>
      `<tr><th>${level} ${grade}</th><td>${passed}</td><td>${failed + misbehaved}</td>` +
      `<td>${known}</td><td>${unsupported}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Telepathine conformance</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Telepathine conformance</h1>
<p>Protocol 1, tested by telepathine ${escaped(version)}.</p>
<ul>${about.join('\n')}</ul>
<table class="sums">
<tr><th></th><th>passed</th><th>failed</th><th>of these known</th><th>unsupported</th></tr>
${sums.join('\n')}
</table>
${stale.length > 0 ? `<p class="failed">Stale: ${escaped(stale.join('; '))}</p>` : ''}
<table class="matrix">
<thead><tr><th>case</th><th>grade</th><th>what it tests</th>${columns
    .map((name) => `<th>${escaped(name)}</th>`)
    .join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`;
}

const SIGNS = { passed: '✓', failed: '✗', misbehaved: '!', unsupported: '–' } as const;

const STYLE = `
:root { color-scheme: light dark; --line: #d1d9e0; --good: #116329; --bad: #b3261e; --soft: #59636e; }
@media (prefers-color-scheme: dark) {
  :root { --line: #363c44; --good: #57ab5a; --bad: #f47067; --soft: #9aa4ae; }
}
body { font: 14px/1.5 system-ui, sans-serif; margin: 24px auto; max-width: 1200px; padding: 0 16px; }
table { border-collapse: collapse; margin: 16px 0; }
th, td { border-bottom: 1px solid var(--line); padding: 3px 10px; text-align: left; vertical-align: top; }
.sums td { text-align: right; font-variant-numeric: tabular-nums; }
.matrix th:first-child { white-space: nowrap; font-family: ui-monospace, monospace; font-weight: 500; }
.passed { color: var(--good); } .failed, .misbehaved { color: var(--bad); }
.unsupported, .grade { color: var(--soft); }
details { max-width: 460px; } summary { cursor: pointer; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; margin: 4px 0; }
`;

function row(
  given: CaseResult,
  columns: readonly string[],
  results: readonly CaseResult[],
): string {
  const cells = columns.map((name) => {
    const result = results.find(({ implementation, id }) => {
      return implementation === name && id === given.id;
    });
    return `<td>${result === undefined ? '' : cell(result)}</td>`;
  });
  return (
    `<tr><th>${escaped(given.id)}</th><td class="grade">${given.grade}</td>` +
    `<td>${escaped(given.title)}</td>${cells.join('')}</tr>`
  );
}

function cell({ outcome, failure, misbehaviour, isKnown, missing }: CaseResult): string {
  const sign = `<span class="${outcome}" title="${outcome}">${SIGNS[outcome]}</span>`;
  if (outcome === 'unsupported') {
    return `${sign} <span class="unsupported">${escaped(missing?.join(', ') ?? '')}</span>`;
  }
  if (outcome === 'passed') return sign;
  const text =
    misbehaviour === undefined
      ? `rule ${failure?.rule}\nexpected ${failure?.expected}\nseen: ${failure?.seen}`
      : `the node ${misbehaviour.kind}: ${misbehaviour.detail}\n${misbehaviour.stderr}`;
  const known = isKnown ? ' known' : '';
  return `<details><summary>${sign}${known}</summary><pre>${escaped(text)}</pre></details>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
