import type { CoreEvent } from '../core/contract.js';
import { SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import type { Packet } from '../wire/packet.js';
import type { Machine } from './machine.js';
import type { Observer, World } from './world.js';

/** What was sent, by all and by each: packets and bytes as UDP and TCP payload, sealed. */
export class Traffic implements Observer {
  packets = 0;
  bytes = 0;
  readonly bytesOf: Float64Array;
  readonly packetsOf: Float64Array;
  /** Entries of logs that were sent, and those that came to be shown or heard somewhere. */
  entries = 0;
  arrivals = 0;
  /** When counting began. */
  fromMs: number;

  constructor(private readonly world: World) {
    this.bytesOf = new Float64Array(world.machines.length);
    this.packetsOf = new Float64Array(world.machines.length);
    this.fromMs = world.nowMs();
  }

  /** Begins to count anew. */
  reset(): void {
    this.packets = 0;
    this.bytes = 0;
    this.entries = 0;
    this.arrivals = 0;
    this.bytesOf.fill(0);
    this.packetsOf.fill(0);
    this.fromMs = this.world.nowMs();
  }

  emitted(_: Machine, { type }: CoreEvent): void {
    if (type === 'set' || type === 'deleted' || type === 'heard') this.arrivals += 1;
  }

  sent(
    { station }: Machine,
    kind: 'udp' | 'tcp',
    packet: Uint8Array,
    { deltas }: Pick<Packet, 'deltas'>,
  ): void {
    const bytes = packet.length + SEALED_OVERHEAD_BYTES + (kind === 'tcp' ? FRAME_LENGTH_BYTES : 0);
    this.packets += 1;
    this.bytes += bytes;
    for (const { entries } of deltas) this.entries += entries.length;
    this.packetsOf[station.index] = (this.packetsOf[station.index] as number) + 1;
    this.bytesOf[station.index] = (this.bytesOf[station.index] as number) + bytes;
  }
}

const FRAME_LENGTH_BYTES = 4;
