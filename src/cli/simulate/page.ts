import type { Sample, Scenario, Simulation, Totals } from '../../simulation/index.js';
import { escapeHtml } from './html.js';
import { type Plot, plotFigure, type TimeAxis } from './plot.js';
import { rows, time } from './report.js';
import { Series } from './series.js';

/** A share changes within a moment; what is counted needs a while to be a rate. */
const SHARE_MS = 100;
const RATE_MS = 1000;

/** A page with plots of a run over time, the scenario and the totals, which needs no other file. */
export class Page {
  readonly #seeing = new Series(SHARE_MS);
  readonly #stale = new Series(SHARE_MS);
  readonly #bytes = new Series(RATE_MS);
  readonly #suspicions = new Series(RATE_MS);
  #lastMs = 0;
  #settlingFromMs: number | undefined;

  constructor(private readonly scenario: Scenario) {}

  add({ atMs, phase, seeing, stale, bytesPerSecond, suspicions }: Sample): void {
    const perSecond = 1000 / Math.max(1, atMs - this.#lastMs);
    if (phase === 'settling') this.#settlingFromMs ??= this.#lastMs;
    this.#lastMs = atMs;
    // A sample tells of the time before it.
    const fromMs = Math.max(0, atMs - SHARE_MS);
    this.#seeing.add(fromMs, seeing);
    this.#stale.add(fromMs, stale);
    this.#bytes.add(fromMs, bytesPerSecond / this.scenario.nodes);
    this.#suspicions.add(fromMs, suspicions * perSecond);
  }

  /** @param simulation the run that is over. */
  text(totals: Totals, { joinMs, happenings }: Simulation): string {
    const { description, nodes, seed } = this.scenario;
    const axis: TimeAxis = {
      untilMs: totals.simulatedMs,
      runningFromMs: joinMs,
      settlingFromMs: this.#settlingFromMs,
      marksMs: happenings.map(({ atMs }) => atMs),
    };
    const title = description === '' ? 'A simulated mesh' : description;
    const summary =
      `${nodes} nodes, seed ${seed}, ${time(totals.simulatedMs)} simulated` +
      `${totals.complete ? '' : '; stopped before the end'}. ` +
      'Shaded: joining, and settling after all faults. Dashed: something befell the mesh.';
    const happened = happenings.map(({ atMs, text }) => [time(atMs), text] as const);
    const broken = totals.violations.map(({ atMs, text }) => [time(atMs), text] as const);
    return [
      HEAD.replace('TITLE', escapeHtml(title)),
      `<h1>${escapeHtml(title)}</h1>`,
      `<p>${escapeHtml(summary)}</p>`,
      ...this.#plots().map((plot) => plotFigure(plot, axis)),
      '<h2>Totals</h2>',
      table(rows(totals), 'rows'),
      ...(broken.length > 0 ? ['<h2>Broken invariants</h2>', table(broken, 'times')] : []),
      details('What happened', table(happened, 'times')),
      details('Totals as JSON', `<pre>${json(totals)}</pre>`),
      details('Scenario', `<pre>${json(this.scenario)}</pre>`),
      '</main>\n',
    ].join('\n');
  }

  #plots(): Plot[] {
    const share = { atLeast: 1, tick: percentTick, showsRange: true };
    const rate = { tick: numberTick, showsRange: false };
    return [
      {
        title: 'Convergence: pairs of which one knows whether the other lives',
        series: this.#seeing,
        ...share,
      },
      { title: 'Sent by a node, bytes a second', series: this.#bytes, atLeast: 100, ...rate },
      { title: 'Suspicions a second', series: this.#suspicions, atLeast: 1, ...rate },
      {
        title: 'Staleness: pairs of which one shows an older state of the other',
        series: this.#stale,
        ...share,
        atLeast: 0.01,
      },
    ];
  }
}

function percentTick(value: number): string {
  return `${Number((value * 100).toPrecision(3))} %`;
}

function numberTick(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}

function table(lines: readonly (readonly [string, string])[], kind: string): string {
  const cells = lines.map(
    ([name, value]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="${kind}">${cells.join('\n')}</table>`;
}

function details(title: string, content: string): string {
  return `<details><summary>${title}</summary>${content}</details>`;
}

/** What has no end, which JSON cannot say, is left out: that is its default in a scenario. */
function json(value: object): string {
  const finite = (_: string, each: unknown) =>
    each === Number.POSITIVE_INFINITY ? undefined : each;
  return escapeHtml(JSON.stringify(value, finite, 2));
}

const HEAD = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>TITLE</title>
<style>
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --shade: #f1f3f5; --data: #0a5ec2; --mark: #c4561a; --page: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ec; --soft: #9aa4ae; --line: #363c44; --shade: #1d2228; --data: #6cb0ff;
    --mark: #f0955a; --page: #12161a; }
}
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 20px; margin: 0 0 4px; }
h2 { font-size: 16px; margin: 28px 0 8px; }
p { color: var(--soft); margin: 0 0 20px; }
figure { margin: 0 0 18px; }
figcaption { font-weight: 600; margin-bottom: 2px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; }
.value { text-anchor: end; dominant-baseline: middle; }
.time { text-anchor: middle; }
.grid { stroke: var(--line); }
.phase { fill: var(--shade); }
.mark { stroke: var(--mark); stroke-dasharray: 2 3; }
.mean { fill: none; stroke: var(--data); stroke-width: 1.5; stroke-linejoin: round; }
.range { fill: var(--data); opacity: 0.2; }
table { border-collapse: collapse; }
th { text-align: left; font-weight: 400; color: var(--soft); padding: 3px 24px 3px 0;
  vertical-align: top; white-space: nowrap; }
td { padding: 3px 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
details { margin-top: 16px; }
summary { cursor: pointer; font-weight: 600; }
pre { overflow-x: auto; background: var(--shade); padding: 12px; font-size: 12px; }
</style>
<main>`;
