/** Puts fragments of IP packets together. */
import type { IpPacket } from './ip-packet.js';

/** A packet of which not all fragments came, or whose fragments contradict each other. */
export interface LostFragments {
  readonly packet: IpPacket;
  readonly reason: 'fragments-missing' | 'fragments-overlap';
  /** Bytes that came. */
  readonly bytes: number;
}

/**
 * Keeps fragments until a packet is whole: of up to 256 packets, for up to 30 s of the capture's
 * time, as RFC 791 and 8200 let a host do (at most 60 s). Fragments that overlap with other bytes are
 * refused with their packet (RFC 5722); one that comes twice is taken once.
 */
export class Fragments {
  readonly #open = new Map<string, Assembly>();

  constructor(private readonly onLost: (lost: LostFragments) => void) {}

  /** @returns the whole packet, if this was the last part that it lacked. */
  take(packet: IpPacket, seconds: number): IpPacket | undefined {
    const { fragment, payload } = packet;
    if (fragment === undefined) return packet;
    this.#dropOld(seconds);
    const key = keyOf(packet, fragment.id);
    const assembly = this.#open.get(key) ?? this.#begin(key, packet, seconds);
    const end = fragment.offset + payload.length;
    if (fragment.isLast) assembly.end ??= end;
    const isSound =
      !packet.isCut &&
      payload.length > 0 &&
      end <= PACKET_BYTES_MAX &&
      (fragment.isLast ? assembly.end === end : payload.length % 8 === 0) &&
      add(assembly, fragment.offset, payload);
    if (!isSound) {
      this.#drop(key, assembly, packet.isCut ? 'fragments-missing' : 'fragments-overlap');
      return undefined;
    }
    if (assembly.end !== assembly.bytes) return undefined;
    this.#open.delete(key);
    return joined(assembly);
  }

  /** Tells of all that stay incomplete. */
  end(): void {
    for (const [key, assembly] of this.#open) this.#drop(key, assembly, 'fragments-missing');
  }

  #begin(key: string, packet: IpPacket, seconds: number): Assembly {
    for (const [oldest, assembly] of this.#open) {
      if (this.#open.size < PACKETS_MAX) break;
      this.#drop(oldest, assembly, 'fragments-missing');
    }
    const assembly = { first: copyOf(packet), seconds, parts: [], bytes: 0, end: undefined };
    this.#open.set(key, assembly);
    return assembly;
  }

  #dropOld(seconds: number): void {
    for (const [key, assembly] of this.#open) {
      if (seconds - assembly.seconds <= KEPT_SECONDS) break;
      this.#drop(key, assembly, 'fragments-missing');
    }
  }

  #drop(key: string, { first, bytes }: Assembly, reason: LostFragments['reason']): void {
    this.#open.delete(key);
    this.onLost({ packet: first, reason, bytes });
  }
}

interface Assembly {
  readonly first: IpPacket;
  readonly seconds: number;
  /** By ascending offset, not touching each other's bytes. */
  readonly parts: { offset: number; bytes: Uint8Array }[];
  bytes: number;
  /** Of the payload; known when the last fragment has come. */
  end: number | undefined;
}

const PACKETS_MAX = 256;
const KEPT_SECONDS = 30;
const PACKET_BYTES_MAX = 65_535;

function keyOf({ source, destination, protocol }: IpPacket, id: number): string {
  return `${source.join('.')} ${destination.join('.')} ${protocol} ${id}`;
}

/** @returns false if it overlaps with what is there. */
function add(assembly: Assembly, offset: number, payload: Uint8Array): boolean {
  const { parts } = assembly;
  const end = offset + payload.length;
  if (assembly.end !== undefined && end > assembly.end) return false;
  let index = parts.length;
  while (index > 0 && (parts[index - 1] as { offset: number }).offset > offset) index -= 1;
  const before = parts[index - 1];
  const after = parts[index];
  if (before !== undefined && before.offset + before.bytes.length > offset) {
    return before.offset === offset && isSame(before.bytes, payload);
  }
  if (after !== undefined && after.offset < end) return false;
  parts.splice(index, 0, { offset, bytes: payload.slice() });
  assembly.bytes += payload.length;
  return true;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function joined({ first, parts, bytes }: Assembly): IpPacket {
  const payload = new Uint8Array(bytes);
  for (const part of parts) payload.set(part.bytes, part.offset);
  const { fragment: _, ...packet } = first;
  return { ...packet, payload };
}

function copyOf(packet: IpPacket): IpPacket {
  const { source, destination } = packet;
  const none = new Uint8Array(0);
  return { ...packet, source: source.slice(), destination: destination.slice(), payload: none };
}
