import { ok } from 'node:assert/strict';
import type { Effect, Input, Link } from '../../src/core/contract.js';
import { Core } from '../../src/core/core.js';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import type { Packet } from '../../src/wire/packet.js';
import { DEFAULT_CORE_OPTIONS } from '../support/mesh.js';

/** An address that never echoes a token, and that no header names. */
export const STRANGER: Link = 'udp:10.66.6.6:666';

/** What a link was last sent: whoever listens there can answer it. */
export interface Given {
  token: string | undefined;
  ping: number;
}

/** Far above what one input sets going in a mesh of three nodes. */
const EFFECTS_MAX = 1000;
const DATAGRAM_PACKET_BYTES_MAX = DEFAULT_CORE_OPTIONS.datagramPacketBytesMax;
/** PROTOCOL.md: STREAM_ENTRY_PACKET_BYTES_MAX. */
const STREAM_PACKET_BYTES_MAX = (256 + 1024) * 1024;
const STRANGER_FACTOR = 3;
const ENVELOPE_BYTES = 45;

/** A core whose promises to its host are checked at every call. */
export class CheckedCore extends Core {
  readonly given = new Map<Link, Given>();

  override handle(input: Input, nowMs: number): Effect[] {
    const effects = super.handle(input, nowMs);
    ok(effects.length <= EFFECTS_MAX, `${effects.length} effects at once`);
    const dueMs = this.nextDeadlineMs();
    ok(dueMs === undefined || dueMs > nowMs, `at ${nowMs} it wants to be called at ${dueMs}`);
    let strangerBytes = 0;
    for (const effect of effects) {
      if (effect.type !== 'send') continue;
      const bytes = checkedBytes(effect.packet, effect.links);
      for (const link of effect.links) this.#note(link, effect.packet);
      if (effect.links.includes(STRANGER)) strangerBytes += bytes + ENVELOPE_BYTES;
    }
    const given = input.type === 'packet' && input.link === STRANGER ? input.bytes : 0;
    ok(strangerBytes <= STRANGER_FACTOR * given, `${strangerBytes} bytes for ${given}`);
    return effects;
  }

  #note(link: Link, { token, heartbeat }: Packet): void {
    const before = this.given.get(link);
    const ping = heartbeat?.ping || before?.ping || 0;
    this.given.set(link, { token: token ?? before?.token, ping });
  }
}

/** The length of a packet that a core sends: one that everybody can read, and that fits its links. */
function checkedBytes(packet: Packet, links: readonly Link[]): number {
  const bytes = encodePacket(packet);
  const decoded = decodePacket(bytes);
  ok(decoded.ok, `a packet is sent that is refused: ${decoded.ok || decoded.reason}`);
  const byDatagram = links.some((link) => link.startsWith('udp:'));
  const bytesMax = byDatagram ? DATAGRAM_PACKET_BYTES_MAX : STREAM_PACKET_BYTES_MAX;
  ok(bytes.length <= bytesMax, `${bytes.length} bytes to ${links}`);
  return bytes.length;
}
