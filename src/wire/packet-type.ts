import type { Packet } from './packet.js';

/** The parts that a packet may carry, in the order in which its type names them. */
export const PACKET_PARTS = [
  'heartbeat',
  'fingerprint',
  'digest',
  'want',
  'delta',
  'probe',
  'suspicion',
  'vote',
] as const;

/**
 * The type of a packet: the parts that it carries, in the order `heartbeat`, `fingerprint`,
 * `digest`, `want`, `delta`, `probe`, `suspicion`, `vote`, joined by `+`; `empty` without any.
 */
export function packetType(packet: Packet): string {
  const parts: string[] = [];
  if (packet.heartbeat) parts.push('heartbeat');
  if (packet.fingerprints.length > 0) parts.push('fingerprint');
  if (packet.digests.length > 0) parts.push('digest');
  if (packet.wants.length > 0) parts.push('want');
  if (packet.deltas.length > 0) parts.push('delta');
  if (packet.probes.length > 0) parts.push('probe');
  if (packet.suspicions.length > 0) parts.push('suspicion');
  if (packet.votes.length > 0) parts.push('vote');
  return parts.length > 0 ? parts.join('+') : 'empty';
}
