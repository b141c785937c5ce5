/**
 * Fifty nodes in one process over real UDP and TCP on loopback, with a key and the default options:
 * how soon all know all, how soon a change reaches the others, and how soon a newcomer has it all.
 */
import { generateKey, Telepathine } from '../src/index.js';

const NODES = 50;
const TRIALS = 50;
const BULK_KEYS = 1000;
/** With its quotes this is a value of 1 KiB, or of 1 MiB. */
const KIBIBYTE_TEXT = 'x'.repeat(1022);
const MEBIBYTE_TEXT = 'x'.repeat(1024 * 1024 - 2);
const GIVE_UP_MS = 30_000;
/** The exchanges of the start are over. */
const SETTLING_MS = 3000;

/** All times in milliseconds. */
export interface MeshFigures {
  nodes: number;
  /** From the last start until every node sees every other alive. */
  allSeeAllMs: number;
  set: LatencyFigures;
  say: LatencyFigures;
  /** Until a value of 1 MiB has reached all. */
  mebibyteMs: number;
  /** From a newcomer's start until it has a thousand values of 1 KiB of one node. */
  newcomerMs: number;
  /** Part of one core that a node uses while nothing happens. */
  idleCorePart: number;
}

/** Of all receivers of all trials. */
export interface LatencyFigures {
  /** Until all had it: the median of the trials. */
  allP50Ms: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/**
 * Measures; takes some 20 s.
 *
 * @param trialsEach how many changes of each kind are timed.
 */
export async function benchMesh(trialsEach = TRIALS): Promise<MeshFigures> {
  const network = generateKey();
  const nodes: Telepathine[] = [];
  try {
    const allSeeAllMs = await grow(nodes, network);
    const news = await newsOf(nodes, trialsEach);
    const mebibyteMs = await mebibyte(nodes);
    const newcomerMs = await newcomer(nodes, network);
    const idleCorePart = (await idle()) / NODES;
    return { nodes: NODES, allSeeAllMs, ...news, mebibyteMs, newcomerMs, idleCorePart };
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

/** How soon news reaches the others. */
export type NewsFigures = Pick<MeshFigures, 'nodes' | 'set' | 'say'>;

/** Measures the news alone; takes some 15 s. */
export async function benchNews(trialsEach = TRIALS): Promise<NewsFigures> {
  const nodes: Telepathine[] = [];
  try {
    await grow(nodes, generateKey());
    await pause(SETTLING_MS);
    return { nodes: NODES, ...(await newsOf(nodes, trialsEach)) };
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

async function newsOf(nodes: Telepathine[], count: number): Promise<Omit<NewsFigures, 'nodes'>> {
  const set = await trials(nodes, count, (from, to, name) => {
    const arrival = to.map((node) => setOf(node, name));
    from.set(name, 1);
    return arrival;
  });
  const say = await trials(nodes, count, (from, to, name) => {
    const arrival = to.map((node) => new Promise((heard) => node.hearOnce(name, heard)));
    from.say(name, 1);
    return arrival;
  });
  return { set, say };
}

/** Starts the nodes, and adds them to `nodes` for whoever stops them, also if they do not meet. */
async function grow(nodes: Telepathine[], network: string): Promise<number> {
  const first = new Telepathine({ port: 0, network });
  nodes.push(first);
  await first.start().started;
  while (nodes.length < NODES) {
    nodes.push(new Telepathine({ port: 0, seeds: [first.peer_name], network }).start());
  }
  const startedMs = performance.now();
  await Promise.all(nodes.map((node) => node.started));
  await until(() => nodes.every((node) => node.livePeers().length === NODES - 1));
  return performance.now() - startedMs;
}

type Trial = (from: Telepathine, to: Telepathine[], name: string) => Promise<unknown>[];

async function trials(nodes: Telepathine[], count: number, trial: Trial): Promise<LatencyFigures> {
  const times: number[] = [];
  const allTimes: number[] = [];
  for (let i = 0; i < count; i++) {
    const from = nodes[(i * 7) % NODES] as Telepathine;
    const to = nodes.filter((node) => node !== from);
    const start = performance.now();
    const arrivals = trial(from, to, `trial${i}`);
    await Promise.all(
      arrivals.map((each) => each.then(() => times.push(performance.now() - start))),
    );
    allTimes.push(performance.now() - start);
    await pause(50);
  }
  const at = (part: number) => quantile(times, part);
  return { allP50Ms: quantile(allTimes, 0.5), p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function quantile(values: number[], part: number): number {
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.floor(part * (ascending.length - 1))] as number;
}

async function mebibyte(nodes: Telepathine[]): Promise<number> {
  const [from, ...to] = nodes as [Telepathine, ...Telepathine[]];
  const arrivals = to.map((node) => setOf(node, 'mebibyte'));
  const start = performance.now();
  from.set('mebibyte', MEBIBYTE_TEXT);
  await Promise.all(arrivals);
  return performance.now() - start;
}

async function newcomer(nodes: Telepathine[], network: string): Promise<number> {
  const [first, writer] = nodes as [Telepathine, Telepathine];
  for (let i = 0; i < BULK_KEYS; i++) writer.set(`bulk${i}`, KIBIBYTE_TEXT);
  const has = (node: Telepathine) =>
    node.getRemoteKeys(writer.peer_name).filter((key) => key.startsWith('bulk')).length;
  await until(() => nodes.every((node) => node === writer || has(node) === BULK_KEYS));
  const start = performance.now();
  const late = new Telepathine({ port: 0, seeds: [first.peer_name], network }).start();
  try {
    await until(() => has(late) === BULK_KEYS);
    return performance.now() - start;
  } finally {
    await late.stop();
  }
}

/** The part of one core that the process uses over five quiet seconds. */
async function idle(): Promise<number> {
  await pause(5000);
  const before = process.cpuUsage();
  await pause(5000);
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 5_000_000;
}

function setOf(node: Telepathine, key: string): Promise<void> {
  return new Promise((done) => node.once(`set:${key}`, () => done()));
}

async function until(holds: () => boolean): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > GIVE_UP_MS) throw new Error(`not within ${GIVE_UP_MS} ms`);
    await pause(2);
  }
}

function pause(forMs: number): Promise<void> {
  return new Promise((done) => setTimeout(done, forMs));
}
