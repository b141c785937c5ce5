import { replaced } from './bytes.js';
import type { Target } from './target.js';

/**
 * The smallest input that it finds for which something still holds: it leaves out the parts that the
 * target knows, then ever shorter pieces, and then makes bytes zero.
 *
 * @param holds whether it holds for an input; it does for the first.
 * @param untilMs of `performance.now`: it takes the best so far then.
 */
export function minimise(
  input: Uint8Array,
  { smaller = () => [] }: Pick<Target, 'smaller'>,
  holds: (input: Uint8Array) => boolean,
  untilMs: number,
): Uint8Array {
  let best = input;
  const isBetter = (tried: Uint8Array) => {
    if (performance.now() >= untilMs || !holds(tried)) return false;
    best = tried;
    return true;
  };
  while (some(smaller(best), (tried) => tried.length < best.length && isBetter(tried)));
  for (let piece = Math.ceil(input.length / 2); piece > 0; piece = Math.floor(piece / 2)) {
    for (let at = 0; at < best.length; ) {
      if (!isBetter(replaced(best, at, piece, NOTHING))) at += piece;
    }
  }
  for (let at = 0; at < best.length; at++) {
    if (best[at] !== 0) isBetter(replaced(best, at, 1, ZERO));
  }
  return best;
}

const NOTHING = new Uint8Array(0);
const ZERO = new Uint8Array(1);

function some(inputs: Iterable<Uint8Array>, holds: (input: Uint8Array) => boolean): boolean {
  for (const input of inputs) if (holds(input)) return true;
  return false;
}
