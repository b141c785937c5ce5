import test from 'ava';
import { runProgram } from '../telepathine/run-program.js';

/** What a process holds after its node has been started and stopped again and again. */
interface Held {
  resources: string[];
  /** Open files and sockets; undefined where the system does not tell. */
  descriptors?: number;
  listeners: [string, number][];
  handlers: number;
  /** Objects by class that the garbage collector has left. */
  objects: Record<string, number>;
  heapBytes: number;
}

/**
 * V8 keeps compiled code and notes on it, some 5 kB a start at first, less later; one lost core would
 * be more.
 */
const HEAP_GROWTH_BYTES_MAX = 2 * 1024 * 1024;

const folder = new URL('../../src/', import.meta.url).href;

const PROGRAM = (udp: boolean, isPrivate: boolean) => `
  import { readdirSync } from 'node:fs';
  import { Server, Socket } from 'node:net';
  import { Socket as Datagrams } from 'node:dgram';
  import { queryObjects } from 'node:v8';
  import { generateKey } from '${folder}index.js';
  import { Core } from '${folder}core/core.js';
  import { Run } from '${folder}node/run.js';
  import { TcpTransport } from '${folder}transport/tcp.js';
  import { UdpTransport } from '${folder}transport/udp.js';

  const network = ${isPrivate} ? generateKey() : undefined;
  const options = { profile: 'local', udp: ${udp}, network };
  const peer = await Telepathine.start(options);
  const node = new Telepathine({ ...options, name: 'n', seeds: [peer.port] });
  let heard = 0;
  peer.hear('*', () => { heard += 1; });
  node.know('*', () => undefined).every(1000, () => undefined).after(1e9, () => undefined);

  async function startAndStop(times) {
    for (let time = 0; time < times; time++) {
      node.start(() => undefined).set('k', time).say('e', time);
      await node.ready();
      await node.stop();
    }
  }

  async function held() {
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      gc();
    }
    const classes = { Core, Run, TcpTransport, UdpTransport, Server, Socket, Datagrams };
    const counts = Object.entries(classes).map(([name, each]) => [name, queryObjects(each)]);
    return {
      resources: process.getActiveResourcesInfo().sort(),
      descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : undefined,
      listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      handlers: node.listenerCount('set:k') + node.listenerCount('stop') + node.eventNames().length,
      objects: Object.fromEntries(counts),
      heapBytes: process.memoryUsage().heapUsed,
    };
  }

  await startAndStop(20);
  const before = await held();
  await startAndStop(100);
  const after = await held();
  await peer.stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(JSON.stringify({ before, after, heard, last: process.getActiveResourcesInfo() }));
`;

for (const [udp, isPrivate] of [
  [true, true],
  [false, false],
] as const) {
  const how = `${isPrivate ? 'with' : 'without'} a key, udp: ${udp}`;
  test.serial(`a node that started and stopped a hundred times left nothing, ${how}`, async (t) => {
    const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
    const program = PROGRAM(udp, isPrivate);
    const { stdout, stderr } = await runProgram(program, {}, { flags, timeoutMs: 60_000 });
    const result = JSON.parse(stdout) as {
      before: Held;
      after: Held;
      heard: number;
      last: string[];
    };
    const { heapBytes: heapBytesBefore, ...before } = result.before;
    const { heapBytes, ...after } = result.after;
    t.deepEqual(after, before);
    t.is(after.objects['Core'], 2, 'the peer and the last run have one');
    const grownBytes = heapBytes - heapBytesBefore;
    t.log(`the heap has grown by ${Math.round(grownBytes / 1024)} KiB`);
    t.true(grownBytes < HEAP_GROWTH_BYTES_MAX, `${grownBytes} bytes`);
    t.is(result.heard, 120);
    t.deepEqual(
      result.last.filter((kind) => /TCP|UDP|Timeout/.test(kind)),
      [],
    );
    t.is(stderr, '');
  });
}
