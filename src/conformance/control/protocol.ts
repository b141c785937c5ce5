/** The lines between a runner and a node under test: conformance/CONTROL.md has the text. */

/** The version of the control protocol. */
export const CONTROL_VERSION = 1;

/** What an implementation may declare; a case that needs something else is unsupported there. */
export const FEATURES = [
  ...(['udp', 'tcp', 'ipv6', 'sealed', 'public', 'rotate', 'restart', 'refusals'] as const),
  ...(['watch', 'vote', 'split', 'push'] as const),
] as const;
/** A word of `FEATURES`. */
export type Feature = (typeof FEATURES)[number];

/** What a full peer does besides what a basic one must. */
export const FULL_FEATURES: readonly Feature[] = ['watch', 'vote', 'split', 'push'];

/** How much of the protocol an implementation means to have. */
export const LEVELS = ['basic', 'full'] as const;
/** A word of `LEVELS`. */
export type Level = (typeof LEVELS)[number];

/** What the application of a node is told, and the runner by lines that nobody asked for. */
export const EVENT_TYPES = ['set', 'deleted', 'expired', 'say', 'up', 'down', 'stopped'] as const;
/** A word of `EVENT_TYPES`. */
export type EventType = (typeof EVENT_TYPES)[number];

/** A value or an event's data: JSON, or bytes in base64. */
export type ControlContent =
  | { readonly value: unknown }
  | { readonly bytes: string; readonly typeName?: string };

/** How a node is to be started. Times are milliseconds. */
export interface StartFields {
  readonly name: string;
  readonly cluster: string;
  /** Passphrases and typed keys, the first of which seals; none: a public mesh. */
  readonly keys: readonly string[];
  /** The IP address to bind. */
  readonly address: string;
  /** 0: any that is free for UDP and TCP. */
  readonly port: number;
  /** Where others reach the node, if that is not what it binds: `ip:port`. */
  readonly advertise?: string;
  /** `ip:port` each. */
  readonly seeds: readonly string[];
  readonly udp: boolean;
  readonly gossipIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  readonly phiToleranceMs: number;
  readonly burstProbes: number;
  readonly burstMs: number;
  readonly joinTimeoutMs: number;
  readonly deadGraceMs: number;
  readonly leftGraceMs: number;
  readonly tombstoneGraceMs: number;
}

/** What an implementation says of itself. */
export interface Hello {
  readonly control: number;
  readonly implementation: string;
  readonly version: string;
  readonly level: Level;
  readonly features: readonly Feature[];
}

/** A key as `get` lists it. */
export type ControlEntry = { readonly key: string } & ControlContent;

/** A node as `members` lists it. */
export interface ControlMember {
  readonly name: string;
  readonly status: 'self' | 'alive' | 'dead' | 'left';
}

/** What the commands take and answer, beside `id` and `ok`. */
export interface Commands {
  hello: { takes: { readonly control: number }; gives: Hello };
  start: { takes: StartFields; gives: { readonly port: number } };
  set: {
    takes: { readonly key: string; readonly ttlMs?: number } & ControlContent;
    gives: object;
  };
  get: {
    takes: { readonly key?: string; readonly peer?: string };
    gives: { readonly entries: readonly ControlEntry[] };
  };
  delete: { takes: { readonly key: string }; gives: { readonly found: boolean } };
  say: {
    takes: { readonly event: string; readonly durationMs: number } & ControlContent;
    gives: object;
  };
  members: { takes: object; gives: { readonly members: readonly ControlMember[] } };
  events: { takes: { readonly types: readonly EventType[] }; gives: object };
  rotate: { takes: { readonly keys: readonly string[] }; gives: object };
  refusals: {
    takes: object;
    gives: { readonly refusals: Readonly<Record<string, number>> };
  };
  stop: { takes: object; gives: object };
}
/** The name of a command. */
export type CommandName = keyof Commands;

/** A line to a node. */
export type Request = {
  readonly [Name in CommandName]: {
    readonly id: number;
    readonly command: Name;
  } & Commands[Name]['takes'];
}[CommandName];

/** A line that answers a request. */
export type Answer =
  | ({ readonly id: number; readonly ok: true } & Readonly<Record<string, unknown>>)
  | { readonly id: number; readonly ok: false; readonly error: string };

