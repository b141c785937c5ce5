import { escaped } from '../../decode/names.js';
import { type CaseResult, isFailure } from '../run/result.js';
import type { RunReport, Tested } from '../run/run.js';
import { totalsOf } from './totals.js';

const COLUMNS = 80;
const STDERR_LINES_MAX = 12;

/** What an implementation says of itself, or why nothing was run. */
export function testedText({ name, hello, misbehaviour }: Tested): string {
  if (misbehaviour !== undefined) {
    const { kind, detail, stderr } = misbehaviour;
    return [`${name}: the node ${kind}: ${escaped(detail)}`, ...quoted(stderr)].join('\n');
  }
  if (hello === undefined) return name;
  const { implementation, version, level, features } = hello;
  const says = `${name}: ${implementation} ${version}, ${level}; ${features.join(' ')}`;
  return wrapped(escaped(says), '', '  ').join('\n');
}

/** A failed case: what was expected and what was seen. */
export function resultText(result: CaseResult, traceFile?: string): string {
  const { implementation, id, title, grade, failure, misbehaviour, isKnown } = result;
  const known = isKnown ? ', which is known' : '';
  const lines = [`${result.outcome} ${id} (${grade}, ${implementation})${known}`];
  lines.push(...wrapped(title, '  ', '  '));
  if (failure !== undefined) {
    lines.push(...wrapped(`rule ${failure.rule}: expected ${failure.expected}`, '  ', '    '));
    lines.push(...wrapped(`seen: ${failure.seen}`, '  ', '    '));
  }
  if (misbehaviour !== undefined) {
    lines.push(...wrapped(`the node ${misbehaviour.kind}: ${misbehaviour.detail}`, '  ', '    '));
    lines.push(...quoted(misbehaviour.stderr));
  }
  if (traceFile !== undefined) lines.push(`  trace: ${traceFile}`);
  return lines.join('\n');
}

/** What came of it all. */
export function summaryText({ results, stale, tested }: RunReport, tookMs: number): string {
  const rows = totalsOf(results).filter((each) => {
    return each.passed + each.failed + each.misbehaved + each.unsupported > 0;
  });
  const head = ['level', 'grade', 'passed', 'failed', 'known', 'unsupported'];
  const table = rows.length > 0 ? [head, ...rows.map((each) => cells(each))] : [];
  const lines = table.map(
    ([level = '', grade = '', ...counts]) =>
      level.padEnd(7) + grade.padEnd(8) + counts.map((count) => count.padStart(13)).join(''),
  );
  for (const entry of stale) lines.push(`known failures, ${entry}`);
  const failed = results.filter(isFailure).length;
  const silent = tested.filter(({ misbehaviour }) => misbehaviour !== undefined).length;
  const words = [
    `${results.length} cases in ${(tookMs / 1000).toFixed(0)} s`,
    failed === 0 ? 'none failed' : `${failed} failed`,
    ...(stale.length > 0 ? [`${stale.length} known failures are stale`] : []),
    ...(silent > 0 ? [`${silent} nodes could not be tested`] : []),
  ];
  return [...lines, words.join(', ')].join('\n');
}

/** Breaks a text into lines. A word that is longer than a line is cut. */
export function wrapped(text: string, indent: string, hanging: string): string[] {
  const lines: string[] = [];
  let line = indent;
  let isFirst = true;
  const words = escaped(text)
    .split(' ')
    .flatMap((word) => word.match(LONG_WORDS) ?? []);
  for (const word of words) {
    if (!isFirst && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = hanging + word;
    } else line += isFirst ? word : ` ${word}`;
    isFirst = false;
  }
  return [...lines, line];
}

const LONG_WORDS = new RegExp(`.{1,${COLUMNS - 4}}`, 'gu');

function cells(totals: ReturnType<typeof totalsOf>[number]): string[] {
  const { level, grade, passed, failed, misbehaved, known, unsupported } = totals;
  return [level, grade, ...[passed, failed + misbehaved, known, unsupported].map(String)];
}

function quoted(stderr: string): string[] {
  const lines = stderr.trim().split('\n').filter(Boolean).slice(-STDERR_LINES_MAX);
  return lines.flatMap((line) => wrapped(line, '    | ', '    | '));
}
