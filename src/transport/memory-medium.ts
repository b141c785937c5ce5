import type { Clock } from '../clock/clock.js';
import { TelepathineError } from '../error.js';
import { formatAddress, parseAddress } from './address.js';
import type { Conditions } from './memory-conditions.js';

/** What an end of a memory network is to the others. */
export interface Endpoint {
  readonly kind: 'udp' | 'tcp';
  /** As if its machine had lost its power: nothing is told to anybody. */
  crash(): void;
}

/** An envelope on its way, as a tap sees it. */
export interface TappedEnvelope {
  /** By the network's clock, when it was sent. */
  sentMs: number;
  kind: 'udp' | 'tcp';
  /** The sender's own address. */
  from: string;
  /** The address of the node that it is meant for. */
  to: string;
  /** A copy: it may be kept. */
  envelope: Uint8Array;
}

const FREE_PORT_MIN = 20_000;
const EPHEMERAL_PORT_MIN = 49_152;
const EPHEMERAL_PORTS = 65_536 - EPHEMERAL_PORT_MIN;

/** What the transports of one memory network share: who is where, and what happens on the way. */
export class Medium {
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly taps = new Set<(tapped: TappedEnvelope) => void>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #crashed = new Set<string>();
  #ephemeralPorts = 0;

  constructor(clock: Clock, conditions: Conditions) {
    this.clock = clock;
    this.conditions = conditions;
  }

  /**
   * Registers an endpoint.
   *
   * @returns its address, with a free port in place of port 0.
   * @throws TelepathineError ADDRESS_UNAVAILABLE
   */
  bind(address: string, endpoint: Endpoint): string {
    const bound = this.#withPort(address, endpoint.kind);
    const key = keyOf(endpoint.kind, bound);
    if (this.#endpoints.has(key)) {
      throw new TelepathineError('ADDRESS_UNAVAILABLE', `${key} is in use`, { retryable: true });
    }
    this.#endpoints.set(key, endpoint);
    this.#crashed.delete(bound);
    return bound;
  }

  release(address: string, endpoint: Endpoint): void {
    const key = keyOf(endpoint.kind, address);
    if (this.#endpoints.get(key) === endpoint) this.#endpoints.delete(key);
  }

  find(kind: Endpoint['kind'], address: string): Endpoint | undefined {
    return this.#endpoints.get(keyOf(kind, address));
  }

  /** Takes all that is at this address off the network, and answers nobody until it is bound. */
  crash(address: string): void {
    this.#crashed.add(address);
    for (const kind of ['udp', 'tcp'] as const) {
      this.find(kind, address)?.crash();
      this.#endpoints.delete(keyOf(kind, address));
    }
  }

  isCrashed(address: string): boolean {
    return this.#crashed.has(address);
  }

  /** The address from which a new connection of this node comes. */
  ephemeralAddress(address: string): string {
    const port = EPHEMERAL_PORT_MIN + (this.#ephemeralPorts++ % EPHEMERAL_PORTS);
    const parsed = parseAddress(address);
    return formatAddress(parsed?.ip ?? address, port);
  }

  tap(kind: Endpoint['kind'], from: string, to: string, envelope: Uint8Array): void {
    const sentMs = this.clock.nowMs();
    for (const callback of this.taps) callback({ sentMs, kind, from, to, envelope });
  }

  #withPort(address: string, kind: Endpoint['kind']): string {
    const parsed = parseAddress(address);
    if (!parsed) throw new TelepathineError('INVALID_ARGUMENT', `${address} is not ip:port`);
    if (parsed.port !== 0) return formatAddress(parsed.ip, parsed.port);
    let port = FREE_PORT_MIN;
    while (this.find(kind, formatAddress(parsed.ip, port))) port += 1;
    return formatAddress(parsed.ip, port);
  }
}

function keyOf(kind: Endpoint['kind'], address: string): string {
  return `${kind}:${address}`;
}
