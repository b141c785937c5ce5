/**
 * Patterns for the names of keys and events. Names and patterns are split at ':' into segments:
 *
 * - `*` as the last segment stands for one or more segments, so that `*` alone matches every name
 *   and `a:*` matches `a:b` and `a:b:c`, but not `a`;
 * - `*` before others stands for exactly one segment;
 * - `**` stands for any number of segments, none too;
 * - everything else stands for itself, capitals included.
 */
export class Pattern {
  readonly #segments: readonly string[];

  /** @param text any text is a pattern. */
  constructor(text: string) {
    const segments = text.split(':');
    // A last `*` is one segment and whatever follows.
    this.#segments = segments.at(-1) === '*' ? [...segments, '**'] : segments;
  }

  /** Whether the pattern matches more than its own text. */
  static isWild(text: string): boolean {
    return text.split(':').some((segment) => segment === '*' || segment === '**');
  }

  /**
   * Whether a name, given as its segments, fits. Nothing in the name is a wildcard.
   *
   * As for wildcards in file names: the last `**` is the only one to come back to, so that the work
   * is at most the product of the two lengths.
   */
  matches(name: readonly string[]): boolean {
    const wanted = this.#segments;
    let at = 0;
    let wantedAt = 0;
    let resumeAt = 0;
    let deepAt = -1;
    while (at < name.length) {
      const segment = wanted[wantedAt];
      if (segment === '**') {
        deepAt = wantedAt++;
        resumeAt = at;
      } else if (segment === '*' || segment === name[at]) {
        wantedAt++;
        at++;
      } else if (deepAt >= 0) {
        wantedAt = deepAt + 1;
        at = ++resumeAt;
      } else {
        return false;
      }
    }
    while (wanted[wantedAt] === '**') wantedAt++;
    return wantedAt === wanted.length;
  }
}
