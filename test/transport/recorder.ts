import type { TransportReceiver } from '../../src/transport/transport.js';

/** A receiver that keeps all it is given, and lets tests wait for it. */
export class Recorder implements TransportReceiver {
  readonly envelopes: { address: string; text: string }[] = [];
  readonly down: string[] = [];
  readonly refusals: { address: string; reason: string }[] = [];

  get texts(): string[] {
    return this.envelopes.map(({ text }) => text);
  }

  get reasons(): string[] {
    return this.refusals.map(({ reason }) => reason);
  }

  envelope(address: string, envelope: Uint8Array): void {
    this.envelopes.push({ address, text: Buffer.from(envelope).toString() });
  }

  linkDown(address: string): void {
    this.down.push(address);
  }

  refused(address: string, reason: string): void {
    this.refusals.push({ address, reason });
  }
}

/** Waits until a condition of real sockets holds; the test's own timeout ends it otherwise. */
export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await pause(5);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
