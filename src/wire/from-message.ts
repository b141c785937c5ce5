/**
 * From the generated messages to the core's packet, each field checked against the range that its
 * comment in `proto/` gives.
 */
import type * as digest from '../../gen/telepathine/v1/digest_pb.js';
import type * as liveness from '../../gen/telepathine/v1/liveness_pb.js';
import type * as log from '../../gen/telepathine/v1/log_pb.js';
import type * as wire from '../../gen/telepathine/v1/packet_pb.js';
import { hex64FromBytes, ZERO_HEX64 } from './hex.js';
import {
  CLUSTER_BYTES_MAX,
  KNOWN_FEATURES,
  PROTOCOL_VERSION,
  REMAINING_MS_MAX,
  VALUE_BYTES_MAX,
} from './limits.js';
import type {
  Delta,
  Digest,
  Fingerprint,
  Hex64,
  Life,
  Opinion,
  OwnerDigest,
  OwnerId,
  Packet,
  Range,
  Status,
  Suspicion,
  Vote,
  Want,
  WireEntry,
} from './packet.js';
import { generationOf, numberOf, refuse } from './refuse.js';
import { sharedHex64 } from './shared-text.js';
import { Slab, slabBytes } from './slab.js';
import { utf8Bytes } from './text.js';

/**
 * The packet of a generated message.
 *
 * @throws Refused with the reason.
 */
export function packetFromMessage(message: wire.Packet): Packet {
  // First of all, for what the rest means depends on them.
  if (message.protocol !== PROTOCOL_VERSION) refuse('protocol-version');
  if ((message.requiredFeatures & ~KNOWN_FEATURES) !== 0) refuse('unknown-feature');
  if (utf8Bytes(message.cluster) > CLUSTER_BYTES_MAX) refuse('too-large');
  if (message.sender === undefined) refuse('bad-id');
  const packet: Packet = {
    requiredFeatures: message.requiredFeatures,
    protocol: message.protocol,
    cluster: message.cluster,
    sender: lifeOf(message.sender),
    uptimeMs: numberOf(message.uptimeMs),
    fingerprints: fingerprintsOf(message.fingerprints),
    digests: digestsOf(message.digests),
    wants: parts(message.wants, wantOf),
    deltas: parts(message.deltas, deltaOf),
    probes: parts(message.probes, lifeOf),
    suspicions: parts(message.suspicions, suspicionOf),
    votes: parts(message.votes, voteOf),
  };
  if (message.token.length > 0) packet.token = idOf(message.token);
  if (message.echo.length > 0) packet.echo = idOf(message.echo);
  if (message.heartbeat !== undefined) {
    const { ping, answer, roundTripUs } = message.heartbeat;
    packet.heartbeat = { ping, answer, roundTripUs };
  }
  return packet;
}

function parts<Message, Part>(messages: Message[], convert: (message: Message) => Part): Part[] {
  return messages.length === 0 ? [] : messages.map(convert);
}

function lifeOf(message: wire.Sender | liveness.Probe): Life {
  return {
    owner: ownerOf(message.owner),
    logId: sharedIdOf(message.logId),
    generation: generationOf(message.generation),
  };
}

function fingerprintsOf(messages: digest.Fingerprint[]): Fingerprint[] {
  const fingerprints = parts(messages, fingerprintOf);
  checkDisjoint(fingerprints.map(({ range }) => range));
  return fingerprints;
}

/** Lists of ranges are disjoint and ascend; of partial lists there is at most one. */
function digestsOf(messages: digest.Digest[]): Digest[] {
  const digests = parts(messages, digestOf);
  const ranges = digests.flatMap(({ range }) => range ?? []);
  if (digests.length - ranges.length > 1) refuse('bad-order');
  checkDisjoint(ranges);
  return digests;
}

/** An open end of any but the last, or an open start of any but the first, overlaps. */
function checkDisjoint(ranges: Range[]): void {
  for (let index = 1; index < ranges.length; index++) {
    const { end } = ranges[index - 1] as Range;
    const { start } = ranges[index] as Range;
    if (end === undefined || start === undefined || start < end) refuse('bad-order');
  }
}

function fingerprintOf(message: digest.Fingerprint): Fingerprint {
  return {
    range: message.range === undefined ? {} : rangeOf(message.range),
    count: message.count,
    sum: message.sum.length === 0 ? ZERO_HEX64 : idOf(message.sum),
  };
}

