/** The ring and its turns as PROTOCOL.md has them; and as those have them who get them wrong. */
import type {
  RingOwner,
  TurnClaim,
  WatchersClaim,
} from '../../../src/conformance/vectors/upper-layers.js';

export type RingQuestion = Omit<WatchersClaim, 'claim'>;
export type TurnQuestion = Omit<TurnClaim, 'claim'>;

/** One thing that is done wrong. */
export type RingMistake =
  | 'direction-reversed'
  | 'ring-not-closed'
  | 'itself-included'
  | 'watchers-three'
  | 'watchers-five'
  | 'suspected-kept'
  | 'suspected-left-out'
  | 'down-included'
  | 'nameless-included'
  | 'order-by-id'
  | 'ids-lowest-first'
  | 'quarter-ignored'
  | 'quarter-included'
  | 'rank-from-one'
  | 'cycle-of-one'
  | 'cycle-of-four';

const WATCHERS = 4;

/** The watchers of an owner, or those that it watches: the nearest first. */
export function ringOf({ kind, of, owners }: RingQuestion, mistake?: RingMistake): string[] {
  const watches = kind === 'watched';
  const backwards = watches !== (mistake === 'direction-reversed');
  const most = mistake === 'watchers-three' ? 3 : mistake === 'watchers-five' ? 5 : WATCHERS;
  const chosen: string[] = [];
  let trusted = 0;
  for (const owner of around(of, owners, backwards, mistake)) {
    if (trusted === most) break;
    const isPassedOver =
      owner.suspected &&
      (watches ? mistake === 'suspected-left-out' : mistake !== 'suspected-kept');
    if (isPassedOver) continue;
    chosen.push(owner.id);
    if (!owner.suspected || !watches) trusted += 1;
  }
  return mistake === 'order-by-id' ? chosen.sort() : chosen;
}

/** The live owners as the ring has them from one on, that one left out. */
function around(
  of: string,
  owners: readonly RingOwner[],
  backwards: boolean,
  mistake?: RingMistake,
): RingOwner[] {
  const live = owners.filter(
    ({ status, header }) =>
      (status === 'alive' || mistake === 'down-included') &&
      (header || mistake === 'nameless-included'),
  );
  if (mistake === 'ids-lowest-first') return live.filter(({ id }) => id !== of);
  // As many digits each: texts compare as the numbers do.
  const above = live.filter(({ id }) => id > of);
  const below = live.filter(({ id }) => id < of);
  const closed = mistake !== 'ring-not-closed';
  const ring = backwards
    ? [...below.reverse(), ...(closed ? above.reverse() : [])]
    : [...above, ...(closed ? below : [])];
  const itself = live.filter(({ id }) => id === of);
  return mistake === 'itself-included' ? [...itself, ...ring] : ring;
}

/** How long a watcher waits for its turn. */
export function turnOf(question: TurnQuestion, mistake?: RingMistake): number {
  const { heartbeatIntervalMs, watchers, rank, uptimeMs } = question;
  const ranks = mistake === 'cycle-of-four' ? WATCHERS : mistake === 'cycle-of-one' ? 1 : watchers;
  const cycleMs = ranks * heartbeatIntervalMs;
  const turnMs = (mistake === 'rank-from-one' ? rank + 1 : rank) * heartbeatIntervalMs;
  // The next time, above now, at which the uptime modulo the cycle is that of the turn.
  let untilMs = (((turnMs - uptimeMs) % cycleMs) + cycleMs) % cycleMs;
  if (untilMs === 0) untilMs = cycleMs;
  const quarterMs = heartbeatIntervalMs / 4;
  const isTooSoon = mistake === 'quarter-included' ? untilMs <= quarterMs : untilMs < quarterMs;
  return isTooSoon && mistake !== 'quarter-ignored' ? untilMs + cycleMs : untilMs;
}
