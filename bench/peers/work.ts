/** The work that every peer does, and how it is measured. */
import { randomBytes } from 'node:crypto';
import { type Change, PeerMesh, pause, until } from './driver.js';
import { Namespace } from './namespace.js';
import type { Peer } from './peers.js';

/** How much of the work is done; the full amount is the default of `npm run bench`. */
export interface Amount {
  nodes: number;
  /** What is taken of a peer that collapses with `nodes`. */
  fewerNodes: number;
  idleNodes: readonly number[];
  idleMs: number;
  changes: number;
  kills: number;
  floodSeconds: number;
}

export const FULL: Amount = {
  nodes: 50,
  fewerNodes: 20,
  idleNodes: [10, 20, 40],
  idleMs: 16_000,
  changes: 50,
  kills: 3,
  floodSeconds: 3,
};

/** A figure, and the number of nodes if it is not the usual one; or why there is none. */
export type Figure = { value: number; nodes?: number } | { none: string };

/** One peer's figures; see `rows.ts` for their names and units. */
export type Figures = Record<string, Figure>;

const FIRST_PORT = 20_000;
const FLOOD_NODES = 10;
const LOSS_PERCENT = 30;
/** memberlist makes good what is lost while joining with push/pulls: of 33 to 64 nodes each 60 s. */
const JOIN_WITHIN_MS = 180_000;
/** After the last change; a peer that gossips each second needs some 5 s. */
const CHANGE_WITHIN_MS = 10_000;
const DEATH_WITHIN_MS = 90_000;
/** After the last event of a flood: a queue that grows is not keeping up. */
const HEARD_WITHIN_MS = 5000;
/** For detectors that learn from samples, and for the traffic of joining to end. */
const SETTLE_MS = 6000;
/** Changes do not wait for each other; the slowest would take minutes. */
const CHANGE_EVERY_MS = 300;
const KILL_EVERY_MS = 1300;
/** Events a second in the order in which they are tried, until one is too many. */
const RATES = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];

/** Bytes that a node sends a second when nothing happens, at several sizes of the mesh at once. */
export async function measureIdleBytes(peer: Peer, amount: Amount): Promise<Figures> {
  const figures = amount.idleNodes.map(async (nodes): Promise<[string, Figure]> => {
    const figure = await withMesh(peer, nodes, async (mesh, namespace) => {
      if ((await mesh.join(JOIN_WITHIN_MS)) === undefined) return NEVER_JOINED;
      await pause(2 * SETTLE_MS);
      const before = namespace.sentBytes();
      await pause(amount.idleMs);
      const sent = namespace.sentBytes() - before;
      return { value: sent / nodes / (amount.idleMs / 1000) };
    });
    return [`idleBytes${nodes}`, figure];
  });
  return Object.fromEntries(await Promise.all(figures));
}

/** Joining, changes, deaths, and the cost of idling, without loss. */
export async function measureMesh(peer: Peer, amount: Amount): Promise<Figures> {
  if (!collapses(peer, amount)) return meshOf(peer, amount, amount.nodes, false);
  const joinMs = withMesh(peer, amount.nodes, (mesh) => mesh.join(JOIN_WITHIN_MS));
  const fewer = await meshOf(peer, amount, amount.fewerNodes, false);
  const join = await joinMs.then((value) => (value === undefined ? NEVER_JOINED : { value }));
  return { ...withNodes(fewer, amount.fewerNodes), join };
}

/** Changes and deaths while a part of all packets is lost; the mesh has grown before. */
export async function measureLossyMesh(peer: Peer, amount: Amount): Promise<Figures> {
  if (!collapses(peer, amount)) return meshOf(peer, amount, amount.nodes, true);
  return withNodes(await meshOf(peer, amount, amount.fewerNodes, true), amount.fewerNodes);
}

/** The highest rate of events at which every node hears every event of the others. */
export async function measureEvents(peer: Peer, amount: Amount): Promise<Figures> {
  if (!peer.hasEvents) return { eventsPerSecond: { none: 'no events' } };
  return withMesh(peer, FLOOD_NODES, async (mesh) => {
    if ((await mesh.join(JOIN_WITHIN_MS)) === undefined) return { eventsPerSecond: NEVER_JOINED };
    await pause(SETTLE_MS);
    let sustained = 0;
    for (const rate of RATES) {
      const allHeard = await flood(mesh, rate, amount.floodSeconds);
      if (!allHeard) break;
      sustained = rate;
    }
    const least = `fewer than ${RATES[0]}`;
    return { eventsPerSecond: sustained === 0 ? { none: least } : { value: sustained } };
  });
}

const NEVER_JOINED: Figure = { none: `not within ${JOIN_WITHIN_MS / 1000} s` };

function collapses(peer: Peer, amount: Amount): boolean {
  return peer.nodesMax !== undefined && peer.nodesMax < amount.nodes;
}

