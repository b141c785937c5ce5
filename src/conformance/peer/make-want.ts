import type { Want } from '../../wire/packet.js';

/** Asks for all of an owner's log, whichever its life, but for the parts that are given. */
export function makeWant(owner: string, parts: Partial<Want> = {}): Want {
  return { owner, generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0, ...parts };
}
