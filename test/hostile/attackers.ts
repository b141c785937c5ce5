import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { TelepathineStats } from '../../src/index.js';
import { frame } from '../../src/wire/framing.js';
import { pause, until } from '../transport/recorder.js';
import type { Victim } from './victim.js';

/** A node, or a process that holds one, on 127.0.0.1. */
export interface Target {
  readonly port: number;
}

/** A socket that sends whatever it is told, and counts what comes back. */
export class UdpAttacker {
  sentPackets = 0;
  sentBytes = 0;
  receivedPackets = 0;
  receivedBytes = 0;
  /** Takes what comes, with the port that it comes from. */
  onEnvelope: (envelope: Uint8Array, port: number) => void = () => undefined;
  readonly #socket: UdpSocket;

  /**
   * Open until the test ends.
   *
   * @param ip an address of this machine; where it has no other than 127.0.0.1, that one is taken.
   */
  static async open(t: ExecutionContext, ip = '127.0.0.1'): Promise<UdpAttacker> {
    const socket = createSocket('udp4');
    try {
      socket.bind(0, ip);
      await once(socket, 'listening');
    } catch {
      socket.close();
      return UdpAttacker.open(t);
    }
    const attacker = new UdpAttacker(socket);
    t.teardown(() => socket.close());
    return attacker;
  }

  private constructor(socket: UdpSocket) {
    this.#socket = socket;
    socket.on('message', (envelope, { port }) => {
      this.receivedPackets += 1;
      this.receivedBytes += envelope.length;
      this.onEnvelope(envelope, port);
    });
    socket.on('error', () => undefined);
  }

  /** `ip:port`. */
  get address(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  send(victim: Target, envelope: Uint8Array): void {
    this.sentPackets += 1;
    this.sentBytes += envelope.length;
    this.#socket.send(envelope, victim.port, '127.0.0.1');
  }
}

/** Datagrams that have come to the node itself, taken or refused. */
export function datagramsOf({ received, refusals }: TelepathineStats): number {
  const { 'datagram-too-large': large = 0, 'no-source-port': portless = 0 } = refusals;
  return received.udp.packets + large + portless;
}

/**
 * Sends datagrams no faster than they are taken, so that the system has no cause to drop any.
 *
 * @param attackers take turns.
 */
export async function volley(
  victim: Victim,
  attackers: readonly UdpAttacker[],
  envelopes: readonly Uint8Array[],
): Promise<void> {
  const before = datagramsOf(await victim.stats());
  for (const [index, envelope] of envelopes.entries()) {
    attackers[index % attackers.length]?.send(victim, envelope);
  }
  for (let waited = 0; waited < 100; waited++) {
    if (datagramsOf(await victim.stats()) >= before + envelopes.length) return;
    await pause(2);
  }
}

/** Datagrams to a port that this machine's kernel has dropped; undefined where it does not tell. */
export function droppedDatagrams(port: number): number | undefined {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  try {
    const lines = readFileSync('/proc/net/udp', 'utf8').split('\n');
    const line = lines.find((each) => each.includes(`0100007F:${hexPort} `));
    return line === undefined ? undefined : Number(line.trim().split(/\s+/).at(-1));
  } catch {
    return undefined;
  }
}

/** A connection to the victim that counts both ways, and never fails the test by breaking. */
export class TcpAttacker {
  receivedBytes = 0;
  sentBytes = 0;
  /** Takes what comes. */
  onChunk: (chunk: Uint8Array) => void = () => undefined;

  /** Closed when the test ends, at the latest. */
  static async open(t: ExecutionContext, victim: Target): Promise<TcpAttacker> {
    const socket = connect({ port: victim.port, host: '127.0.0.1', noDelay: true });
    t.teardown(() => socket.destroy());
    const attacker = new TcpAttacker(socket);
    await once(socket, 'connect');
    return attacker;
  }

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.receivedBytes += chunk.length;
      this.onChunk(chunk);
    });
  }

  write(bytes: Uint8Array): void {
    this.sentBytes += bytes.length;
    this.socket.write(bytes);
  }

  /** Waits until the other end has closed; throws if it does not in time. */
  async closed(withinMs = 30_000): Promise<void> {
    await until(() => this.socket.closed, withinMs);
  }
}

/** Sends envelopes as frames on one connection, and closes it when they have been taken. */
export async function broadside(
  t: ExecutionContext,
  victim: Victim,
  envelopes: readonly Uint8Array[],
): Promise<void> {
  const before = (await victim.stats()).received.tcp.packets;
  const attacker = await TcpAttacker.open(t, victim);
  attacker.write(Buffer.concat(envelopes.map(frame)));
  await victim.statsWhen(({ received }) => received.tcp.packets >= before + envelopes.length);
  // Others may have been counted: what is not taken yet still will be.
  attacker.socket.end();
}
