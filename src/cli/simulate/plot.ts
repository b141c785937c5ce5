import { escapeHtml } from './html.js';
import type { Bucket, Series } from './series.js';

/** What a plot shows. */
export interface Plot {
  readonly title: string;
  readonly series: Series;
  /** What a value is shown as at the axis. */
  readonly tick: (value: number) => string;
  /** The axis goes up to this at least. */
  readonly atLeast: number;
  /** Beside the mean, least and most of each bucket. */
  readonly showsRange: boolean;
}

/** What all plots have in common. */
export interface TimeAxis {
  readonly untilMs: number;
  /** When load and faults began. */
  readonly runningFromMs: number;
  /** When the faults were over; undefined: they were not. */
  readonly settlingFromMs: number | undefined;
  /** When something befell the mesh. */
  readonly marksMs: readonly number[];
}

const WIDTH = 760;
const HEIGHT = 150;
const LEFT = 64;
const RIGHT = 26;
const TOP = 10;
const BOTTOM = 24;
/** Marks closer than this are one. */
const MARK_WIDTH = 3;
/** A time axis is divided into at most so many parts. */
const TIME_TICKS = 8;
const VALUE_TICKS = 3;

/** A plot as a figure of HTML, with an SVG in it. */
export function plotFigure(plot: Plot, axis: TimeAxis): string {
  const { bucketMs } = plot.series;
  // What has just begun is no measure of its time yet.
  const buckets = plot.series.buckets.filter(({ atMs }) => atMs + bucketMs <= axis.untilMs);
  const most = Math.max(plot.atLeast, ...buckets.map((each) => shownMost(plot, each)));
  const step = niceStep(most / VALUE_TICKS);
  const top = Math.ceil(most / step - 1e-9) * step;
  const x = (ms: number) => LEFT + (ms / Math.max(1, axis.untilMs)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const middle = ({ atMs }: Bucket) => fixed(x(atMs + bucketMs / 2));
  const parts = [
    ...phases(axis, x),
    ...valueTicks(top, step, y, plot.tick),
    ...timeTicks(axis.untilMs, x),
    ...marks(axis.marksMs, x),
    plot.showsRange ? `<path class="range" d="${rangePath(buckets, middle, y)}"/>` : '',
    `<path class="mean" d="${meanPath(buckets, middle, y)}"/>`,
  ];
  const title = escapeHtml(plot.title);
  return [
    `<figure><figcaption>${title}</figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    ...parts.filter((part) => part !== ''),
    '</svg></figure>',
  ].join('\n');
}

type Scale = (value: number) => number;

function shownMost({ showsRange }: Plot, bucket: Bucket): number {
  return showsRange ? bucket.most : bucket.sum / bucket.count;
}

/** The joining and the settling are shaded. */
function phases({ untilMs, runningFromMs, settlingFromMs }: TimeAxis, x: Scale): string[] {
  const shade = (fromMs: number, toMs: number) =>
    `<rect class="phase" x="${fixed(x(fromMs))}" y="${TOP}" ` +
    `width="${fixed(x(toMs) - x(fromMs))}" height="${HEIGHT - TOP - BOTTOM}"/>`;
  return [
    shade(0, runningFromMs),
    ...(settlingFromMs === undefined ? [] : [shade(settlingFromMs, untilMs)]),
  ];
}

function valueTicks(top: number, step: number, y: Scale, tick: Plot['tick']): string[] {
  const count = Math.round(top / step);
  return Array.from({ length: count + 1 }, (_, index) => {
    const at = fixed(y(index * step));
    return (
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>` +
      `<text class="value" x="${LEFT - 8}" y="${at}">${escapeHtml(tick(index * step))}</text>`
    );
  });
}

function timeTicks(untilMs: number, x: Scale): string[] {
  const [divisor, unit] = untilMs < 300_000 ? [1000, 's'] : [60_000, 'min'];
  const step = niceStep(untilMs / divisor / TIME_TICKS);
  const count = Math.floor(untilMs / divisor / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => {
    const at = fixed(x(index * step * divisor));
    const label = `${Number((index * step).toPrecision(6))}${index === count ? ` ${unit}` : ''}`;
    return `<text class="time" x="${at}" y="${HEIGHT - 6}">${label}</text>`;
  });
}

function marks(marksMs: readonly number[], x: Scale): string[] {
  const places: number[] = [];
  for (const ms of marksMs) {
    if (x(ms) - (places.at(-1) ?? Number.NEGATIVE_INFINITY) >= MARK_WIDTH) places.push(x(ms));
  }
  return places.map(
    (at) =>
      `<line class="mark" x1="${fixed(at)}" x2="${fixed(at)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`,
  );
}

type Place = (bucket: Bucket) => string;

function meanPath(buckets: readonly Bucket[], middle: Place, y: Scale): string {
  const points = buckets.map((each) => `${middle(each)} ${fixed(y(each.sum / each.count))}`);
  return points.length === 0 ? '' : `M${points.join('L')}`;
}

function rangePath(buckets: readonly Bucket[], middle: Place, y: Scale): string {
  const upper = buckets.map((each) => `${middle(each)} ${fixed(y(each.most))}`);
  const lower = buckets.map((each) => `${middle(each)} ${fixed(y(each.least))}`).reverse();
  return upper.length === 0 ? '' : `M${[...upper, ...lower].join('L')}Z`;
}

/** 1, 2 or 5 times a power of ten, at or above a value. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9)));
  const factor = [1, 2, 5].find((each) => each * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
