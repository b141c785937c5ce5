import type { Telepathine } from '../../telepathine.js';
import { contentOf } from './content.js';
import type { Member } from './report.js';
import { addressText } from './text.js';

/** What a field of a command must be. */
export type FieldKind = 'name' | 'json' | 'base64' | 'ms' | 'flag';

/** The fields of a command that was checked. */
export interface Fields {
  readonly key: string;
  readonly event: string;
  readonly peer?: string;
  readonly value?: unknown;
  readonly bytes?: Uint8Array;
  readonly ttlMs?: number;
  readonly durationMs?: number;
  readonly buffer?: boolean;
}

/** What a command acts on. */
export interface Controls {
  readonly node: Telepathine;
  /** Says goodbye; the process ends when the answer is given. */
  stop(): Promise<void>;
}

/** A command that a running node takes. */
export interface CommandShape {
  /** All fields and what they must be; in text they come in this order. */
  readonly fields: Readonly<Partial<Record<keyof Fields, FieldKind>>>;
  readonly required: readonly (keyof Fields)[];
  /** So many of the fields can be given in text. */
  readonly inText: number;
  /** What the answer holds. Throws what the node throws. */
  readonly run: (controls: Controls, fields: Fields) => Answered | Promise<Answered>;
}

type Answered = Readonly<Record<string, unknown>>;

/** All commands by name. */
export const COMMANDS: Readonly<Record<string, CommandShape>> = {
  set: {
    fields: { key: 'name', value: 'json', ttlMs: 'ms', bytes: 'base64' },
    required: ['key'],
    inText: 3,
    run: ({ node }, { key, value, bytes, ttlMs }) => {
      node.set(key, bytes ?? value, ttlMs === undefined ? undefined : Date.now() + ttlMs);
      return {};
    },
  },
  get: {
    fields: { key: 'name', peer: 'name' },
    required: ['key'],
    inText: 2,
    run: ({ node }, { key, peer }) => {
      const value = peer === undefined ? node.get(key) : node.getRemote(peer, key);
      return value === undefined ? { found: false } : { found: true, ...contentOf(value) };
    },
  },
  delete: {
    fields: { key: 'name' },
    required: ['key'],
    inText: 1,
    run: ({ node }, { key }) => ({ found: node.delete(key) }),
  },
  keys: {
    fields: { peer: 'name' },
    required: [],
    inText: 1,
    run: ({ node }, { peer }) => ({
      keys: peer === undefined ? node.keys() : node.getRemoteKeys(peer),
    }),
  },
  say: {
    fields: { event: 'name', value: 'json', durationMs: 'ms', buffer: 'flag', bytes: 'base64' },
    required: ['event'],
    inText: 3,
    run: ({ node }, { event, value, bytes, durationMs, buffer }) => {
      node.say(event, bytes ?? value, durationMs, buffer);
      return {};
    },
  },
  members: {
    fields: {},
    required: [],
    inText: 0,
    run: ({ node }) => ({ members: [selfOf(node), ...othersOf(node)] }),
  },
  stats: {
    fields: {},
    required: [],
    inText: 0,
    run: ({ node }) => ({ stats: node.stats() }),
  },
  stop: {
    fields: {},
    required: [],
    inText: 0,
    run: async ({ stop }) => {
      await stop();
      return {};
    },
  },
};

function selfOf(node: Telepathine): Member {
  const { peer_name: name, keyIds } = node;
  return { name, address: addressText(node), status: 'self', ...ofPrivateMesh(keyIds) };
}

function othersOf(node: Telepathine): Member[] {
  return node.allPeers().flatMap((name) => {
    const peer = node.peer(name);
    if (!peer) return [];
    const { status, roundTripMs, keyIds } = peer;
    const roundTrip = roundTripMs === undefined ? {} : { roundTripMs };
    const address = addressText(peer);
    return [{ name, address, status, ...roundTrip, ...ofPrivateMesh(keyIds) }];
  });
}

function ofPrivateMesh(keyIds: readonly string[]): Pick<Member, 'keyIds'> {
  return keyIds.length > 0 ? { keyIds } : {};
}
