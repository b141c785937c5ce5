import fc from 'fast-check';
import { Random } from '../../src/core/random.js';
import type { Keyring } from '../../src/crypto/keyring.js';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import { readEnvelope, writeEnvelope } from '../../src/wire/envelope.js';
import { DATAGRAM_BYTES_MAX } from '../../src/wire/limits.js';
import type { Life, Packet } from '../../src/wire/packet.js';
import { ForgedLife } from '../support/forged-life.js';
import { hostileParts, type Spoiling, spoil, spoiling } from '../support/hostile.js';
import type { Recorded } from './friend.js';

/** What an attacker starts from. */
export interface Arsenal {
  seed: number;
  /** What was seen on the path, in both directions. */
  recorded: readonly Recorded[];
  /** The keys of the mesh; absent in a public one. For predicting what becomes of an envelope. */
  keyring: Keyring | undefined;
  /** What the attacker seals with: a key of the mesh, another one, or none. */
  attackersKeyring: Keyring | undefined;
}

/** Different made-up parts and spoilings; each is used many times, with something else. */
const POOL = 3000;
const NOBODY = new ForgedLife('nobody', '127.0.0.1:9');

/**
 * Envelopes that mean harm: random ones, recorded ones as they were, spoilt ones, and made-up ones of
 * strangers. None of them may be believed: a push is a stranger's here, since in a public mesh
 * whoever names a known node may push in its name (SECURITY.md).
 */
export class Ammunition {
  readonly #arsenal: Arsenal;
  readonly #random: Random;
  readonly #spoilings: Spoiling[][];
  readonly #parts: Partial<Packet>[];
  readonly #opened: Uint8Array[];
  readonly #lives: Life[];
  /** Random bytes are cut out of it: making them anew each time would take longer than the flood. */
  readonly #noise: Uint8Array;

  constructor(arsenal: Arsenal) {
    this.#arsenal = arsenal;
    const { seed, recorded, attackersKeyring } = arsenal;
    this.#random = new Random(new Uint8Array(new Int32Array([seed]).buffer), 'ammunition');
    this.#noise = this.#random.bytes(32 * 1024);
    const settings = { seed, numRuns: POOL };
    this.#spoilings = fc.sample(fc.array(spoiling, { minLength: 1, maxLength: 3 }), settings);
    const packets = recorded.flatMap(({ envelope }) => packetOf(envelope, attackersKeyring) ?? []);
    this.#lives = livesOf(packets);
    this.#parts = fc.sample(hostileParts(this.#lives), settings);
    this.#opened = packets.map((packet) => encodePacket(this.#unbelievable(packet)));
  }

  /** The next envelope, of 0 to some 1300 bytes. */
  next(): Uint8Array {
    const dice = this.#random.below(10);
    if (dice < 2) return this.#randomBytes();
    if (dice < 4) return this.#pick(this.#arsenal.recorded).envelope;
    if (dice < 5) return spoil(this.#sealed(this.#anyPacketBytes()), this.#pick(this.#spoilings));
    if (dice < 8) return this.#sealed(spoil(this.#anyPacketBytes(), this.#pick(this.#spoilings)));
    return this.#sealed(this.#madeUp());
  }

  /**
   * Why the wire layer must refuse an envelope; `read` if it may not.
   *
   * @param kind how it comes: datagrams have a limit of their own.
   */
  fate(envelope: Uint8Array, kind: 'udp' | 'tcp'): string {
    if (kind === 'udp' && envelope.length > DATAGRAM_BYTES_MAX) return 'datagram-too-large';
    const { keyring } = this.#arsenal;
    const refused = fateOfEnvelope(envelope, keyring);
    if (refused !== undefined) return refused;
    const opened = readEnvelope(envelope, keyring);
    if (!opened.ok) return keyring === undefined ? 'never' : 'not-authentic';
    const decoded = decodePacket(opened.packetBytes);
    return decoded.ok ? 'read' : decoded.reason;
  }

  #randomBytes(): Uint8Array {
    const at = this.#random.below(this.#noise.length);
    const bytes = this.#noise.slice(at, at + this.#random.below(1300));
    const kind = this.#pick([undefined, 0x11, 0x21]);
    if (bytes.length > 0 && kind !== undefined) bytes[0] = kind;
    const keyId = this.#arsenal.keyring?.sealing.idBytes;
    if (bytes.length > 5 && keyId !== undefined && this.#random.below(2) === 0) bytes.set(keyId, 1);
    return bytes;
  }

  #sealed(packetBytes: Uint8Array): Uint8Array {
    const { attackersKeyring } = this.#arsenal;
    // Now and then in the clear, or sealed: in the wrong kind of mesh.
    if (this.#random.below(20) > 0) return writeEnvelope(packetBytes, attackersKeyring);
    return Buffer.concat([Uint8Array.of(attackersKeyring ? 0x11 : 0x21), packetBytes]);
  }

  #anyPacketBytes(): Uint8Array {
    return this.#opened.length > 0 ? this.#pick(this.#opened) : this.#madeUp();
  }

  #madeUp(): Uint8Array {
    return encodePacket(
      this.#unbelievable(NOBODY.blank({ uptimeMs: 5000, ...this.#pick(this.#parts) })),
    );
  }

  /** With a token, so that it is no push; or a push of nobody. Its echo may be any. */
  #unbelievable(packet: Packet): Packet {
    const { token, echo, ...rest } = packet;
    const nobody = { owner: this.#hex(), logId: this.#hex(), generation: 1 };
    if (this.#random.below(4) === 0) return { ...rest, sender: nobody };
    const sender = this.#lives.length > 0 ? this.#pick([...this.#lives, nobody]) : nobody;
    const stranger = { ...rest, sender, token: this.#hex() };
    return this.#random.below(2) === 0 ? stranger : { ...stranger, echo: echo ?? this.#hex() };
  }

  #hex(): string {
    return Buffer.from(this.#random.bytes(8)).toString('hex').replace(/^0/, '1');
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T;
  }
}

/** What PROTOCOL.md, 2.5, says of all that can be told without opening a box. */
function fateOfEnvelope(envelope: Uint8Array, keyring: Keyring | undefined): string | undefined {
  const [kind] = envelope;
  if (kind === undefined) return 'empty';
  if (kind !== 0x11 && kind !== 0x21) return 'unknown-kind';
  if (kind === 0x11) return keyring && 'plain-in-private';
  if (keyring === undefined) return 'sealed-in-public';
  if (envelope.length < 45) return 'truncated';
  const isKnown = Buffer.from(envelope.subarray(1, 5)).equals(keyring.sealing.idBytes);
  return isKnown ? undefined : 'unknown-key';
}

/** What an envelope holds, if it can be opened. */
export function packetOf(envelope: Uint8Array, keyring: Keyring | undefined): Packet | undefined {
  const opened = readEnvelope(envelope, keyring);
  if (!opened.ok) return undefined;
  const decoded = decodePacket(opened.packetBytes);
  return decoded.ok ? decoded.packet : undefined;
}

/** The lives of those who sent packets, each once. */
function livesOf(packets: readonly Packet[]): Life[] {
  return [...new Map(packets.map(({ sender }) => [sender.logId, sender])).values()];
}
