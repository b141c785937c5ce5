import { randomBytes } from 'node:crypto';
import type { Keyring } from '../../crypto/keyring.js';
import { Deferred } from '../../node/deferred.js';
import type { IpPort } from '../../transport/address.js';
import { decodePacket, encodePacket } from '../../wire/codec.js';
import { readEnvelope, writeEnvelope } from '../../wire/envelope.js';
import { PROTOCOL_VERSION } from '../../wire/limits.js';
import { ownerIdOf } from '../../wire/owner-id.js';
import type { Hex64, Life, Packet } from '../../wire/packet.js';
import type { Carrier, CarrierFailure } from './carrier.js';
import { openCarrier } from './carrier.js';

/** By what a mesh lets somebody ask. */
export interface Credentials {
  /** Absent: a public mesh. */
  readonly keyring: Keyring | undefined;
  /** The cluster's name, of a public mesh too. */
  readonly cluster: string;
}

/** The answer to a ping. */
export interface Pong {
  readonly packet: Packet;
  readonly roundTripMs: number;
}

/** What a question carries. */
export type Parts = Partial<Pick<Packet, 'fingerprints' | 'wants'>>;

/** A datagram may be lost, and a stream's other end may have closed it. */
const ASK_AGAIN_MS = { udp: 250, tcp: 2000 } as const;

/**
 * Asks one node, over one transport, without taking part: it never says that it is a node of the
 * mesh, so that nobody comes to know of it (PROTOCOL.md, "Strangers").
 */
export class Asker {
  /** Whether a connection was there; with datagrams always. */
  isOpen = false;
  /** Why nothing more comes, if so. */
  failure: CarrierFailure | undefined;
  readonly #life: Life;
  readonly #token: Hex64 = randomBytes(8).toString('hex');
  readonly #carrier: Carrier;
  readonly #startedMs = performance.now();
  readonly #sentAtMs = new Map<number, number>();
  readonly #listeners = new Set<(packet: Packet, pong: Pong | undefined) => void>();
  readonly #failed = new Deferred<void>();
  #echo: Hex64 | undefined;
  #lastPing = 0;

  constructor(
    readonly kind: Carrier['kind'],
    to: IpPort,
    private readonly credentials: Credentials,
  ) {
    const name = `telepathine asker ${randomBytes(16).toString('hex')}`;
    const logId = randomBytes(8).toString('hex');
    this.#life = { owner: ownerIdOf(name), logId, generation: 1 };
    this.#carrier = openCarrier(kind, to, {
      open: () => {
        this.isOpen = true;
      },
      envelope: (envelope) => this.#take(envelope),
      failed: (failure) => {
        const isUnopened = failure === 'closed' && !this.isOpen;
        this.failure ??= isUnopened ? 'unreachable' : failure;
        this.#failed.resolve();
      },
    });
  }

  close(): void {
    this.#carrier.close();
  }

  /** Pings until an answer comes; undefined if none does in time. */
  async ping(timeoutMs: number): Promise<Pong | undefined> {
    let found: Pong | undefined;
    await this.#until(timeoutMs, {}, (_packet, pong) => {
      found ??= pong;
      return found !== undefined;
    });
    return found;
  }

  /**
   * Asks something, after a ping has been answered.
   *
   * @param isEnough takes each packet that comes; `isLast` tells that the question was answered.
   * @returns whether it was enough in time.
   */
  ask(
    parts: Parts,
    isEnough: (packet: Packet, isLast: boolean) => boolean,
    timeoutMs: number,
  ): Promise<boolean> {
    return this.#until(timeoutMs, parts, (packet, pong) => isEnough(packet, pong !== undefined));
  }

  async #until(
    timeoutMs: number,
    parts: Parts,
    isEnough: (packet: Packet, pong: Pong | undefined) => boolean,
  ): Promise<boolean> {
    const enough = new Deferred<boolean>();
    const listener = (packet: Packet, pong: Pong | undefined) => {
      if (isEnough(packet, pong)) enough.resolve(true);
    };
    this.#listeners.add(listener);
    const giveUp = setTimeout(() => enough.resolve(false), timeoutMs);
    const again = setInterval(() => this.#sendPing(parts), ASK_AGAIN_MS[this.kind]);
    this.#sendPing(parts);
    try {
      return await Promise.race([enough.promise, this.#failed.promise.then(() => false)]);
    } finally {
      clearTimeout(giveUp);
      clearInterval(again);
      this.#listeners.delete(listener);
    }
  }

  #sendPing(parts: Parts): void {
    if (this.failure !== undefined) return;
    this.#lastPing += 1;
    this.#sentAtMs.set(this.#lastPing, performance.now());
    this.#send({ ...parts, heartbeat: { ping: this.#lastPing, answer: 0, roundTripUs: 0 } });
  }

  #send(parts: Partial<Packet>): void {
    const { keyring, cluster } = this.credentials;
    const packet: Packet = {
      ...NO_PARTS,
      cluster: keyring === undefined ? cluster : '',
      sender: this.#life,
      uptimeMs: Math.floor(performance.now() - this.#startedMs),
      token: this.#token,
      ...(this.#echo === undefined ? {} : { echo: this.#echo }),
      ...parts,
    };
    this.#carrier.send(writeEnvelope(encodePacket(packet), keyring));
  }

  /** Only who has seen the token is believed. */
  #take(envelope: Uint8Array): void {
    const opened = readEnvelope(envelope, this.credentials.keyring);
    if (!opened.ok) return;
    const decoded = decodePacket(opened.packetBytes);
    if (!decoded.ok || decoded.packet.echo !== this.#token) return;
    const { packet } = decoded;
    this.#echo = packet.token ?? this.#echo;
    const { ping = 0, answer = 0 } = packet.heartbeat ?? {};
    const sentAtMs = this.#sentAtMs.get(answer);
    const pong = sentAtMs && { packet, roundTripMs: performance.now() - sentAtMs };
    this.#sentAtMs.delete(answer);
    if (ping > 0) this.#send({ heartbeat: { ping: 0, answer: ping, roundTripUs: 0 } });
    for (const listener of [...this.#listeners]) listener(packet, pong || undefined);
  }
}

const NO_PARTS = {
  requiredFeatures: 0,
  protocol: PROTOCOL_VERSION,
  fingerprints: [],
  digests: [],
  wants: [],
  deltas: [],
  probes: [],
  suspicions: [],
  votes: [],
} as const satisfies Partial<Packet>;
