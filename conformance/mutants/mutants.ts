import { LIVENESS_MUTANTS } from './liveness-mutants.js';
import { LOG_MUTANTS } from './log-mutants.js';
import { MESH_MUTANTS } from './mesh-mutants.js';
import type { Mutant } from './mutant.js';
import { TRUST_MUTANTS } from './trust-mutants.js';
import { WIRE_MUTANTS } from './wire-mutants.js';

/** All mutants, by the sections of their rules. */
export const MUTANTS: readonly Mutant[] = [
  ...WIRE_MUTANTS,
  ...TRUST_MUTANTS,
  ...LOG_MUTANTS,
  ...MESH_MUTANTS,
  ...LIVENESS_MUTANTS,
];
