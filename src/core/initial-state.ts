import { ownerIdOf } from '../wire/owner-id.js';
import { Status } from '../wire/packet.js';
import type { CoreOptions } from './contract.js';
import { Directory } from './directory.js';
import { Owner } from './owner.js';
import { Random } from './random.js';
import { Schedule } from './schedule.js';
import { type CoreState, sharedUntilMs } from './state.js';

/** The state of a core that knows nobody but itself; its time begins with the first input. */
export function makeState(options: CoreOptions, seed: Uint8Array): CoreState {
  const self = makeSelf(options, new Random(seed, 'log id').hex64());
  const state: CoreState = {
    options,
    random: new Random(seed, 'choices'),
    schedule: new Schedule(),
    directory: new Directory(
      (owner) => sharedUntilMs(state, owner),
      () => state.nowMs,
    ),
    self,
    counts: { refusals: new Map(), suspicions: 0, bursts: 0, verdicts: 0 },
    effects: [],
    nowMs: Number.NEGATIVE_INFINITY,
    startedAtMs: 0,
    roundTripMs: undefined,
    announced: false,
    stopped: false,
    resuming: false,
    source: undefined,
  };
  state.directory.add(self);
  return state;
}

function makeSelf(options: CoreOptions, logId: string): Owner {
  const { name, generation } = options;
  const life = { owner: ownerIdOf(name), logId, generation };
  const self = new Owner({ ...life, incarnation: 0, status: Status.alive, downAtMs: 0 });
  self.announcedAlive = true;
  return self;
}
