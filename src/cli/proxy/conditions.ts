import { TelepathineError } from '../../error.js';

/** What happens to the envelopes that go from one end to another. */
export interface Conditions {
  /** 0 to 1, each: how likely an envelope is lost, comes twice, is overtaken, or has a bit flipped. */
  readonly loss: number;
  readonly double: number;
  readonly reorder: number;
  readonly corrupt: number;
  /** Each takes so long, drawn evenly. */
  readonly delay: { readonly minMs: number; readonly maxMs: number };
  /** Bytes a second; Infinity: no limit. */
  readonly rate: number;
  /** Nothing passes. */
  readonly cut: boolean;
}

/** Nothing happens. */
export const FAIR: Conditions = {
  loss: 0,
  double: 0,
  reorder: 0,
  corrupt: 0,
  delay: { minMs: 0, maxMs: 0 },
  rate: Number.POSITIVE_INFINITY,
  cut: false,
};

/** The words by which conditions are changed, and how each reads its value. */
export const CONDITION_WORDS: Readonly<Record<string, (text: string) => Partial<Conditions>>> = {
  loss: (text) => ({ loss: readShare(text) }),
  double: (text) => ({ double: readShare(text) }),
  reorder: (text) => ({ reorder: readShare(text) }),
  corrupt: (text) => ({ corrupt: readShare(text) }),
  delay: (text) => ({ delay: readDelay(text) }),
  rate: (text) => ({ rate: readRate(text) }),
};

/** Where envelopes go: from one end to another, by a transport. End 0 is whoever is no target. */
export interface Way {
  readonly from: number;
  readonly to: number;
  readonly transport: 'udp' | 'tcp';
}

/** Which ways are meant. */
export type Where = (way: Way) => boolean;

/**
 * Reads `2` (from and to the second target), `2>` (from it), `>2` (to it), `1>2`, `udp` and `tcp`; of
 * several words all must hold, of none all ways are meant.
 *
 * @param targets how many there are.
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function readWhere(words: readonly string[], targets: number): Where {
  const all = words.map((word) => readWhereWord(word, targets));
  return (way) => all.every((each) => each(way));
}

/** The conditions of all ways. */
export class Weather {
  readonly #rules: { readonly where: Where; readonly change: Partial<Conditions> }[] = [];
  readonly #known = new Map<string, Conditions>();

  /** The later change wins. */
  change(where: Where, change: Partial<Conditions>): void {
    this.#rules.push({ where, change });
    this.#known.clear();
  }

  on(way: Way): Conditions {
    const key = `${way.transport} ${way.from}>${way.to}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const conditions = { ...FAIR };
    for (const { where, change } of this.#rules) if (where(way)) Object.assign(conditions, change);
    this.#known.set(key, conditions);
    return conditions;
  }
}

const DELAY_MS_MAX = 3_600_000;
const RATE_MAX = 2 ** 40;

function readWhereWord(word: string, targets: number): Where {
  if (word === 'udp' || word === 'tcp') return ({ transport }) => transport === word;
  const [, from, arrow, to] = /^(\d{0,4})(>?)(\d{0,4})$/.exec(word) ?? [];
  const given = [from, to].filter((each) => each !== undefined && each !== '').map(Number);
  if (given.length === 0 || given.some((each) => each > targets) || (!arrow && to)) {
    throw invalid(`${word} must be a number up to ${targets}, as in 1, 1>, >1 or 1>2, udp or tcp`);
  }
  if (!arrow) return (way) => way.from === given[0] || way.to === given[0];
  return (way) =>
    (from === '' || way.from === Number(from)) && (to === '' || way.to === Number(to));
}

function readShare(text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(text) ?? [];
  const share = Number(number) / (percent ? 100 : 1);
  if (!(share >= 0 && share <= 1)) throw invalid(`${text} must be a share, as 0.3 or 30%`);
  return share;
}

function readDelay(text: string): Conditions['delay'] {
  const [, min, max = min] =
    /^(\d{1,7}(?:\.\d{1,3})?)(?:\.\.(\d{1,7}(?:\.\d{1,3})?))?$/.exec(text) ?? [];
  const [minMs, maxMs] = [Number(min), Number(max)];
  if (!(minMs <= maxMs && maxMs <= DELAY_MS_MAX)) {
    throw invalid(`${text} must be milliseconds up to ${DELAY_MS_MAX}, as 5 or 1..20`);
  }
  return { minMs, maxMs };
}

function readRate(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY;
  const rate = /^\d{1,13}$/.test(text) ? Number(text) : 0;
  if (rate < 1 || rate > RATE_MAX) throw invalid(`${text} must be bytes a second, or off`);
  return rate;
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}
