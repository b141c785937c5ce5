/** Envelopes as UDP datagrams. */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { debugLog } from '../debug.js';
import { TelepathineError } from '../error.js';
import { DATAGRAM_BYTES_MAX } from '../wire/limits.js';
import { formatAddress, parseAddress } from './address.js';
import type { Handles } from './handles.js';
import type { Transport, TransportReceiver } from './transport.js';

const debug = debugLog('telepathine:udp');

const MEBIBYTE = 1024 * 1024;
/** Tried in this order: a burst of datagrams must not be lost while the process is busy. */
const RECEIVE_BUFFER_BYTES = [4 * MEBIBYTE, 2 * MEBIBYTE, MEBIBYTE];
const SEND_BUFFER_BYTES = [MEBIBYTE];

/** Where a UDP transport is bound. */
export interface UdpOptions {
  /** The IPv4 or IPv6 address to bind to, without brackets. `::` takes IPv4 too. */
  ip: string;
  /** 0 to 65535; 0 takes a free one. */
  port: number;
  /** Has the socket while it is open. */
  handles?: Handles;
}

/**
 * UDP on one address. Datagrams above 1200 bytes are refused (`datagram-too-large`), as are those
 * from port 0 (`no-source-port`); what the system does not send is reported as `send-failed`.
 */
export class UdpTransport implements Transport {
  readonly kind = 'udp';
  readonly #options: UdpOptions;
  #socket: Socket | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: UdpOptions) {
    this.#options = options;
  }

  async open(receiver: TransportReceiver): Promise<number> {
    const { ip, port } = this.#options;
    const socket = createSocket({ type: isIP(ip) === 6 ? 'udp6' : 'udp4', lookup: literalLookup });
    try {
      // Without a name to look up, the event comes before bind returns.
      const listening = once(socket, 'listening');
      socket.bind({ address: ip, port, exclusive: true });
      await listening;
    } catch (cause) {
      socket.close();
      throw new TelepathineError(
        'ADDRESS_UNAVAILABLE',
        `UDP ${formatAddress(ip, port)} cannot be bound: ${(cause as Error).message}`,
        { cause, retryable: true },
      );
    }
    this.#socket = socket;
    this.#options.handles?.add(socket);
    socket.on('error', (error) => debug('error on %s:%d: %s', ip, port, error));
    enlargeBuffers(socket);
    this.#receive(socket, receiver);
    return socket.address().port;
  }

  send(address: string, envelope: Uint8Array): void {
    const socket = this.#socket;
    if (!socket || this.#closed) return;
    const failed = (error: unknown) => {
      debug('nothing sent to %s: %s', address, error);
      if (!this.#closed) this.#refused(address, 'send-failed');
    };
    const to = parseAddress(address);
    if (!to) return failed('not an address');
    if (envelope.length > DATAGRAM_BYTES_MAX) return failed('too large');
    // An IPv6 socket that takes IPv4 too reaches it by the mapped form.
    const mapped = isIP(this.#options.ip) === 6 && isIP(to.ip) === 4;
    try {
      socket.send(envelope, to.port, mapped ? `::ffff:${to.ip}` : to.ip, (error) => {
        if (error) failed(error);
      });
    } catch (error) {
      failed(error);
    }
  }

  closeLink(): void {
    // Datagrams have no connections.
  }

  trustLink(): void {
    // A datagram has one size limit for all.
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const socket = this.#socket;
    if (!socket) return;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    this.#options.handles?.delete(socket);
  }

  #refused: (address: string, reason: string) => void = () => undefined;

  #receive(socket: Socket, receiver: TransportReceiver): void {
    this.#refused = (address, reason) => receiver.refused(address, reason);
    socket.on('message', (datagram, from) => {
      if (this.#closed) return;
      const address = formatAddress(from.address, from.port);
      if (from.port === 0) receiver.refused(address, 'no-source-port');
      else if (datagram.length > DATAGRAM_BYTES_MAX)
        receiver.refused(address, 'datagram-too-large');
      else receiver.envelope(address, datagram);
    });
  }
}

/** Answers at once: all that is sent to is an address already, and the name service costs time. */
function literalLookup(
  ip: string,
  _options: object,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  callback(null, ip, isIP(ip));
}

/** Best effort: systems have limits of their own, and refuse or cut what is beyond. */
function enlargeBuffers(socket: Socket): void {
  tryInOrder(RECEIVE_BUFFER_BYTES, (bytes) => socket.setRecvBufferSize(bytes));
  tryInOrder(SEND_BUFFER_BYTES, (bytes) => socket.setSendBufferSize(bytes));
}

function tryInOrder(sizes: number[], set: (bytes: number) => void): void {
  for (const bytes of sizes) {
    try {
      set(bytes);
      return;
    } catch (error) {
      debug('a socket buffer of %d bytes is refused: %s', bytes, error);
    }
  }
}
