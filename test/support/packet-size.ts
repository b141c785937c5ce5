import type { Packet } from '../../src/wire/packet.js';
import * as size from '../../src/wire/size.js';

/** What the parts of a packet add up to, by the sizes that the core packs by. */
export function boundOf(packet: Packet): number {
  const sum = <Part>(parts: Part[], bytes: (part: Part) => number) =>
    parts.reduce((total, part) => total + bytes(part), 0);
  return (
    size.packetBaseBytes(packet) +
    sum(packet.fingerprints, size.fingerprintBytes) +
    sum(packet.digests, (digest) => {
      return size.digestBaseBytes(digest.range) + sum(digest.owners, size.ownerDigestBytes);
    }) +
    sum(packet.wants, size.wantBytes) +
    sum(packet.deltas, (delta) => {
      return size.deltaBaseBytes(delta) + sum(delta.entries, size.entryBytes);
    }) +
    sum(packet.probes, size.lifeBytes) +
    sum(packet.suspicions, size.suspicionBytes) +
    sum(packet.votes, size.voteBytes)
  );
}
