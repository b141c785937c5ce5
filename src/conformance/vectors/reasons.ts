/** The reasons of refusals (PROTOCOL.md, "reasons of refusals") by the layer that refuses. */
import type { RefusalLayer } from './vector.js';

/**
 * The layer that each reason belongs to. A peer that checks in another order may give another reason
 * of the same layer.
 */
export const LAYERS_OF_REASONS: Readonly<Record<string, RefusalLayer>> = {
  ...ofLayer('configuration', 'configuration'),
  ...ofLayer('claim', 'wrong-claim'),
  ...ofLayer('datagram', 'datagram-too-large', 'no-source-port'),
  ...ofLayer('framing', 'empty-frame', 'frame-too-long', 'half-read-bytes'),
  ...ofLayer('framing', 'not-trusted-in-time', 'frame-too-slow'),
  ...ofLayer('envelope', 'empty', 'unknown-kind', 'plain-in-private', 'sealed-in-public'),
  ...ofLayer('sealing', 'truncated', 'unknown-key', 'not-authentic'),
  ...ofLayer('packet', 'malformed', 'too-many-parts', 'protocol-version', 'unknown-feature'),
  ...ofLayer('packet', 'integer-range', 'bad-id', 'unknown-enum', 'too-large', 'bad-order'),
  ...ofLayer('packet', 'other-cluster', 'own-packet'),
  ...ofLayer('trust', 'replayed', 'no-valid-echo', 'unknown-sender'),
  ...ofLayer('delta', 'unknown-owner', 'old-generation', 'owner-refused', 'malformed-header'),
  ...ofLayer('delta', 'name-mismatch', 'owner-id-collision', 'malformed-entry'),
  ...ofLayer('delta', 'node-over-limit', 'owner-over-limit'),
  ...ofLayer('digest', 'remembered-dead', 'dead-too-long', 'too-many-owners'),
  ...ofLayer('identity', 'generation-exhausted'),
};

function ofLayer(layer: RefusalLayer, ...reasons: string[]): Record<string, RefusalLayer> {
  return Object.fromEntries(reasons.map((reason) => [reason, layer]));
}
