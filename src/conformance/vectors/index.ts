/**
 * `telepathine/conformance`: the test vectors of the protocol, for the tests of whoever writes a
 * compatible peer in JavaScript. `conformance/README.md` tells what they mean.
 */
export { bytesOf, chunksOf } from './bytes.js';
export type { Layer, Vector, VectorsByLayer } from './layers.js';
export { loadManifest, loadVectors } from './load.js';
export type {
  Chunking,
  DerivedKey,
  EnvelopeVector,
  FramingVector,
  KeysVector,
  ProtobufVector,
} from './lower-layers.js';
export type { Manifest, ManifestFile, VectorFile } from './manifest.js';
export { LAYERS_OF_REASONS } from './reasons.js';
export type {
  AgreementClaim,
  AnyNodeVector,
  CloseStep,
  CommandStep,
  DeltaVector,
  DigestVector,
  ExchangeVector,
  FingerprintClaim,
  HashClaim,
  IdRange,
  Json,
  JsonObject,
  ListsPacket,
  NodeEvent,
  NodeSetup,
  NodeStep,
  NodeVector,
  NodeView,
  OverdueClaim,
  PacketPattern,
  PacketStep,
  PeerState,
  PhiClaim,
  PhiVector,
  RingOwner,
  RingVector,
  StatementsVector,
  StepExpectation,
  TokensVector,
  TurnClaim,
  WaitStep,
  WatchersClaim,
} from './upper-layers.js';
export type {
  Bytes,
  Expectation,
  Feature,
  Grade,
  LayerName,
  Level,
  RefusalLayer,
  Run,
  VectorBase,
} from './vector.js';
