/** How the readers of this folder leave off in the middle of a message. Not part of the public API. */
import { GENERATION_MAX } from './limits.js';
import type { PacketRefusalReason } from './refusal.js';

/** Thrown inside a reader, caught by the exported function that began it. */
export class Refused extends Error {
  constructor(readonly reason: PacketRefusalReason) {
    super(reason);
  }
}

/**
 * Ends the reading.
 *
 * @throws Refused always: one instance a reason, because a stack trace for each bad packet would
 * cost more than reading a good one.
 */
export function refuse(reason: PacketRefusalReason): never {
  let refused = refusals.get(reason);
  if (refused === undefined) {
    refused = new Refused(reason);
    refusals.set(reason, refused);
  }
  throw refused;
}

/**
 * An integer of 64 bits as a number.
 *
 * @throws Refused 'integer-range' above 2^53 - 1.
 */
export function numberOf(value: bigint): number {
  const number = Number(value);
  // Conversion rounds: whatever is above 2^53 - 1 becomes 2^53 at least.
  if (number > Number.MAX_SAFE_INTEGER) refuse('integer-range');
  return number;
}

/**
 * A generation.
 *
 * @throws Refused 'integer-range' outside 1 to 2^48.
 */
export function generationOf(value: bigint): number {
  const generation = Number(value);
  if (generation < 1 || generation > GENERATION_MAX) refuse('integer-range');
  return generation;
}

const refusals = new Map<PacketRefusalReason, Refused>();
