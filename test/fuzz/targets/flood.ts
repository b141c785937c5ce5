import { ok } from 'node:assert/strict';
import { containerSizes } from '../../support/containers.js';
import { Flood } from '../flood.js';
import { BYTE_MUTATIONS } from '../mutations.js';
import { countWord, type Target } from '../target.js';

/**
 * A core under thousands of packets in a few seconds: whatever it keeps stays within bounds. The
 * input is the mixture and the seed of all that is sent.
 */
export const floodTarget: Target = {
  name: 'flood',
  inputBytesMax: 12,
  cpuMsMax: 10000,
  batch: 1,
  mutations: BYTE_MUTATIONS,
  run(input) {
    const flood = new Flood(input, { ownersMax: OWNERS_MAX, heldBytesMax: HELD_BYTES_MAX });
    for (let sent = 0; sent < PACKETS; sent++) flood.send();
    const sizes = containerSizes(flood.core);
    // What the test itself keeps beside it.
    sizes.delete('CheckedCore.given');
    for (const [place, size] of sizes) {
      const sizeMax = SIZES_MAX[place] ?? SIZE_MAX;
      ok(size <= sizeMax, `${place} has ${size} entries, more than ${sizeMax}`);
    }
    return [...sizes].map(([place, size]) => `${place} ${countWord(size)}`).join();
  },
};

const PACKETS = 1000;
const OWNERS_MAX = 16;
const HELD_BYTES_MAX = 20_000;
/** Of what has no bound of its own here: a few for each owner. */
const SIZE_MAX = 8 * OWNERS_MAX;
/** As in PROTOCOL.md, section 17. */
const SIZES_MAX: Readonly<Record<string, number>> = {
  'Links.#links': 8192,
  'Pings.#lines': 16_384,
  'Pings.#outstanding': 16_384,
  'Pulls.#pulls': 65_536,
  'Pulls.#failed': 4096,
  'Pulls.#avoidStream': 4096,
  'Collection.#memories': 65_536,
  'Push.#asked': 16_384,
  'HeldDeltas.#owners': 1024,
};
