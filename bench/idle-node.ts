/** One node in a process of its own, for `idle.ts`: prints what the process uses while it idles. */
import { setTimeout as pause } from 'node:timers/promises';
import { Telepathine } from '../src/index.js';

/** The exchanges of the start are over. */
const SETTLED_AFTER_MS = 10_000;

const { options, peers, measuredMs } = JSON.parse(process.argv[2] ?? '{}');
const node = await Telepathine.start(options);
await node.ready({ peers });
await pause(SETTLED_AFTER_MS);
const startMs = performance.now();
const before = process.cpuUsage();
await pause(measuredMs);
const { user, system } = process.cpuUsage(before);
const corePart = (user + system) / 1000 / (performance.now() - startMs);
const { rss: residentBytes, heapUsed: heapUsedBytes } = process.memoryUsage();
console.log(JSON.stringify({ corePart, residentBytes, heapUsedBytes }));
await node.stop();
