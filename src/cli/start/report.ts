import type { Content } from './content.js';
import type { PacketReport } from './packet-report.js';

/** The version of what `--json` prints; it grows when a field changes its meaning or goes. */
export const SCHEMA_VERSION = 1;

/** A node as `members` tells of it. */
export interface Member {
  readonly name: string;
  /** `ip:port`, or '' while it is not known. */
  readonly address: string;
  readonly status: 'self' | 'alive' | 'dead' | 'left';
  readonly roundTripMs?: number;
  /** Of a private mesh: the ids of the keys that it holds, the sealing one first. */
  readonly keyIds?: readonly string[];
}

/** The answer to a command; `id` is what the command gave. */
export interface Answer {
  readonly type: 'answer';
  readonly id?: unknown;
  readonly command?: string;
  readonly ok: boolean;
  readonly [field: string]: unknown;
}

/** What a node that `telepathine start` runs says: one line each. */
export type Report =
  | {
      readonly type: 'started';
      readonly name: string;
      readonly address: string;
      readonly port: number;
      readonly private: boolean;
    }
  | { readonly type: 'stopped' }
  | {
      readonly type: 'peer:new';
      readonly peer: string;
      readonly address: string;
      readonly port: number;
    }
  | {
      readonly type: 'peer:start' | 'peer:stop' | 'peer:leave' | 'peer:suspect' | 'peer:forget';
      readonly peer: string;
    }
  | ({
      readonly type: 'set' | 'key:expired';
      readonly peer: string;
      readonly key: string;
      /** Unix ms. */
      readonly expiresAt?: number;
    } & Content)
  | { readonly type: 'key:deleted'; readonly peer: string; readonly key: string }
  | ({ readonly type: 'say'; readonly peer: string; readonly event: string } & Content)
  | PacketReport
  | { readonly type: 'error'; readonly code: string; readonly message: string }
  /** Standard output was read too slowly: so many reports were left out. */
  | { readonly type: 'dropped'; readonly reports: number }
  | Answer;

/** The reports of a type. */
export type ReportOf<Type extends Report['type']> = Report & { readonly type: Type };
