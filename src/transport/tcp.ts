/** Envelopes as frames on TCP connections. */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { debugLog } from '../debug.js';
import { TelepathineError } from '../error.js';
import { frame } from '../wire/framing.js';
import { formatAddress, parseAddress } from './address.js';
import { Handles } from './handles.js';
import { ipToBytes, isUnspecified } from './ip.js';
import type { ConnectionHolder } from './tcp-connection.js';
import { monotonicMs, TcpConnection } from './tcp-connection.js';
import type { TcpLimits } from './tcp-limits.js';
import { tcpLimits } from './tcp-limits.js';
import type { Transport, TransportReceiver } from './transport.js';

const debug = debugLog('telepathine:tcp');

/** A connection that was active within this time, or accepted, makes no room for a new one. */
const BUSY_MS = 1000;
/** What was sent before `close()` has this long to leave. */
const CLOSE_GRACE_MS = 200;
/** Sums over all connections are taken only when one holds more than this. */
const UNSENT_NOTEWORTHY_BYTES = 1024 * 1024;

/** Where a TCP transport listens, and what it allows. */
export interface TcpOptions extends Partial<TcpLimits> {
  /** The IPv4 or IPv6 address to bind to, without brackets. `::` takes IPv4 too. */
  ip: string;
  /** 0 to 65535; 0 takes a free one. */
  port: number;
  /** Has the server, the connections and the timers while they are open. */
  handles?: Handles;
}

/**
 * TCP on one address: a server, and connections that are kept and used both ways, known by the
 * address and port of the other end. What it refuses it reports: `frame-too-long`, `empty-frame`,
 * `frame-too-slow`, `half-read-bytes`, `not-trusted-in-time`, `connections-full`, `pending-full`,
 * `receiver-too-slow`, `send-failed`.
 */
