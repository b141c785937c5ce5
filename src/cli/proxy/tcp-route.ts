import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { formatAddress, type IpPort } from '../../transport/address.js';
import { canonicalIp } from '../../transport/ip.js';
import { FrameReader, frame } from '../../wire/framing.js';
import { FRAME_BYTES_MAX } from '../../wire/limits.js';
import type { Way, Where } from './conditions.js';
import type { RouteHost } from './route-host.js';

/** What waits for a slow end is not read from the other. */
const WAITING_BYTES_MAX = 1024 * 1024;
const REST_MS = 20;

/** A connection through the proxy. */
interface Pair {
  readonly way: Way;
  readonly near: Socket;
  readonly far: Socket;
}

/** A port for connections, and the node that it stands for. What passes is cut into frames. */
export class TcpRoute {
  readonly server: Server;
  readonly #pairs = new Set<Pair>();
  #opened = 0;

  constructor(
    private readonly host: RouteHost,
    private readonly end: number,
  ) {
    this.server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => this.#join(near));
  }

  /** What is bound. */
  get address(): IpPort {
    const { address, port } = this.server.address() as AddressInfo;
    return { ip: canonicalIp(address) ?? address, port };
  }

  break(where: Where): void {
    for (const { way, near, far } of this.#pairs) {
      if (!where(way) && !where({ ...way, from: way.to, to: way.from })) continue;
      near.destroy();
      far.destroy();
    }
  }

  close(): void {
    this.server.close();
    this.break(() => true);
  }

  #join(near: Socket): void {
    const { host, end } = this;
    const { target } = host.routes[end - 1]!;
    const { remoteAddress = '', remotePort = 0 } = near;
    const from = { ip: canonicalIp(remoteAddress) ?? remoteAddress, port: remotePort };
    const far = connect({ host: target.ip, port: target.port, noDelay: true, allowHalfOpen: true });
    const way: Way = { from: host.endOf(from), to: end, transport: 'tcp' };
    this.#opened += 1;
    const pair = { way, near, far };
    this.#pairs.add(pair);
    near.on('close', () => this.#pairs.delete(pair));
    const names = [
      formatAddress(from.ip, from.port),
      formatAddress(target.ip, target.port),
    ] as const;
    const name = `tcp ${this.#opened} ${way.from}>${way.to}`;
    this.#pass(near, far, way, name, names);
    const back: Way = { from: way.to, to: way.from, transport: 'tcp' };
    this.#pass(far, near, back, `${name} back`, [names[1], names[0]]);
  }

  #pass(from: Socket, to: Socket, way: Way, name: string, ends: readonly [string, string]): void {
    const frames = new FrameReader();
    frames.frameBytesMax = FRAME_BYTES_MAX;
    const lane = this.host.lane(way, name, ...ends, (envelope) => {
      if (!to.destroyed && to.writable) to.write(frame(envelope));
    });
    from.on('data', (chunk) => {
      // What is no frame cannot be passed on as one.
      if (frames.push(chunk, (envelope) => lane.take(envelope))) from.destroy();
      rest();
    });
    const rest = () => {
      if (lane.waitingBytes + to.writableLength < WAITING_BYTES_MAX) from.resume();
      else {
        from.pause();
        setTimeout(rest, REST_MS).unref();
      }
    };
    from.on('end', () => lane.whenEmpty(() => to.end()));
    from.on('error', () => undefined);
    from.on('close', () => lane.whenEmpty(() => to.destroySoon()));
    to.on('close', () => lane.close());
  }
}
