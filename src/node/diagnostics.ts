/** What nodes tell `node:diagnostics_channel`; docs/DIAGNOSTICS.md describes it. */
import { channel } from 'node:diagnostics_channel';
import type { CoreEvent } from '../core/contract.js';
import type { Packet } from '../wire/packet.js';

/** The names of the channels. */
export const CHANNELS = {
  packet: 'telepathine:packet',
  peer: 'telepathine:peer',
  connection: 'telepathine:connection',
  refusal: 'telepathine:refusal',
  node: 'telepathine:node',
} as const;

/** On `telepathine:packet`: an envelope that was sent or has come. */
export interface PacketMessage {
  /** The name of the node that tells. */
  readonly node: string;
  readonly direction: 'sent' | 'received';
  readonly transport: 'udp' | 'tcp';
  /** The other end, `ip:port`, as the transport knows it. */
  readonly address: string;
  /** As it travels. Its memory is used again: valid until the subscriber returns. */
  readonly envelope: Uint8Array;
  /** The key that sealed it, 8 hex digits; absent in a public mesh, and if it was not opened. */
  readonly keyId?: string;
  /** The serialised packet; absent if it was not opened. Valid until the subscriber returns. */
  readonly packetBytes?: Uint8Array;
  /** The packet, as `decodePacket` of `telepathine/wire` gives it: not to be changed. */
  readonly packet?: Packet;
  /** Why it was not read; absent if it was. */
  readonly refusal?: string;
}

/** On `telepathine:peer`: what the node finds out about another. */
export interface PeerMessage {
  readonly node: string;
  /** The other's name. */
  readonly peer: string;
  /** As the events of the class are called: `peer:new`, … */
  readonly change: 'new' | 'start' | 'suspect' | 'stop' | 'leave' | 'forget';
}

/** On `telepathine:connection`: what becomes of a TCP connection. */
export interface ConnectionMessage {
  readonly node: string;
  /** The other end, `ip:port`. */
  readonly address: string;
  /**
   * `accepted`; `dialled`, before it is there; `trusted` once the other end has proved itself;
   * `closed` by this node; `lost` by whatever else.
   */
  readonly change: 'accepted' | 'dialled' | 'trusted' | 'closed' | 'lost';
}

/** On `telepathine:refusal`: something was not taken. */
export interface RefusalMessage {
  readonly node: string;
  readonly transport: 'udp' | 'tcp';
  /** Where it came from, or was to go. */
  readonly address: string;
  /** As `stats()` counts it. */
  readonly reason: string;
}

/** On `telepathine:node`: a node takes part, or no longer. */
export interface NodeMessage {
  readonly node: string;
  readonly change: 'start' | 'stop';
  /** What is bound. */
  readonly address: string;
  readonly port: number;
}

const packets = channel(CHANNELS.packet);
const peers = channel(CHANNELS.peer);
const connections = channel(CHANNELS.connection);
const refusals = channel(CHANNELS.refusal);
const nodes = channel(CHANNELS.node);

/** Tells of one node. While nobody subscribes, a call asks for that and does nothing else. */
export class Diagnostics {
  constructor(private readonly node: string) {}

  sent(
    transport: 'udp' | 'tcp',
    address: string,
    envelope: Uint8Array,
    packetBytes: Uint8Array,
    packet: Packet,
    keyId: string | undefined,
  ): void {
    if (!packets.hasSubscribers) return;
    const told = { node: this.node, direction: 'sent', transport, address, envelope } as const;
    publishPacket({ ...told, ...(keyId === undefined ? {} : { keyId }), packetBytes, packet });
  }

  received(
    transport: 'udp' | 'tcp',
    address: string,
    envelope: Uint8Array,
    read: Pick<PacketMessage, 'keyId' | 'packetBytes' | 'packet' | 'refusal'>,
  ): void {
    const told = { node: this.node, direction: 'received', transport, address, envelope } as const;
    publishPacket({ ...told, ...read });
  }

  /** Whether `received` has anybody to tell. */
  get hasPacketListeners(): boolean {
    return packets.hasSubscribers;
  }

  refused(transport: 'udp' | 'tcp', address: string, reason: string): void {
    if (!refusals.hasSubscribers) return;
    const message: RefusalMessage = { node: this.node, transport, address, reason };
    refusals.publish(message);
  }

  /** Whether `refused` has anybody to tell. */
  get hasRefusalListeners(): boolean {
    return refusals.hasSubscribers;
  }

  connection(address: string, change: ConnectionMessage['change']): void {
    if (!connections.hasSubscribers) return;
    const message: ConnectionMessage = { node: this.node, address, change };
    connections.publish(message);
  }

  /** What the core says of peers; its other events are the application's. */
  event(event: CoreEvent): void {
    if (!peers.hasSubscribers) return;
    const change = PEER_CHANGES[event.type];
    if (change === undefined || !('name' in event)) return;
    const left = event.type === 'peerDown' && event.left;
    const message: PeerMessage = { node: this.node, peer: event.name, change };
    if (left) peers.publish({ ...message, change: 'leave' });
    peers.publish(message);
  }
}

/** Tells that a node takes part, or no longer. */
export function tellNode(message: NodeMessage): void {
  if (nodes.hasSubscribers) nodes.publish(message);
}

const PEER_CHANGES: Readonly<Partial<Record<CoreEvent['type'], PeerMessage['change']>>> = {
  peerNew: 'new',
  peerAlive: 'start',
  peerSuspect: 'suspect',
  peerDown: 'stop',
  peerForgotten: 'forget',
};

function publishPacket(message: PacketMessage): void {
  packets.publish(message);
}
