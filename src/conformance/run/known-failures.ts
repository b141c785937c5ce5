import { TelepathineError } from '../../error.js';

/** A failure that is known; it does not make the run fail, but if it does not happen any more. */
interface Entry {
  /** Absent: of every implementation. */
  readonly implementation: string | undefined;
  readonly id: string;
  readonly line: number;
}

/** A list of known failures. */
export class KnownFailures {
  readonly #entries: readonly Entry[];

  /**
   * @param text a line an entry: a case's id, or an implementation's name and an id; behind `#` stands
   * why.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  constructor(text = '') {
    this.#entries = text.split(/\r?\n/).flatMap((whole, index) => {
      const words = whole.replace(/#.*$/, '').trim().split(/\s+/).filter(Boolean);
      const [first = '', second] = words;
      if (words.length > 2) throw invalid(`line ${index + 1} is no id, nor a name and an id`);
      if (words.length === 0) return [];
      const entry = second === undefined ? { id: first } : { id: second, implementation: first };
      return [{ implementation: undefined, line: index + 1, ...entry }];
    });
  }

  /** Whether a case is known to fail. */
  has(implementation: string, id: string): boolean {
    return this.#entries.some((entry) => fits(entry, implementation, id));
  }

  /**
   * Entries that are stale: their cases did not fail, or there are no such cases. What was not run is
   * not judged.
   *
   * @param ids of all cases there are.
   */
  stale(
    ran: readonly { implementation: string; id: string; hasFailed: boolean }[],
    ids: ReadonlySet<string>,
  ): string[] {
    return this.#entries.flatMap((entry) => {
      const name = [entry.implementation, entry.id].filter(Boolean).join(' ');
      if (!ids.has(entry.id)) return [`line ${entry.line}: ${name}: there is no such case`];
      const meant = ran.filter(({ implementation, id }) => fits(entry, implementation, id));
      const isStale = meant.length > 0 && !meant.some(({ hasFailed }) => hasFailed);
      return isStale ? [`line ${entry.line}: ${name} does not fail`] : [];
    });
  }
}

function fits(entry: Entry, implementation: string, id: string): boolean {
  const isOfIt = entry.implementation === undefined || entry.implementation === implementation;
  return isOfIt && entry.id === id;
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', `--known-failing: ${message}`);
}
