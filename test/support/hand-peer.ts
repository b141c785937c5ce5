import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import type { Packet } from '../../src/wire/packet.js';
import { ForgedLife } from './forged-life.js';
import type { Mesh } from './mesh.js';

/**
 * A peer whose packets a test writes by hand, and which may lie. It keeps the rules of tokens, so
 * that it is believed as far as a member is. The mesh must be recording.
 */
export class HandPeer extends ForgedLife {
  readonly token = 'eeeeeeeeeeeeeeee';
  #uptimeMs = 1000;
  #seen = 0;
  /** The newest token of each address, for datagrams. */
  readonly #tokens = new Map<string, string>();
  /** All packets that were sent to this peer. */
  readonly received: { from: string; packet: Packet }[] = [];

  constructor(
    readonly mesh: Mesh,
    name = 'evil',
    address = '10.9.9.9:9000',
  ) {
    super(name, address);
  }

  /** A packet of this peer with an echo, if the receiver has given a token. */
  packet(to: string, parts: Partial<Packet> = {}): Packet {
    this.listen();
    this.#uptimeMs += 1;
    const packet = this.blank({ uptimeMs: this.#uptimeMs, token: this.token, ...parts });
    const echo = this.#tokens.get(to);
    if (echo !== undefined && packet.echo === undefined) packet.echo = echo;
    return packet;
  }

  /** Sends a packet to a node at once. */
  send(to: string, parts: Partial<Packet> = {}): void {
    this.deliver(to, encodePacket(this.packet(this.mesh.address(to), parts)));
  }

  /** Sends a packet that answers no token and asks for none. */
  push(to: string, parts: Partial<Packet> = {}): void {
    const { token, echo, ...packet } = this.packet(this.mesh.address(to), parts);
    this.deliver(to, encodePacket(packet));
  }

  /** Sends bytes; whether they could be read as a packet. */
  deliver(to: string, bytes: Uint8Array, kind: 'udp' | 'tcp' = 'udp'): boolean {
    if (!decodePacket(bytes).ok) return false;
    const address = this.mesh.address(to);
    const stream = kind === 'udp' ? '' : `${this.address}#${address}`;
    this.mesh.inject({ from: this.address, to: address, kind, bytes, stream });
    return true;
  }

  /** Becomes known to a node: statement and header. */
  join(to: string): void {
    this.send(to, { heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } });
    this.send(to, { digests: [{ owners: [this.digest()] }] });
    this.send(to, { deltas: [this.header()] });
  }

  /** Reads what was sent to this peer since the last call. */
  listen(): Packet[] {
    const fresh: Packet[] = [];
    for (; this.#seen < this.mesh.sent.length; this.#seen++) {
      const flight = this.mesh.sent[this.#seen];
      if (flight?.to !== this.address) continue;
      const decoded = decodePacket(flight.bytes);
      if (!decoded.ok) throw new Error(`a node sent what cannot be decoded: ${decoded.reason}`);
      const { token } = decoded.packet;
      // Streams have tokens of their own.
      if (token !== undefined && flight.kind === 'udp') this.#tokens.set(flight.from, token);
      this.received.push({ from: flight.from, packet: decoded.packet });
      fresh.push(decoded.packet);
    }
    return fresh;
  }
}
