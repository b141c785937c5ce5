import { type EventEmitter, once } from 'node:events';
import { TelepathineError } from '../../error.js';
import { formatAddress, type IpPort } from '../../transport/address.js';
import { type Conditions, type Way, Weather, type Where } from './conditions.js';
import { type Fate, Lane } from './lane.js';
import type { Deliver, LaneEnd, Passing, Route, RouteHost } from './route-host.js';
import { TcpRoute } from './tcp-route.js';
import { UdpRoute } from './udp-route.js';

/** What a proxy is made of. */
export interface ProxyOptions {
  readonly routes: readonly Route[];
  /** Decides all chances. */
  readonly seed: number;
  readonly onPassing?: (passing: Passing) => void;
}

/** How often something happened. */
export interface ProxyCounts {
  passed: number;
  bytes: number;
  lost: number;
  cut: number;
  capped: number;
  doubled: number;
  overtaken: number;
  corrupted: number;
  late: number;
}

/**
 * Stands between nodes: listens at a port for each of them, by UDP and TCP, and passes on what comes, or
 * not. A node that has a port here is told so by the option `advertise`; what such nodes say to each
 * other then passes here, and each sees the others at their ports.
 */
export class NodeProxy {
  readonly weather = new Weather();
  readonly counts: ProxyCounts = {
    ...{ passed: 0, bytes: 0, lost: 0, cut: 0, capped: 0 },
    ...{ doubled: 0, overtaken: 0, corrupted: 0, late: 0 },
  };
  readonly #udp: UdpRoute[] = [];
  readonly #tcp: TcpRoute[] = [];
  readonly #lanes = new Set<Lane>();

  /** @throws TelepathineError ADDRESS_UNAVAILABLE; nothing stays open. */
  static async open(options: ProxyOptions): Promise<NodeProxy> {
    const proxy = new NodeProxy(options);
    try {
      await proxy.#listen();
      return proxy;
    } catch (error) {
      proxy.close();
      throw error;
    }
  }

  private constructor(private readonly options: ProxyOptions) {}

  /** Where the routes listen, in their order: `ip:port`. */
  get addresses(): string[] {
    return this.#tcp.map(({ address }) => formatAddress(address.ip, address.port));
  }

  /** Changes what happens from now on. */
  change(where: Where, change: Partial<Conditions>): void {
    this.weather.change(where, change);
  }

  /** Ends connections; they may be opened again. */
  break(where: Where): void {
    for (const route of this.#tcp) route.break(where);
  }

  close(): void {
    for (const route of [...this.#udp, ...this.#tcp]) route.close();
    for (const lane of this.#lanes) lane.close();
  }

  async #listen(): Promise<void> {
    const { routes } = this.options;
    const host: RouteHost = {
      routes,
      endOf: (address) => endOf(routes, address),
      udpOf: (end) => this.#udp[end - 1],
      lane: (way, name, from, to, deliver) => this.#lane(way, name, { from, to }, deliver),
    };
    for (const [index, { listen }] of routes.entries()) {
      const tcp = new TcpRoute(host, index + 1);
      this.#tcp.push(tcp);
      await listening(tcp.server.listen({ host: listen.ip, port: listen.port }), 'TCP', listen);
      const udp = new UdpRoute(host, index + 1, tcp.address);
      this.#udp.push(udp);
      udp.socket.bind({ address: listen.ip, port: tcp.address.port, exclusive: true });
      await listening(udp.socket, 'UDP', tcp.address);
    }
  }

  #lane(way: Way, name: string, ends: { from: string; to: string }, deliver: Deliver): LaneEnd {
    const lane = new Lane({
      seed: this.options.seed,
      name,
      conditions: () => this.weather.on(way),
      inOrder: way.transport === 'tcp',
      deliver,
    });
    this.#lanes.add(lane);
    return {
      take: (envelope) => {
        const fate = lane.take(envelope);
        this.#count(fate, envelope.length);
        this.options.onPassing?.({ way, ...ends, envelope, fate });
      },
      get waitingBytes() {
        return lane.waitingBytes;
      },
      whenEmpty: (call) => lane.whenEmpty(call),
      close: () => {
        lane.close();
        this.#lanes.delete(lane);
      },
    };
  }

  #count({ lost, twice, overtaken, flippedBit, lateMs }: Fate, bytes: number): void {
    const { counts } = this;
    if (lost !== undefined) {
      counts[lost] += 1;
      return;
    }
    counts.passed += 1;
    counts.bytes += bytes;
    if (twice) counts.doubled += 1;
    if (overtaken) counts.overtaken += 1;
    if (flippedBit !== undefined) counts.corrupted += 1;
    if (lateMs > 0) counts.late += 1;
  }
}

async function listening(emitter: EventEmitter, what: string, { ip, port }: IpPort): Promise<void> {
  try {
    await once(emitter, 'listening');
  } catch (cause) {
    const where = `${what} ${formatAddress(ip, port)}`;
    const message = `${where} cannot be bound: ${(cause as Error).message}`;
    throw new TelepathineError('ADDRESS_UNAVAILABLE', message, { cause });
  }
}

function endOf(routes: readonly Route[], { ip, port }: IpPort): number {
  const exact = routes.findIndex(({ target }) => target.ip === ip && target.port === port);
  if (exact >= 0) return exact + 1;
  const withIp = routes.flatMap(({ target }, index) => (target.ip === ip ? [index + 1] : []));
  return withIp.length === 1 && routes.length > 1 ? (withIp[0] as number) : 0;
}
