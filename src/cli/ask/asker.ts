import { randomBytes } from 'node:crypto';
import type { Keyring } from '../../crypto/keyring.js';
import { Deferred } from '../../node/deferred.js';
import type { IpPort } from '../../transport/address.js';
import { decodePacket, encodePacket } from '../../wire/codec.js';
import { readEnvelope, writeEnvelope } from '../../wire/envelope.js';
import { packetFields } from '../../wire/fields.js';
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
  /** The protocol in which a ping was answered, if it is another than this program's. */
  otherProtocol: number | undefined;
  #isNoNode = false;
  #hasEnvelope = false;
  readonly #life: Life;
  readonly #token: Hex64 = randomBytes(8).toString('hex');
  readonly #carrier: Carrier;
  readonly #startedMs = performance.now();
  readonly #sentAtMs = new Map<number, number>();
  readonly #listeners = new Set<(packet: Packet, pong: Pong | undefined) => void>();
  /** Resolved when no answer can come any more. */
  readonly #ended = new Deferred<void>();
  #echo: Hex64 | undefined;
  #lastPing = 0;

  constructor(
    readonly kind: Carrier['kind'],
    to: IpPort,
    private readonly credentials: Credentials,
    private readonly protocol = PROTOCOL_VERSION,
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
        this.failure ??= failure;
        this.#ended.resolve();
      },
      noFrames: () => this.#noNode(),
    });
  }

  /** Whether what came is nothing that a node says. */
  get isNoNode(): boolean {
    return this.#isNoNode || (!this.#hasEnvelope && this.#carrier.halfReadBytes > 0);
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
      return await Promise.race([enough.promise, this.#ended.promise.then(() => false)]);
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
      protocol: this.protocol,
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
    if (!opened.ok) {
      if (NO_ENVELOPE.has(opened.reason)) this.#noNode();
      else this.#hasEnvelope = true;
      return;
    }
    const decoded = decodePacket(opened.packetBytes);
    if (!decoded.ok) return this.#takeRefused(opened.packetBytes, decoded.reason);
    const { packet } = decoded;
    // Some servers send back whatever comes.
    if (packet.sender.owner === this.#life.owner) return this.#noNode();
    this.#hasEnvelope = true;
    if (packet.echo !== this.#token) return;
    this.#echo = packet.token ?? this.#echo;
    const { ping = 0, answer = 0 } = packet.heartbeat ?? {};
    const sentAtMs = this.#sentAtMs.get(answer);
    const pong = sentAtMs && { packet, roundTripMs: performance.now() - sentAtMs };
    this.#sentAtMs.delete(answer);
    if (ping > 0) this.#send({ heartbeat: { ping: 0, answer: ping, roundTripUs: 0 } });
    for (const listener of [...this.#listeners]) listener(packet, pong || undefined);
  }

  #takeRefused(packetBytes: Uint8Array, reason: string): void {
    const { protocol, echo } = readOther(packetBytes);
    if (reason !== 'protocol-version' || echo !== this.#token) return this.#noNode();
    this.#hasEnvelope = true;
    this.otherProtocol = protocol;
    this.#ended.resolve();
  }

  #noNode(): void {
    this.#isNoNode = true;
    this.#ended.resolve();
  }
}

/** Of the fields of another protocol only these two are believed to mean what they mean here. */
function readOther(packetBytes: Uint8Array): { protocol: number; echo: string } {
  const { fields } = packetFields(packetBytes);
  const field = (name: string) => fields.find((each) => each.name === name)?.value;
  const [protocol, echo] = [field('protocol'), field('echo')];
  return {
    protocol: protocol?.kind === 'number' ? Number(protocol.value) : 0,
    echo: echo?.kind === 'bytes' ? Buffer.from(echo.value).toString('hex') : '',
  };
}

/** Refusals of what is no envelope of any kind. */
const NO_ENVELOPE: ReadonlySet<string> = new Set(['empty', 'unknown-kind', 'truncated']);

const NO_PARTS = {
  requiredFeatures: 0,
  fingerprints: [],
  digests: [],
  wants: [],
  deltas: [],
  probes: [],
  suspicions: [],
  votes: [],
} as const satisfies Partial<Packet>;
