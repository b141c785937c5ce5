/**
 * What carries envelopes between nodes. Whoever wants another carrier implements this interface; the
 * node gives it sealed (or, in a public mesh, plain) envelopes and gets such back.
 *
 * Addresses are text: `127.0.0.1:9000`, `[::1]:9000`. A stream transport's inbound connections are
 * known by the remote address and port, so that an answer can be sent where the question came from.
 */
export interface Transport {
  readonly kind: 'udp' | 'tcp';

  /**
   * Binds to the address given at construction and begins to deliver.
   *
   * @returns the port that was bound.
   * @throws TelepathineError ADDRESS_UNAVAILABLE; nothing stays open.
   */
  open(receiver: TransportReceiver): Promise<number>;

  /**
   * Sends one envelope. Never throws; what cannot be sent is lost and, on a stream, reported by
   * `linkDown`. A stream transport connects first if no connection with that address is open.
   */
  send(address: string, envelope: Uint8Array): void;

  /** Closes the connection with this address, if there is one. Nothing for datagrams. */
  closeLink(address: string): void;

  /** Allows large frames on the connection with this address. Nothing for datagrams. */
  trustLink(address: string): void;

  /** Closes everything. Idempotent; nothing is delivered afterwards. */
  close(): Promise<void>;
}

/** Where a transport delivers. None of these may throw. */
export interface TransportReceiver {
  envelope(address: string, envelope: Uint8Array): void;
  /** There is a connection with this address, or, if it is this end's own, one is being opened. */
  linkUp?(address: string, isOwn: boolean): void;
  /** The connection with this address is gone, or could not be opened. */
  linkDown(address: string): void;
  /** Something was dropped before it became an envelope, for example a frame over the limit. */
  refused(address: string, reason: string): void;
}
