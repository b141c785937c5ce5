/**
 * Why bytes from the network were not taken. A reason is a stable word: statistics count by it, and
 * the conformance vectors name it.
 */

/** Why a packet was refused, as `decodePacket` tells. */
export type PacketRefusalReason =
  /** Not a serialised Packet: cut off, a wrong wire type, or text that is not UTF-8. */
  | 'malformed'
  /** More messages inside the packet than `PACKET_PARTS_MAX`. */
  | 'too-many-parts'
  /** `required_features` of the packet has a bit that this implementation does not know. */
  | 'unknown-feature'
  /** A protocol version that this implementation does not speak. */
  | 'protocol-version'
  /** An integer above 2^53 - 1, or a generation outside 1 to 2^48. */
  | 'integer-range'
  /** An id of another length than 8 bytes, or missing where it must be; an owner of zeros. */
  | 'bad-id'
  /** A status or an opinion that is missing or not known. */
  | 'unknown-enum'
  /**
   * Owners of a digest or fingerprints not ascending, a range that is empty, or a delta whose
   * from, to, as_of and floor contradict each other.
   */
  | 'bad-order'
  /** A cluster name or a payload longer than the protocol allows. */
  | 'too-large';

/** Why an envelope was not opened, as `readEnvelope` tells. */
export type EnvelopeRefusalReason =
  /** No byte at all. */
  | 'empty'
  /** The first byte names no kind and version that this implementation knows. */
  | 'unknown-kind'
  /** A plain packet, and this node has keys. */
  | 'plain-in-private'
  /** A sealed packet, and this node has no key. */
  | 'sealed-in-public'
  /** Sealed by a key that this node does not hold. */
  | 'unknown-key'
  /** Shorter than the key id, the nonce and the tag. */
  | 'truncated'
  /** The tag does not fit: altered on the way, or made without the key. */
  | 'not-authentic';

/** Why a stream was refused, as `FrameReader` tells. The stream cannot be read on. */
export type FrameRefusalReason =
  /** A frame of length 0. */
  | 'empty-frame'
  /** A frame longer than the reader's limit. */
  | 'frame-too-long';

/** Any reason for which the wire layer refuses bytes. */
export type RefusalReason = PacketRefusalReason | EnvelopeRefusalReason | FrameRefusalReason;

/** A result that is none. */
export interface Refusal<Reason extends RefusalReason = RefusalReason> {
  ok: false;
  reason: Reason;
}
