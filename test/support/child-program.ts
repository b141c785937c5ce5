/** A node in a process of its own; `ChildNode` starts it and gives it orders. */
import { Telepathine, type TelepathineOptions } from '../../src/index.js';
import type { Order, Report } from './child-node.js';

const options = JSON.parse(process.argv[2] ?? '{}') as TelepathineOptions;
const node = await Telepathine.start(options);
const unshifted = Date.now.bind(Date);

node.onAny((event, ...args) => {
  if (typeof args[0] !== 'object') report({ event: String(event), args });
});
process.on('message', (order: Order) => void carryOut(order));
process.on('disconnect', () => process.exit());
report({ event: 'started', args: [node.peer_name] });

async function carryOut({ id, method, args }: Order): Promise<void> {
  const result = await methods[method]?.(...(args as never[]));
  report({ answer: id, result });
}

const methods: Record<string, (...args: never[]) => unknown> = {
  set: (key: string, value: unknown, ttlMs?: number) => {
    node.set(key, value, ttlMs === undefined ? undefined : Date.now() + ttlMs);
  },
  get: (key: string) => node.get(key),
  say: (event: string, data: unknown, durationMs: number) => {
    node.say(event, data, durationMs);
  },
  entriesOf: (peer: string) => node.entriesOf(peer),
  livePeers: () => node.livePeers().sort(),
  stats: () => node.stats(),
  stop: () => node.stop(),
  start: () => node.start().started,
  /** Keeps the event loop busy. */
  block: (forMs: number) => {
    const endMs = performance.now() + forMs;
    while (performance.now() < endMs) Math.random();
  },
  /** Sets the wall clock of this process. */
  shiftWall: (byMs: number) => {
    Date.now = () => unshifted() + byMs;
  },
};

function report(given: Report): void {
  process.send?.(given);
}
