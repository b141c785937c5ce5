import type { TransportMaker } from '../../node/bind.js';
import type { Host } from '../../node/host.js';
import type { Transport, TransportReceiver } from '../../transport/transport.js';

/** An envelope as a transport carried it. */
export interface TappedEnvelope {
  readonly direction: 'in' | 'out';
  readonly transport: Transport['kind'];
  /** The other end. */
  readonly address: string;
  /** Valid in this tick. */
  readonly envelope: Uint8Array;
}

/** Told what the transports of a node do; neither may throw. */
export interface TapListener {
  /** A transport is bound. */
  bound(ip: string, port: number): void;
  envelope(tapped: TappedEnvelope): void;
}

/** The same host, but a listener is told what its transports do. */
export function tapHost(host: Host, listener: TapListener): Host {
  return {
    ...host,
    transports: (ip, udp) => host.transports(ip, udp).map((make) => tapMaker(make, ip, listener)),
  };
}

function tapMaker(make: TransportMaker, ip: string, listener: TapListener): TransportMaker {
  return (port) => new TappedTransport(make(port), ip, listener);
}

class TappedTransport implements Transport {
  readonly kind: Transport['kind'];

  constructor(
    private readonly inner: Transport,
    private readonly ip: string,
    private readonly listener: TapListener,
  ) {
    this.kind = inner.kind;
  }

  async open(receiver: TransportReceiver): Promise<number> {
    const port = await this.inner.open({
      envelope: (address, envelope) => {
        this.#tell('in', address, envelope);
        receiver.envelope(address, envelope);
      },
      linkDown: (address) => receiver.linkDown(address),
      refused: (address, reason) => receiver.refused(address, reason),
    });
    this.listener.bound(this.ip, port);
    return port;
  }

  send(address: string, envelope: Uint8Array): void {
    this.#tell('out', address, envelope);
    this.inner.send(address, envelope);
  }

  closeLink(address: string): void {
    this.inner.closeLink(address);
  }

  trustLink(address: string): void {
    this.inner.trustLink(address);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  #tell(direction: 'in' | 'out', address: string, envelope: Uint8Array): void {
    this.listener.envelope({ direction, transport: this.kind, address, envelope });
  }
}
