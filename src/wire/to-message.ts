/**
 * From the core's packet to the generated messages. They are built as literals with every field:
 * the library's `create` and its `toBinary` accept the same, and a literal costs a tenth of it.
 */
import type * as digest from '../../gen/telepathine/v1/digest_pb.js';
import type * as liveness from '../../gen/telepathine/v1/liveness_pb.js';
import type * as log from '../../gen/telepathine/v1/log_pb.js';
import type * as wire from '../../gen/telepathine/v1/packet_pb.js';
import { bytesFromHex64, ZERO_HEX64 } from './hex.js';
import type {
  Delta,
  Digest,
  Fingerprint,
  Heartbeat,
  Life,
  OwnerDigest,
  Packet,
  Range,
  Suspicion,
  Vote,
  Want,
  WireEntry,
} from './packet.js';

/**
 * The generated message of a packet.
 *
 * @throws TelepathineError INVALID_ARGUMENT for an id that is no hex text.
 */
export function messageFromPacket(packet: Packet): wire.Packet {
  return {
    $typeName: 'telepathine.v1.Packet',
    requiredFeatures: packet.requiredFeatures,
    protocol: packet.protocol,
    cluster: packet.cluster,
    sender: senderMessage(packet.sender),
    uptimeMs: BigInt(packet.uptimeMs),
    token: optionalId(packet.token),
    echo: optionalId(packet.echo),
    heartbeat: packet.heartbeat && heartbeatMessage(packet.heartbeat),
    fingerprints: messages(packet.fingerprints, fingerprintMessage),
    digests: messages(packet.digests, digestMessage),
    wants: messages(packet.wants, wantMessage),
    deltas: messages(packet.deltas, deltaMessage),
    probes: messages(packet.probes, probeMessage),
    suspicions: messages(packet.suspicions, suspicionMessage),
    votes: messages(packet.votes, voteMessage),
  };
}

function messages<Part, Message>(parts: Part[], convert: (part: Part) => Message): Message[] {
  return parts.length === 0 ? [] : parts.map(convert);
}

function senderMessage(life: Life): wire.Sender {
  return {
    $typeName: 'telepathine.v1.Sender',
    owner: bytesFromHex64(life.owner),
    logId: bytesFromHex64(life.logId),
    generation: BigInt(life.generation),
  };
}

function heartbeatMessage(heartbeat: Heartbeat): liveness.Heartbeat {
  return {
    $typeName: 'telepathine.v1.Heartbeat',
    ping: heartbeat.ping,
    answer: heartbeat.answer,
    roundTripUs: heartbeat.roundTripUs,
  };
}

function fingerprintMessage(fingerprint: Fingerprint): digest.Fingerprint {
  const { range, count, sum } = fingerprint;
  const whole = range.start === undefined && range.end === undefined;
  return {
    $typeName: 'telepathine.v1.Fingerprint',
    range: whole ? undefined : rangeMessage(range),
    count,
    sum: sum === ZERO_HEX64 ? ABSENT : bytesFromHex64(sum),
  };
}

function rangeMessage(range: Range): digest.Range {
  return {
    $typeName: 'telepathine.v1.Range',
    start: optionalId(range.start),
    end: optionalId(range.end),
  };
}

function digestMessage(part: Digest): digest.Digest {
  return {
    $typeName: 'telepathine.v1.Digest',
    range: part.range && rangeMessage(part.range),
    owners: messages(part.owners, ownerDigestMessage),
  };
}

function ownerDigestMessage(owner: OwnerDigest): digest.OwnerDigest {
  return {
    $typeName: 'telepathine.v1.OwnerDigest',
    owner: bytesFromHex64(owner.owner),
    logId: bytesFromHex64(owner.logId),
    generation: BigInt(owner.generation),
    incarnation: owner.incarnation,
    status: owner.status,
    version: BigInt(owner.version),
    floor: BigInt(owner.floor),
    ageMs: BigInt(owner.ageMs),
    refused: owner.refused,
  };
}

function wantMessage(want: Want): log.Want {
  return {
    $typeName: 'telepathine.v1.Want',
    owner: bytesFromHex64(want.owner),
    logId: optionalId(want.logId),
    generation: BigInt(want.generation),
    version: BigInt(want.version),
    stagedTo: BigInt(want.stagedTo),
    asOf: BigInt(want.asOf),
    floorMax: BigInt(want.floorMax),
  };
}

function deltaMessage(delta: Delta): log.Delta {
  return {
    $typeName: 'telepathine.v1.Delta',
    owner: bytesFromHex64(delta.owner),
    logId: bytesFromHex64(delta.logId),
    generation: BigInt(delta.generation),
    from: BigInt(delta.from),
    to: BigInt(delta.to),
    asOf: BigInt(delta.asOf),
    floor: BigInt(delta.floor),
    header: delta.header,
    entries: messages(delta.entries, entryMessage),
    requiredFeatures: delta.requiredFeatures,
  };
}

function entryMessage(entry: WireEntry): log.Entry {
  const { body, payload, remainingMs } = entry;
  if (remainingMs === undefined) return { $typeName: 'telepathine.v1.Entry', body, payload };
  return { $typeName: 'telepathine.v1.Entry', body, payload, remainingMs: BigInt(remainingMs) };
}

function probeMessage(life: Life): liveness.Probe {
  return {
    $typeName: 'telepathine.v1.Probe',
    owner: bytesFromHex64(life.owner),
    logId: bytesFromHex64(life.logId),
    generation: BigInt(life.generation),
  };
}

function suspicionMessage(suspicion: Suspicion): liveness.Suspicion {
  return {
    $typeName: 'telepathine.v1.Suspicion',
    owner: bytesFromHex64(suspicion.owner),
    logId: bytesFromHex64(suspicion.logId),
    generation: BigInt(suspicion.generation),
    incarnation: suspicion.incarnation,
  };
}

function voteMessage(vote: Vote): liveness.Vote {
  return {
    $typeName: 'telepathine.v1.Vote',
    owner: bytesFromHex64(vote.owner),
    logId: bytesFromHex64(vote.logId),
    generation: BigInt(vote.generation),
    incarnation: vote.incarnation,
    opinion: vote.opinion,
  };
}

function optionalId(id: string | undefined): Uint8Array {
  return id === undefined ? ABSENT : bytesFromHex64(id);
}

/** Empty bytes are not written. */
const ABSENT = new Uint8Array(0);
