/**
 * A newcomer's first moments, over real UDP and TCP on loopback, sealed, in processes of their own: a
 * node carries what many others hold, and another one that knows nothing joins it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { generateKey } from '../src/index.js';
import { type Crowd, tellOf } from './crowd.js';

const PROGRAM = fileURLToPath(new URL('newcomer-node.js', import.meta.url));
const GIVE_UP_MS = 240_000;

/** Many small owners, and much state of fewer. */
const CROWDS = [
  { owners: 10_000, keysEach: 20, valueBytes: 100 },
  { owners: 1000, keysEach: 100, valueBytes: 1000 },
];

/** What came out for one crowd. */
export interface NewcomerFigures extends Crowd {
  /** Resident, of the node that carries it all: just now, and at most. */
  carrierBytes: number;
  carrierBytesMax: number;
  /** From its start until the newcomer has shown all values to its application. */
  newcomerMs: number;
  newcomerBytesMax: number;
  /** Of values alone. */
  megabytesPerSecond: number;
}

/** Measures; takes some 30 s. */
export async function benchNewcomer(crowds: readonly Crowd[] = CROWDS): Promise<NewcomerFigures[]> {
  const figures: NewcomerFigures[] = [];
  for (const crowd of crowds) figures.push(await measure(crowd));
  return figures;
}

async function measure(crowd: Crowd): Promise<NewcomerFigures> {
  const network = generateKey();
  const { owners, keysEach, valueBytes } = crowd;
  const values = owners * keysEach;
  const carrier = new Child({ network, seeds: [], values, owners });
  const children = [carrier];
  try {
    const { address } = await carrier.line('started');
    const port = Number(String(address).split(':').at(-1));
    await Promise.all([tellOf(crowd, port, network), carrier.line('complete')]);
    const late = new Child({ network, seeds: [address], values, owners });
    children.push(late);
    const { tookMs } = await late.line('complete');
    const [mine, its] = [await carrier.ask(), await late.ask()];
    return {
      ...crowd,
      carrierBytes: Number(mine['residentBytes']),
      carrierBytesMax: Number(mine['maxResidentBytes']),
      newcomerMs: Number(tookMs),
      newcomerBytesMax: Number(its['maxResidentBytes']),
      megabytesPerSecond: (values * valueBytes) / 1000 / Number(tookMs),
    };
  } finally {
    for (const child of children) child.process.kill('SIGKILL');
  }
}

type Line = Record<string, unknown>;

class Child {
  readonly process: ChildProcess;
  readonly #lines = new Map<string, Line>();
  #changed: () => void = () => undefined;

  constructor(orders: object) {
    this.process = spawn(process.execPath, [PROGRAM, JSON.stringify(orders)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdout } = this.process;
    if (stdout === null) throw new Error('there is no pipe');
    createInterface({ input: stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      this.#lines.set(String(line['type']), line);
      this.#changed();
    });
  }

  /** What it says in the end. */
  ask(): Promise<Line> {
    this.process.stdin?.write('\n');
    return this.line('later');
  }

  line(type: string): Promise<Line> {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`no '${type}' in time`)), GIVE_UP_MS);
      this.process.once('exit', () => failed(new Error('a node has ended')));
      this.#changed = () => {
        const line = this.#lines.get(type);
        if (line === undefined) return;
        clearTimeout(timer);
        done(line);
      };
      this.#changed();
    });
  }
}
