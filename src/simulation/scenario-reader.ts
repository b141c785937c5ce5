import type { Reader } from '../api/option-readers.js';
import {
  boolean,
  integer,
  invalidArgument,
  isPlainObject,
  number,
  oneOf,
  text,
} from '../api/option-readers.js';
import { PROFILES } from '../api/profiles.js';
import { TelepathineError } from '../error.js';
import type { Latency } from './network.js';
import type {
  Fault,
  Load,
  LossyFault,
  NodeFault,
  PartitionFault,
  ReplayFault,
  Scenario,
  Selection,
} from './scenario.js';

/** Nodes of one simulation: beyond it the memory of a usual machine does not hold them. */
export const NODES_MAX = 5000;

/**
 * Checks a scenario and fills in the defaults.
 *
 * @throws TelepathineError INVALID_ARGUMENT, which names the field and what is allowed; also for a
 * field that does not exist.
 */
export function readScenario(given: unknown): Scenario {
  const scenario = readFields(withoutSchema(given), 'scenario');
  if (scenario.seeds > scenario.nodes) {
    throw invalidArgument('scenario.seeds', scenario.seeds, `at most ${scenario.nodes}, its nodes`);
  }
  checkNames(scenario, 'load');
  checkNames(scenario, 'faults');
  return scenario;
}

/** `$schema` is for editors. */
function withoutSchema(given: unknown): unknown {
  if (!isPlainObject(given) || typeof given['$schema'] !== 'string') return given;
  const { $schema: _, ...fields } = given;
  return fields;
}

/** A name of nobody would do nothing, unnoticed. */
function checkNames(scenario: Scenario, field: 'load' | 'faults'): void {
  const names = new Set(Array.from({ length: scenario.nodes }, (_, index) => `n${index}`));
  scenario[field].forEach((each, index) => {
    if (!('nodes' in each && 'names' in each.nodes)) return;
    const stranger = each.nodes.names.find((name) => !names.has(name));
    if (stranger === undefined) return;
    const allowed = `n0 to n${scenario.nodes - 1}`;
    throw invalidArgument(`scenario.${field}[${index}].nodes.names`, stranger, allowed);
  });
}

/** A field's reader and what it is if it is left out; without the latter it must be there. */
type Field<T> = readonly [reader: Reader<T>, fallback?: T];

function object<T extends object>(fields: { [Name in keyof T]-?: Field<T[Name]> }): Reader<T> {
  return (given, name) => {
    if (!isPlainObject(given)) throw invalidArgument(name, given, 'an object');
    for (const key of Object.keys(given)) {
      if (Object.hasOwn(fields, key)) continue;
      throw new TelepathineError('INVALID_ARGUMENT', `${name}.${key} does not exist`);
    }
    const entries = Object.entries<Field<unknown>>(fields).map(([key, field]) => {
      if (given[key] !== undefined) return [key, field[0](given[key], `${name}.${key}`)];
      if (field.length === 1) throw invalidArgument(`${name}.${key}`, undefined, 'a value');
      return [key, field[1]];
    });
    return Object.freeze(Object.fromEntries(entries)) as T;
  };
}

function list<T>(reader: Reader<T>, lengthMax: number): Reader<readonly T[]> {
  return (given, name) => {
    if (Array.isArray(given) && given.length <= lengthMax) {
      return Object.freeze(given.map((each, index) => reader(each, `${name}[${index}]`)));
    }
    throw invalidArgument(name, given, `an array of at most ${lengthMax}`);
  };
}

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 366 * DAY_MS;
const LIST_MAX = 1000;
const probability = number(0, 1);
const duration = number(0, 30 * DAY_MS);
const NEVER = Number.POSITIVE_INFINITY;

const readLatency: Reader<Latency> = (given, name) => {
  if (typeof given === 'number') {
    const ms = number(0, 60_000)(given, name);
    return { minMs: ms, maxMs: ms };
  }
  if (isPlainObject(given) && 'medianMs' in given) {
    const latency = object<{ medianMs: number; p99Ms: number }>({
      medianMs: [number(0.001, 60_000)],
      p99Ms: [number(0.001, 600_000)],
    })(given, name);
    if (latency.p99Ms >= latency.medianMs) return latency;
    throw invalidArgument(`${name}.p99Ms`, latency.p99Ms, 'at least medianMs');
  }
  const latency = object<{ minMs: number; maxMs: number }>({
    minMs: [number(0, 60_000)],
    maxMs: [number(0, 60_000)],
  })(given, name);
  if (latency.maxMs >= latency.minMs) return latency;
  throw invalidArgument(`${name}.maxMs`, latency.maxMs, 'at least minMs');
};

