/**
 * Ten nodes, each a process of its own, over real UDP and TCP on loopback, with a key and the profile
 * `lan`: a stream of events from one of them, and from all, checked one by one at all others. The same
 * stream goes before for WARM_UP_SECONDS, which are not counted: ten processes compile their code then,
 * and share the cores with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { generateKey } from '../src/index.js';
import type { StreamOrder, StreamReport, Tally } from './stream-node.js';

const PROGRAM = fileURLToPath(new URL('stream-node.js', import.meta.url));
const NODES = 10;
const LIVES_MS = 5000;
const WARM_UP_SECONDS = 15;
/** What has not come by then is not heard any more. */
const REST_MS_MAX = LIVES_MS + 3000;
/** Once all has come: what comes twice may still. */
const REST_MS_MIN = 1000;
const LOOK_EVERY_MS = 500;
const JOIN_MS_MAX = 60_000;

/** How much is said. */
export interface StreamAmount {
  speakers: number;
  perSecondEach: number;
  seconds: number;
}

export const STREAMS: Readonly<Record<'one' | 'ten', StreamAmount>> = {
  one: { speakers: 1, perSecondEach: 5000, seconds: 30 },
  ten: { speakers: 10, perSecondEach: 1000, seconds: 30 },
};

/** Of all receivers together. */
export interface StreamFigures extends StreamAmount {
  nodes: number;
  warmUpSeconds: number;
  said: number;
  /** Refused by `say`, for a limit. */
  refused: number;
  /** How long saying them took, where it should have taken the seconds. */
  sayingMs: number;
  /** Receivers' events that never came, came twice, or came after later ones. */
  lost: number;
  doubled: number;
  disordered: number;
  /** From saying to hearing, of the worst receiver. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** The slowest event of each second, of all receivers. */
  worstMs: number[];
  /** The most that any process had after a collection of garbage, each five seconds. */
  rssBytes: number[];
  heapUsedBytes: number[];
  /** Part of one core that all processes used, together, while the stream ran. */
  corePart: number;
}

/** Measures one stream; takes some 35 s beside its seconds. */
export async function benchStream(amount: StreamAmount): Promise<StreamFigures> {
  const nodes = Array.from({ length: NODES }, () => new StreamNode());
  try {
    await join(nodes);
    await streamThrough(nodes, { ...amount, seconds: WARM_UP_SECONDS });
    await Promise.all(nodes.map((node) => node.ask({ do: 'forget' }, 'forgotten')));
    const said = await streamThrough(nodes, amount);
    return figuresOf(amount, said, await talliesOf(nodes));
  } finally {
    for (const node of nodes) node.close();
  }
}

type Said = Extract<StreamReport, { type: 'said' }>;

async function join(nodes: StreamNode[]): Promise<void> {
  const common = { network: generateKey(), profile: 'lan' } as const;
  const ready = nodes.map((node) => node.heard('ready'));
  for (const node of nodes) {
    const seeds = nodes[0] === node ? [] : [(nodes[0] as StreamNode).name];
    const order = { do: 'start', options: { ...common, seeds }, peers: NODES - 1 } as const;
    ({ name: node.name } = await node.ask(order, 'started'));
  }
  await within(Promise.all(ready), JOIN_MS_MAX);
}

async function streamThrough(
  nodes: StreamNode[],
  { speakers, perSecondEach: perSecond, seconds }: StreamAmount,
): Promise<Said[]> {
  const order = { do: 'say', perSecond, seconds, livesMs: LIVES_MS } as const;
  const said = await Promise.all(nodes.slice(0, speakers).map((node) => node.ask(order, 'said')));
  await untilHeard(nodes, sum(said.map(({ events }) => events)) * (NODES - 1));
  return said;
}

/** Waits until all has been heard, or cannot be any more. */
async function untilHeard(nodes: StreamNode[], expected: number): Promise<void> {
  const endMs = performance.now() + REST_MS_MAX;
  while (heardBy(await talliesOf(nodes)) < expected && performance.now() < endMs) {
    await pause(LOOK_EVERY_MS);
  }
  await pause(REST_MS_MIN);
}

function talliesOf(nodes: StreamNode[]): Promise<Tally[]> {
  return Promise.all(nodes.map((node) => node.ask({ do: 'report' }, 'report')));
}

function heardBy(tallies: readonly Tally[]): number {
  return sum(tallies.flatMap((each) => Object.values(each.heard)));
}

function figuresOf(amount: StreamAmount, said: Said[], tallies: Tally[]): StreamFigures {
  const heard = heardBy(tallies);
  const events = sum(said.map((each) => each.events));
  const spreads = tallies.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  return {
    nodes: NODES,
    warmUpSeconds: WARM_UP_SECONDS,
    ...amount,
    said: events,
    refused: sum(said.map((each) => each.refused)),
    sayingMs: Math.max(...said.map(({ ms }) => ms)),
    lost: events * (NODES - 1) - heard,
    doubled: sum(tallies.map((each) => each.doubled)),
    disordered: sum(tallies.map((each) => each.disordered)),
    p50Ms: Math.max(...spreads.map(({ p50 }) => p50)),
    p99Ms: Math.max(...spreads.map(({ p99 }) => p99)),
    maxMs: Math.max(...spreads.map(({ max }) => max)),
    worstMs: mostOf(tallies.map(({ worstMs }) => worstMs)),
    rssBytes: mostOf(tallies.map(({ memory }) => memory.map(({ rssBytes }) => rssBytes))),
    heapUsedBytes: mostOf(tallies.map(({ memory }) => memory.map((each) => each.heapUsedBytes))),
    corePart: sum(tallies.map(({ cpuMs }) => cpuMs)) / (amount.seconds * 1000),
  };
}

/** A node's process, and what it tells. */
class StreamNode {
  name = '';
  readonly #child: ChildProcess = fork(PROGRAM, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--expose-gc'],
  });

  ask<Type extends StreamReport['type']>(
    order: StreamOrder,
    type: Type,
  ): Promise<Extract<StreamReport, { type: Type }>> {
    const answer = this.heard(type);
    this.#child.send(order);
    return answer;
  }

  heard<Type extends StreamReport['type']>(
    type: Type,
  ): Promise<Extract<StreamReport, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const end = (code: number | null) => reject(new Error(`a node ended with ${code}`));
      const take = (report: StreamReport) => {
        if (report.type !== type) return;
        this.#child.off('message', take).off('exit', end);
        resolve(report as Extract<StreamReport, { type: Type }>);
      };
      this.#child.on('message', take).once('exit', end);
    });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Of each second, the most of all nodes. */
function mostOf(series: number[][]): number[] {
  const length = Math.max(...series.map((each) => each.length));
  return Array.from({ length }, (_, second) =>
    Math.max(...series.map((each) => each[second] ?? 0)),
  );
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(forMs: number): Promise<void> {
  return new Promise((done) => setTimeout(done, forMs));
}
