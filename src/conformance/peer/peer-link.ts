import { randomBytes } from 'node:crypto';
import type { Keyring } from '../../crypto/keyring.js';
import type { IpPort } from '../../transport/address.js';
import { decodePacket, encodePacket } from '../../wire/codec.js';
import { readEnvelope, writeEnvelope } from '../../wire/envelope.js';
import { frame } from '../../wire/framing.js';
import type { Hex64, Packet } from '../../wire/packet.js';
import { Wakers } from '../wakers.js';
import { type Awaited, CaseFailure, COMES_WITHIN_MS } from './case-failure.js';
import { partsText } from './parts-text.js';
import type { Trace } from './trace.js';

/** A packet that came. */
export interface Arrived {
  readonly link: PeerLink;
  readonly packet: Packet;
  readonly envelope: Uint8Array;
  /** Absent: it came in the clear. */
  readonly keyId?: string;
  /** Of `performance.now()`. */
  readonly atMs: number;
}

/** On whose behalf a link speaks. */
export interface Speaker {
  readonly keyring: Keyring | undefined;
  readonly trace: Trace;
  /** A packet that says who speaks, for how long it has been up, and nothing else. */
  blank(): Packet;
  nextPing(): number;
  /** A packet has come on one of its links. */
  arrived(arrived: Arrived): void;
}

/** How bytes get away. */
export interface Carrier {
  readonly transport: 'udp' | 'tcp';
  readonly here: IpPort;
  readonly there: IpPort;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** What a packet says beside what every one does; a token or echo of undefined is left out. */
export type Parts = Partial<Omit<Packet, 'token' | 'echo'>> & {
  readonly token?: Hex64 | undefined;
  readonly echo?: Hex64 | undefined;
};

const PING_AGAIN_MS = 400;

/** One way to the node under test: the datagrams of a socket, or a stream. */
export class PeerLink {
  /** All that came, in its order. */
  readonly arrived: Arrived[] = [];
  /** What this end asks to have echoed. */
  readonly token: Hex64 = randomBytes(8).toString('hex');
  /** The token that the node gave last. */
  echo: Hex64 | undefined;
  /** Envelopes that came, and could not be read, with the reason. */
  readonly unreadable: string[] = [];
  /** All envelopes that were sent, in their order. */
  readonly sent: Uint8Array[] = [];
  sentBytes = 0;
  arrivedBytes = 0;
  isClosed = false;
  readonly #wakers = new Wakers();

  constructor(
    readonly speaker: Speaker,
    readonly carrier: Carrier,
  ) {}

  get transport(): 'udp' | 'tcp' {
    return this.carrier.transport;
  }

  /** A place in `arrived`: what comes after it is new. */
  get mark(): number {
    return this.arrived.length;
  }

  /** A packet of the speaker as it would be sent now. */
  packet(parts: Parts = {}): Packet {
    const { token: _token, echo: _echo, ...rest } = parts;
    const token = 'token' in parts ? parts.token : this.token;
    const echo = 'echo' in parts ? parts.echo : this.echo;
    return {
      ...this.speaker.blank(),
      ...(token === undefined ? {} : { token }),
      ...(echo === undefined ? {} : { echo }),
      ...rest,
    };
  }

  send(parts: Parts = {}): void {
    this.sendPacketBytes(encodePacket(this.packet(parts)));
  }

  /** News: without token and echo. */
  push(parts: Parts = {}): void {
    this.send({ ...parts, token: undefined, echo: undefined });
  }

  /** Bytes in place of a packet, in an envelope that is as it must be. */
  sendPacketBytes(bytes: Uint8Array): void {
    this.sendEnvelope(writeEnvelope(bytes, this.speaker.keyring));
  }

  /** Bytes in place of an envelope: a datagram, or a frame whose length is right. */
  sendEnvelope(envelope: Uint8Array): void {
    this.#record(envelope, true);
    this.sentBytes += envelope.length;
    if (this.sent.length < SENT_KEPT_MAX) this.sent.push(envelope.slice());
    this.carrier.write(this.transport === 'udp' ? envelope : frame(envelope));
  }

  /** Bytes as they are, on a stream. */
  sendRaw(bytes: Uint8Array): void {
    const shown = Buffer.from(bytes.subarray(0, 24)).toString('hex');
    this.speaker.trace.note(
      `${this.carrier.here.port} > ${this.carrier.there.port} tcp ${bytes.length} raw: ${shown}`,
    );
    this.sentBytes += bytes.length;
    this.carrier.write(bytes);
  }

  /** What waits is dropped. */
  close(): void {
    this.carrier.close();
  }

