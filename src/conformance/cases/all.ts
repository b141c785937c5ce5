import type { ConformanceCase } from './case.js';
import { DELTA_CASES } from './deltas.js';
import { DIGEST_CASES } from './digests.js';
import { ENTRY_CASES } from './entries.js';
import { ENVELOPE_CASES } from './envelopes.js';
import { FLOOD_CASES } from './floods.js';
import { FRAMING_CASES } from './framing.js';
import { IDENTITY_CASES } from './identity.js';
import { LEAVING_CASES } from './leaving.js';
import { LIFE_AND_VOTE_CASES } from './lives-and-votes.js';
import { LOG_LIFE_CASES } from './log-lives.js';
import { MALFORMED_LOG_CASES } from './malformed-logs.js';
import { NEWS_CASES } from './news.js';
import { PACKET_CASES } from './packets.js';
import { STATEMENT_CASES } from './statements.js';
import { TRUST_CASES } from './trust.js';
import { TRUST_LIMIT_CASES } from './trust-limits.js';
import { WANTING_CASES } from './wanting.js';
import { WATCHING_CASES } from './watching.js';
import { WHOLE_LOG_CASES } from './whole-logs.js';

/** All network cases, in the order of the protocol's sections. */
export const CASES: readonly ConformanceCase[] = [
  ...ENVELOPE_CASES,
  ...FRAMING_CASES,
  ...PACKET_CASES,
  ...IDENTITY_CASES,
  ...TRUST_CASES,
  ...ENTRY_CASES,
  ...MALFORMED_LOG_CASES,
  ...DELTA_CASES,
  ...LOG_LIFE_CASES,
  ...DIGEST_CASES,
  ...WANTING_CASES,
  ...NEWS_CASES,
  ...STATEMENT_CASES,
  ...WATCHING_CASES,
  ...LEAVING_CASES,
  ...FLOOD_CASES,
  ...TRUST_LIMIT_CASES,
  ...WHOLE_LOG_CASES,
  ...LIFE_AND_VOTE_CASES,
];
