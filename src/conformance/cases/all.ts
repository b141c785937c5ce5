import type { ConformanceCase } from './case.js';
import { ENTRY_CASES } from './entries.js';
import { ENVELOPE_CASES } from './envelopes.js';
import { FRAMING_CASES } from './framing.js';
import { IDENTITY_CASES } from './identity.js';
import { PACKET_CASES } from './packets.js';
import { TRUST_CASES } from './trust.js';

/** All network cases, in the order of the protocol's sections. */
export const CASES: readonly ConformanceCase[] = [
  ...ENVELOPE_CASES,
  ...FRAMING_CASES,
  ...PACKET_CASES,
  ...IDENTITY_CASES,
  ...TRUST_CASES,
  ...ENTRY_CASES,
];
