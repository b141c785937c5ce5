import type { PeerView } from '../core/contract.js';
import { parseAddress } from '../transport/address.js';

/** Another node as this one sees it just now; it does not change afterwards. */
export interface Peer {
  readonly name: string;
  /** Its IP address without brackets; '' while it is not known. */
  readonly address: string;
  /** 0 while it is not known. */
  readonly port: number;
  /** Whether it seems alive: `status` is 'alive'. */
  readonly alive: boolean;
  readonly status: 'alive' | 'dead' | 'left';
  /** This node misses its answers just now. */
  readonly suspected: boolean;
  /** How overdue an answer is: 8 is one chance in 10^8 that it still comes. 0: none is due. */
  readonly phi: number;
  /** The smoothed round trip; undefined before the first direct answer. */
  readonly roundTripMs: number | undefined;
  /**
   * Grows with each of its starts, and within one when it finds that a higher one is known of it: of
   * two of the same node the higher is the later.
   */
  readonly generation: number;
  /**
   * How far its state of this generation is shown here: changes of keys, events, what it tells of
   * itself, and clearings of what was deleted each count one. It begins anew with each generation.
   */
  readonly version: number;
  readonly tags: Readonly<Record<string, string>>;
  /**
   * The ids of the keys that it holds, as `stats().packetsByKey` has them, the one that it seals with
   * first; none in a public mesh.
   */
  readonly keyIds: readonly string[];
}

/** What the core says of a node, as the application sees it. */
export function peerOf(view: PeerView): Peer {
  const place = parseAddress(view.address);
  return Object.freeze({
    name: view.name,
    address: place?.ip ?? '',
    port: place?.port ?? 0,
    alive: view.status === 'alive',
    status: view.status,
    suspected: view.suspected,
    phi: view.phi,
    roundTripMs: view.roundTripMs,
    generation: view.generation,
    version: view.version,
    tags: Object.freeze({ ...view.tags }),
    keyIds: Object.freeze([...view.keyIds]),
  });
}
