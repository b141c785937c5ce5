/** What a packet carries, in a few words. */
import { decodeEntryBody } from '../wire/entry-body.js';
import type { Delta, EntryBody, Packet } from '../wire/packet.js';
import { Opinion } from '../wire/packet.js';
import { type OwnerNames, printable } from './names.js';

/** The parts of a packet, `ping 5` or `delta alice 7..9 colour`, each as long as there is room. */
export function describeParts(packet: Packet, names: OwnerNames): string[] {
  const { heartbeat, fingerprints, digests, wants, deltas, probes, suspicions, votes } = packet;
  const parts: string[] = [];
  if (heartbeat !== undefined) {
    if (heartbeat.answer > 0) parts.push(`answer ${heartbeat.answer}`);
    if (heartbeat.ping > 0) parts.push(`ping ${heartbeat.ping}`);
    if (heartbeat.answer === 0 && heartbeat.ping === 0) parts.push('heartbeat');
  }
  if (fingerprints.length > 0) parts.push(counted('fingerprint', fingerprints.length));
  for (const { owners } of digests) parts.push(`digest of ${owners.length}`);
  for (const { owner } of wants) parts.push(`want ${names.label(owner)}`);
  for (const delta of deltas) parts.push(describeDelta(delta, names));
  for (const { owner } of probes) parts.push(`probe ${names.label(owner)}`);
  for (const { owner } of suspicions) parts.push(`suspicion ${names.label(owner)}`);
  for (const { owner, opinion } of votes) {
    parts.push(`vote ${names.label(owner)} ${OPINIONS[opinion]}`);
  }
  return parts;
}

/** The bodies of a delta that can be read, in their order. */
export function bodiesOf(delta: Delta): EntryBody[] {
  return delta.entries.flatMap(({ body }) => decodeEntryBody(body) ?? []);
}

const OPINIONS = Object.fromEntries(
  Object.entries(Opinion).map(([word, number]) => [number, word]),
);
/** More do not fit on a line. */
const ENTRIES_NAMED_MAX = 4;

function counted(word: string, count: number): string {
  return count === 1 ? word : `${count} ${word}s`;
}

function describeDelta(delta: Delta, names: OwnerNames): string {
  const words = [`delta ${names.label(delta.owner)} ${delta.from}..${delta.to}`];
  if (delta.header.length > 0) words.push('header');
  for (const { body } of delta.entries.slice(0, ENTRIES_NAMED_MAX)) {
    const read = decodeEntryBody(body);
    words.push(read === undefined ? '?' : describeBody(read));
  }
  const more = delta.entries.length - ENTRIES_NAMED_MAX;
  if (more > 0) words.push(`+${more}`);
  return words.join(' ');
}

const SIGNS = { value: '', tombstone: '-', say: '!' } as const;

/** A key as it is, a deleted one behind `-`, an event behind `!`. */
function describeBody({ name, content }: EntryBody): string {
  return SIGNS[content.kind] + printable(name);
}
