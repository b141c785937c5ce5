/**
 * Sizes and counts that are part of the protocol (docs/PROTOCOL.md, "Constants"). A peer accepts
 * everything up to them and refuses what is beyond. Bytes of text are those of UTF-8.
 */

/** The version of the protocol that is spoken here. */
export const PROTOCOL_VERSION = 1;
/** Bits of `required_features` that this implementation knows: none are defined yet. */
export const KNOWN_FEATURES = 0;
/** The greatest integer on the wire, 2^53 - 1. */
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER;
/** As wall-clock milliseconds this is the year 10889: a generation is a first guess from the clock. */
export const GENERATION_MAX = 2 ** 48;
/** The longest life that an entry may have left, in milliseconds: some 8,900 years. */
export const REMAINING_MS_MAX = 2 ** 48;
/** Bytes of a cluster's name. */
export const CLUSTER_BYTES_MAX = 255;
/** Bytes of a node's name, which has one at least. */
export const NAME_BYTES_MAX = 255;
/** Bytes of the name of a key or an event. */
export const KEY_BYTES_MAX = 1024;
/** Bytes of a value or an event's data, encoded. */
export const VALUE_BYTES_MAX = 1024 * 1024;
/** Bytes of the full name of a protobuf message. */
export const TYPE_NAME_BYTES_MAX = 255;
/** Tags of a node. */
export const TAGS_MAX = 64;
/** Bytes of a tag's name, which has one at least. */
export const TAG_NAME_BYTES_MAX = 255;
/** Bytes of a tag's value. */
export const TAG_VALUE_BYTES_MAX = 1024;
/** Addresses of a node. */
export const ADDRESSES_MAX = 8;
/** Keys of a private mesh that a node holds. */
export const KEY_IDS_MAX = 16;
/** The whole datagram, the envelope included. */
export const DATAGRAM_BYTES_MAX = 1200;
/** The first frames of a connection, until it has echoed a token; the length prefix excluded. */
export const UNTRUSTED_FRAME_BYTES_MAX = 1200;
/** A frame of a connection that has echoed a token. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;
/**
 * Messages inside one packet, at any depth. In memory a message takes many times its bytes on the
 * wire: without this bound a frame of 16 MiB could take a gigabyte.
 */
export const PACKET_PARTS_MAX = 65_536;
/** Keys, tombstones included, that one owner may have. */
export const KEYS_PER_OWNER_MAX = 100_000;
/** Bytes of names, bodies and payloads that one owner may have. */
export const BYTES_PER_OWNER_MAX = 256 * 1024 * 1024;
/** Live events that one owner may have. */
export const EVENTS_PER_OWNER_MAX = 100_000;
/** Bytes of live events that one owner may have. */
export const EVENT_BYTES_PER_OWNER_MAX = 64 * 1024 * 1024;
