/** The layers, in the order in which a peer is best built. */
import type { Layer } from '../../../src/conformance/vectors/layers.js';
import type { LayerSource } from '../layer-source.js';
import { envelope } from './envelope.js';
import { framing } from './framing.js';
import { keys } from './keys.js';
import { protobuf } from './protobuf/index.js';

type AnySource = { [L in Layer]: LayerSource<L> }[Layer];

export const LAYERS: readonly AnySource[] = [keys, protobuf, envelope, framing];
