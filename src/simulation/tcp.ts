import { SEALED_OVERHEAD_BYTES } from '../wire/envelope.js';
import { UNTRUSTED_FRAME_BYTES_MAX } from '../wire/limits.js';
import type { Network, Station } from './network.js';
import { type Freight, TcpPipe } from './tcp-pipe.js';

/** A machine that speaks TCP. */
export interface TcpHost {
  readonly address: string;
  readonly station: Station;
  /** The kernel runs; what reaches a machine that is off is lost. */
  isOn(): boolean;
  /** A process listens: connections are accepted. */
  isListening(): boolean;
  /** A frame has come. */
  frame(link: string, bytes: Uint8Array): void;
  /** A connection is gone, or could not be opened. */
  linkDown(link: string): void;
}

/** Of the simulated world, what connections need. */
export interface TcpWorld {
  readonly network: Network;
  nowMs(): number;
  at(atMs: number, run: () => void): void;
  hostAt(address: string): TcpHost | undefined;
}

/** One end of a connection. */
interface End {
  readonly host: TcpHost;
  /** The name of the connection at this end. */
  readonly link: string;
  /** The end's process knows the connection. */
  open: boolean;
  /** The other end has proved itself: frames of full size are taken. */
  trusted: boolean;
  /** From this end to the other. */
  pipe: TcpPipe | undefined;
}

interface Connection {
  readonly dialler: End;
  readonly acceptor: End;
  established: boolean;
  usedMs: number;
}

/** Linux sends a SYN again after 1, 3, 7, … s; the transport gives up sooner (tcp-limits.ts). */
const SYN_RETRY_MS = 1000;
const CONNECT_TIMEOUT_MS = 3000;
const IDLE_TIMEOUT_MS = 300_000;
const FIRST_EPHEMERAL_PORT = 49_152;
const LENGTH_BYTES = 4;
const END: Freight = { bytes: new Uint8Array(0), wireBytes: 0, isEnd: true };

/**
 * TCP between simulated machines: opening takes a handshake whose packets are lost like any others, a
 * process that died resets what comes for it, a machine that died leaves its connections half open.
 */
export class Tcp {
  readonly #ends = new Map<TcpHost, Map<string, { end: End; connection: Connection }>>();
  readonly #waiting = new WeakMap<Connection, Freight[]>();
  #nextPort = FIRST_EPHEMERAL_PORT;

  constructor(private readonly world: TcpWorld) {}

  /** Sends a frame; opens a connection to `link` if there is none. */
  send(host: TcpHost, link: string, bytes: Uint8Array): void {
    const known = this.#of(host).get(link) ?? this.#dial(host, link);
    if (known === undefined) return;
    const { connection, end } = known;
    connection.usedMs = this.world.nowMs();
    const wireBytes = LENGTH_BYTES + SEALED_OVERHEAD_BYTES + bytes.length;
    const freight = { bytes, wireBytes, isEnd: false };
    if (end.pipe !== undefined) end.pipe.send(freight);
    else this.#waiting.get(connection)?.push(freight);
  }

  /** Closes a connection in order: what was sent before still comes. */
  close(host: TcpHost, link: string): void {
    const known = this.#of(host).get(link);
    if (known === undefined) return;
    known.end.open = false;
    this.#of(host).delete(link);
    known.end.pipe?.send(END);
  }

  /** Takes frames of full size from the other end. */
  trust(host: TcpHost, link: string): void {
    const known = this.#of(host).get(link);
    if (known !== undefined) known.end.trusted = true;
  }

  /** The process ended: its kernel closes what it had. A machine that is off says nothing. */
  hostEnded(host: TcpHost): void {
    for (const [link, { end, connection }] of this.#of(host)) {
      end.open = false;
      end.pipe?.close();
      if (host.isOn()) this.#reset(connection, end);
      this.#of(host).delete(link);
    }
  }

