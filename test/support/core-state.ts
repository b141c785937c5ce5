/** The parts of a core on their own, for tests of one of them. */
import type { CoreOptions } from '../../src/core/contract.js';
import { Directory } from '../../src/core/directory.js';
import type { LogEntry } from '../../src/core/log.js';
import { Owner } from '../../src/core/owner.js';
import { Random } from '../../src/core/random.js';
import { Schedule } from '../../src/core/schedule.js';
import { type CoreState, sharedUntilMs } from '../../src/core/state.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { Encoding, type OwnerHeader, type Packet, Status } from '../../src/wire/packet.js';
import { DEFAULT_CORE_OPTIONS } from './mesh.js';

/** A seed of 4 bytes, as `Random` and `Core` take it. */
export function seedOf(seed: number): Uint8Array {
  return new Uint8Array(new Int32Array([seed]).buffer);
}

/** An owner alive in generation 1, with an empty log. */
export function makeOwner(id: string, changes: Partial<Owner> = {}): Owner {
  const life = { owner: id, logId: 'aaaaaaaaaaaaaaaa', generation: 1 };
  const owner = new Owner({ ...life, incarnation: 0, status: Status.alive, downAtMs: 0 });
  owner.setHeader(new Uint8Array(0), headerOf(id));
  return Object.assign(owner, { announcedAlive: true, ...changes });
}

/** A header that says nothing but a name, and is older than any version. */
function headerOf(name: string): OwnerHeader {
  const versions = { protocolMin: 1, protocolMax: 1 };
  return { version: 0, name, addresses: [], tags: {}, ...versions, features: 0, keyIds: [] };
}

/** What the parts of a core share, with one owner: itself. */
export function makeState(
  options: Partial<CoreOptions> = {},
  self: Owner = makeOwner('8000000000000000'),
): CoreState {
  const state: CoreState = {
    options: {
      ...DEFAULT_CORE_OPTIONS,
      name: 'self',
      generation: 1,
      addresses: [],
      ...options,
    },
    random: new Random(seedOf(1), 'choices'),
    schedule: new Schedule(),
    directory: new Directory(
      (owner) => sharedUntilMs(state, owner),
      () => state.nowMs,
    ),
    self,
    counts: { refusals: new Map(), suspicions: 0, bursts: 0, verdicts: 0 },
    effects: [],
    nowMs: 1000,
    startedAtMs: 0,
    announced: true,
    stopped: false,
    resuming: false,
    roundTripMs: undefined,
    source: undefined,
  };
  state.directory.add(self);
  return state;
}

/** An empty packet of this state's node. */
export function makePacket(state: CoreState, parts: Partial<Packet> = {}): Packet {
  const { owner, logId, generation } = state.self.statement;
  return {
    requiredFeatures: 0,
    protocol: 1,
    cluster: '',
    sender: { owner, logId, generation },
    uptimeMs: Math.floor(state.nowMs - state.startedAtMs),
    fingerprints: [],
    digests: [],
    wants: [],
    deltas: [],
    probes: [],
    suspicions: [],
    votes: [],
    ...parts,
  };
}

/** An entry of a log, with a body that says the same. */
export function makeEntry(
  version: number,
  kind: LogEntry['kind'],
  name: string,
  payload: Uint8Array = new Uint8Array(0),
  changes: Partial<LogEntry> = {},
): LogEntry {
  const stamp = { time: version };
  const form = { encoding: Encoding.json, typeName: '' };
  const sequence = changes.sequence ?? 1;
  const content =
    kind === 'event'
      ? ({ kind: 'say', sequence, ...form } as const)
      : kind === 'value'
        ? ({ kind: 'value', ...form, stamp } as const)
        : ({ kind: 'tombstone', stamp } as const);
  return {
    version,
    name,
    kind,
    body: encodeEntryBody({ version, name, content }),
    payload,
    ...form,
    stamp: kind === 'event' ? { time: 0 } : stamp,
    sequence: kind === 'event' ? sequence : 0,
    expiresAtMs: Number.POSITIVE_INFINITY,
    goneAtMs: 0,
    held: true,
    expiry: undefined,
    ...changes,
  };
}