/** A line that nobody asked for. */
export type ControlEvent =
  | ({ readonly event: 'set'; readonly peer: string; readonly key: string } & ControlContent)
  | { readonly event: 'deleted' | 'expired'; readonly peer: string; readonly key: string }
  | ({ readonly event: 'say'; readonly peer: string; readonly name: string } & ControlContent)
  | { readonly event: 'up' | 'down'; readonly peer: string }
  | { readonly event: 'stopped'; readonly reason: string };

/** What a line of a node is; undefined if it is none that a node may write. */
export function readNodeLine(line: string): Answer | ControlEvent | undefined {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(read)) return undefined;
  if ('event' in read) return isEvent(read) ? (read as ControlEvent) : undefined;
  const { id, ok } = read;
  if (!Number.isSafeInteger(id)) return undefined;
  if (ok === true) return read as Answer;
  return ok === false && typeof read['error'] === 'string' ? (read as Answer) : undefined;
}

/** What is wrong with an answer's content; undefined if nothing is. */
export function faultOfAnswer(command: CommandName, answer: object): string | undefined {
  const given = answer as Record<string, unknown>;
  for (const [field, isRight, what] of ANSWER_FIELDS[command] ?? []) {
    if (!isRight(given[field])) return `${field} must be ${what}`;
  }
  return command === 'hello' ? lackOf(answer as Hello) : undefined;
}

/** What every peer of the level has, PROTOCOL.md 20.1.2: without it no case would be run. */
function lackOf({ level, features }: Hello): string | undefined {
  const needed: readonly Feature[] = level === 'full' ? ['tcp', ...FULL_FEATURES] : ['tcp'];
  const missing = needed.filter((feature) => !features.includes(feature));
  if (missing.length > 0) return `a ${level} peer must declare ${missing.join(', ')}`;
  const isInMeshes = features.includes('sealed') || features.includes('public');
  return isInMeshes ? undefined : 'a peer must declare sealed or public';
}

type FieldRule = readonly [field: string, isRight: (value: unknown) => boolean, what: string];

const ANSWER_FIELDS: Readonly<Partial<Record<CommandName, readonly FieldRule[]>>> = {
  hello: [
    ['control', (value) => value === CONTROL_VERSION, `${CONTROL_VERSION}`],
    ['implementation', isText, 'a text'],
    ['version', isText, 'a text'],
    ['level', (value) => LEVELS.includes(value as Level), `one of ${LEVELS.join(', ')}`],
    ['features', isFeatures, `a list of some of ${FEATURES.join(', ')}`],
  ],
  start: [['port', isPort, 'the port that was bound']],
  get: [['entries', (value) => isListOf(value, isEntry), 'a list of keys with value or bytes']],
  delete: [['found', (value) => typeof value === 'boolean', 'true or false']],
  members: [['members', (value) => isListOf(value, isMember), 'a list of names with status']],
  refusals: [['refusals', isCounts, 'an object of counts by reason']],
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
}

function isListOf(value: unknown, isOne: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isFeatures(value: unknown): boolean {
  return isListOf(value, (each) => FEATURES.includes(each as Feature));
}

function isContent(value: Record<string, unknown>): boolean {
  return 'value' in value || typeof value['bytes'] === 'string';
}

function isEntry(value: unknown): boolean {
  return isObject(value) && isText(value['key']) && isContent(value);
}

function isMember(value: unknown): boolean {
  if (!isObject(value) || !isText(value['name'])) return false;
  return ['self', 'alive', 'dead', 'left'].includes(value['status'] as string);
}

function isCounts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((count) => Number.isSafeInteger(count));
}

function isEvent(read: Record<string, unknown>): boolean {
  const { event, peer, key, name, reason } = read;
  switch (event) {
    case 'set':
      return isText(peer) && isText(key) && isContent(read);
    case 'deleted':
    case 'expired':
      return isText(peer) && isText(key);
    case 'say':
      return isText(peer) && isText(name) && isContent(read);
    case 'up':
    case 'down':
      return isText(peer);
    case 'stopped':
      return isText(reason);
    default:
      return false;
  }
}
