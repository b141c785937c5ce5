import type { Log, LogEntry } from './log.js';
import type { Owner } from './owner.js';
import type { CoreState } from './state.js';

/** The events of a log that end within so short a time are forgotten together. */
const ENDED_TOGETHER_MS = 50;

/** Events of one log that are forgotten at the same time. */
interface Group {
  readonly atMs: number;
  readonly entries: LogEntry[];
}

/**
 * Ends what does not stay. A value ends to the millisecond, since the application is told. That an
 * event has ended nobody is told, and it is not given on from then on: it may take its memory a little
 * longer, so that a stream of events does not cost a task for each.
 */
export class Ends {
  readonly #groups = new Map<Log, Group>();

  constructor(
    private readonly state: CoreState,
    private readonly end: (owner: Owner, log: Log, entry: LogEntry) => void,
  ) {}

  schedule(owner: Owner, log: Log, entry: LogEntry): void {
    const { expiresAtMs } = entry;
    if (!Number.isFinite(expiresAtMs)) return;
    if (entry.kind === 'event') this.#group(owner, log, expiresAtMs).entries.push(entry);
    else entry.expiry = this.#at(expiresAtMs, () => this.end(owner, log, entry));
  }

  #group(owner: Owner, log: Log, expiresAtMs: number): Group {
    const last = this.#groups.get(log);
    const aheadMs = last === undefined ? Number.NEGATIVE_INFINITY : last.atMs - expiresAtMs;
    if (last !== undefined && aheadMs >= 0 && aheadMs <= ENDED_TOGETHER_MS) return last;
    const group: Group = { atMs: expiresAtMs + ENDED_TOGETHER_MS, entries: [] };
    this.#groups.set(log, group);
    this.#at(group.atMs, () => {
      if (this.#groups.get(log) === group) this.#groups.delete(log);
      for (const entry of group.entries) this.end(owner, log, entry);
    });
    return group;
  }

  #at(dueMs: number, run: () => void) {
    return this.state.schedule.at(dueMs, run);
  }
}
