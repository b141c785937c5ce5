import type { Instant } from '../../decode/capture/record.js';
import { describeParts } from '../../decode/describe.js';
import type { Item, PacketItem, Place, ProblemItem } from '../../decode/item.js';
import type { OwnerNames } from '../../decode/names.js';
import type { Packet } from '../../wire/packet.js';
import { packetType } from '../../wire/packet-type.js';

/** Columns of a line, where what must be on it fits. */
export const COLUMNS = 80;
/** Of a long name on a line, so much is shown. */
const NAME_COLUMNS_MAX = 20;

/** An item on a line: when, from where to where, how, how many bytes, who, and what. */
export function textLine(item: Item, names: OwnerNames, columns = COLUMNS): string {
  return item.kind === 'packet' ? packetLine(item, names, columns) : problemLine(item);
}

/** Time of day in UTC, to the microsecond. */
export function timeText({ seconds, nanoseconds }: Instant): string {
  const time = ((seconds % 86_400) + 86_400) % 86_400;
  const microseconds = Math.floor(nanoseconds / 1000);
  const clock = [time / 3600, (time / 60) % 60, time % 60].map((part) => pad(part, 2)).join(':');
  return `${clock}.${pad(microseconds, 6)}`;
}

function packetLine(
  { place, envelope, keyId, packet }: PacketItem,
  names: OwnerNames,
  columns: number,
): string {
  const form = keyId === undefined ? 'plain' : 'sealed';
  const sender = shortened(names.label(packet.sender.owner), NAME_COLUMNS_MAX);
  const head = `${placeText(place)} ${envelope.length} ${form} ${sender}`;
  const full = `${head} ${describeParts(packet, names).join(', ')}`.trimEnd();
  return full.length <= columns ? full : `${head} ${shortType(packet)}`;
}

/** Where there is no room for more. */
const SHORT_WORDS: Readonly<Record<string, string>> = {
  heartbeat: 'hb',
  fingerprint: 'fp',
  digest: 'dig',
  suspicion: 'susp',
};

function shortType(packet: Packet): string {
  const parts = packetType(packet).split('+');
  return parts.map((part) => SHORT_WORDS[part] ?? part).join('+');
}

function problemLine({ place, layer, reason, at, bytes, keyId }: ProblemItem): string {
  const words = [
    ...(bytes === undefined ? [] : [`${bytes}`]),
    `! ${layer}: ${reason}`,
    ...(keyId === undefined ? [] : [`key ${keyId}`]),
    ...(at === undefined ? [] : [`at ${at}`]),
    `(input ${place.offset})`,
  ];
  return `${placeText(place)} ${words.join(' ')}`;
}

function placeText({ time, from, to, transport }: Place): string {
  const when = time === undefined ? '-' : timeText(time);
  const way = from === undefined || to === undefined ? '-' : `${from.text} > ${to.text}`;
  return `${when} ${way} ${transport ?? '-'}`;
}

function shortened(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

function pad(value: number, digits: number): string {
  return `${Math.floor(value)}`.padStart(digits, '0');
}
