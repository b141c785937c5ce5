import type { DescMessage } from '@bufbuild/protobuf';
import type { Network } from '../crypto/derive.js';
import { deriveKeyring } from '../crypto/derive.js';
import type { Keyring } from '../crypto/keyring.js';
import { TelepathineError } from '../error.js';
import type { HOST, Host } from '../node/host.js';
import type { NodeSettings } from '../node/settings.js';
import type { HostPort, Seed } from '../transport/address.js';
import { parseHost, parseSeed } from '../transport/address.js';
import { readAddressMap } from '../transport/address-map.js';
import { ipToBytes, isUnspecified } from '../transport/ip.js';
import { tcpLimits } from '../transport/tcp-limits.js';
import * as limits from '../wire/limits.js';
import { closest } from './closest.js';
import type { Logger } from './logger.js';
import { defaultLogger, harmlessLogger, LOG_LEVELS } from './logger.js';
import {
  boolean,
  integer,
  invalidArgument,
  invalidOption,
  isPlainObject,
  number,
  oneOf,
  text,
  textMap,
} from './option-readers.js';
import type { Profile } from './profiles.js';
import { ORIGINAL_PACE, PROFILE_NAMES, PROFILES } from './profiles.js';
import type { Schemas } from './schemas.js';
import { NO_SCHEMAS, readSchemas } from './schemas.js';

