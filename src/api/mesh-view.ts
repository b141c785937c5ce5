import { MeshEmitter } from './emitter.js';
import type { MeshReader } from './mesh-reader.js';
import type { Peer } from './peer.js';

/** The keys that a type map names. */
export type KeyOf<Map> = keyof Map & string;

/** What a node sees of the others. While it is stopped it sees nobody. */
export abstract class MeshView<Values, Says> extends MeshEmitter<Values, Says> {
  protected abstract readonly mesh: MeshReader;

  /** Another node's value; undefined if the node or the key is not known. */
  getRemote<Key extends KeyOf<Values>>(peer: string, key: Key): Values[Key] | undefined {
    return this.mesh.get(peer, key) as Values[Key] | undefined;
  }

  /** Another node's keys; none if it is not known. */
  getRemoteKeys(peer: string): string[] {
    return this.mesh.keys(peer);
  }

  /** Another node's keys and values: `new Map(node.entriesOf('b'))`. */
  entriesOf(peer: string): [key: string, value: unknown][] {
    return this.mesh.entriesOf(peer);
  }

  /** Which other nodes own a key, and their values: `new Map(node.find('load'))`. */
  find<Key extends KeyOf<Values>>(key: Key): [peer: string, value: Values[Key]][] {
    return this.mesh.find(key) as [string, Values[Key]][];
  }

  /** The names of all other nodes that are known. */
  allPeers(): string[] {
    return this.mesh.peers().map(({ name }) => name);
  }

  /** The names of the other nodes that seem alive. */
  livePeers(): string[] {
    return this.mesh.peers().flatMap(({ name, alive }) => (alive ? [name] : []));
  }

  /** The names of the nodes that seem dead, or have left. */
  deadPeers(): string[] {
    return this.mesh.peers().flatMap(({ name, alive }) => (alive ? [] : [name]));
  }

  /** What is known of another node just now; undefined if nothing is. */
  peer(name: string): Peer | undefined {
    return this.mesh.peer(name);
  }
}
