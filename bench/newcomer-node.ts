/**
 * One node in a process of its own, for `newcomer.ts`: says on standard output when it has started,
 * and when it has so many values of others, or is told by a line on standard input.
 */
import { once } from 'node:events';
import { Telepathine } from '../src/index.js';
import { residentBytesMax } from './resident.js';

const { network, seeds, values, owners } = JSON.parse(process.argv[2] ?? '{}');
const node = new Telepathine({ network, seeds, address: '127.0.0.1' });
let had = 0;
const complete = new Promise<void>((done) => {
  node.know('*', () => {
    had += 1;
    if (had === values && node.allPeers().length >= owners) done();
  });
});
const beganMs = performance.now();
await node.start().started;
tell({ type: 'started', address: node.peer_name });
await complete;
const tookMs = performance.now() - beganMs;
tell({ type: 'complete', tookMs, residentBytes: process.memoryUsage.rss() });
await once(process.stdin, 'data');
const { rss: residentBytes } = process.memoryUsage();
tell({ type: 'later', residentBytes, maxResidentBytes: residentBytesMax() });
process.exit();

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