/** What a node can be told at construction; all may be left out. docs/OPTIONS.md tells the costs. */
export interface TelepathineOptions {
  /** The port to bind, 0 to 65535. Default: 0, which takes a free one at each start. */
  port?: number;
  /**
   * Nodes to meet first: `host:port`, `[ipv6]:port`, `:port` or `port` (this machine), `srv:name`.
   * Names are resolved again and again. Default: none.
   */
  seeds?: readonly (string | number)[];
  /**
   * The address to bind and to be known by: `host` or `host:port`. Default: '', which is 127.0.0.1.
   * With 0.0.0.0 or :: the node listens everywhere, and the others take the address its packets come
   * from, also when that changes; before they had one, they try the first of the machine.
   */
  address?: string;
  /** The address to bind, if it is not the one to be known by: `host`. Default: that of `address`. */
  bindAddress?: string;
  /**
   * Where the others shall reach this node, if that is not what it binds: `ip` or `ip:port`, for
   * containers and forwarded ports. Default: what is bound; with `bindAddress`, `address`.
   */
  advertise?: string;
  /** Emit `set` with the key `heartbeat` and the Unix ms for each heartbeat seen. Default: false. */
  emitValueOnHeartBeat?: boolean;
  /**
   * Manual address translation: from an address as the mesh knows it to the one under which this node
   * reaches it, both `ip:port` or both without a port; up to 10,000. Default: {}.
   */
  addressMap?: Readonly<Record<string, string>>;
  /**
   * Other addresses that lead to this node, `ip:port`, or `ip` with the port that is bound: those
   * of a translating router, of other interfaces. Nothing is sent there, and they are left out of the
   * seeds, as is what is bound and what is advertised; so that all nodes may be given the same
   * seeds. What `addressMap` translates is another node. Up to 1000. Default: [].
   */
  addressAlias?: readonly string[];
  /**
   * What makes the mesh private: a passphrase, a key of `generateKey` or `telepathine keygen`, or 1
   * to 16 of them, of which the first seals and all open. Default: undefined, a public mesh in the
   * clear.
   */
  network?: Network;
  /** Use datagrams for what fits them. Default: true; with false all goes over TCP. */
  udp?: boolean;
  /**
   * The unit of pacing, 10 ms to 1 h: without news a node compares what it knows with a random other
   * every 6 of these; pings carry the fingerprint in between. Default: 2500; local: 500; lan: 1000;
   * wan: 5000.
   */
  gossipIntervalMS?: number;
  /**
   * How often a node is pinged by one of its watchers, 10 ms to 1 h. Default: 2500; local: 500; lan:
   * 1000; wan: 5000.
   */
  heartbeatIntervalMS?: number;
  /**
   * The node's name, which no other node of the mesh may have: 1 to 255 bytes. Default: the address
   * and port that the others are told, `127.0.0.1:9000`; the machine's name and the port if it listens
   * everywhere and `advertise` is not given.
   */
  name?: string;
  /** Nodes of another cluster are not heard: up to 255 bytes. Default: ''. */
  cluster?: string;
  /**
   * What the others shall know of this node: up to 64 texts by name, of 1 to 255 and up to 1024 bytes.
   * Default: {}.
   */
  tags?: Readonly<Record<string, string>>;
  /** Sets the intervals and tolerances that are not given by hand; see `PROFILES`. Default: none. */
  profile?: Profile;
  /** The least phi of a missing answer that raises suspicion, 1 to 100. Default: 8. */
  phiThreshold?: number;
  /** The least standard deviation that phi assumes, 1 ms to 1 min. Default: 50. */
  phiDeviationMinMs?: number;
  /**
   * By how much answers may be late before phi rises, 0 to 1 min. Default: 150; local: 100;
   * wan: 500. A node that stands still for no longer than this and `burstMs` is not called
   * dead.
   */
  phiToleranceMs?: number;
  /** Probes that a suspect gets before a verdict, 1 to 1000. Default: 40. */
  burstProbes?: number;
  /** How long those probes take, 50 ms to 1 min. Default: 6000; local and lan: 2000; wan: 4000. */
  burstMs?: number;
  /** How long a dead node's state stays, 1 s to 30 days. Default: 24 h. */
  deadGraceMs?: number;
  /** How long a node that left is remembered, 1 s to 30 days. Default: 60 s. */
  leftGraceMs?: number;
  /** How long a deleted key leaves a tombstone, 1 s to 30 days. Default: 10 min. */
  tombstoneGraceMs?: number;
  /**
   * How long a starting node waits for a seed's answer, 0 to 1 min. Default: 500; local: 250; wan:
   * 1500.
   */
  joinTimeoutMs?: number;
  /** Nodes that this node remembers, 2 to 1,000,000. Default: 20,000. */
  ownersMax?: number;
  /**
   * Bytes of the others' keys, values and events that this node holds, 1 MiB to 1 TiB, with 650 for
   * each entry beside its own. Default: 1 GiB.
   */
  heldBytesMax?: number;
  /** TCP connections in all, both ways, 16 to 65,536. Default: 512. */
  connectionsMax?: number;
  /** Bytes of half-read frames on all TCP connections, 16 MiB to 1 TiB. Default: 64 MiB. */
  halfReadBytesMax?: number;
  /**
   * How long a frame may take on a TCP connection beside its bytes at 16 KiB/s, 100 ms to 10 min.
   * Default: 10 s.
   */
  frameTimeoutMs?: number;
  /** How long a TCP connection stays open without a byte, 1 s to 24 h. Default: 5 min. */
  idleTimeoutMs?: number;
  /**
   * The protobuf types of the application's values and events, as protobuf-es generates them: `set`
   * and `say` then take messages of these types, and what others send of them comes as a message.
   * Up to 10,000. Default: none.
   */
  schemas?: readonly DescMessage[];
  /** Takes what nobody handles; pino's shape. Default: the `debug` package, errors to stderr. */
  logger?: Logger;
  /** @internal The world that the node runs in, for tests. */
  [HOST]?: Host;
}

/** The options after the check: frozen, the defaults filled in. */
export interface Settings extends NodeSettings {
  readonly seeds: readonly Seed[];
  readonly emitValueOnHeartBeat: boolean;
  /** Absent: a public mesh. */
  readonly keyring: Keyring | undefined;
  readonly schemas: Schemas;
  readonly logger: Logger;
}

/**
 * Checks the options once and fills in the defaults.
 *
 * @throws TelepathineError INVALID_ARGUMENT, which names the option, what was given, and what is
 * allowed; also for an option that does not exist.
 */