function rangeOf(message: digest.Range): Range {
  const range: Range = {};
  if (message.start.length > 0) range.start = idOf(message.start);
  if (message.end.length > 0) {
    range.end = idOf(message.end);
    if ((range.start ?? ZERO_HEX64) >= range.end) refuse('bad-order');
  }
  return range;
}

function digestOf(message: digest.Digest): Digest {
  const owners = parts(message.owners, ownerDigestOf);
  for (let index = 1; index < owners.length; index++) {
    const before = owners[index - 1] as OwnerDigest;
    if (before.owner >= (owners[index] as OwnerDigest).owner) refuse('bad-order');
  }
  return message.range === undefined ? { owners } : { range: rangeOf(message.range), owners };
}

function ownerDigestOf(message: digest.OwnerDigest): OwnerDigest {
  if (message.status < 1 || message.status > 3) refuse('unknown-enum');
  return {
    owner: ownerOf(message.owner),
    logId: sharedIdOf(message.logId),
    generation: generationOf(message.generation),
    incarnation: message.incarnation,
    status: message.status as number as Status,
    version: numberOf(message.version),
    floor: numberOf(message.floor),
    ageMs: numberOf(message.ageMs),
    refused: message.refused,
  };
}

function wantOf(message: log.Want): Want {
  const want: Want = {
    owner: ownerOf(message.owner),
    generation: message.generation === 0n ? 0 : generationOf(message.generation),
    version: numberOf(message.version),
    stagedTo: numberOf(message.stagedTo),
    asOf: numberOf(message.asOf),
    floorMax: numberOf(message.floorMax),
  };
  if (message.logId.length > 0) want.logId = sharedIdOf(message.logId);
  return want;
}

function deltaOf(message: log.Delta): Delta {
  const delta: Delta = {
    owner: ownerOf(message.owner),
    logId: sharedIdOf(message.logId),
    generation: generationOf(message.generation),
    from: numberOf(message.from),
    to: numberOf(message.to),
    asOf: numberOf(message.asOf),
    floor: numberOf(message.floor),
    header: new Uint8Array(message.header),
    entries: entriesOf(message.entries),
    requiredFeatures: message.requiredFeatures,
  };
  const { from, to, asOf, floor } = delta;
  if (from > to || to > asOf || floor > asOf) refuse('bad-order');
  return delta;
}

function entriesOf(messages: log.Entry[]): WireEntry[] {
  let bytes = 0;
  for (const { body, payload } of messages) bytes += slabBytes(body, payload);
  const slab = new Slab(bytes);
  return parts(messages, (message) => entryOf(message, slab));
}

function entryOf(message: log.Entry, slab: Slab): WireEntry {
  if (message.payload.length > VALUE_BYTES_MAX) refuse('too-large');
  const [body, payload] = slab.copiesOf(message.body, message.payload);
  const entry: WireEntry = { body, payload };
  if (message.remainingMs !== undefined) {
    entry.remainingMs = numberOf(message.remainingMs);
    if (entry.remainingMs > REMAINING_MS_MAX) refuse('integer-range');
  }
  return entry;
}

function suspicionOf(message: liveness.Suspicion): Suspicion {
  return {
    owner: ownerOf(message.owner),
    logId: sharedIdOf(message.logId),
    generation: generationOf(message.generation),
    incarnation: message.incarnation,
  };
}

function voteOf(message: liveness.Vote): Vote {
  if (message.opinion < 1 || message.opinion > 4) refuse('unknown-enum');
  return {
    owner: ownerOf(message.owner),
    logId: sharedIdOf(message.logId),
    generation: generationOf(message.generation),
    incarnation: message.incarnation,
    opinion: message.opinion as number as Opinion,
  };
}

function ownerOf(bytes: Uint8Array): OwnerId {
  const owner = sharedIdOf(bytes);
  if (owner === ZERO_HEX64) refuse('bad-id');
  return owner;
}

function sharedIdOf(bytes: Uint8Array): Hex64 {
  if (bytes.length !== 8) refuse('bad-id');
  return sharedHex64(bytes);
}

/** Tokens and sums: they seldom come again. */
function idOf(bytes: Uint8Array): Hex64 {
  if (bytes.length !== 8) refuse('bad-id');
  return hex64FromBytes(bytes);
}
