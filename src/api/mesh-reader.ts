import type { Clock } from '../clock/clock.js';
import type { Payload, PeerView, RemoteValue } from '../core/contract.js';
import { decodePayload } from './payload.js';
import type { Peer } from './peer.js';
import { peerOf } from './peer.js';
import type { Schemas } from './schemas.js';

/** What is read of a core. */
export interface ReadableCore {
  remoteGet(name: string, key: string, nowMs: number): RemoteValue | undefined;
  remoteKeys(name: string, nowMs: number): string[];
  names(which: 'all' | 'live' | 'down'): string[];
  peer(name: string, nowMs: number): PeerView | undefined;
}

/** Reads what the other nodes own. While the node is stopped it knows nobody. */
export class MeshReader {
  /** Values and events that could not be read, since it was last set to 0. */
  unreadable = 0;

  /**
   * @param core the core of the run that goes on.
   * @param onUnreadable is told of the first payload that cannot be read.
   */
  constructor(
    private readonly core: () => ReadableCore | undefined,
    private readonly schemas: Schemas,
    private readonly clock: Clock,
    private readonly onUnreadable: (peer: string, name: string) => void,
  ) {}

  /** The names of the other nodes that are known, or of those that seem alive, or do not. */
  names(which: 'all' | 'live' | 'down'): string[] {
    return this.core()?.names(which) ?? [];
  }

  peer(name: string): Peer | undefined {
    const view = this.core()?.peer(name, this.clock.nowMs());
    return view && peerOf(view);
  }

  get(peer: string, key: string): unknown {
    const value = this.core()?.remoteGet(peer, key, this.clock.nowMs());
    return value && decodePayload(value.payload, this.schemas)?.value;
  }

  keys(peer: string): string[] {
    return this.core()?.remoteKeys(peer, this.clock.nowMs()) ?? [];
  }

  /** What one node owns, less what cannot be read. */
  entriesOf(peer: string): [key: string, value: unknown][] {
    return this.keys(peer).flatMap((key) => this.#pair(key, peer, key));
  }

  /** Who owns a key, and with which value. */
  find(key: string): [peer: string, value: unknown][] {
    return this.names('all').flatMap((name) => this.#pair(name, name, key));
  }

  /** Reads a payload that is about to be delivered; counts it if it cannot be read. */
  open(payload: Payload, peer: string, name: string): { readonly value: unknown } | undefined {
    const opened = decodePayload(payload, this.schemas);
    if (opened) return opened;
    this.unreadable += 1;
    if (this.unreadable === 1) this.onUnreadable(peer, name);
    return undefined;
  }

  #pair(first: string, peer: string, key: string): [string, unknown][] {
    const value = this.core()?.remoteGet(peer, key, this.clock.nowMs());
    const opened = value && decodePayload(value.payload, this.schemas);
    return opened ? [[first, opened.value]] : [];
  }
}