export function readOptions(given: unknown): Settings {
  if (!isPlainObject(given)) throw invalidArgument('options', given, 'an object of options');
  refuseUnknown(given);
  const read = <Name extends keyof typeof READERS, Fallback>(name: Name, fallback: Fallback) =>
    given[name] === undefined ? fallback : (READERS[name](given[name], name) as Read<Name>);
  const profileName = read('profile', undefined);
  const profile = profileName === undefined ? ORIGINAL_PACE : PROFILES[profileName];
  const address = read('address', { host: '127.0.0.1' });
  const cluster = read('cluster', '');
  const tcp = tcpLimits();
  return Object.freeze({
    port: readPort(read('port', undefined), address),
    seeds: read('seeds', Object.freeze([])),
    bindHost: read('bindAddress', address.host),
    advertise: read('advertise', given['bindAddress'] ? knownAddress(given) : undefined),
    emitValueOnHeartBeat: read('emitValueOnHeartBeat', false),
    addressMap: readAddressMap(read('addressMap', {})),
    addressAlias: read('addressAlias', Object.freeze([])),
    keyring: readNetwork(given['network'], cluster),
    udp: read('udp', true),
    tcp: Object.freeze({
      connectionsMax: read('connectionsMax', tcp.connectionsMax),
      halfReadBytesMax: read('halfReadBytesMax', tcp.halfReadBytesMax),
      frameTimeoutMs: read('frameTimeoutMs', tcp.frameTimeoutMs),
      idleTimeoutMs: read('idleTimeoutMs', tcp.idleTimeoutMs),
    }),
    name: read('name', undefined),
    cluster,
    tags: read('tags', Object.freeze({})),
    gossipIntervalMS: read('gossipIntervalMS', profile.gossipIntervalMS),
    heartbeatIntervalMS: read('heartbeatIntervalMS', profile.heartbeatIntervalMS),
    phiThreshold: read('phiThreshold', 8),
    phiDeviationMinMs: read('phiDeviationMinMs', 50),
    phiToleranceMs: read('phiToleranceMs', profile.phiToleranceMs),
    burstProbes: read('burstProbes', 40),
    burstMs: read('burstMs', profile.burstMs),
    deadGraceMs: read('deadGraceMs', 24 * HOUR_MS),
    leftGraceMs: read('leftGraceMs', MINUTE_MS),
    tombstoneGraceMs: read('tombstoneGraceMs', 10 * MINUTE_MS),
    joinTimeoutMs: read('joinTimeoutMs', profile.joinTimeoutMs),
    ownersMax: read('ownersMax', 20_000),
    heldBytesMax: read('heldBytesMax', 2 ** 30),
    schemas: read('schemas', NO_SCHEMAS),
    logger: harmlessLogger(read('logger', undefined) ?? defaultLogger()),
  });
}

/**
 * The options from the arguments of the constructor: one object, or port, seeds and the rest.
 *
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function optionsFrom(given: readonly unknown[]): TelepathineOptions {
  const [first, seeds, rest = {}] = given;
  if (given.length <= 1 && typeof first === 'object') return first as TelepathineOptions;
  if (!isPlainObject(rest)) throw invalidArgument('options', rest, 'an object of options');
  for (const [name, value] of Object.entries({ port: first, seeds })) {
    if (value !== undefined && rest[name] !== undefined) {
      throw new TelepathineError(
        'INVALID_ARGUMENT',
        `option ${name}: it was given twice; allowed is once, as an argument or among the options`,
      );
    }
  }
  return {
    ...rest,
    ...(first === undefined ? {} : { port: first as number }),
    ...(seeds === undefined ? {} : { seeds: seeds as string[] }),
  };
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const MONTH_MS = 30 * 24 * HOUR_MS;
const ADDRESS_BYTES_MAX = 300;
const ADDRESSES_MAPPED_MAX = 10_000;
const ALIASES_MAX = 1000;

const grace = integer(SECOND_MS, MONTH_MS);

const READERS = {
  port: integer(0, 65_535),
  seeds: readSeeds,
  address: readAddress,
  bindAddress: readBindAddress,
  advertise: readReachable,
  emitValueOnHeartBeat: boolean,
  addressMap: textMap(ADDRESSES_MAPPED_MAX, ADDRESS_BYTES_MAX, ADDRESS_BYTES_MAX),
  addressAlias: readAliases,
  udp: boolean,
  gossipIntervalMS: integer(10, HOUR_MS),
  heartbeatIntervalMS: integer(10, HOUR_MS),
  name: text(1, limits.NAME_BYTES_MAX),
  cluster: text(0, limits.CLUSTER_BYTES_MAX),
  tags: textMap(limits.TAGS_MAX, limits.TAG_NAME_BYTES_MAX, limits.TAG_VALUE_BYTES_MAX),
  profile: oneOf(PROFILE_NAMES),
  phiThreshold: number(1, 100),
  phiDeviationMinMs: number(1, MINUTE_MS),
  phiToleranceMs: number(0, MINUTE_MS),
  burstProbes: integer(1, 1000),
  burstMs: integer(50, MINUTE_MS),
  deadGraceMs: grace,
  leftGraceMs: grace,
  tombstoneGraceMs: grace,
  joinTimeoutMs: integer(0, MINUTE_MS),
  ownersMax: integer(2, 1_000_000),
  heldBytesMax: integer(2 ** 20, 2 ** 40),
  connectionsMax: integer(16, 65_536),
  halfReadBytesMax: integer(limits.FRAME_BYTES_MAX, 2 ** 40),
  frameTimeoutMs: integer(100, 10 * MINUTE_MS),
  idleTimeoutMs: integer(SECOND_MS, 24 * HOUR_MS),
  schemas: readSchemas,
  logger: readLogger,
};

/** `network` is read apart: what is given must not be shown, and it needs the cluster. */
export const OPTION_NAMES: readonly string[] = [...Object.keys(READERS), 'network'];

