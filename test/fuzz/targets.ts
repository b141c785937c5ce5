import type { Target } from './target.js';
import { captureTarget } from './targets/capture.js';
import { coreTarget } from './targets/core.js';
import { envelopeTarget } from './targets/envelope.js';
import { floodTarget } from './targets/flood.js';
import { framesTarget } from './targets/frames.js';
import { entryBodyTarget, ownerHeaderTarget } from './targets/log.js';
import { packetTarget } from './targets/packet.js';
import { addressTarget, requestTarget, valueTarget } from './targets/text.js';

/** All that is fuzzed. */
export const TARGETS: readonly Target[] = [
  packetTarget,
  entryBodyTarget,
  ownerHeaderTarget,
  envelopeTarget,
  framesTarget,
  coreTarget,
  floodTarget,
  addressTarget,
  valueTarget,
  requestTarget,
  captureTarget,
];
