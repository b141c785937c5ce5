/** One node in a process of its own, for `idle.ts`: prints what the process uses while it idles. */
import { existsSync, readFileSync } from 'node:fs';
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
const privateBytes = privateMemory();
console.log(JSON.stringify({ corePart, residentBytes, privateBytes, heapUsedBytes }));
await node.stop();

/** Without the pages of Node's own file, which processes share; null where the system does not tell. */
function privateMemory(): number | null {
  const status = '/proc/self/status';
  const [, kibibytes] = existsSync(status)
    ? (/^RssAnon:\s*(\d+) kB$/m.exec(readFileSync(status, 'utf8')) ?? [])
    : [];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
