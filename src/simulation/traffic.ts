import { SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import type { Machine } from './machine.js';
import type { Observer, World } from './world.js';

/** What was sent, by all and by each: packets and bytes as UDP and TCP payload, sealed. */
export class Traffic implements Observer {
  packets = 0;
  bytes = 0;
  readonly bytesOf: Float64Array;
  /** When counting began. */
  fromMs: number;

  constructor(private readonly world: World) {
    this.bytesOf = new Float64Array(world.machines.length);
    this.fromMs = world.nowMs();
  }

  /** Begins to count anew. */
  reset(): void {
    this.packets = 0;
    this.bytes = 0;
    this.bytesOf.fill(0);
    this.fromMs = this.world.nowMs();
  }

  sent({ station }: Machine, kind: 'udp' | 'tcp', packet: Uint8Array): void {
    const bytes = packet.length + SEALED_OVERHEAD_BYTES + (kind === 'tcp' ? FRAME_LENGTH_BYTES : 0);
    this.packets += 1;
    this.bytes += bytes;
    this.bytesOf[station.index] = (this.bytesOf[station.index] as number) + bytes;
  }
}

const FRAME_LENGTH_BYTES = 4;