/** Joining and, if that comes to an end, all else. */
async function meshOf(
  peer: Peer,
  amount: Amount,
  nodes: number,
  isLossy: boolean,
): Promise<Figures> {
  return withMesh(peer, nodes, async (mesh, namespace): Promise<Figures> => {
    const joinMs = await mesh.join(JOIN_WITHIN_MS);
    if (joinMs === undefined) return isLossy ? {} : { join: NEVER_JOINED };
    if (isLossy) {
      const victims = await startVictims(mesh, amount);
      await namespace.drop(LOSS_PERCENT);
      mesh.forgetDeaths();
      const figures = { ...(await changes(mesh, amount)), ...(await deaths(mesh, victims)) };
      const falseDeaths = { value: mesh.deathsBeside(victims) };
      return { ...renamed(figures, 'lossy'), falseDeaths };
    }
    const idle = await idleCost(mesh, amount);
    const told = await changes(mesh, amount);
    const victims = await startVictims(mesh, amount);
    return { join: { value: joinMs }, ...idle, ...told, ...(await deaths(mesh, victims)) };
  });
}

async function idleCost(mesh: PeerMesh, amount: Amount): Promise<Figures> {
  await pause(SETTLE_MS);
  const beforeMs = mesh.shared.cpuMs();
  await pause(amount.idleMs / 2);
  const usedMs = mesh.shared.cpuMs() - beforeMs;
  return {
    idleCpu: { value: (100 * usedMs) / (amount.idleMs / 2) },
    idleMemory: { value: mesh.shared.memoryBytes() / 1024 / 1024 },
  };
}

async function changes(mesh: PeerMesh, amount: Amount): Promise<Figures> {
  const made: Change[] = [];
  for (let i = 0; i < amount.changes; i++) {
    const origin = mesh.ports[(i * 7) % mesh.ports.length] as number;
    made.push(mesh.change(origin, `change${i}`));
    await pause(CHANGE_EVERY_MS);
  }
  const receivers = mesh.ports.length - 1;
  await until(() => made.every((change) => change.hasMs.size === receivers), CHANGE_WITHIN_MS);
  const times = made.flatMap((change) => {
    return [...change.hasMs.values()].map((hasMs) => hasMs - change.changedMs);
  });
  const missing = made.length * receivers - times.length;
  times.sort((left, right) => left - right);
  // Who has not got it counts as slowest.
  const p50 = times[Math.ceil((times.length + missing) / 2) - 1];
  const max = times.at(-1);
  const within = `not within ${CHANGE_WITHIN_MS / 1000} s`;
  const lost = { none: `${missing} of ${made.length * receivers} ${within}` };
  return {
    changeP50: p50 === undefined ? lost : { value: p50 },
    changeMax: max === undefined || missing > 0 ? lost : { value: max },
  };
}

/** Nodes in processes of their own, which the mesh has got used to. */
async function startVictims(mesh: PeerMesh, amount: Amount): Promise<number[]> {
  const last = mesh.ports.at(-1) as number;
  const victims = Array.from({ length: amount.kills }, (_, index) => last + 1 + index);
  for (const port of victims) mesh.startAlone(port);
  await until(() => mesh.isComplete(), JOIN_WITHIN_MS);
  await pause(SETTLE_MS);
  return victims;
}

/** Until all nodes that stay know of a death: the median of the deaths, and the slowest. */
async function deaths(mesh: PeerMesh, victims: number[]): Promise<Figures> {
  const killedMs: number[] = [];
  for (const port of victims) {
    killedMs.push(mesh.kill(port));
    await pause(KILL_EVERY_MS);
  }
  const isKnown = (port: number) => mesh.deathsOf(port).length === mesh.ports.length;
  const allKnow = await until(() => victims.every(isKnown), DEATH_WITHIN_MS);
  const none = { none: `not within ${DEATH_WITHIN_MS / 1000} s` };
  if (!allKnow) return { deathMedian: none, deathMax: none };
  // Under loss a node may have been held for dead already.
  const times = victims
    .map((port, i) => Math.max(0, Math.max(...mesh.deathsOf(port)) - (killedMs[i] as number)))
    .sort((left, right) => left - right);
  const median = times[times.length >> 1] as number;
  return { deathMedian: { value: median }, deathMax: { value: times.at(-1) as number } };
}

async function flood(mesh: PeerMesh, rate: number, seconds: number): Promise<boolean> {
  const said = await mesh.flood(`f${rate}`, rate, seconds);
  const expected = said * (mesh.ports.length - 1);
  const endMs = performance.now() + HEARD_WITHIN_MS;
  let heard = 0;
  while (heard < expected && performance.now() < endMs) {
    await pause(250);
    heard = await mesh.count();
  }
  return said > 0 && heard === expected;
}

/** Runs a mesh in a namespace of its own and ends it. */
async function withMesh<T>(
  peer: Peer,
  nodes: number,
  work: (mesh: PeerMesh, namespace: Namespace) => Promise<T>,
): Promise<T> {
  const namespace = await Namespace.create();
  const ports = Array.from({ length: nodes }, (_, index) => FIRST_PORT + index);
  const mesh = new PeerMesh(peer, ports, randomBytes(32).toString('base64'), namespace);
  try {
    return await work(mesh, namespace);
  } finally {
    mesh.close();
    namespace.close();
  }
}

function withNodes(figures: Figures, nodes: number): Figures {
  const entries = Object.entries(figures).map(([name, figure]): [string, Figure] => {
    return [name, 'value' in figure ? { ...figure, nodes } : figure];
  });
  return Object.fromEntries(entries);
}

function renamed(figures: Figures, prefix: string): Figures {
  const entries = Object.entries(figures).map(([name, figure]): [string, Figure] => {
    return [`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`, figure];
  });
  return Object.fromEntries(entries);
}
