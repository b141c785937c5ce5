/** Vectors of what a peer computes, against this implementation. */
import type {
  AgreementClaim,
  DigestVector,
  FingerprintClaim,
  HashClaim,
  IdRange,
  JsonObject,
  OverdueClaim,
  PhiClaim,
  PhiVector,
  RingVector,
  TurnClaim,
  WatchersClaim,
} from '../../../src/conformance/vectors/index.js';
import type { Carriers } from '../../../src/core/carriers.js';
import { Directory } from '../../../src/core/directory.js';
import type { Exchange } from '../../../src/core/exchange.js';
import { ownerHash } from '../../../src/core/fingerprint.js';
import { Owner } from '../../../src/core/owner.js';
import { PhiEstimator, phi } from '../../../src/core/phi.js';
import type { Pings } from '../../../src/core/pings.js';
import { watchedBy, watchersOf } from '../../../src/core/ring.js';
import type { Suspicions } from '../../../src/core/suspicions.js';
import { Watching } from '../../../src/core/watching.js';
import { decodePacket } from '../../../src/wire/codec.js';
import { packetFromJson } from '../../../src/wire/json.js';
import { type Life, type OwnerDigest, type Packet, Status } from '../../../src/wire/packet.js';
import { makeOwner, makeState } from '../../support/core-state.js';
import { differences, layerOf } from './outcome.js';

const RIGHT = { result: 'accept', connection: 'none' };
const WRONG = { result: 'reject', layer: 'claim', error: 'wrong-claim', connection: 'none' };

/** What is tested, so that a test can put something broken in its place. */
export interface Computed {
  hash: (digest: OwnerDigest) => string;
  fingerprint: (digests: readonly OwnerDigest[], range: IdRange) => FingerprintClaim['claim'];
  ring: (question: Omit<WatchersClaim, 'claim'>) => string[];
  untilTurnMs: (question: Omit<TurnClaim, 'claim'>) => number;
  phi: (question: Omit<PhiClaim, 'claim'>) => number;
  overdue: (question: Omit<OverdueClaim, 'claim'>) => { phi: number; overdueMs: number };
}

export const COMPUTED: Computed = { hash, fingerprint, ring, untilTurnMs, phi: phiOf, overdue };

export function checkDigest({ given, expect }: DigestVector, computed = COMPUTED): string[] {
  if (given.kind === 'packet') {
    const bytes = Buffer.from(given.hex, 'hex');
    const isSame = bytes.equals(packetFromJson(given.packet));
    const decoded = decodePacket(new Uint8Array(bytes));
    const error = decoded.ok ? undefined : decoded.reason;
    const refusal = error && { result: 'reject', layer: layerOf(error), error };
    return [
      ...differences({ ...RIGHT, ...refusal }, expect, 'the packet'),
      ...(isSame ? [] : ['the JSON is not that of the bytes']),
    ];
  }
  return differences(isRightDigest(given, computed) ? RIGHT : WRONG, expect, given.kind);
}

export function checkRing({ given, expect }: RingVector, computed = COMPUTED): string[] {
  const isRight =
    given.kind === 'turn'
      ? computed.untilTurnMs(given) === given.claim.untilMs
      : computed.ring(given).join() === given.claim.join();
  return differences(isRight ? RIGHT : WRONG, expect, given.kind);
}

export function checkPhi({ given, expect }: PhiVector, computed = COMPUTED): string[] {
  const isRight =
    given.kind === 'phi'
      ? isClose(computed.phi(given), given.claim)
      : isOverdueRight(given, computed.overdue(given));
  return differences(isRight ? RIGHT : WRONG, expect, given.kind);
}

// Digests

function isRightDigest(
  given: HashClaim | FingerprintClaim | AgreementClaim,
  computed: Computed,
): boolean {
  if (given.kind === 'hash') return computed.hash(digestOf(given.digest)) === given.claim.hash;
  if (given.kind === 'fingerprint') {
    const { count, sum } = computed.fingerprint(given.digests.map(digestOf), given.range);
    return count === given.claim.count && sum === given.claim.sum;
  }
  const [mine, theirs] = [given.mine, given.theirs].map(
    (json) => partsOf({ fingerprints: [json] }).fingerprints[0],
  );
  return mine?.count === theirs?.count && mine?.sum === theirs?.sum;
}

function hash(digest: OwnerDigest): string {
  const { high, low } = ownerHash(ownerOf(digest));
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
}

