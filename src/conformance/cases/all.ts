import type { ConformanceCase } from './case.js';
import { FRAMING_CASES } from './framing.js';

/** All network cases, in the order of the protocol's sections. */
export const CASES: readonly ConformanceCase[] = [...FRAMING_CASES];
