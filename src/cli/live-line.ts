/** Packets as `decode` shows them, while they come and go. */
import { performance } from 'node:perf_hooks';
import type { End, Item, Place } from '../decode/item.js';
import type { OwnerNames } from '../decode/names.js';
import { COLUMNS, textLine } from './decode/text-line.js';

/** Where and when something was seen that goes from one address to another just now. */
export function placeNow(transport: 'udp' | 'tcp', from: string, to: string): Place {
  const nowMs = performance.timeOrigin + performance.now();
  const seconds = Math.floor(nowMs / 1000);
  const time = { seconds, nanoseconds: Math.floor((nowMs - seconds * 1000) * 1e6) };
  return { time, transport, from: endOf(from), to: endOf(to), offset: 0 };
}

/**
 * The line of `decode`; there is no input whose byte could be told.
 *
 * @param remark what stands at its end.
 * @param columns that it may take, the remark included.
 */
export function liveLine(item: Item, names: OwnerNames, remark = '', columns = COLUMNS): string {
  return textLine(item, names, { columns: columns - remark.length, hasInput: false }) + remark;
}

/** Only its text is shown. */
function endOf(text: string): End {
  return { ip: NO_IP, port: 0, text };
}

const NO_IP = new Uint8Array(0);
