import type { Fingerprint, OwnerDigest, OwnerId, Range } from '../../wire/packet.js';
import type { Asker } from '../ask/asker.js';
import { LogCopy, type OwnerLog } from './log-copy.js';

/** A node tells of at most 10,000 owners in one reply; fewer are asked for at once. */
const OWNERS_AT_ONCE = 4000;
/** An owner's 320 MiB come in windows of 4 MiB, of which few may be smaller. */
const WINDOWS_MAX = 256;

/**
 * The statements that a node holds about all owners, itself included.
 *
 * @returns undefined if it did not tell them in time.
 */
export async function readDigests(
  asker: Asker,
  timeoutMs: number,
): Promise<ReadonlyMap<OwnerId, OwnerDigest> | undefined> {
  const count = await countOwners(asker, timeoutMs);
  if (count === undefined) return undefined;
  const digests = new Map<OwnerId, OwnerDigest>();
  for (const range of ranges(Math.ceil(count / OWNERS_AT_ONCE))) {
    const isTold = await asker.ask(
      { fingerprints: [nothingOf(range)] },
      (packet, isLast) => {
        for (const digest of packet.digests.flatMap(({ owners }) => owners)) {
          digests.set(digest.owner, digest);
        }
        return isLast;
      },
      timeoutMs,
    );
    if (!isTold) return undefined;
  }
  return digests;
}

/**
 * What a node holds of an owner's log.
 *
 * @returns undefined if it did not tell it in time.
 */
export async function readLog(
  asker: Asker,
  { owner, logId, generation }: OwnerDigest,
  timeoutMs: number,
): Promise<OwnerLog | undefined> {
  const copy = new LogCopy();
  for (let window = 0; window < WINDOWS_MAX; window++) {
    const { to, asOf, floor } = copy;
    const life = to === 0 ? { generation: 0 } : { logId, generation };
    const want = { owner, ...life, version: 0, stagedTo: to, asOf, floorMax: floor };
    const isTold = await asker.ask(
      { wants: [want] },
      ({ deltas }, isLast) => {
        for (const delta of deltas) if (delta.owner === owner) copy.take(delta);
        return isLast || copy.isComplete;
      },
      timeoutMs,
    );
    if (copy.isComplete) return copy.read();
    if (!isTold || copy.to === to) return undefined;
  }
  return undefined;
}

/** A stranger is told how many there are. */
async function countOwners(asker: Asker, timeoutMs: number): Promise<number | undefined> {
  let count: number | undefined;
  await asker.ask(
    { fingerprints: [{ range: {}, count: 1, sum: '0000000000000001' }] },
    ({ fingerprints, digests }) => {
      const whole = fingerprints.find(({ range }) => range.start === undefined);
      const listed = digests.find(({ range }) => range !== undefined);
      count ??= listed?.owners.length ?? whole?.count;
      return count !== undefined;
    },
    timeoutMs,
  );
  return count;
}

function nothingOf(range: Range): Fingerprint {
  return { range, count: 0, sum: '0000000000000000' };
}

/** So many ranges of owner ids, which together are all. */
function ranges(count: number): Range[] {
  const starts = Array.from({ length: Math.max(1, count) }, (_, index) =>
    ((2n ** 64n * BigInt(index)) / BigInt(Math.max(1, count))).toString(16).padStart(16, '0'),
  );
  return starts.map((start, index) => {
    const end = starts[index + 1];
    return { ...(index === 0 ? {} : { start }), ...(end === undefined ? {} : { end }) };
  });
}
