/** Each vector against this implementation. */
import type { Vector } from '../../../src/conformance/vectors/index.js';
import { checkFraming } from './framing.js';

/** What the implementation does otherwise than the vector expects, a line each. */
export function check(vector: Vector): string[] {
  switch (vector.layer) {
    case 'framing':
      return checkFraming(vector);
  }
}
