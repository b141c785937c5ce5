import { matchesGlob } from '../../decode/glob.js';
import { TelepathineError } from '../../error.js';
import type { Feature } from '../control/protocol.js';

/** Which cases are run; of each list one is enough, and all that are given must hold. */
export interface Selection {
  /** `9.3.3-gap`, or with `*` and `?`. */
  readonly ids?: readonly string[];
  /** `9`, `9.3` or `9.3.3`. */
  readonly sections?: readonly string[];
  readonly features?: readonly Feature[];
}

/** What a selection looks at. */
export interface Selectable {
  readonly id: string;
  readonly features: readonly Feature[];
}

/**
 * The cases that are selected.
 *
 * @throws TelepathineError INVALID_ARGUMENT if an id or a section selects none: it is misspelt.
 */
export function select<Case extends Selectable>(
  cases: readonly Case[],
  { ids, sections, features }: Selection,
): Case[] {
  for (const id of ids ?? []) {
    if (!cases.some((each) => matchesGlob(each.id, id))) throw none(`--id ${id}`);
  }
  for (const section of sections ?? []) {
    if (!cases.some((each) => isIn(each.id, section))) throw none(`--section ${section}`);
  }
  const selected = cases.filter(
    (each) =>
      (ids === undefined || ids.some((id) => matchesGlob(each.id, id))) &&
      (sections === undefined || sections.some((section) => isIn(each.id, section))) &&
      (features === undefined || features.some((feature) => each.features.includes(feature))),
  );
  if (selected.length === 0) throw none('all that was given together');
  return selected;
}

function isIn(id: string, section: string): boolean {
  return id === section || id.startsWith(`${section}.`) || id.startsWith(`${section}-`);
}

function none(what: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', `${what} selects no case; see --list`);
}
