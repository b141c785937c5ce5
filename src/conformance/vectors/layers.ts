/** The vectors by the layer that they test. */
import type { EnvelopeVector, FramingVector, KeysVector, ProtobufVector } from './lower-layers.js';
import type {
  DeltaVector,
  DigestVector,
  ExchangeVector,
  PhiVector,
  RingVector,
  StatementsVector,
  TokensVector,
} from './upper-layers.js';

/** The type of the vectors of each layer. */
export interface VectorsByLayer {
  keys: KeysVector;
  protobuf: ProtobufVector;
  envelope: EnvelopeVector;
  framing: FramingVector;
  digest: DigestVector;
  ring: RingVector;
  phi: PhiVector;
  tokens: TokensVector;
  delta: DeltaVector;
  statements: StatementsVector;
  exchange: ExchangeVector;
}

/** The layers that have vectors. */
export type Layer = keyof VectorsByLayer;

/** A vector of any layer; `layer` tells which. */
export type Vector = VectorsByLayer[Layer];