type Read<Name extends keyof typeof READERS> = ReturnType<(typeof READERS)[Name]>;

function refuseUnknown(given: Record<string, unknown>): void {
  for (const name of Object.keys(given)) {
    if (OPTION_NAMES.includes(name)) continue;
    const meant = closest(name, OPTION_NAMES);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw new TelepathineError('INVALID_ARGUMENT', `option ${name} does not exist${hint}`);
  }
}

function readSeeds(given: unknown, option: string): readonly Seed[] {
  if (!Array.isArray(given)) throw invalidOption(option, given, 'an array of addresses');
  return Object.freeze(given.map((seed) => parseSeed(seed, `option ${option}:`)));
}

function readAddress(given: unknown, option: string): HostPort {
  return given === '' ? { host: '127.0.0.1' } : parseHost(given, `option ${option}:`);
}

function readBindAddress(given: unknown, option: string): string {
  const { host, port } = parseHost(given, `option ${option}:`);
  if (port === undefined) return host;
  throw invalidOption(option, given, 'a host without a port, which is the option port');
}

function readReachable(given: unknown, option: string): HostPort {
  const place = parseHost(given, `option ${option}:`);
  const bytes = ipToBytes(place.host);
  if (bytes && !isUnspecified(bytes) && place.port !== 0) return place;
  throw invalidOption(option, given, "an IP address that others can reach, also with ':port'");
}

function readAliases(given: unknown, option: string): readonly HostPort[] {
  if (!Array.isArray(given) || given.length > ALIASES_MAX) {
    throw invalidOption(option, given, `an array of at most ${ALIASES_MAX} addresses`);
  }
  return Object.freeze(given.map((alias) => readReachable(alias, option)));
}

/** Where something else is bound, `address` is what the others are told. */
function knownAddress({ address }: Record<string, unknown>): HostPort | undefined {
  if (address === undefined || address === '') return undefined;
  return readReachable(parseHost(address, 'option address:').host, 'address');
}

function readPort(port: number | undefined, address: HostPort): number {
  if (port !== undefined && address.port !== undefined && port !== address.port) {
    throw invalidOption('address', `port ${address.port}`, `port ${port}, as in option port`);
  }
  return port ?? address.port ?? 0;
}

function readNetwork(given: unknown, cluster: string): Keyring | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' || Array.isArray(given)) return deriveKeyring(given, cluster);
  throw invalidOption('network', `a value of type ${typeof given}`, 'text, or an array of texts');
}

function readLogger(given: unknown, option: string): Logger {
  const fits = (value: unknown): value is Logger =>
    typeof value === 'object' &&
    value !== null &&
    LOG_LEVELS.every((level) => typeof (value as Logger)[level] === 'function');
  if (fits(given)) return given;
  throw invalidOption(option, given, `an object with the methods ${LOG_LEVELS.join(', ')}`);
}
