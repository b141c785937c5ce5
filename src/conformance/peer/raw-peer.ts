import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Keyring } from '../../crypto/keyring.js';
import { formatAddress, type IpPort } from '../../transport/address.js';
import { canonicalIp } from '../../transport/ip.js';
import { FrameReader } from '../../wire/framing.js';
import { FRAME_BYTES_MAX, PROTOCOL_VERSION } from '../../wire/limits.js';
import type { Delta, OwnerDigest, OwnerId, Packet } from '../../wire/packet.js';
import { CaseFailure } from './case-failure.js';
import { MadeOwner } from './made-owner.js';
import { type Arrived, type Parts, PeerLink, type Speaker } from './peer-link.js';
import type { Trace } from './trace.js';

/** With whom a raw peer speaks, and how. */
export interface PeerOptions {
  readonly name: string;
  readonly node: IpPort;
  /** Absent: it sends in the clear. */
  readonly keyring?: Keyring | undefined;
  /** What its packets say: '' in a private mesh. */
  readonly cluster: string;
  readonly udp: boolean;
  readonly trace: Trace;
}

const CONNECT_WITHIN_MS = 5000;
/** Ports that are free for TCP may be taken for UDP. */
const BIND_ATTEMPTS = 20;

/**
 * A peer whose packets a case writes, and which may lie. It keeps the node's tokens; as long as it is
 * told so it answers pings, and wants for the logs that are in its library.
 */
export class RawPeer implements Speaker {
  /** The owner that it is itself, unless a case has it speak for somebody else. */
  self: MadeOwner;
  /** Pings are answered, so that it stays alive for the node. */
  answersPings = true;
  /** Wants for these are answered. */
  readonly library = new Map<OwnerId, MadeOwner>();
  /** In the order in which they were opened, the datagrams first. */
  readonly links: PeerLink[] = [];
  /** All that came on any link. */
  readonly arrivals: Arrived[] = [];
  /** Is told of each packet, before it is answered. */
  onArrived: (arrived: Arrived) => void = () => undefined;
  /** Added to the uptime that its packets tell. */
  uptimeOffsetMs = 1000;
  readonly keyring: Keyring | undefined;
  readonly trace: Trace;
  readonly #startedMs = performance.now();
  readonly #sockets = new Set<Socket>();
  #lastPing = 0;

  /** Takes a port, for datagrams and streams. */
  static async open(options: PeerOptions): Promise<RawPeer> {
    for (let attempt = 1; ; attempt++) {
      const server = createServer({ noDelay: true });
      server.listen({ host: options.node.ip, port: 0 });
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const socket = createSocket(options.node.ip.includes(':') ? 'udp6' : 'udp4');
      try {
        socket.bind({ address: options.node.ip, port, exclusive: true });
        await once(socket, 'listening');
        return new RawPeer(options, { ip: options.node.ip, port }, server, socket);
      } catch (error) {
        server.close();
        if (attempt >= BIND_ATTEMPTS) throw error;
      }
    }
  }

  private constructor(
    private readonly options: PeerOptions,
    readonly address: IpPort,
    private readonly server: Server,
    private readonly socket: UdpSocket,
  ) {
    this.keyring = options.keyring;
    this.trace = options.trace;
    this.self = new MadeOwner(options.name, { ...address, udp: options.udp });
    this.library.set(this.self.id, this.self);
    const datagrams = this.#datagrams();
    socket.on('message', (datagram, { address: ip, port }) => {
      if (port === options.node.port && canonicalIp(ip) === options.node.ip) {
        datagrams.take(datagram);
      }
    });
    socket.on('error', () => undefined);
    server.on('connection', (accepted) => this.#stream(accepted));
    this.links.push(datagrams);
  }

  /** Its datagrams. */
  get udp(): PeerLink {
    return this.links[0] as PeerLink;
  }

  /** Opens a stream. @throws CaseFailure if the node does not take it. */
  async connect(): Promise<PeerLink> {
    const { ip, port } = this.options.node;
    const socket = connect({ host: ip, port, noDelay: true });
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_WITHIN_MS);
    try {
      await once(socket, 'connect');
    } catch (error) {
      const seen = `${formatAddress(ip, port)}: ${(error as Error).message}`;
      throw new CaseFailure('3.4.1', 'a node that takes streams at its port', seen);
    } finally {
      clearTimeout(timer);
    }
    return this.#stream(socket);
  }

