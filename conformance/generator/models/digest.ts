/** Hashes and sums of digests as PROTOCOL.md has them; and as those have them who get them wrong. */
import { createHash } from 'node:crypto';
import type { FingerprintClaim, HashClaim } from '../../../src/conformance/vectors/upper-layers.js';
import type { OwnerDigest } from '../../../src/wire/packet.js';

/** One thing that is done wrong. */
export type DigestMistake =
  | 'floor-omitted'
  | 'incarnation-omitted'
  | 'status-omitted'
  | 'log-id-omitted'
  | 'generation-narrow'
  | 'incarnation-wide'
  | 'status-wide'
  | 'version-and-floor-swapped'
  | 'integers-little-endian'
  | 'age-added'
  | 'refused-added'
  | 'ids-as-text'
  | 'hash-from-end'
  | 'hash-little-endian'
  | 'sum-exclusive-or'
  | 'sum-of-halves'
  | 'hash-of-all'
  | 'end-included'
  | 'start-excluded'
  | 'range-ignored'
  | 'count-of-all'
  | 'count-one-less';

/** The canonical bytes of a digest and their hash. */
export function hashOf(digest: OwnerDigest, mistake?: DigestMistake): HashClaim['claim'] {
  const canonical = canonicalOf(digest, mistake);
  const whole = createHash('sha256').update(canonical).digest();
  const hash = Buffer.from(mistake === 'hash-from-end' ? whole.subarray(-8) : whole.subarray(0, 8));
  if (mistake === 'hash-little-endian') hash.reverse();
  return { canonical: canonical.toString('hex'), hash: hash.toString('hex') };
}

/** The fingerprint of a range. */
export function fingerprintOf(
  digests: readonly OwnerDigest[],
  range: FingerprintClaim['range'],
  mistake?: DigestMistake,
): FingerprintClaim['claim'] {
  const inside = digests.filter(({ owner }) => isInside(owner, range, mistake));
  const hashes = inside.map((digest) => BigInt(`0x${hashOf(digest).hash}`));
  const counted = mistake === 'count-of-all' ? digests.length : inside.length;
  return {
    count: mistake === 'count-one-less' ? counted - 1 : counted,
    sum: sumOf(hashes, inside, mistake).toString(16).padStart(16, '0'),
  };
}

function canonicalOf(digest: OwnerDigest, mistake?: DigestMistake): Buffer {
  const { owner, logId, generation, incarnation, status, version, floor, ageMs } = digest;
  const ids = mistake === 'ids-as-text' ? 'utf8' : 'hex';
  const uint = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64BE(BigInt(value));
    const narrow = buffer.subarray(8 - bytes);
    return mistake === 'integers-little-endian' ? Buffer.from(narrow).reverse() : narrow;
  };
  const swapped = mistake === 'version-and-floor-swapped';
  const none = Buffer.alloc(0);
  return Buffer.concat([
    Buffer.from(owner, ids),
    mistake === 'log-id-omitted' ? none : Buffer.from(logId, ids),
    uint(generation, mistake === 'generation-narrow' ? 4 : 8),
    mistake === 'incarnation-omitted'
      ? none
      : uint(incarnation, mistake === 'incarnation-wide' ? 8 : 4),
    mistake === 'status-omitted' ? none : uint(status, mistake === 'status-wide' ? 4 : 1),
    uint(swapped ? floor : version, 8),
    mistake === 'floor-omitted' ? none : uint(swapped ? version : floor, 8),
    mistake === 'age-added' ? uint(ageMs, 8) : none,
    mistake === 'refused-added' ? uint(Number(digest.refused), 1) : none,
  ]);
}

function isInside(
  owner: string,
  { start, end }: FingerprintClaim['range'],
  mistake?: DigestMistake,
): boolean {
  if (mistake === 'range-ignored') return true;
  const id = BigInt(`0x${owner}`);
  const first = start === undefined ? 0n : BigInt(`0x${start}`);
  const last = end === undefined ? 2n ** 64n : BigInt(`0x${end}`);
  if (mistake === 'start-excluded' && id === first) return false;
  return id >= first && (mistake === 'end-included' ? id <= last : id < last);
}

function sumOf(
  hashes: readonly bigint[],
  digests: readonly OwnerDigest[],
  mistake?: DigestMistake,
): bigint {
  if (mistake === 'hash-of-all') {
    const all = Buffer.concat(digests.map((digest) => canonicalOf(digest)));
    return createHash('sha256').update(all).digest().readBigUInt64BE();
  }
  if (mistake === 'sum-exclusive-or') return hashes.reduce((sum, hash) => sum ^ hash, 0n);
  if (mistake === 'sum-of-halves') {
    // Each half is summed by itself: no carry goes from one to the other.
    const low = hashes.reduce((sum, hash) => sum + (hash & 0xffffffffn), 0n);
    const high = hashes.reduce((sum, hash) => sum + (hash >> 32n), 0n);
    return ((high & 0xffffffffn) << 32n) | (low & 0xffffffffn);
  }
  return hashes.reduce((sum, hash) => sum + hash, 0n) % 2n ** 64n;
}
