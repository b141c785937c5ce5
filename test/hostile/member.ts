import type { Keyring } from '../../src/crypto/keyring.js';
import { encodePacket } from '../../src/wire/codec.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { FrameReader, frame } from '../../src/wire/framing.js';
import { FRAME_BYTES_MAX } from '../../src/wire/limits.js';
import type { Life, Packet } from '../../src/wire/packet.js';
import { ForgedLife } from '../support/forged-life.js';
import { until } from '../transport/recorder.js';
import { packetOf } from './ammunition.js';
import type { Target, TcpAttacker, UdpAttacker } from './attackers.js';

const PING = { ping: 1, answer: 0, roundTripUs: 0 };

/**
 * A member of the victim's mesh whose packets a test writes by hand, on a real socket. It keeps the
 * rules of tokens and answers pings, so that it is believed as far as members are.
 */
export class Member extends ForgedLife {
  /** Who was heard on this link. */
  heard: Life | undefined;
  answers = 0;
  /** Packets. */
  sent = 0;
  #echo: string | undefined;
  readonly #startedMs = performance.now() - 1000;
  readonly #transmit: (envelope: Uint8Array) => void;
  readonly #keyring: Keyring | undefined;

  /** Of a public mesh without a keyring. */
  static byDatagrams(
    name: string,
    victim: Target,
    attacker: UdpAttacker,
    keyring: Keyring | undefined,
  ): Member {
    const send = (envelope: Uint8Array) => attacker.send(victim, envelope);
    const member = new Member(name, attacker.address, send, keyring);
    // Friends of the victim hear of the member too; their tokens are of no use here.
    attacker.onEnvelope = (envelope, port) => {
      if (port === victim.port) member.#take(envelope);
    };
    return member;
  }

  /** Its header names an address at which nobody listens. */
  static byStream(name: string, attacker: TcpAttacker, keyring: Keyring | undefined): Member {
    const send = (envelope: Uint8Array) => attacker.write(frame(envelope));
    const member = new Member(name, '127.0.0.1:9', send, keyring);
    const reader = new FrameReader();
    reader.frameBytesMax = FRAME_BYTES_MAX;
    attacker.onChunk = (chunk) => reader.push(chunk, (envelope) => member.#take(envelope));
    return member;
  }

  private constructor(
    name: string,
    address: string,
    transmit: (envelope: Uint8Array) => void,
    keyring: Keyring | undefined,
  ) {
    super(name, address);
    this.#transmit = transmit;
    this.#keyring = keyring;
  }

  /** An envelope with a valid echo, once the victim has given a token. */
  envelope(parts: Partial<Packet> = {}): Uint8Array {
    const packet = this.blank({ token: 'eeeeeeeeeeeeeeee', uptimeMs: this.#uptimeMs(), ...parts });
    if (this.#echo !== undefined) packet.echo = this.#echo;
    return writeEnvelope(encodePacket(packet), this.#keyring);
  }

  send(parts: Partial<Packet> = {}): void {
    this.sent += 1;
    this.#transmit(this.envelope(parts));
  }

  /** Proves its address: the victim has answered, and its token is echoed from now on. */
  async greet(): Promise<void> {
    this.send({ heartbeat: PING });
    await until(() => this.#echo !== undefined);
    const before = this.answers;
    this.send({ heartbeat: PING });
    await until(() => this.answers > before);
  }

  /** Becomes known to the victim by its statement and header. */
  async join(): Promise<void> {
    await this.greet();
    this.send({ digests: [{ owners: [this.digest()] }] });
    this.send({ deltas: [this.header()] });
  }

  #uptimeMs(): number {
    return Math.floor(performance.now() - this.#startedMs);
  }

  #take(envelope: Uint8Array): void {
    const packet = packetOf(envelope, this.#keyring);
    if (packet?.token === undefined) return;
    this.#echo = packet.token;
    this.heard = packet.sender;
    const { ping, answer } = packet.heartbeat ?? { ping: 0, answer: 0 };
    if (answer > 0) this.answers += 1;
    if (ping > 0) this.send({ heartbeat: { ping: 0, answer: ping, roundTripUs: 0 } });
  }
}
