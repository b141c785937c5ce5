import type { Instant } from '../../decode/capture/record.js';
import { describeParts } from '../../decode/describe.js';
import type { Item, PacketItem, Place, ProblemItem } from '../../decode/item.js';
import type { OwnerNames } from '../../decode/names.js';
import type { Packet } from '../../wire/packet.js';
import { packetType } from '../../wire/packet-type.js';

/** Columns of a line where no terminal tells how many it has. */
export const COLUMNS = 80;

/** How an item is put on a line. */
export interface LineOptions {
  /** Columns that it may take. */
  readonly columns?: number;
  /** Whether there is an input whose byte can be told. */
  readonly hasInput?: boolean;
}

/**
 * An item on a line: when, from where to where, how, how many bytes, who, and what. Of its forms the
 * first that fits, or the shortest.
 */
export function textLine(
  item: Item,
  names: OwnerNames,
  { columns = COLUMNS, hasInput = true }: LineOptions = {},
): string {
  return item.kind === 'packet'
    ? packetLine(item, names, columns)
    : firstThatFits(problemForms(item, hasInput), columns);
}

/** Columns of a terminal; those of a line where the stream is none. */
export function columnsOf({ isTTY, columns }: { isTTY?: boolean; columns?: number }): number {
  return isTTY && columns ? columns : COLUMNS;
}

/** Time of day in UTC, to the microsecond. */
export function timeText({ seconds, nanoseconds }: Instant): string {
  const time = ((seconds % 86_400) + 86_400) % 86_400;
  const microseconds = Math.floor(nanoseconds / 1000);
  const clock = [time / 3600, (time / 60) % 60, time % 60].map((part) => pad(part, 2)).join(':');
  return `${clock}.${pad(microseconds, 6)}`;
}

/** Of a long name on a line, so much is shown; and less where there is no room. */
const NAME_COLUMNS_MAX = [20, 9, 5] as const;
const TYPE_COLUMNS_MIN = 3;
/** Of the time of day: to the microsecond, the millisecond, the second. */
const TIME_COLUMNS = { whole: 15, brief: 12, briefest: 8 } as const;

function packetLine(item: PacketItem, names: OwnerNames, columns: number): string {
  const { place, envelope, keyId, packet } = item;
  const form = `${envelope.length} ${keyId === undefined ? 'plain' : 'sealed'}`;
  const sender = names.label(packet.sender.owner);
  const head = `${placeText(place)} ${form} ${shortened(sender, NAME_COLUMNS_MAX[0])}`;
  const full = `${head} ${describeParts(packet, names).join(', ') || packetType(packet)}`;
  if (full.length <= columns) return full;
  const type = shortType(packet);
  const line = `${head} ${type}`;
  if (line.length <= columns) return line;
  return firstThatFits(briefForms(place, form, sender, type, columns), columns);
}

function* briefForms(
  place: Place,
  form: string,
  sender: string,
  type: string,
  columns: number,
): Generator<string> {
  const brief = `${placeText(place, 'brief')} ${form}`;
  for (const most of NAME_COLUMNS_MAX) yield `${brief} ${shortened(sender, most)} ${type}`;
  const short = shortened(sender, NAME_COLUMNS_MAX[2]);
  const briefest = `${placeText(place, 'briefest')} ${form} ${short} `;
  yield briefest + shortened(type, Math.max(TYPE_COLUMNS_MIN, columns - briefest.length));
}

/** Or the last. */
function firstThatFits(forms: Iterable<string>, columns: number): string {
  let line = '';
  for (line of forms) if (line.length <= columns) break;
  return line;
}

/** Where there is no room for more. */
const SHORT_WORDS: Readonly<Record<string, string>> = {
  heartbeat: 'hb',
  fingerprint: 'fp',
  digest: 'dig',
  suspicion: 'susp',
  envelope: 'env',
};

/** The type of a packet in short words. */
export function shortType(packet: Packet): string {
  return shortWords(packetType(packet));
}

/** A type, or a layer, in short words. */
export function shortWords(type: string): string {
  const parts = type.split('+');
  return parts.map((part) => SHORT_WORDS[part] ?? part).join('+');
}

function* problemForms(
  { place, layer, reason, at, bytes, keyId }: ProblemItem,
  hasInput: boolean,
): Generator<string> {
  const size = bytes === undefined ? '' : ` ${bytes}`;
  const where = at === undefined ? '' : ` at ${at}`;
  const key = keyId === undefined ? '' : ` key ${keyId}`;
  const input = hasInput ? ` (input ${place.offset})` : '';
  yield `${placeText(place)}${size} ! ${layer}: ${reason}${key}${where}${input}`;
  const rest = `${key.replace('key ', '')}${where}${hasInput ? ` @${place.offset}` : ''}`;
  yield `${placeText(place, 'brief')}${size} ! ${layer}: ${reason}${rest}`;
  const briefest = `${placeText(place, 'briefest')}${size} ! ${shortWords(layer)}: ${reason}`;
  yield briefest + rest;
  // Of what was opened the key is known.
  if (layer !== 'envelope') yield briefest + rest.replace(` ${keyId}`, '');
}

/** In brief the other end is its port alone, if its IP is the same. */
function placeText(
  { time, from, to, transport }: Place,
  form: keyof typeof TIME_COLUMNS = 'whole',
): string {
  const when = time === undefined ? '-' : timeText(time).slice(0, TIME_COLUMNS[form]);
  if (from === undefined || to === undefined) return `${when} - ${transport ?? '-'}`;
  const [, ip = ' '] = form === 'whole' ? [] : (/^(.*):\d+$/.exec(from.text) ?? []);
  const other = to.text.startsWith(`${ip}:`) ? to.text.slice(ip.length) : to.text;
  return `${when} ${from.text} > ${other} ${transport ?? '-'}`;
}

/** A text of at most so many columns. */
export function shortened(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

function pad(value: number, digits: number): string {
  return `${Math.floor(value)}`.padStart(digits, '0');
}
