/** A test that reaches a limit: its file, and what stands there as its title or its row of a table. */
export type Reference = readonly [file: string, words: string];

/** The tests of both sides of a limit. */
export interface LimitTests {
  /** Exactly at the limit it is taken. */
  readonly taken: Reference;
  /** One beyond, it is refused. */
  readonly refused: Reference;
}

const CODEC = 'test/wire/codec.test.ts';
const BODY = 'test/wire/entry-body.test.ts';
const HEADER = 'test/wire/owner-header.test.ts';
const FRAMING = 'test/wire/framing.test.ts';
const TCP = 'test/transport/tcp.test.ts';
const WIRE = 'test/limits/wire.test.ts';
const OWN_LOG = 'test/limits/own-log.test.ts';
const REPLICAS = 'test/limits/replicas.test.ts';
const TABLES = 'test/limits/core-tables.test.ts';
const PACKETS = 'test/limits/core-packets.test.ts';
const CONNECTION = 'test/limits/tcp.test.ts';

/** Limits of the protocol, by the names of `src/wire/limits.ts`. */
const OF_PROTOCOL: Readonly<Record<string, LimitTests>> = {
  PROTOCOL_VERSION: taken(CODEC, 'what is encoded is decoded', 'another protocol version'),
  KNOWN_FEATURES: taken(CODEC, 'what is encoded is decoded', 'an unknown required feature'),
  INTEGER_MAX: taken(CODEC, 'the limits themselves are taken', 'an uptime of 2^53'),
  GENERATION_MAX: taken(CODEC, 'the limits themselves are taken', 'a generation above 2^48'),
  REMAINING_MS_MAX: both(WIRE, 'an entry may live 2^48 ms on'),
  CLUSTER_BYTES_MAX: taken(CODEC, 'the limits themselves are taken', 'a cluster of 256 bytes'),
  NAME_BYTES_MAX: taken(HEADER, 'the limits themselves are taken', 'with a name of 256 bytes'),
  KEY_BYTES_MAX: taken(BODY, 'the limits themselves are taken', 'with a name of 1025 bytes'),
  VALUE_BYTES_MAX: taken(CODEC, 'the limits themselves are taken', 'a payload above 1 MiB'),
  TYPE_NAME_BYTES_MAX: taken(BODY, 'the limits themselves are taken', 'a type name of 256 bytes'),
  TAGS_MAX: taken(HEADER, 'the limits themselves are taken', 'with 65 tags'),
  TAG_NAME_BYTES_MAX: taken(HEADER, 'the limits themselves are taken', 'a tag name of 256 bytes'),
  TAG_VALUE_BYTES_MAX: taken(
    HEADER,
    'the limits themselves are taken',
    'a tag value of 1025 bytes',
  ),
  ADDRESSES_MAX: taken(HEADER, 'the limits themselves are taken', 'with 9 addresses'),
  KEY_IDS_MAX: taken(HEADER, 'the limits themselves are taken', 'with 17 key ids'),
  DATAGRAM_BYTES_MAX: both('test/transport/udp.test.ts', 'a datagram over 1200 bytes is refused'),
  UNTRUSTED_FRAME_BYTES_MAX: taken(
    FRAMING,
    'the limit holds to the byte',
    'a refused stream stays',
  ),
  FRAME_BYTES_MAX: both(FRAMING, 'the limit holds to the byte'),
  PACKET_PARTS_MAX: both(CODEC, 'more messages than the limit are refused'),
  KEYS_PER_OWNER_MAX: both(OWN_LOG, 'a node owns 100,000 keys'),
  BYTES_PER_OWNER_MAX: both(OWN_LOG, 'a node owns 256 MiB of keys and values'),
  EVENTS_PER_OWNER_MAX: both(OWN_LOG, 'a node says 100,000 events'),
  EVENT_BYTES_PER_OWNER_MAX: both(OWN_LOG, 'a node says 64 MiB of events'),
  FIELDS_MAX: both('test/wire/fields.test.ts', '200,000 fields of a packet are read, and no more'),
  BODY_PARTS_MAX: both(WIRE, 'a body may hold 16 messages'),
  GROUP_DEPTH_MAX: both(WIRE, 'groups of unknown fields may be nested 100 deep'),
  BODY_BYTES_MAX: both('test/wire/own-limits.test.ts', 'no body is longer than the bound'),
};

