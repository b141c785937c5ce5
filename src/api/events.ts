import type { TelepathineError } from '../error.js';
import type { Peer } from './peer.js';
import type { Lookup, NameIn } from './type-maps.js';

/** The node's own events and what their handlers are given; `Self` is the node. */
export interface NodeEvents<Self = unknown> {
  /** The node takes part. Never in the tick of the call of `start`. */
  start: [node: Self];
  /** The node has stopped, after it had started. */
  stop: [node: Self];
  /** Another node has set a key. `expiresAt` is in Unix ms; undefined: the value stays. */
  set: [peer: string, key: string, value: unknown, expiresAt: number | undefined];
  /** A key of any node, this one included, has expired. `peer` is its owner. */
  'key:expired': [peer: string, key: string, value: unknown, expiresAt: number | undefined];
  /** Another node has deleted a key. */
  'key:deleted': [peer: string, key: string];
  /** A node is known for the first time. */
  'peer:new': [peer: Peer];
  /** A node seems alive. */
  'peer:start': [peer: string];
  /** A node seems dead, or has left. */
  'peer:stop': [peer: string];
  /** A node has said goodbye; `peer:stop` follows. */
  'peer:leave': [peer: string];
  /** A node that was long dead, or has left, is forgotten: nothing of it is known any more. */
  'peer:forget': [peer: string];
  /** This node misses answers of a node that it watches. Most suspects turn out to be alive. */
  'peer:suspect': [peer: string];
  /** A handler failed, or the node could not start or go on. */
  error: [error: TelepathineError];
}

/** What the application is told: an event of the node's own, or one of a key or event by its name. */
export type Announcement =
  | {
      readonly [Name in keyof NodeEvents]: { event: Name; args: NodeEvents[Name] };
    }[keyof NodeEvents]
  | { readonly family: 'set' | 'say'; readonly name: string; readonly args: unknown[] };

/** A handler of values that other nodes set. */
export type SetHandler<Self, Key, Values> = (
  this: Self,
  peer: string,
  key: NameIn<Key>,
  value: Lookup<Values, Key>,
  expiresAt: number | undefined,
) => unknown;

/** A handler of values that were adopted from other nodes; of a deletion the value is undefined. */
export type BelieveHandler<Self, Key, Values> = (
  this: Self,
  peer: string,
  key: NameIn<Key>,
  value: Lookup<Values, Key> | undefined,
  expiresAt: number | undefined,
) => unknown;

/** A handler of events that other nodes said. */
export type SayHandler<Self, Event, Says> = (
  this: Self,
  data: Lookup<Says, Event>,
  fromPeer: string,
) => unknown;
