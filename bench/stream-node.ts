/** One of the nodes of `stream.ts`, in a process of its own: says events, and checks what it hears. */
import { Telepathine, type TelepathineOptions } from '../src/index.js';
import { Distribution, type Percentiles } from '../src/simulation/distribution.js';

/** What this process is told. */
export type StreamOrder =
  | { do: 'start'; options: TelepathineOptions; peers: number }
  /** Say so many events of 100 bytes a second, evenly. */
  | { do: 'say'; perSecond: number; seconds: number; livesMs: number }
  /** Forget what was heard and measured so far. */
  | { do: 'forget' }
  | { do: 'report' };

/** What this process tells. */
export type StreamReport =
  | { type: 'started'; name: string }
  /** It sees all others. */
  | { type: 'ready' }
  | { type: 'said'; events: number; refused: number; ms: number }
  | { type: 'forgotten' }
  | ({ type: 'report' } & Tally);

/** What a node has heard, and what that took. */
export interface Tally {
  /** Different events, by who said them. */
  heard: Record<string, number>;
  doubled: number;
  disordered: number;
  /** From saying to hearing, and of each second of the stream the worst, in ms. */
  latencyMs: Percentiles | undefined;
  worstMs: number[];
  /** After a collection of garbage, each five seconds from the first one on. */
  memory: { rssBytes: number; heapUsedBytes: number }[];
  cpuMs: number;
}

const EVENT = 'stream';
const EVENT_BYTES = 100;
const QUOTES_BYTES = 2;
const TICK_MS = 5;
const SAMPLE_MS = 5000;

/** What was heard of a speaker: all numbers up to `last`, but for the missing. */
interface Heard {
  events: number;
  last: number;
  readonly missing: Set<number>;
}

/** What has come since it was last forgotten. */
class Measured {
  readonly heardFrom = new Map<string, Heard>();
  readonly latencyMs = new Distribution();
  readonly worstMs: number[] = [];
  readonly memory: Tally['memory'] = [];
  doubled = 0;
  disordered = 0;
  readonly cpuBefore = process.cpuUsage();
  readonly sinceMs = nowMs();
}

let measured = new Measured();
let node: Telepathine | undefined;

process.on('message', (order: StreamOrder) => {
  run(order).catch((error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit());

async function run(order: StreamOrder): Promise<void> {
  if (order.do === 'start') await start(order.options, order.peers);
  else if (order.do === 'say') await say(order.perSecond, order.seconds, order.livesMs);
  else if (order.do === 'forget') forget();
  else report({ type: 'report', ...tally() });
}

function forget(): void {
  measured = new Measured();
  report({ type: 'forgotten' });
}

async function start(options: TelepathineOptions, peers: number): Promise<void> {
  node = new Telepathine(options);
  node.hear(EVENT, (data, from) => hear(String(data), from));
  await node.start().started;
  report({ type: 'started', name: node.peer_name });
  await node.ready({ peers });
  // Not all processes at the same moment.
  setTimeout(() => setInterval(sample, SAMPLE_MS), Math.random() * SAMPLE_MS);
  report({ type: 'ready' });
}

function hear(data: string, from: string): void {
  const [number, saidMs] = data.split(',').map(Number) as [number, number];
  count(number, heardOf(from));
  const passedMs = Math.max(0, nowMs() - saidMs);
  const { latencyMs, worstMs, sinceMs } = measured;
  latencyMs.add(passedMs);
  const second = Math.floor((nowMs() - sinceMs) / 1000);
  worstMs[second] = Math.max(worstMs[second] ?? 0, passedMs);
}

function heardOf(name: string): Heard {
  const known = measured.heardFrom.get(name);
  if (known !== undefined) return known;
  const heard = { events: 0, last: 0, missing: new Set<number>() };
  measured.heardFrom.set(name, heard);
  return heard;
}

function count(number: number, heard: Heard): void {
  const isLate = number <= heard.last;
  if (isLate && !heard.missing.delete(number)) {
    measured.doubled += 1;
    return;
  }
  if (isLate) measured.disordered += 1;
  for (let each = heard.last + 1; each < number; each++) heard.missing.add(each);
  heard.events += 1;
  heard.last = Math.max(heard.last, number);
}

function say(perSecond: number, seconds: number, livesMs: number): Promise<void> {
  const total = perSecond * seconds;
  const startMs = performance.now();
  let events = 0;
  let refused = 0;
  return new Promise((done) => {
    const timer = setInterval(() => {
      const ms = performance.now() - startMs;
      const due = Math.min(total, Math.floor((ms * perSecond) / 1000));
      for (; events + refused < due; ) {
        const data = `${events + 1},${nowMs()},`.padEnd(EVENT_BYTES - QUOTES_BYTES, '.');
        try {
          node?.say(EVENT, data, livesMs);
          events += 1;
        } catch {
          refused += 1;
        }
      }
      if (events + refused < total) return;
      clearInterval(timer);
      report({ type: 'said', events, refused, ms });
      done();
    }, TICK_MS);
  });
}

/** Without the collection it would show when V8 last felt like one. */
function sample(): void {
  globalThis.gc?.();
  const { rss: rssBytes, heapUsed: heapUsedBytes } = process.memoryUsage();
  measured.memory.push({ rssBytes, heapUsedBytes });
}

function tally(): Tally {
  const { heardFrom, latencyMs, worstMs, memory, doubled, disordered, cpuBefore } = measured;
  const heard = Object.fromEntries([...heardFrom].map(([name, { events }]) => [name, events]));
  const { user, system } = process.cpuUsage(cpuBefore);
  const spread = latencyMs.percentiles();
  const worst = Array.from(worstMs, (each) => each ?? 0);
  const counts = { heard, doubled, disordered };
  return { ...counts, latencyMs: spread, worstMs: worst, memory, cpuMs: (user + system) / 1000 };
}

function report(line: StreamReport): void {
  process.send?.(line);
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
