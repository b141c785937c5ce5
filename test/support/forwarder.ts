/** A port of this machine that stands for another one, as containers have it. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type Server,
  type Socket as Stream,
} from 'node:net';

const HOST = '127.0.0.1';

/**
 * Forwards datagrams and TCP connections from one port of 127.0.0.1 to another. Who gets them sees
 * the forwarder's address in place of the sender's, one port for each sender.
 */
export class Forwarder {
  /** The port it listens at. */
  readonly port: number;
  /** The port it forwards to; 0: what comes is dropped. */
  target = 0;
  readonly #inbox: Socket;
  readonly #server: Server;
  /** By the sender's port. */
  readonly #outlets = new Map<number, Socket>();
  readonly #streams = new Set<Stream>();

  static async open(): Promise<Forwarder> {
    // TCP first: free ports are rarer there.
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const inbox = createSocket('udp4').bind((server.address() as AddressInfo).port, HOST);
    await once(inbox, 'listening');
    return new Forwarder(server, inbox);
  }

  private constructor(server: Server, inbox: Socket) {
    this.#server = server;
    this.#inbox = inbox;
    this.port = inbox.address().port;
    server.on('connection', (stream) => this.#forwardStream(stream));
    inbox.on('message', (datagram, { port }) => this.#forwardDatagram(datagram, port));
  }

  close(): void {
    this.#inbox.close();
    this.#server.close();
    for (const outlet of this.#outlets.values()) outlet.close();
    for (const stream of this.#streams) stream.destroy();
  }

  #forwardDatagram(datagram: Uint8Array, from: number): void {
    if (this.target === 0) return;
    let outlet = this.#outlets.get(from);
    if (outlet === undefined) {
      outlet = createSocket('udp4');
      outlet.on('message', (answer) => this.#inbox.send(answer, from, HOST));
      this.#outlets.set(from, outlet);
    }
    outlet.send(datagram, this.target, HOST);
  }

  #forwardStream(stream: Stream): void {
    const other = connect({ host: HOST, port: this.target, noDelay: true });
    for (const [from, to] of [
      [stream, other],
      [other, stream],
    ] as const) {
      this.#streams.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  }
}