export class TcpTransport implements Transport {
  readonly kind = 'tcp';
  readonly #ip: string;
  readonly #port: number;
  readonly #limits: Readonly<TcpLimits>;
  readonly #handles: Handles;
  readonly #server: Server;
  readonly #connections = new Map<string, TcpConnection>();
  /** Those that are closing too. */
  readonly #all = new Set<TcpConnection>();
  readonly #holder: ConnectionHolder = {
    envelope: (connection, envelope) => this.#receiver?.envelope(connection.address, envelope),
    refused: (connection, reason) => this.#receiver?.refused(connection.address, reason),
    halfReadChanged: (byBytes) => this.#addHalfRead(byBytes),
    closed: (connection) => this.#remove(connection),
  };
  #receiver: TransportReceiver | undefined;
  #halfReadBytes = 0;
  #sweep: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  /** @throws TelepathineError INVALID_ARGUMENT for a limit out of its range. */
  constructor(options: TcpOptions) {
    const { ip, port, handles = new Handles(), ...limits } = options;
    this.#ip = ip;
    this.#port = port;
    this.#handles = handles;
    this.#limits = tcpLimits(limits);
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  async open(receiver: TransportReceiver): Promise<number> {
    try {
      this.#server.listen({ host: this.#ip, port: this.#port, exclusive: true });
      await once(this.#server, 'listening');
    } catch (cause) {
      throw new TelepathineError(
        'ADDRESS_UNAVAILABLE',
        `TCP ${formatAddress(this.#ip, this.#port)} cannot be bound: ${(cause as Error).message}`,
        { cause, retryable: true },
      );
    }
    this.#handles.add(this.#server);
    this.#server.on('error', (error) => debug('server: %s', error.message));
    this.#receiver = receiver;
    if (this.#closed) this.#server.close();
    const bound = this.#server.address();
    return typeof bound === 'object' && bound ? bound.port : this.#port;
  }

  send(address: string, envelope: Uint8Array): void {
    if (!this.#receiver || this.#closed) return;
    if (envelope.length === 0 || envelope.length > this.#limits.frameBytesMax) {
      this.#receiver.refused(address, 'send-failed');
      return;
    }
    const connection = this.#connections.get(address) ?? this.#dial(address);
    if (!connection) return this.#unreachable(address);
    connection.send(frame(envelope));
    if (connection.unsentBytes > UNSENT_NOTEWORTHY_BYTES) this.#checkUnsent(connection);
  }

  closeLink(address: string): void {
    const connection = this.#connections.get(address);
    if (!connection) return;
    this.#connections.delete(address);
    connection.close();
  }

  trustLink(address: string): void {
    this.#connections.get(address)?.trust();
  }

  /** What was sent just before has 200 ms to leave. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (this.#closed || remoteAddress === undefined || remotePort === undefined) {
      return discard(socket);
    }
    const address = formatAddress(remoteAddress, remotePort);
    if (!this.#makeRoom(false)) {
      this.#receiver?.refused(address, 'connections-full');
      return discard(socket);
    }
    const earlier = this.#connections.get(address);
    if (earlier) {
      // From the same port to another address of this machine: the links have one name.
      this.#connections.delete(address);
      earlier.destroy();
      this.#receiver?.linkDown(address);
    }
    this.#add(socket, address, true);
  }

  #dial(address: string): TcpConnection | undefined {
    const to = parseAddress(address);
    if (!to || to.port === 0) {
      this.#receiver?.refused(address, 'send-failed');
      return undefined;
    }
    if (!this.#makeRoom(true)) {
      this.#receiver?.refused(address, 'connections-full');
      return undefined;
    }
    const bytes = ipToBytes(this.#ip);
    // From the bound address, so that the other end sees the address that it knows.
    const from = bytes && !isUnspecified(bytes) ? { localAddress: this.#ip } : {};
    return this.#add(
      connect({ host: to.ip, port: to.port, noDelay: true, ...from }),
      address,
      false,
    );
  }

  #add(socket: Socket, address: string, accepted: boolean): TcpConnection {
    const connection = new TcpConnection(socket, address, this.#limits, this.#holder, accepted);
    this.#connections.set(address, connection);
    this.#receiver?.linkUp?.(address, !accepted);
    this.#all.add(connection);
    this.#handles.add(connection);
    if (!this.#sweep) {
      this.#sweep = setInterval(() => this.#checkTimes(), this.#sweepMs());
      this.#handles.add(this.#sweep);
    }
    return connection;
  }

  #remove(connection: TcpConnection): void {
    this.#all.delete(connection);
    this.#handles.delete(connection);
    if (this.#all.size === 0 && this.#sweep) {
      clearInterval(this.#sweep);
      this.#handles.delete(this.#sweep);
      this.#sweep = undefined;
      this.#onEmpty?.();
    }
    if (this.#connections.get(connection.address) !== connection) return;
    this.#connections.delete(connection.address);
    if (!this.#closed) this.#receiver?.linkDown(connection.address);
  }

  /** Nothing is reported in the tick of the call that it is about. */
  #unreachable(address: string): void {
    process.nextTick(() => {
      if (!this.#closed && !this.#connections.has(address)) this.#receiver?.linkDown(address);
    });
  }

  /**
   * Strangers, accepted and not trusted, go first; but if they hold half of all, they take no more.
   *
   * @param isOwn for a connection that this end opens: it need not wait for strangers to prove
   *   themselves.
   * @returns false if every connection is in use.
   */
  #makeRoom(isOwn: boolean): boolean {
    const { connectionsMax } = this.#limits;
    if (this.#all.size < connectionsMax) return true;
    const open = [...this.#all].filter((each) => !each.destroyed);
    if (open.length < connectionsMax) return true;
    const before = monotonicMs() - BUSY_MS;
    const strangers = open.filter((each) => each.isStranger);
    let leastValued = strangers.find((each) => isOwn || each.startedMs < before);
    if (!leastValued && (isOwn || strangers.length <= connectionsMax / 2)) {
      const free = open.filter((each) => each.quiet && each.activeMs < before);
      const byValue = (a: TcpConnection, b: TcpConnection) =>
        Number(a.trusted) - Number(b.trusted) || a.activeMs - b.activeMs;
      leastValued = free.sort(byValue)[0];
    }
    leastValued?.destroy();
    return leastValued !== undefined;
  }

  #addHalfRead(byBytes: number): boolean {
    this.#halfReadBytes += byBytes;
    return byBytes <= 0 || this.#halfReadBytes <= this.#limits.halfReadBytesMax;
  }

  #checkUnsent(connection: TcpConnection): void {
    let unsentBytes = 0;
    for (const each of this.#all) unsentBytes += each.unsentBytes;
    if (unsentBytes > this.#limits.unsentBytesTotalMax) connection.fail('receiver-too-slow');
  }

  #checkTimes(): void {
    const nowMs = monotonicMs();
    for (const connection of this.#all) connection.checkTime(nowMs);
  }

  /** Often enough for the shortest time limit, at most 100 and at least one time a second. */
  #sweepMs(): number {
    const { connectTimeoutMs, trustTimeoutMs, frameTimeoutMs, idleTimeoutMs } = this.#limits;
    const shortestMs = Math.min(connectTimeoutMs, trustTimeoutMs, frameTimeoutMs, idleTimeoutMs);
    return Math.min(1000, Math.max(10, shortestMs / 4));
  }

  async #closeAll(): Promise<void> {
    const listening = this.#server.listening;
    const serverClosed = listening
      ? new Promise<void>((resolve) => this.#server.close(() => resolve()))
      : Promise.resolve();
    const emptied = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const connection of this.#all) connection.close();
    const grace = setTimeout(() => {
      for (const connection of this.#all) connection.destroy();
    }, CLOSE_GRACE_MS);
    this.#handles.add(grace);
    if (this.#all.size > 0) await emptied;
    clearTimeout(grace);
    this.#handles.delete(grace);
    await serverClosed;
    this.#handles.delete(this.#server);
  }
}

function discard(socket: Socket): void {
  socket.on('error', (error) => debug('a refused connection: %s', error.message));
  socket.destroy();
}