  /** The usual way to the node: datagrams if it takes them, else a stream. */
  link(): Promise<PeerLink> {
    return this.options.udp ? Promise.resolve(this.udp) : this.connect();
  }

  /** Becomes a member: the node believes its statement, and shows its log. */
  async join(given?: PeerLink): Promise<PeerLink> {
    const link = given ?? (await this.link());
    await link.meet();
    await this.introduce(link, this.self);
    return link;
  }

  /** Tells the node of owners, with their logs, in a packet that it believes. */
  async introduce(link: PeerLink, ...owners: MadeOwner[]): Promise<void> {
    for (const owner of owners) this.library.set(owner.id, owner);
    const sorted = [...owners].sort((a, b) => (a.id < b.id ? -1 : 1));
    await link.ping({
      digests: [{ owners: sorted.map((owner) => owner.digest()) }],
      deltas: sorted.map((owner) => owner.delta()),
    });
  }

  /** Statements, by ascending id, as a partial list. */
  list(...digests: OwnerDigest[]): Parts {
    return { digests: [{ owners: digests.sort((a, b) => (a.owner < b.owner ? -1 : 1)) }] };
  }

  blank(): Packet {
    return {
      requiredFeatures: 0,
      protocol: PROTOCOL_VERSION,
      cluster: this.options.cluster,
      sender: this.self.life,
      uptimeMs: Math.max(0, Math.floor(performance.now() - this.#startedMs + this.uptimeOffsetMs)),
      ...{ fingerprints: [], digests: [], wants: [], deltas: [] },
      ...{ probes: [], suspicions: [], votes: [] },
    };
  }

  nextPing(): number {
    this.#lastPing += 1;
    return this.#lastPing;
  }

  arrived(arrived: Arrived): void {
    this.arrivals.push(arrived);
    this.onArrived(arrived);
    const { link, packet } = arrived;
    const ping = packet.heartbeat?.ping ?? 0;
    const deltas = packet.wants.flatMap((want): Delta[] => {
      const delta = this.library.get(want.owner)?.answerTo(want);
      return delta === undefined ? [] : [delta];
    });
    if (!this.answersPings || (ping === 0 && deltas.length === 0) || link.isClosed) return;
    const heartbeat = { ping: 0, answer: ping, roundTripUs: 0 };
    link.send({ ...(ping > 0 ? { heartbeat } : {}), deltas });
  }

  /** Closes all that it has opened. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    try {
      this.socket.close();
    } catch {
      // It was closed by the case.
    }
  }

  #datagrams(): PeerLink {
    const { ip, port } = this.options.node;
    return new PeerLink(this, {
      transport: 'udp',
      here: this.address,
      there: this.options.node,
      write: (bytes) => {
        // What is not sent is lost, as datagrams are.
        this.socket.send(bytes, port, ip, () => undefined);
      },
      close: () => this.socket.close(),
    });
  }

  #stream(socket: Socket): PeerLink {
    const { remoteAddress = '', remotePort = 0, localPort = 0 } = socket;
    const link = new PeerLink(this, {
      transport: 'tcp',
      here: { ip: this.address.ip, port: localPort },
      there: { ip: canonicalIp(remoteAddress) ?? remoteAddress, port: remotePort },
      write: (bytes) => {
        if (!socket.destroyed && socket.writable) socket.write(bytes);
      },
      close: () => socket.destroy(),
    });
    const frames = new FrameReader();
    frames.frameBytesMax = FRAME_BYTES_MAX;
    this.#sockets.add(socket);
    socket.on('data', (chunk) => {
      const refusal = frames.push(chunk, (envelope) => link.take(envelope));
      if (refusal !== undefined) link.unreadable.push(refusal.reason);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.trace.note(`${localPort} the stream is closed`);
      link.closed();
    });
    this.links.push(link);
    return link;
  }
}
