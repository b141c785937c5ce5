import { PROTOCOL_VERSION, VALUE_BYTES_MAX } from '../wire/limits.js';
import type { OwnerDigest, OwnerId, Packet } from '../wire/packet.js';
import { fingerprintBytes, packetBaseBytes } from '../wire/size.js';
import type { Link } from './contract.js';
import { isStream } from './link.js';
import type { Links } from './links.js';
import { type Parts, pack } from './packing.js';
import type { CoreState } from './state.js';

/** What a link is sent at the end of this call of the core. */
export interface Outgoing extends Omit<Parts, 'statements'> {
  ping: number;
  answer: number;
  roundTripUs: number;
  /** Digests of single owners, each once. */
  statements: Map<OwnerId, OwnerDigest>;
  /** The token to echo to a stranger, of whom nothing is kept. */
  echo: string | undefined;
  /** Encoded bytes that may be sent in all: a stranger gets one small packet. */
  allowance: number;
}

/** A node that is pushed to. */
export interface PushTarget {
  /** Its usual link. */
  readonly link: Link;
  /** A stream with it that takes frames of full size. */
  readonly stream: Link | undefined;
  /** No ping has waited on the stream for long: it is not dead without a word. */
  readonly isHeard: boolean;
}

/** Encoded bytes of a packet for a stream whose other end takes frames of full size. */
const STREAM_PACKET_BYTES_MAX = 256 * 1024;
/** The same for a packet with a single entry, of the largest value and key. */
const STREAM_ENTRY_PACKET_BYTES_MAX = STREAM_PACKET_BYTES_MAX + VALUE_BYTES_MAX;

/** Collects what is to be sent and turns it into packets, several parts to each. */
export class Outbox {
  readonly #links = new Map<Link, Outgoing>();

  constructor(
    private readonly state: CoreState,
    private readonly links: Links,
  ) {}

  /** What goes to this link; add parts to it. */
  to(link: Link): Outgoing {
    let outgoing = this.#links.get(link);
    if (outgoing === undefined) {
      // One literal: an object put together by spreading takes ten times as long.
      outgoing = {
        fingerprints: [],
        digests: [],
        statements: new Map(),
        wants: [],
        deltas: [],
        probes: [],
        suspicions: [],
        votes: [],
        ping: 0,
        answer: 0,
        roundTripUs: 0,
        echo: undefined,
        allowance: Number.POSITIVE_INFINITY,
      };
      this.#links.set(link, outgoing);
    }
    return outgoing;
  }

  /**
   * Sends the same to many at once: packets that name no recipient. What takes more than one datagram
   * goes over streams where there are any.
   *
   * @returns whether it took more than one datagram.
   */
  push(targets: readonly PushTarget[], parts: Parts): boolean {
    const datagrams = this.#pushed(parts, this.state.options.datagramPacketBytesMax);
    const isLarge = datagrams.length > 1;
    const links: Link[] = [];
    const streams: Link[] = [];
    for (const { link, stream, isHeard } of targets) {
      if (isLarge && stream !== undefined && (isHeard || stream === link)) streams.push(stream);
      else links.push(link);
    }
    if (links.length > 0) this.#send(links, datagrams);
    if (streams.length > 0) this.#send(streams, this.#pushed(parts, STREAM_PACKET_BYTES_MAX));
    return isLarge;
  }

  #pushed(parts: Parts, bytesMax: number): Packet[] {
    const make = () => this.#blank();
    return pack(parts, make(), make, bytesMax);
  }

  #send(links: Link[], packets: readonly Packet[]): void {
    for (const packet of packets) this.state.effects.push({ type: 'send', links, packet });
  }

  /** Turns all that was collected into effects. */
  flush(): void {
    for (const [link, outgoing] of this.#links) this.#flushLink(link, outgoing);
    this.#links.clear();
  }

  #flushLink(link: Link, outgoing: Outgoing): void {
    const first = this.#addressed(link, outgoing);
    if (outgoing.ping > 0 || outgoing.answer > 0) {
      const { ping, answer, roundTripUs } = outgoing;
      first.heartbeat = { ping, answer, roundTripUs };
    }
    const parts: Parts = { ...outgoing, statements: [...outgoing.statements.values()] };
    const large = isStream(link) && this.links.get(link)?.confirmed === true;
    const bytesMax = large ? STREAM_PACKET_BYTES_MAX : this.state.options.datagramPacketBytesMax;
    const entryBytesMax = large ? STREAM_ENTRY_PACKET_BYTES_MAX : bytesMax;
    const next = () => this.#addressed(link, outgoing);
    const packets = pack(parts, first, next, bytesMax, entryBytesMax);
    if (isStream(link)) answerLast(packets);
    if (outgoing.allowance < Number.POSITIVE_INFINITY) {
      packets.length = 1;
      const fingerprints = first.fingerprints.reduce(
        (sum, each) => sum + fingerprintBytes(each),
        0,
      );
      if (packetBaseBytes(first) + fingerprints > outgoing.allowance) return;
    }
    this.#send([link], packets);
  }

  #addressed(link: Link, outgoing: Outgoing): Packet {
    const packet = this.#blank();
    packet.token = this.links.token(link, packet.uptimeMs);
    const known = this.links.get(link);
    const echo = outgoing.echo ?? known?.theirToken;
    if (echo !== undefined) packet.echo = echo;
    return packet;
  }

  #blank(): Packet {
    const { options, self, nowMs, startedAtMs } = this.state;
    return {
      requiredFeatures: 0,
      protocol: PROTOCOL_VERSION,
      cluster: options.cluster,
      sender: {
        owner: self.id,
        logId: self.statement.logId,
        generation: self.statement.generation,
      },
      uptimeMs: Math.floor(nowMs - startedAtMs),
      fingerprints: [],
      digests: [],
      wants: [],
      deltas: [],
      probes: [],
      suspicions: [],
      votes: [],
    };
  }
}

/**
 * On a stream the answer goes with the last packet of what it answers: it tells the asker that all is
 * there, who else would ask again for what is still on its way.
 */
function answerLast(packets: readonly Packet[]): void {
  const [first, last] = [packets[0], packets.at(-1)];
  if (first?.heartbeat === undefined || last === undefined || first === last) return;
  const { ping, answer, roundTripUs } = first.heartbeat;
  if (answer === 0) return;
  last.heartbeat = { ping: 0, answer, roundTripUs: 0 };
  if (ping === 0) delete first.heartbeat;
  else first.heartbeat = { ping, answer: 0, roundTripUs };
}
