import { createHash } from 'node:crypto';
import { decodeEntryBody } from '../../wire/entry-body.js';
import type { Delta, OwnerDigest, OwnerId, WireEntry } from '../../wire/packet.js';
import { CaseFailure } from './case-failure.js';
import type { PeerLink } from './peer-link.js';

/** What a node shares with whoever asks: statements, and the logs that it shows. */
export interface NodeState {
  readonly digests: ReadonlyMap<OwnerId, OwnerDigest>;
  readonly logs: ReadonlyMap<OwnerId, OwnerLog>;
}

/** A log as a node serves it. */
export interface OwnerLog {
  readonly header: Uint8Array;
  /** By ascending version. */
  readonly entries: readonly WireEntry[];
  readonly floor: number;
}

/** An owner with so many parts is not read to its end. */
const WANTS_MAX = 200;
const NOTHING = { range: {}, count: 0, sum: '0000000000000000' };

/**
 * Asks for all that a node shares, on a stream of somebody who takes no part.
 *
 * @throws CaseFailure if it does not tell.
 */
export async function readState(link: PeerLink): Promise<NodeState> {
  const digests = await readDigests(link);
  const logs = new Map<OwnerId, OwnerLog>();
  for (const digest of digests.values()) {
    if (digest.version > 0) logs.set(digest.owner, await readLog(link, digest));
  }
  return { digests, logs };
}

/** The statements that a node shares: who has nothing in common with it is told all (11.2.1). */
export async function readDigests(link: PeerLink): Promise<Map<OwnerId, OwnerDigest>> {
  const { all } = await link.ping({ fingerprints: [NOTHING] });
  const owners = all.flatMap(({ packet }) => packet.digests.flatMap((each) => each.owners));
  return new Map(owners.map((owner) => [owner.owner, owner]));
}

/** All that a node shows of an owner's log. */
export async function readLog(link: PeerLink, { owner }: OwnerDigest): Promise<OwnerLog> {
  const entries: WireEntry[] = [];
  let header: Uint8Array = new Uint8Array(0);
  let last: Delta | undefined;
  for (let asked = 0; asked < WANTS_MAX; asked++) {
    const life = last === undefined ? { generation: 0 } : lifeOf(last);
    const { to = 0, asOf = 0, floor = 0 } = last ?? {};
    const want = { owner, ...life, version: 0, stagedTo: to, asOf, floorMax: floor };
    const { all } = await link.ping({ wants: [want] });
    const deltas = all.flatMap(({ packet }) =>
      packet.deltas.filter((each) => each.owner === owner),
    );
    for (const delta of deltas) {
      if (delta.header.length > 0) header = delta.header;
      entries.push(...delta.entries);
      last = delta;
    }
    if (last === undefined || deltas.length === 0) break;
    if (last.to >= last.asOf) return { header, entries, floor: last.floor };
  }
  throw new CaseFailure('11.6.1', `the log of ${owner}, which the node claims`, 'it was not told');
}

/** What differs between two states, in words; nothing if they are the same. */
export function differences(before: NodeState, after: NodeState): string[] {
  const owners = new Set([...before.digests.keys(), ...after.digests.keys()]);
  return [...owners].flatMap((owner) => {
    const statements = [before, after].map(({ digests }) => digestText(digests.get(owner)));
    if (statements[0] !== statements[1]) {
      return [`owner ${owner} was ${statements[0]} and is ${statements[1]}`];
    }
    const logs = [before, after].map((state) => logText(state.logs.get(owner)));
    return logs[0] === logs[1] ? [] : [`the log of owner ${owner} has another content`];
  });
}

/** Age is left out: it grows by itself. */
export function digestText(digest: OwnerDigest | undefined): string {
  if (digest === undefined) return 'unknown';
  const { logId, generation, incarnation, status, version, floor, refused } = digest;
  const words = ['', 'alive', 'dead', 'left'];
  return (
    `${words[status]} (log ${logId}, generation ${generation}, incarnation ${incarnation}, ` +
    `version ${version}, floor ${floor}${refused ? ', refused' : ''})`
  );
}

/** What remains of an entry's time shrinks by itself. */
function logText(log: OwnerLog | undefined): string {
  const hash = createHash('sha256');
  for (const { body, payload } of log?.entries ?? []) hash.update(body).update(payload);
  return hash.update(log?.header ?? '').digest('hex');
}

/** The bodies of a log's entries, with their payloads as text. */
export function readEntries(
  log: OwnerLog,
): { name: string; kind: string; text: string; version: number }[] {
  return log.entries.flatMap(({ body, payload }) => {
    const read = decodeEntryBody(body);
    if (read === undefined) return [];
    const { name, version, content } = read;
    return [{ name, version, kind: content.kind, text: Buffer.from(payload).toString('utf8') }];
  });
}

function lifeOf({ logId, generation }: Delta): { logId: string; generation: number } {
  return { logId, generation };
}