  /** The carrier has brought an envelope. */
  take(envelope: Uint8Array): void {
    this.arrivedBytes += envelope.length;
    this.#record(envelope, false);
    const opened = readEnvelope(envelope, this.speaker.keyring);
    const decoded = opened.ok ? decodePacket(opened.packetBytes) : opened;
    if (!opened.ok || !decoded.ok) {
      this.unreadable.push(decoded.ok ? '' : decoded.reason);
    } else {
      const { packet } = decoded;
      const keyId = opened.keyId === undefined ? {} : { keyId: opened.keyId };
      const arrived = { link: this, packet, envelope: envelope.slice(), atMs: performance.now() };
      this.arrived.push({ ...arrived, ...keyId });
      this.echo = packet.token ?? this.echo;
      this.speaker.arrived({ ...arrived, ...keyId });
    }
    this.#wakers.wakeAll();
  }

  /** The stream is gone. */
  closed(): void {
    this.isClosed = true;
    this.#wakers.wakeAll();
  }

  /** A packet that comes after a mark and fits. @throws CaseFailure if none comes in time. */
  async next(
    fits: (packet: Packet, arrived: Arrived) => boolean,
    awaited: Awaited,
    after = this.mark,
  ): Promise<Arrived> {
    let found: Arrived | undefined;
    const isThere = await this.until(() => {
      found = this.arrived.slice(after).find((each) => fits(each.packet, each));
      return found !== undefined;
    }, awaited.withinMs);
    if (isThere && found !== undefined) return found;
    throw new CaseFailure(awaited.rule, awaited.expected, this.seen(after));
  }

  /** Waits until something holds; looks after each packet, and when the stream closes. */
  async until(holds: () => boolean, withinMs = COMES_WITHIN_MS): Promise<boolean> {
    const endMs = performance.now() + withinMs;
    while (!holds()) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      await this.#wakers.wait(Math.min(leftMs, LOOK_EVERY_MS));
    }
    return true;
  }

  /**
   * Sends a packet with a ping, and again if a datagram may be lost, until it is answered: all that was
   * sent before on this link has been taken then.
   *
   * @returns the answer, and all that came after the call until then.
   * @throws CaseFailure
   */
  async ping(
    parts: Parts = {},
    { rule, expected, withinMs = COMES_WITHIN_MS }: Awaited = PINGS_ARE_ANSWERED,
  ): Promise<{ answer: Arrived; all: Arrived[] }> {
    const after = this.mark;
    const numbers = new Set<number>();
    const endMs = performance.now() + withinMs;
    const isAnswer = ({ heartbeat }: Packet) => numbers.has(heartbeat?.answer ?? 0);
    for (;;) {
      const number = this.speaker.nextPing();
      numbers.add(number);
      this.send({ ...parts, heartbeat: { ping: number, answer: 0, roundTripUs: 0 } });
      const waitMs = this.transport === 'udp' ? PING_AGAIN_MS : withinMs;
      const isThere = () => this.arrived.slice(after).some(({ packet }) => isAnswer(packet));
      await this.until(() => isThere() || this.isClosed, waitMs);
      const all = this.arrived.slice(after);
      const answer = all.find(({ packet }) => isAnswer(packet));
      if (answer !== undefined) return { answer, all };
      if (performance.now() >= endMs || this.isClosed) {
        throw new CaseFailure(rule, expected, this.seen(after));
      }
    }
  }

  /** Becomes believed: has the node's token, and the node has seen this end's. */
  async meet(): Promise<this> {
    await this.ping();
    await this.ping();
    return this;
  }

  /** What came after a mark, in words. */
  seen(after: number): string {
    const came = this.arrived.slice(after);
    const closed = this.isClosed ? ', and the stream was closed' : '';
    if (came.length === 0) return `nothing came${closed}`;
    const shown = came.slice(-SHOWN_MAX).map(({ packet }) => partsText(packet));
    const more = came.length > SHOWN_MAX ? `${came.length - SHOWN_MAX} packets, then ` : '';
    return `${more}${shown.join(' | ')}${closed}`;
  }

  #record(envelope: Uint8Array, isSent: boolean): void {
    const { transport, here, there } = this.carrier;
    const [from, to] = isSent ? [here, there] : [there, here];
    this.speaker.trace.passed({ transport, from, to, envelope });
  }
}

const SHOWN_MAX = 6;
const SENT_KEPT_MAX = 1000;
/** What is waited for may also depend on something else than packets. */
const LOOK_EVERY_MS = 50;
const PINGS_ARE_ANSWERED: Awaited = { rule: '13.5.2', expected: 'an answer to a ping' };