function fingerprint(digests: readonly OwnerDigest[], range: IdRange): FingerprintClaim['claim'] {
  const directory = new Directory(
    () => Number.POSITIVE_INFINITY,
    () => 0,
  );
  for (const each of digests) directory.add(ownerOf(each));
  return directory.fingerprint(range);
}

/** An owner of whom as much is shown as the digest says. */
function ownerOf(digest: OwnerDigest): Owner {
  const owner = makeOwner(digest.owner);
  owner.statement = { ...digest, downAtMs: 0 };
  const log = owner.writableLog();
  owner.setLog(Object.assign(log, { version: digest.version, floor: digest.floor }));
  return owner;
}

function digestOf(json: JsonObject): OwnerDigest {
  return partsOf({ digests: [{ owners: [json] }] }).digests[0]!.owners[0]!;
}

function partsOf(parts: JsonObject): Packet {
  const id = Buffer.alloc(8, 1).toString('base64');
  const sender = { owner: id, logId: id, generation: '1' };
  const decoded = decodePacket(packetFromJson({ protocol: 1, sender, ...parts }));
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.packet;
}

// The ring

function ring({ kind, of, owners }: Omit<WatchersClaim, 'claim'>): string[] {
  const state = makeState({}, makeOwner(of));
  for (const { id, status, header, suspected } of owners) {
    if (id === of) continue;
    const owner = header ? makeOwner(id) : namelessOwner(id);
    state.directory.add(Object.assign(owner, { status: Status[status], suspected }));
  }
  const chosen = kind === 'watched' ? watchedBy(state, state.self) : watchersOf(state, state.self);
  return chosen.map(({ id }) => id);
}

function namelessOwner(id: string): Owner {
  const life = { owner: id, logId: 'aaaaaaaaaaaaaaaa', generation: 1 };
  return new Owner({ ...life, incarnation: 0, status: Status.alive, downAtMs: 0 });
}

/** A watcher begins to watch all others, and plans a turn for each in their order. */
function untilTurnMs(question: Omit<TurnClaim, 'claim'>): number {
  const { heartbeatIntervalMs, watchers, rank, uptimeMs } = question;
  const ids = Array.from({ length: watchers + 1 }, (_, index) => `${index}`.padStart(16, '0'));
  const [watched, ...ranks] = ids as [string, ...string[]];
  const state = makeState({ heartbeatIntervalMs }, makeOwner(ranks[rank] as string));
  for (const id of ids) if (id !== state.self.id) state.directory.add(makeOwner(id));
  const pings = {
    uptimeMs: ({ owner }: Life) => (owner === watched ? uptimeMs : undefined),
  } as Pings;
  const nobody = {} as Exchange & Suspicions & Carriers;
  new Watching(state, pings, nobody, nobody, nobody).membershipChanged();
  const begin = state.schedule.takeDue(state.nowMs);
  const plannedMs: number[] = [];
  state.schedule.at = (dueMs) => {
    plannedMs.push(dueMs - state.nowMs);
    return { dueMs, cancel: () => undefined };
  };
  begin?.();
  const index = watchedBy(state, state.self).findIndex(({ id }) => id === watched);
  return plannedMs[index] ?? Number.NaN;
}

// Phi

function phiOf({ elapsedMs, meanMs, deviationMs }: Omit<PhiClaim, 'claim'>): number {
  return phi(elapsedMs, meanMs, deviationMs);
}

function overdue(question: Omit<OverdueClaim, 'claim'>): { phi: number; overdueMs: number } {
  const { phiDeviationMinMs, phiToleranceMs, phiThreshold, samplesMs, elapsedMs } = question;
  const settings = { deviationMinMs: phiDeviationMinMs, toleranceMs: phiToleranceMs };
  const estimator = new PhiEstimator(settings);
  for (const sample of samplesMs) estimator.add(sample);
  return { phi: estimator.phi(elapsedMs), overdueMs: estimator.timeoutMs(phiThreshold) };
}

function isOverdueRight({ claim }: OverdueClaim, found: { phi: number; overdueMs: number }) {
  const late = found.overdueMs - claim.overdueMs;
  // The claim is rounded to a thousandth.
  const isInTime = late >= -0.001 && late <= claim.overdueToleranceMs + 0.001;
  return isInTime && isClose(found.phi, claim);
}

function isClose(found: number, claim: { phi: number; tolerance: number }): boolean {
  return Math.abs(found - claim.phi) <= claim.tolerance * Math.max(1, found);
}
