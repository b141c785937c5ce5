import type { Instant } from '../../decode/capture/record.js';
import { ownersOf } from '../../decode/filter.js';
import type { Item, PacketItem, Place } from '../../decode/item.js';
import { nonceOf } from '../../decode/key-set.js';
import type { OwnerNames } from '../../decode/names.js';
import type { Statistics } from '../../decode/statistics.js';
import type { ValueHider } from '../../decode/values.js';
import { entryBodyToJson, ownerHeaderToJson, packetToJson } from '../../wire/json.js';
import { packetType } from '../../wire/packet-type.js';

/** The version of what `--json` prints; it grows when a field changes its meaning or goes. */
export const SCHEMA_VERSION = 1;

/** An item as JSON. */
export function jsonLine(item: Item, names: OwnerNames, hider: ValueHider | undefined): string {
  const place = placeOf(item.place);
  if (item.kind === 'packet') {
    return line('packet', { ...place, ...packetOf(item, names, hider) });
  }
  const { layer, reason, at, bytes, keyId } = item;
  return line('problem', { ...place, layer, reason, at, bytes, keyId });
}

/** What a capture comes to, as JSON. */
export function jsonStatistics(statistics: Statistics, names: OwnerNames): string {
  const { bySender, unreadByAddress, periods, ...rest } = statistics;
  const senders = Object.entries(bySender).map(([owner, count]) => ({
    owner,
    name: names.nameOf(owner),
    ...count,
  }));
  const unread = Object.entries(unreadByAddress).map(([address, count]) => ({ address, ...count }));
  const from = periods.from && isoTime(periods.from);
  return line('stats', { ...rest, senders, unread, periods: { ...periods, from } });
}

/** A date and time in UTC, to the nanosecond. */
export function isoTime({ seconds, nanoseconds }: Instant): string {
  const date = new Date(seconds * 1000);
  // What no calendar has comes from damaged captures.
  if (Number.isNaN(date.getTime())) return `${seconds}.${`${nanoseconds}`.padStart(9, '0')}`;
  return date.toISOString().replace('000Z', `${`${nanoseconds}`.padStart(9, '0')}Z`);
}

/** Fields that are undefined are left out. */
function line(type: string, content: object): string {
  return JSON.stringify({ schema: SCHEMA_VERSION, type, ...content });
}

function placeOf({ time, from, to, transport, offset }: Place): object {
  return { time: time && isoTime(time), from: from?.text, to: to?.text, transport, offset };
}

function packetOf(
  { envelope, keyId, packetBytes, packet }: PacketItem,
  names: OwnerNames,
  hider: ValueHider | undefined,
): object {
  const owners = [...new Set(ownersOf(packet))];
  const known = owners.map((owner) => [owner, names.nameOf(owner)]).filter(([, name]) => name);
  return {
    bytes: envelope.length,
    sealed: keyId !== undefined,
    keyId,
    nonce: keyId === undefined ? undefined : Buffer.from(nonceOf(envelope)).toString('hex'),
    parts: packetType(packet).split('+'),
    sender: names.nameOf(packet.sender.owner),
    names: Object.fromEntries(known),
    opened: packet.deltas.map(({ header, entries }) => ({
      header: header.length > 0 ? ownerHeaderToJson(header) : undefined,
      entries: entries.map(({ body }) => entryBodyToJson(body) ?? null),
    })),
    packet: hidden(packetToJson(packetBytes), hider),
  };
}

interface PacketJson {
  deltas?: { entries?: { payload?: unknown }[] }[];
}

/** In place of a value's base64 stands an object. */
function hidden(json: unknown, hider: ValueHider | undefined): unknown {
  if (hider === undefined) return json;
  for (const { entries = [] } of (json as PacketJson).deltas ?? []) {
    for (const entry of entries) {
      if (typeof entry.payload !== 'string') continue;
      entry.payload = hider.hide(Buffer.from(entry.payload, 'base64'));
    }
  }
  return json;
}
