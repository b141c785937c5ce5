/** Edits up to which a name may be meant by another. */
const EDITS_MAX = 3;

/**
 * The name that was probably meant by one that does not exist, by the least number of letters added,
 * removed or replaced (Levenshtein); whether letters are capitals does not count.
 *
 * @returns undefined if none is near.
 */
export function closest(name: string, names: readonly string[]): string | undefined {
  const editsMax = Math.min(EDITS_MAX, Math.floor(name.length / 2));
  let best: { edits: number; name: string } | undefined;
  for (const candidate of names) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits <= editsMax && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) {
      best = { edits, name: candidate };
    }
  }
  return best?.name;
}

function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[to.length]!;
}
