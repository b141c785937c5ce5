import { createSocket, type Socket } from 'node:dgram';
import { formatAddress, type IpPort } from '../../transport/address.js';
import { canonicalIp, ipToBytes } from '../../transport/ip.js';
import type { LaneEnd, RouteHost } from './route-host.js';

/** Senders that are no targets; the one that was first goes first. */
const OUTLETS_MAX = 256;

/** A port for datagrams, and the node that it stands for. */
export class UdpRoute {
  readonly socket: Socket;
  readonly #target: IpPort;
  /** By the sender's address. */
  readonly #lanes = new Map<string, LaneEnd>();
  readonly #outlets = new Map<string, Socket>();

  constructor(
    private readonly host: RouteHost,
    private readonly end: number,
    readonly address: IpPort,
  ) {
    const { listen, target } = host.routes[end - 1]!;
    this.#target = target;
    this.socket = createSocket(familyOf(listen));
    // A datagram that is not sent is lost; what fails to bind is told to whoever waits for it.
    this.socket.on('error', () => undefined);
    this.socket.on('message', (datagram, { address: ip, port }) =>
      this.#take(datagram, { ip: canonicalIp(ip) ?? ip, port }),
    );
  }

  close(): void {
    for (const socket of [this.socket, ...this.#outlets.values()]) {
      try {
        socket.close();
      } catch {
        // It was not bound.
      }
    }
    for (const lane of this.#lanes.values()) lane.close();
  }

  #take(datagram: Uint8Array, from: IpPort): void {
    const key = formatAddress(from.ip, from.port);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = this.#open(from, key);
      this.#lanes.set(key, lane);
      this.#forgetFirst();
    }
    lane.take(datagram);
  }

  /** A target speaks from the port that stands for it, so that the answer comes back there. */
  #open(from: IpPort, key: string): LaneEnd {
    const { end, host } = this;
    const target = formatAddress(this.#target.ip, this.#target.port);
    const sender = host.endOf(from);
    const known = sender > 0 ? host.udpOf(sender) : undefined;
    const isExact = known !== undefined && isSame(host.routes[sender - 1]!.target, from);
    const isSuited = isExact && familyOf(known.address) === familyOf(this.#target);
    const outlet = isSuited ? known.socket : this.#outlet(from, key);
    const way = { from: sender, to: end, transport: 'udp' } as const;
    const name = `udp ${sender}>${end}${sender === 0 ? ` ${this.#outlets.size}` : ''}`;
    return host.lane(way, name, key, target, (datagram) => send(outlet, datagram, this.#target));
  }

  #outlet(from: IpPort, key: string): Socket {
    const { end, host } = this;
    const target = formatAddress(this.#target.ip, this.#target.port);
    const outlet = createSocket(familyOf(this.#target));
    this.#outlets.set(key, outlet);
    const sender = host.endOf(from);
    const way = { from: end, to: sender, transport: 'udp' } as const;
    const name = `udp ${end}>${sender} ${this.#outlets.size}`;
    const back = host.lane(way, name, target, key, (answer) => send(this.socket, answer, from));
    outlet.on('error', () => undefined);
    outlet.on('message', (answer) => back.take(answer));
    outlet.on('close', () => back.close());
    return outlet;
  }

  #forgetFirst(): void {
    const [first] = this.#outlets.keys();
    if (first === undefined || this.#outlets.size <= OUTLETS_MAX) return;
    this.#outlets.get(first)?.close();
    this.#outlets.delete(first);
    this.#lanes.get(first)?.close();
    this.#lanes.delete(first);
  }
}

function send(socket: Socket, datagram: Uint8Array, { ip, port }: IpPort): void {
  try {
    socket.send(datagram, port, ip, () => undefined);
  } catch {
    // It was closed meanwhile.
  }
}

function isSame(one: IpPort, other: IpPort): boolean {
  return one.ip === other.ip && one.port === other.port;
}

function familyOf({ ip }: IpPort): 'udp4' | 'udp6' {
  return ipToBytes(ip)?.length === 16 ? 'udp6' : 'udp4';
}
