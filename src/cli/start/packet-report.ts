import { decodePayload } from '../../api/payload.js';
import type { ValueHider } from '../../decode/values.js';
import type { PacketMessage } from '../../node/diagnostics.js';
import { decodeEntryBody } from '../../wire/entry-body.js';
import { PLAIN_KIND, SEALED_KIND } from '../../wire/envelope.js';
import { decodeOwnerHeader } from '../../wire/owner-header.js';
import type { Delta, EntryBody, Packet, WireEntry } from '../../wire/packet.js';
import { packetType } from '../../wire/packet-type.js';
import type { Content } from './content.js';
import { contentOf } from './content.js';

/** A packet that came or went: the bytes of its envelope, and what they mean. */
export interface PacketReport {
  readonly type: 'packet';
  readonly direction: 'in' | 'out';
  readonly transport: 'udp' | 'tcp';
  readonly address: string;
  /** Of the envelope. */
  readonly bytes: number;
  readonly sealed: boolean;
  /** The key that sealed it: 8 hex digits. */
  readonly keyId?: string;
  /** Of one in the clear only where values are shown. */
  readonly envelopeHex?: string;
  /** The packet's parts, as `stats` counts them: `heartbeat+delta`. */
  readonly parts?: string;
  /** The packet, if it could be opened and read; entries and headers are decoded too. */
  readonly packet?: ShownPacket;
  /** Why it could not. */
  readonly refusal?: string;
}

/** A packet whose owner's headers and entries are decoded as well. */
export type ShownPacket = Omit<Packet, 'deltas'> & { readonly deltas: readonly unknown[] };

/**
 * What `--json` shows of a packet.
 *
 * @param hider absent: values are shown.
 */
export function reportPacket(
  message: PacketMessage,
  hider: ValueHider | undefined = undefined,
): PacketReport {
  const { direction, transport, address, envelope, keyId, packet, refusal } = message;
  const report = {
    type: 'packet',
    direction: direction === 'sent' ? 'out' : 'in',
    transport,
    address,
    bytes: envelope.length,
    sealed: envelope[0] === SEALED_KIND,
    ...(hider !== undefined && envelope[0] === PLAIN_KIND ? {} : { envelopeHex: hexOf(envelope) }),
    ...(keyId === undefined ? {} : { keyId }),
  } as const;
  if (packet === undefined) return { ...report, refusal: refusal ?? 'unknown' };
  const deltas = packet.deltas.map((delta) => decodeDelta(delta, hider));
  return { ...report, parts: packetType(packet), packet: { ...packet, deltas } };
}

function decodeDelta(delta: Delta, hider: ValueHider | undefined): unknown {
  const { header, entries, ...rest } = delta;
  const decodedHeader = header.length === 0 ? {} : { header: decodeHeader(header) };
  return { ...rest, ...decodedHeader, entries: entries.map((entry) => decodeEntry(entry, hider)) };
}

function decodeHeader(bytes: Uint8Array): unknown {
  const header = decodeOwnerHeader(bytes);
  if (!header) return hexOf(bytes);
  const addresses = header.addresses.map(({ ip, ...rest }) => ({ ...rest, ip: hexOf(ip) }));
  return { ...header, addresses };
}

function decodeEntry(
  { body, payload, remainingMs }: WireEntry,
  hider: ValueHider | undefined,
): unknown {
  const end = remainingMs === undefined ? {} : { remainingMs };
  const decoded = decodeEntryBody(body);
  if (decoded?.content.kind === 'tombstone') return { ...decoded, ...end };
  const shown = decoded ?? { body: hexOf(body) };
  if (hider !== undefined) return { ...shown, payload: hider.hide(payload), ...end };
  const content = decoded ? contentOfEntry(decoded, payload) : { payload: hexOf(payload) };
  return { ...shown, ...content, ...end };
}

function contentOfEntry({ content }: EntryBody, bytes: Uint8Array): Content | undefined {
  if (content.kind === 'tombstone') return undefined;
  const opened = decodePayload({ bytes, ...content });
  return contentOf(opened ? opened.value : bytes);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
