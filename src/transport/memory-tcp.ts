import { FRAME_BYTES_MAX, UNTRUSTED_FRAME_BYTES_MAX } from '../wire/limits.js';
import { parseAddress } from './address.js';
import type { Endpoint, Medium } from './memory-medium.js';
import { StreamEnd } from './memory-stream.js';
import { tcpLimits } from './tcp-limits.js';
import type { Transport, TransportReceiver } from './transport.js';

const CONNECT_RETRY_MS = 500;
const { connectTimeoutMs, trustTimeoutMs, idleTimeoutMs } = tcpLimits();

/**
 * Streams of a memory network: in order and without loss, as long as both ways are open. Behind a
 * partition they stand still, go down after a while, and new ones cannot be opened.
 */
export class MemoryTcp implements Transport, Endpoint {
  readonly kind = 'tcp';
  readonly #medium: Medium;
  readonly #ends = new Map<string, StreamEnd>();
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
    const copy = envelope.slice();
    const end = this.#ends.get(address) ?? this.#dial(address);
    this.#medium.tap('tcp', this.#address, end.remoteNode, copy);
    end.send(copy);
  }

  closeLink(address: string): void {
    const end = this.#ends.get(address);
    this.#ends.delete(address);
    end?.close();
  }

  trustLink(address: string): void {
    const end = this.#ends.get(address);
    if (end) end.trusted = true;
  }

  crash(): void {
    for (const end of this.#ends.values()) end.vanish();
    this.#ends.clear();
    this.#receiver = undefined;
  }

  async close(): Promise<void> {
    for (const address of [...this.#ends.keys()]) this.closeLink(address);
    this.#receiver = undefined;
    this.#medium.release(this.#address, this);
  }

  /** Hands over what somebody forged or replayed. */
  deliver(from: string, envelope: Uint8Array): void {
    this.#receiver?.envelope(from, envelope);
  }

  #dial(address: string): StreamEnd {
    const end = this.#newEnd(address, address);
    const { clock, conditions } = this.#medium;
    const giveUpMs = clock.nowMs() + connectTimeoutMs;
    const attempt = () => {
      if (!end.live) return;
      const silent = this.#medium.isCrashed(address) || !this.#isOpenTo(address);
      const target = this.#medium.find('tcp', address);
      if (silent && clock.nowMs() < giveUpMs) {
        clock.schedule(Math.min(giveUpMs, clock.nowMs() + CONNECT_RETRY_MS), attempt);
      } else if (!silent && target instanceof MemoryTcp) {
        target.#accept(end, this.#medium.ephemeralAddress(this.#address), this.#address);
        this.#watch(end);
      } else {
        this.#lose(end);
      }
    };
    const delayMs = conditions.streamDelayMs(this.#address, address, CONNECT_RETRY_MS);
    clock.schedule(clock.nowMs() + delayMs, attempt);
    return end;
  }

  #accept(dialled: StreamEnd, address: string, node: string): void {
    const end = this.#newEnd(address, node);
    this.#watch(end);
    end.join(dialled);
    dialled.join(end);
  }

  #newEnd(address: string, remoteNode: string): StreamEnd {
    const end: StreamEnd = new StreamEnd(this.#medium, this.#address, remoteNode, {
      received: (envelope) => this.#received(end, address, envelope),
      lost: () => this.#lose(end),
    });
    this.#ends.set(address, end);
    return end;
  }

  #received(end: StreamEnd, address: string, envelope: Uint8Array): void {
    if (this.#ends.get(address) !== end) return;
    const bytesMax = end.trusted ? FRAME_BYTES_MAX : UNTRUSTED_FRAME_BYTES_MAX;
    if (envelope.length <= bytesMax) this.#receiver?.envelope(address, envelope);
    else this.#refuse(end, 'frame-too-long');
  }

  /** Closes the end when it is not trusted in time, or idle for too long. */
  #watch(end: StreamEnd): void {
    const { clock } = this.#medium;
    clock.schedule(clock.nowMs() + trustTimeoutMs, () => {
      if (!end.trusted) this.#refuse(end, 'not-trusted-in-time');
    });
    const checkIdle = () => {
      if (!end.live) return;
      const idleAtMs = end.activeMs + idleTimeoutMs;
      if (clock.nowMs() < idleAtMs) clock.schedule(idleAtMs, checkIdle);
      else this.#drop(end);
    };
    clock.schedule(clock.nowMs() + idleTimeoutMs, checkIdle);
  }

  #refuse(end: StreamEnd, reason: string): void {
    const address = this.#addressOf(end);
    if (address === undefined) return;
    this.#receiver?.refused(address, reason);
    this.#drop(end);
  }

  #drop(end: StreamEnd): void {
    end.close();
    this.#lose(end);
  }

  #lose(end: StreamEnd): void {
    const address = this.#addressOf(end);
    if (address === undefined) return;
    this.#ends.delete(address);
    this.#receiver?.linkDown(address);
  }

  #addressOf(end: StreamEnd): string | undefined {
    for (const [address, each] of this.#ends) if (each === end) return address;
    return undefined;
  }

  #isOpenTo(address: string): boolean {
    const { conditions } = this.#medium;
    return (
      !conditions.isBlocked(this.#address, address, 'tcp') &&
      !conditions.isBlocked(address, this.#address, 'tcp')
    );
  }
}
