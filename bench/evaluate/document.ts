/** The tables of docs/EVALUATION.md, written from the runs that are kept. */
import type { Column } from '../peers/rows.js';
import { peersTable } from '../peers/rows.js';
import type { Run } from './kept.js';
import { type Row, TABLE_NAMES } from './row.js';

/** What a run of all benchmarks has left, as far as it is shown. */
export interface Compared {
  readonly date: string;
  readonly peers?: readonly Column[];
}

const NOT_YET = 'not yet run';

/**
 * The document with its tables written anew between their markers.
 *
 * @param compared the comparison with the peers; undefined: there was none yet.
 */
export function withTables(
  document: string,
  rows: readonly Row[],
  runs: readonly Run[],
  compared: Compared | undefined,
): string {
  const written = TABLE_NAMES.reduce((text, name) => {
    const own = rows.filter(({ table }) => table === name);
    return replaced(text, name, tableOf(own, runs));
  }, document);
  return replaced(written, 'peers', peersText(compared));
}

/** A table of Markdown, a row each. */
export function tableOf(rows: readonly Row[], runs: readonly Run[]): string {
  const lines = rows.map((row) => `| ${cells(row, runsOf(row, runs)).join(' | ')} |`);
  const head = ['| what | target | measured | met | run | `--only` |', '|---|---|---|---|---|---|'];
  const commands = [...new Set(rows.map(({ name, shown }) => `\`${name}\`: ${shown}`))];
  return [...head, ...lines, '', ...details(commands)].join('\n');
}

function details(commands: readonly string[]): string[] {
  const items = commands.map((command) => `- ${command}`);
  return ['<details><summary>commands</summary>', '', ...items, '', '</details>'];
}

function cells(row: Row, runs: readonly Run[]): string[] {
  const { what, target, name } = row;
  const shownName = `\`${name}\``;
  if (runs.length === 0) return [what, target, NOT_YET, '–', '–', shownName];
  const { measured, met } = row.judge(runs.map(({ output }) => output));
  const verdict = target === 'recorded' ? (met ? '–' : '**no**') : met ? 'yes' : '**no**';
  return [what, target, measured, verdict, circumstances(row, runs), shownName];
}

/** Those of a row; of a row that is judged by others', those, if they are all there. */
function runsOf(row: Row, runs: readonly Run[]): Run[] {
  const { of, name } = row;
  if (of === undefined) return runs.filter((run) => run.row === name);
  const first = of.flatMap((each) => runs.find((run) => run.row === each) ?? []);
  return first.length === of.length ? first : [];
}

function circumstances(row: Row, runs: readonly Run[]): string {
  const few = runs.length < row.seeds.length ? `${runs.length} of ${row.seeds.length} seeds, ` : '';
  const commits = [...new Set(runs.map(({ commit }) => commit))].join(' ');
  const dates = runs.map(({ date }) => date).sort();
  return `${few}${commits}, ${dates[0]}`;
}

function peersText(compared: Compared | undefined): string {
  if (compared?.peers === undefined) return `The comparison is ${NOT_YET}.`;
  return `Measured on ${compared.date}:\n\n${peersTable(compared.peers).trimEnd()}`;
}

function replaced(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- evaluation: ${name} -->`, `<!-- /evaluation: ${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document lacks ${begin} or ${end}`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
