import type { ConformanceCase } from './case.js';
import { DELTA_CASES } from './deltas.js';
import { DIGEST_CASES } from './digests.js';
import { ENTRY_CASES } from './entries.js';
import { ENVELOPE_CASES } from './envelopes.js';
import { FLOOD_CASES } from './floods.js';
import { FRAMING_CASES } from './framing.js';
import { IDENTITY_CASES } from './identity.js';
import { LEAVING_CASES } from './leaving.js';
import { LIVENESS_CASES } from './liveness.js';
import { NEWS_CASES } from './news.js';
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
  ...DELTA_CASES,
  ...DIGEST_CASES,
  ...NEWS_CASES,
  ...LIVENESS_CASES,
  ...LEAVING_CASES,
  ...FLOOD_CASES,
];
