import type { TransportMaker } from '../../node/bind.js';
import type { Host } from '../../node/host.js';
import type { Transport, TransportReceiver } from '../../transport/transport.js';

/** An envelope as a transport carried it. */
export interface DumpedEnvelope {
  readonly direction: 'in' | 'out';
  readonly transport: Transport['kind'];
  /** The other end. */
  readonly address: string;
  /** Valid in this tick. */
  readonly envelope: Uint8Array;
}

/** Told of each envelope; may not throw. */
export type TapListener = (envelope: DumpedEnvelope) => void;

/** The same host, but a listener is told what its transports carry. */
export function tapHost(host: Host, listener: TapListener): Host {
  return {
    ...host,
    transports: (ip, udp, tcp) =>
      host.transports(ip, udp, tcp).map((make) => tapMaker(make, listener)),
  };
}

function tapMaker(make: TransportMaker, listener: TapListener): TransportMaker {
  return (port) => new TappedTransport(make(port), listener);
}

class TappedTransport implements Transport {
  readonly kind: Transport['kind'];

  constructor(
    private readonly inner: Transport,
    private readonly listener: TapListener,
  ) {
    this.kind = inner.kind;
  }

  open(receiver: TransportReceiver): Promise<number> {
    return this.inner.open({
      envelope: (address, envelope) => {
        this.#tell('in', address, envelope);
        receiver.envelope(address, envelope);
      },
      linkDown: (address) => receiver.linkDown(address),
      refused: (address, reason) => receiver.refused(address, reason),
    });
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
    this.listener({ direction, transport: this.kind, address, envelope });
  }
}
