/** The layers, in the order in which a peer is best built. */
import type { Layer } from '../../../src/conformance/vectors/layers.js';
import type { LayerSource } from '../layer-source.js';
import { delta } from './delta.js';
import { digest } from './digest.js';
import { envelope } from './envelope.js';
import { exchange } from './exchange.js';
import { framing } from './framing.js';
import { keys } from './keys.js';
import { phi } from './phi.js';
import { protobuf } from './protobuf/index.js';
import { ring } from './ring.js';
import { statements } from './statements.js';
import { tokens } from './tokens.js';

type AnySource = { [L in Layer]: LayerSource<L> }[Layer];

export const LAYERS: readonly AnySource[] = [
  ...[keys, protobuf, envelope, framing],
  ...[digest, ring, phi, tokens, delta, statements, exchange],
];
