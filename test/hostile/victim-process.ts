/** A process that holds one node, for others to attack; `victim.ts` starts it and talks to it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Telepathine, type TelepathineOptions } from '../../src/index.js';

const options = JSON.parse(process.argv[2] as string) as TelepathineOptions;
const node = new Telepathine(options);
const delays = monitorEventLoopDelay({ resolution: 10 });

/** What the victim can be asked; the answers go through IPC. */
export const REQUESTS = {
  stats: () => node.stats(),
  set: (key: string, value: unknown) => void node.set(key, value),
  say: (event: string, data: unknown) => void node.say(event, data),
  getRemote: (peer: string, key: string) => node.getRemote(peer, key),
  livePeers: () => node.livePeers(),
  allPeers: () => node.allPeers(),
  memory,
  sockets: () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
  longestPauseMs,
};

export type Requests = typeof REQUESTS;

export interface Memory {
  /** After collection, with what lies outside the heap: bytes of packets. */
  usedBytes: number;
  residentBytes: number;
}

function memory(): Memory {
  const collect = globalThis.gc as () => void;
  for (let i = 0; i < 4; i++) collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { usedBytes: heapUsed + external, residentBytes: rss };
}

/** Since the last call. */
function longestPauseMs(): number {
  const longestMs = delays.max / 1e6;
  delays.reset();
  return longestMs;
}

interface Request {
  id: number;
  name: keyof Requests;
  args: never[];
}

process.on('message', ({ id, name, args }: Request) => {
  const ask = REQUESTS[name] as (...given: never[]) => unknown;
  process.send?.({ id, result: ask(...args) });
});
process.once('disconnect', () => process.exit());
await node.start().started;
delays.enable();
process.send?.({ port: node.port, name: node.peer_name });
