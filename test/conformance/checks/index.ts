/** Each vector against this implementation. */
import type { Vector } from '../../../src/conformance/vectors/index.js';
import { checkDigest, checkPhi, checkRing } from './claims.js';
import { checkEnvelope } from './envelope.js';
import { checkFraming } from './framing.js';
import { checkKeys } from './keys.js';
import { checkNode } from './node.js';
import { checkProtobuf } from './protobuf.js';

/** What the implementation does otherwise than the vector expects, a line each. */
export async function check(vector: Vector): Promise<string[]> {
  switch (vector.layer) {
    case 'keys':
      return checkKeys(vector);
    case 'protobuf':
      return checkProtobuf(vector);
    case 'envelope':
      return await checkEnvelope(vector);
    case 'framing':
      return checkFraming(vector);
    case 'digest':
      return checkDigest(vector);
    case 'ring':
      return checkRing(vector);
    case 'phi':
      return checkPhi(vector);
    default:
      return checkNode(vector);
  }
}
