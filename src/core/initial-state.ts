import { ownerIdOf } from '../wire/owner-id.js';
import { Status } from '../wire/packet.js';
import type { CoreOptions } from './contract.js';
import { Directory } from './directory.js';
import { makeOwner, type Owner } from './owner.js';
import { Random } from './random.js';
import { Schedule } from './schedule.js';
import { type CoreState, isShared } from './state.js';

/** The state of a core that knows nobody but itself; its time begins with the first input. */
export function makeState(options: CoreOptions, seed: Uint8Array): CoreState {
  const self = makeSelf(options, new Random(seed, 'log id').hex64());
  const state: CoreState = {
    options,
    random: new Random(seed, 'choices'),
    schedule: new Schedule(),
    directory: new Directory((owner) => isShared(state, owner)),
    self,
    counts: { refusals: new Map(), suspicions: 0, bursts: 0, verdicts: 0 },
    effects: [],
    nowMs: Number.NEGATIVE_INFINITY,
    startedAtMs: 0,
    announced: false,
    stopped: false,
    resuming: false,
    source: undefined,
  };
  state.directory.add(self);
  state.directory.setName(self, options.name);
  return state;
}

function makeSelf(options: CoreOptions, logId: string): Owner {
  const { name, generation } = options;
  const life = { owner: ownerIdOf(name), logId, generation };
  return makeOwner({ ...life, incarnation: 0, status: Status.alive, downAtMs: 0 });
}
