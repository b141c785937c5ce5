import { checkText } from './arguments.js';
import { MeshEmitter } from './emitter.js';
import type { Announcement } from './events.js';
import type { Dropping, FeedOptions } from './feed.js';
import { Feed } from './feed.js';
import type { MeshReader } from './mesh-reader.js';
import { Pattern } from './pattern.js';
import type { Peer } from './peer.js';
import type { EntryOf, KeyOf, Lookup, NameIn, NameOrPattern } from './type-maps.js';

/** A change of a key of another node; of an own key only that it has expired. */
export type KeyChange<Value = unknown, Key = string> =
  | {
      readonly type: 'set';
      readonly peer: string;
      readonly key: Key;
      readonly value: Value;
      /** Unix ms; undefined: it stays. */
      readonly expiresAt: number | undefined;
    }
  | { readonly type: 'deleted' | 'expired'; readonly peer: string; readonly key: Key };

/** An event that another node said. */
export interface Heard<Data = unknown, Event = string> {
  readonly event: Event;
  readonly data: Data;
  readonly fromPeer: string;
}

/** What a node sees of the others. While it is stopped it sees nobody. */
export abstract class MeshView<Values, Says> extends MeshEmitter<Values, Says> {
  /** @internal */
  protected abstract readonly mesh: MeshReader;

  /**
   * Another node's value, as a copy; undefined if the node or the key is not known.
   *
   * @throws TelepathineError INVALID_ARGUMENT for what is no text, as all that read do.
   */
  getRemote<Key extends KeyOf<Values>>(peer: string, key: Key): Values[Key] | undefined {
    checkText(peer, 'the peer');
    checkText(key, 'key');
    return this.mesh.get(peer, key) as Values[Key] | undefined;
  }

  /** Another node's keys; none if it is not known. */
  getRemoteKeys(peer: string): KeyOf<Values>[] {
    checkText(peer, 'the peer');
    return this.mesh.keys(peer) as KeyOf<Values>[];
  }

  /** Another node's keys and values: `new Map(node.entriesOf('b'))`. */
  entriesOf(peer: string): EntryOf<Values>[] {
    checkText(peer, 'the peer');
    return this.mesh.entriesOf(peer) as EntryOf<Values>[];
  }

  /** Which other nodes, dead ones too, own a key, and its values: `new Map(node.find('load'))`. */
  find<Key extends KeyOf<Values>>(key: Key): [peer: string, value: Values[Key]][] {
    checkText(key, 'key');
    return this.mesh.find(key) as [string, Values[Key]][];
  }

  /**
   * The changes of others' keys, for a `for await` loop: `for await (const { peer, key, value } of
   * node.watch('room:*'))`. What happens from this call on comes, until the loop is left.
   *
   * @param pattern as of `know`.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  watch<Key extends NameOrPattern<Values>>(
    pattern: Key,
    options: FeedOptions = {},
  ): AsyncIterableIterator<Dropping<KeyChange<Lookup<Values, Key>, NameIn<Key>>>> {
    checkText(pattern, 'the pattern');
    const wanted = new Pattern(pattern);
    return new Feed<KeyChange<Lookup<Values, Key>, NameIn<Key>>>(options, (push) =>
      this.observe((announcement) => {
        const change = changeIn(announcement);
        if (change && wanted.matches(change.key.split(':'))) push(change as never);
      }),
    );
  }

  /**
   * The events that others say, for a `for await` loop: `for await (const { data, fromPeer } of
   * node.listen('greeting'))`. What is heard from this call on comes, until the loop is left.
   *
   * @param pattern as of `hear`.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  listen<Event extends NameOrPattern<Says>>(
    pattern: Event,
    options: FeedOptions = {},
  ): AsyncIterableIterator<Dropping<Heard<Lookup<Says, Event>, NameIn<Event>>>> {
    checkText(pattern, 'the pattern');
    const wanted = new Pattern(pattern);
    return new Feed<Heard<Lookup<Says, Event>, NameIn<Event>>>(options, (push) =>
      this.observe((announcement) => {
        const heard = heardIn(announcement);
        if (heard && wanted.matches(heard.event.split(':'))) push(heard as never);
      }),
    );
  }

  /** The names of all other nodes that are known, dead and left ones too. */
  allPeers(): string[] {
    return this.mesh.names('all');
  }

  /** The names of the other nodes that seem alive. */
  livePeers(): string[] {
    return this.mesh.names('live');
  }

  /** The names of the nodes that seem dead, or have left, until they are forgotten. */
  deadPeers(): string[] {
    return this.mesh.names('down');
  }

  /** What is known of another node just now; undefined if nothing is. */
  peer(name: string): Peer | undefined {
    checkText(name, 'the peer');
    return this.mesh.peer(name);
  }
}

/** The change that is announced, if it is one. */
function changeIn(announcement: Announcement): KeyChange | undefined {
  if (!('event' in announcement)) return undefined;
  switch (announcement.event) {
    case 'set': {
      const [peer, key, value, expiresAt] = announcement.args;
      return { type: 'set', peer, key, value, expiresAt };
    }
    case 'key:deleted': {
      const [peer, key] = announcement.args;
      return { type: 'deleted', peer, key };
    }
    case 'key:expired': {
      const [peer, key] = announcement.args;
      return { type: 'expired', peer, key };
    }
    default:
      return undefined;
  }
}

/** The event of another node that is announced, if it is one. */
function heardIn(announcement: Announcement): Heard | undefined {
  if (!('family' in announcement) || announcement.family !== 'say') return undefined;
  const [data, fromPeer] = announcement.args;
  return { event: announcement.name, data, fromPeer: String(fromPeer) };
}
