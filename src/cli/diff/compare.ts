import type { OwnerDigest, OwnerId } from '../../wire/packet.js';
import type { HeldValue, OwnerLog } from './log-copy.js';

/** What two nodes hold of one owner; undefined where a node knows nothing of it. */
export interface OwnerPair {
  readonly owner: OwnerId;
  readonly sides: readonly [OwnerDigest | undefined, OwnerDigest | undefined];
}

/** A key that two nodes do not hold alike. */
export interface KeyDifference {
  readonly key: string;
  readonly sides: readonly [HeldValue | undefined, HeldValue | undefined];
}

type Digests = ReadonlyMap<OwnerId, OwnerDigest>;

/** All owners that one of two nodes knows, by id. */
export function pairsOf(one: Digests, other: Digests): OwnerPair[] {
  const owners = [...new Set([...one.keys(), ...other.keys()])].sort();
  return owners.map((owner) => ({ owner, sides: [one.get(owner), other.get(owner)] }));
}

/** Whether two nodes say the same of an owner. How long it is dead is not compared. */
export function isAlike({ sides: [one, other] }: OwnerPair): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.logId === other.logId &&
    one.generation === other.generation &&
    one.incarnation === other.incarnation &&
    one.status === other.status &&
    one.version === other.version
  );
}

/** The keys that differ, by name. */
export function compareLogs(
  one: OwnerLog | undefined,
  other: OwnerLog | undefined,
): KeyDifference[] {
  const keys = [...new Set([...(one?.values.keys() ?? []), ...(other?.values.keys() ?? [])])];
  return keys.sort().flatMap((key) => {
    const left = one?.values.get(key);
    const right = other?.values.get(key);
    return isSameValue(left, right) ? [] : [{ key, sides: [left, right] as const }];
  });
}

function isSameValue(one: HeldValue | undefined, other: HeldValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.version === other.version &&
    one.encoding === other.encoding &&
    one.typeName === other.typeName &&
    Buffer.compare(one.payload, other.payload) === 0
  );
}