/** Limits of TCP, by the names of `src/transport/tcp-limits.ts`. */
const OF_TCP: Readonly<Record<string, LimitTests>> = {
  connectionsMax: both(TCP, 'connections over the cap are refused'),
  frameBytesMax: both(TCP, 'a trusted connection takes frames of full size, up to the limit'),
  halfReadBytesMax: both(CONNECTION, 'halfReadBytesMax bytes of all connections are kept'),
  pendingBytesMax: both(CONNECTION, 'pendingBytesMax bytes wait for a connection to open'),
  unsentBytesMax: both(CONNECTION, 'unsentBytesMax bytes wait in an open connection'),
  unsentBytesTotalMax: {
    taken: [CONNECTION, 'less than unsentBytesTotalMax may wait'],
    refused: [TCP, 'receivers that do not read are closed at the limit of unsent bytes of all'],
  },
  connectTimeoutMs: both(CONNECTION, 'a connection may take connectTimeoutMs to open'),
  trustTimeoutMs: both(CONNECTION, 'a connection may stay without trust for trustTimeoutMs'),
  frameTimeoutMs: both(CONNECTION, 'a frame may take frameTimeoutMs'),
  idleTimeoutMs: both(CONNECTION, 'a trusted connection may be silent for idleTimeoutMs'),
};

/** Bounds of the core, by the names of its constants and options. */
const OF_CORE: Readonly<Record<string, LimitTests>> = {
  ownersMax: both(TABLES, 'as many owners are known as ownersMax says'),
  heldBytesMax: both('test/core/held-bytes.test.ts', 'up to the bound of this node'),
  OVERLAP: both(REPLICAS, '512 MiB of an owner are taken'),
  LINKS_MAX: both('test/core/links.test.ts', 'beyond the bound the link that was unused'),
  LINES_MAX: both(TABLES, '16,384 lives keep their lines'),
  OUTSTANDING_MAX: both(TABLES, '16,384 pings wait for answers'),
  MEMORIES_MAX: both(TABLES, '65,536 collected owners are remembered'),
  DELTAS_PER_OWNER_MAX: both(TABLES, '64 deltas of one owner are held'),
  OWNERS_MAX: both(TABLES, 'and those of 1,024 owners'),
  HELD_DELTA_BYTES_MAX: both(TABLES, 'deltas of 1 MiB are held in all'),
  LOGS_MAX: both(TABLES, 'the events of 8 log ids of an owner are numbered'),
  PULLS_MAX: both(TABLES, '65,536 owners are asked for at once'),
  DEADLINES_MAX: both(TABLES, '4,096 owners that could not be had'),
  ASKED_MAX: both(TABLES, '16,384 unproven addresses are remembered'),
  ABSENT_MAX: both(TABLES, '64 other lives of the own name are remembered'),
  QUESTIONS_MAX: both(PACKETS, '16 suspicions and 16 probes of a packet are taken'),
  ATTEMPTS_MAX: both(PACKETS, 'a log is asked for five times in vain'),
  DATAGRAM_WANTS_MAX: both(PACKETS, '32 wants go by datagrams'),
  STREAM_WANTS_MAX: both(PACKETS, 'and 1,000 at once'),
  LISTED_OWNERS_MAX: both(PACKETS, 'a range of 10 owners is listed'),
  DATAGRAM_STATEMENTS_MAX: both(PACKETS, '200 digests answer a datagram'),
  DIGESTS_TAKEN_MAX: both(PACKETS, '12,000 digests of a packet are taken'),
  STREAM_STATEMENTS_MAX: both(PACKETS, 'and 10,000 a packet on a stream'),
  CALLED_SEEDS_MAX: both(PACKETS, 'three seeds are called at once'),
  PUSHED_PAYLOAD_BYTES_MAX: both(PACKETS, 'payloads of 1,024 bytes are pushed'),
  PUSHED_BYTES_MAX: both(PACKETS, '16 KiB of one owner are pushed'),
  STREAM_PACKET_BYTES_MAX: both(PACKETS, 'packets by stream grow to 256 KiB'),
  STREAM_ENTRY_PACKET_BYTES_MAX: both(PACKETS, 'and by 1 MiB more for a single entry'),
  INCARNATION_MAX: both(PACKETS, 'an incarnation is raised to 2^32 - 1'),
};

/** Limits of the API. */
const OF_API: Readonly<Record<string, LimitTests>> = {
  JSON_DEPTH_MAX: both('test/limits/json-depth.test.ts', 'a JSON value may be nested 1,000 levels'),
};

/** Every limit and the tests that reach it. */
export const LIMIT_TESTS: Readonly<Record<string, LimitTests>> = {
  ...OF_PROTOCOL,
  ...OF_TCP,
  ...OF_CORE,
  ...OF_API,
};

/** Named as limits are, and none: nothing is refused beyond. */
export const NO_LIMITS: readonly string[] = ['CACHED_IDS_MAX'];

function both(file: string, words: string): LimitTests {
  return { taken: [file, words], refused: [file, words] };
}

function taken(file: string, words: string, refusedWords: string): LimitTests {
  return { taken: [file, words], refused: [file, refusedWords] };
}
