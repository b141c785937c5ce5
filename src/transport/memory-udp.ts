import { DATAGRAM_BYTES_MAX } from '../wire/limits.js';
import { parseAddress } from './address.js';
import type { Endpoint, Medium } from './memory-medium.js';
import type { Transport, TransportReceiver } from './transport.js';

/** Datagrams of a memory network: lost, doubled and reordered as its conditions say. */
export class MemoryUdp implements Transport, Endpoint {
  readonly kind = 'udp';
  readonly #medium: Medium;
  #address: string;
  #receiver: TransportReceiver | undefined;

  constructor(medium: Medium, address: string) {
    this.#medium = medium;
    this.#address = address;
  }

  async open(receiver: TransportReceiver): Promise<number> {
    this.#address = this.#medium.bind(this.#address, this);
    this.#receiver = receiver;
    return parseAddress(this.#address)?.port ?? 0;
  }

  send(address: string, envelope: Uint8Array): void {
    if (!this.#receiver) return;
    const { clock, conditions } = this.#medium;
    const from = this.#address;
    const copy = envelope.slice();
    this.#medium.tap('udp', from, address, copy);
    for (const delayMs of conditions.datagramDelaysMs(from, address)) {
      clock.schedule(clock.nowMs() + delayMs, () => {
        if (conditions.isBlocked(from, address, 'udp')) return;
        const target = this.#medium.find('udp', address);
        if (target instanceof MemoryUdp) target.deliver(from, copy);
      });
    }
  }

  /** Hands over what has arrived. */
  deliver(from: string, datagram: Uint8Array): void {
    if (datagram.length > DATAGRAM_BYTES_MAX) this.#receiver?.refused(from, 'datagram-too-large');
    else this.#receiver?.envelope(from, datagram);
  }

  closeLink(): void {
    // Datagrams have no connections.
  }

  trustLink(): void {
    // A datagram has one size limit for all.
  }

  crash(): void {
    this.#receiver = undefined;
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    this.#medium.release(this.#address, this);
  }
}