const readSelection: Reader<Selection> = (given, name) => {
  if (isPlainObject(given)) {
    if ('count' in given) return object<{ count: number }>({ count: [count] })(given, name);
    if ('share' in given) return object<{ share: number }>({ share: [probability] })(given, name);
    if ('names' in given) {
      const names = list(text(1, 255), NODES_MAX);
      return object<{ names: readonly string[] }>({ names: [names] })(given, name);
    }
  }
  throw invalidArgument(name, given, 'an object with count, share or names');
};

const count = integer(0, NODES_MAX);
const ALL: Selection = { share: 1 };

const readLoad = object<Load>({
  kind: [oneOf(['set', 'delete', 'say'])],
  perSecond: [number(0, 100_000)],
  bytes: [integer(0, 2 ** 20 - 2), 100],
  keys: [integer(1, 100_000), 10],
  eventDurationMs: [number(1, 30 * DAY_MS), 20_000],
  nodes: [readSelection, ALL],
  fromMs: [duration, 0],
  forMs: [duration, NEVER],
});

const timing = {
  atMs: [duration, 0],
  forMs: [duration, NEVER],
  forMsMore: [duration, 0],
  everyMs: [number(1, 30 * DAY_MS), NEVER],
} as const;

const readNodeFault = object<NodeFault>({
  kind: [oneOf(['crash', 'kill', 'leave', 'restart', 'pause'])],
  ...timing,
  nodes: [readSelection],
  spacingMs: [duration, 0],
  anew: [boolean, false],
});

const readPartition = object<PartitionFault>({
  kind: [oneOf(['partition'])],
  ...timing,
  shares: [list(probability, 16)],
  oneWay: [boolean, false],
});

const readLossy = object<LossyFault>({
  kind: [oneOf(['lossy'])],
  ...timing,
  nodes: [readSelection],
  incoming: [probability, 0],
  outgoing: [probability, 0],
});

const readReplay = object<ReplayFault>({
  kind: [oneOf(['replay'])],
  ...timing,
  datagrams: [integer(1, 10_000), 100],
});

const KINDS = {
  crash: readNodeFault,
  kill: readNodeFault,
  leave: readNodeFault,
  restart: readNodeFault,
  pause: readNodeFault,
  partition: readPartition,
  lossy: readLossy,
  replay: readReplay,
};

const readFault: Reader<Fault> = (given, name) => {
  if (!isPlainObject(given)) throw invalidArgument(name, given, 'an object');
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  return KINDS[oneOf(kinds)(given['kind'], `${name}.kind`)](given, name);
};

const lan = PROFILES.lan;
const grace = number(1000, 30 * DAY_MS);

const readNode = object<Scenario['node']>({
  gossipIntervalMs: [number(10, 3_600_000), lan.gossipIntervalMS],
  heartbeatIntervalMs: [number(10, 3_600_000), lan.heartbeatIntervalMS],
  udp: [boolean, true],
  phiThreshold: [number(1, 100), 8],
  phiDeviationMinMs: [number(1, 60_000), 50],
  phiToleranceMs: [number(0, 60_000), lan.phiToleranceMs],
  burstProbes: [integer(1, 1000), 40],
  burstMs: [number(50, 60_000), lan.burstMs],
  deadGraceMs: [grace, DAY_MS],
  leftGraceMs: [grace, 60_000],
  tombstoneGraceMs: [grace, 600_000],
});

const readNetwork = object<Scenario['network']>({
  latency: [readLatency, { minMs: 1, maxMs: 2 }],
  loss: [number(0, 0.99), 0],
  duplication: [number(0, 1), 0],
  reordering: [number(0, 1), 0],
  mtuBytes: [integer(576, 65_535), 1500],
  bandwidthBytesPerSecond: [number(1000, 1e12), NEVER],
});

const readClocks = object<Scenario['clocks']>({
  skewMs: [number(0, 10 * YEAR_MS), 0],
  driftPpm: [number(0, 1000), 0],
});

const readRandom = object<Exclude<Scenario['random'], undefined>>({
  faults: [integer(0, 1000), 10],
  commands: [integer(0, 10_000), 50],
});

const readFields = object<Scenario>({
  description: [text(0, 1000), ''],
  seed: [integer(-(2 ** 31), 2 ** 31 - 1), 1],
  nodes: [integer(1, NODES_MAX), 10],
  seeds: [integer(1, NODES_MAX), 1],
  startWithinMs: [duration, 0],
  calmMs: [duration, 0],
  durationMs: [duration, 60_000],
  settleMs: [duration, 60_000],
  node: [readNode, readNode({}, 'scenario.node')],
  network: [readNetwork, readNetwork({}, 'scenario.network')],
  clocks: [readClocks, readClocks({}, 'scenario.clocks')],
  load: [list(readLoad, LIST_MAX), []],
  faults: [list(readFault, LIST_MAX), []],
  random: [readRandom, undefined],
});
