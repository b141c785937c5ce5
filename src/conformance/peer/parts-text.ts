import { describeParts } from '../../decode/describe.js';
import { OwnerNames } from '../../decode/names.js';
import type { Packet } from '../../wire/packet.js';

/** What a packet carries, in a few words. */
export function partsText(packet: Packet): string {
  return describeParts(packet, new OwnerNames()).join(', ') || 'a packet without parts';
}