  #of(host: TcpHost): Map<string, { end: End; connection: Connection }> {
    let ends = this.#ends.get(host);
    if (ends === undefined) {
      ends = new Map();
      this.#ends.set(host, ends);
    }
    return ends;
  }

  #dial(host: TcpHost, link: string): { end: End; connection: Connection } | undefined {
    const address = link.slice('tcp:'.length);
    const other = this.world.hostAt(address);
    if (other === undefined) {
      // An address of nobody, or the far end of a connection that is gone.
      this.world.at(this.world.nowMs() + CONNECT_TIMEOUT_MS, () => host.linkDown(link));
      return undefined;
    }
    this.#nextPort = this.#nextPort === 65_535 ? FIRST_EPHEMERAL_PORT : this.#nextPort + 1;
    const source = `tcp:${host.address.split(':')[0]}:${this.#nextPort}`;
    const connection: Connection = {
      dialler: { host, link, open: true, trusted: true, pipe: undefined },
      acceptor: { host: other, link: source, open: false, trusted: false, pipe: undefined },
      established: false,
      usedMs: this.world.nowMs(),
    };
    this.#waiting.set(connection, []);
    const known = { end: connection.dialler, connection };
    this.#of(host).set(link, known);
    this.#sendSyn(connection, 0);
    const { world } = this;
    world.at(world.nowMs() + CONNECT_TIMEOUT_MS, () => {
      if (!connection.established) this.#lose(connection.dialler);
    });
    return known;
  }

  #sendSyn(connection: Connection, attempt: number): void {
    if (connection.established || !connection.dialler.open) return;
    const { world } = this;
    const { dialler, acceptor } = connection;
    const nowMs = world.nowMs();
    world.at(nowMs + SYN_RETRY_MS * 2 ** attempt, () => this.#sendSyn(connection, attempt + 1));
    const arrivedMs = world.network.segment(dialler.host.station, acceptor.host.station, 0, nowMs);
    if (arrivedMs === undefined) return;
    world.at(arrivedMs, () => this.#synArrived(connection));
  }

  #synArrived(connection: Connection): void {
    const { world } = this;
    const { dialler, acceptor } = connection;
    if (!acceptor.host.isOn()) return;
    const listens = acceptor.host.isListening();
    if (listens && !acceptor.open) this.#accept(connection);
    const [from, to] = [acceptor.host.station, dialler.host.station];
    const backMs = world.network.segment(from, to, 0, world.nowMs());
    if (backMs === undefined) return;
    world.at(backMs, () => {
      if (listens) this.#establish(connection);
      else this.#lose(dialler);
    });
  }

  #accept(connection: Connection): void {
    const { acceptor } = connection;
    acceptor.open = true;
    this.#of(acceptor.host).set(acceptor.link, { end: acceptor, connection });
    acceptor.pipe = this.#pipe(connection, acceptor, connection.dialler);
  }

  #establish(connection: Connection): void {
    const { dialler } = connection;
    if (connection.established || !dialler.open) return;
    connection.established = true;
    dialler.pipe = this.#pipe(connection, dialler, connection.acceptor);
    for (const freight of this.#waiting.get(connection) ?? []) dialler.pipe.send(freight);
    this.#waiting.delete(connection);
    this.#closeWhenIdle(connection);
  }

  #pipe(connection: Connection, from: End, to: End): TcpPipe {
    const { world } = this;
    return new TcpPipe(
      world.network,
      from.host.station,
      to.host.station,
      (atMs, run) => world.at(atMs, run),
      () => world.nowMs(),
      {
        arrived: (freight) => this.#arrived(connection, from, to, freight),
        gaveUp: () => this.#lose(from),
        isReached: () => to.host.isOn(),
        isRefused: () => to.host.isOn() && !to.open,
        refused: () => this.#lose(from),
      },
    );
  }

  #arrived(connection: Connection, from: End, to: End, { bytes, wireBytes, isEnd }: Freight): void {
    if (!to.open) return;
    connection.usedMs = this.world.nowMs();
    if (isEnd) {
      this.#lose(to);
    } else if (!to.trusted && wireBytes - LENGTH_BYTES > UNTRUSTED_FRAME_BYTES_MAX) {
      this.#lose(to);
      this.#reset(connection, to);
    } else {
      to.host.frame(to.link, bytes);
    }
    if (isEnd) from.pipe?.close();
  }

  /** Tells the other end at once, if the packet gets through. */
  #reset(connection: Connection, end: End): void {
    const other = end === connection.dialler ? connection.acceptor : connection.dialler;
    const { network } = this.world;
    const nowMs = this.world.nowMs();
    const arrivedMs = network.segment(end.host.station, other.host.station, 0, nowMs);
    if (arrivedMs !== undefined) this.world.at(arrivedMs, () => this.#lose(other));
  }

  /** An end's process learns that the connection is gone. */
  #lose(end: End): void {
    end.pipe?.close();
    if (!end.open) return;
    end.open = false;
    this.#of(end.host).delete(end.link);
    end.host.linkDown(end.link);
  }

  #closeWhenIdle(connection: Connection): void {
    const { world } = this;
    const dueMs = connection.usedMs + IDLE_TIMEOUT_MS;
    if (world.nowMs() >= dueMs) {
      for (const end of [connection.dialler, connection.acceptor]) this.#lose(end);
    } else if (connection.dialler.open || connection.acceptor.open) {
      world.at(dueMs, () => this.#closeWhenIdle(connection));
    }
  }
}
