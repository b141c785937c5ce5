/**
 * `telepathine/wire`: open, seal, encode and decode, for tools and for peers that speak the protocol
 * without the node.
 */
export {
  deriveKeyring,
  deriveSealingKey,
  generateKey,
  KEY_PREFIX,
  type Network,
} from '../crypto/derive.js';
export { KEY_ID_BYTES, Keyring, type SealingKey } from '../crypto/keyring.js';
export { cryptoReady } from '../crypto/secretbox.js';
export { type DecodedPacket, decodePacket, encodePacket } from './codec.js';
export { decodeEntryBody, encodeEntryBody } from './entry-body.js';
export {
  type OpenedEnvelope,
  PLAIN_KIND,
  PLAIN_OVERHEAD_BYTES,
  readEnvelope,
  SEALED_KIND,
  SEALED_OVERHEAD_BYTES,
  writeEnvelope,
} from './envelope.js';
export { FRAME_PREFIX_BYTES, FrameReader, frame } from './framing.js';
export * from './limits.js';
export { decodeOwnerHeader, encodeOwnerHeader } from './owner-header.js';
export { ownerIdOf } from './owner-id.js';
export * from './packet.js';
export type * from './refusal.js';
