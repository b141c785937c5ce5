/**
 * The benchmarks: `npm run bench`, with `--only packet|mesh|processes|idle|peers`, `--peers a,b` to take
 * some, `--json` for JSON in place of the text, `--readme` to put the comparison into README.md.
 * A run of everything is kept in `bench/results/latest.json`.
 */
import { parseArgs } from 'node:util';
import { benchIdle } from './idle.js';
import { benchMesh } from './mesh.js';
import { benchPacketPath } from './packet.js';
import { comparePeers } from './peers/compare.js';
import { peersTable } from './peers/rows.js';
import { benchProcesses } from './processes.js';
import { circumstances, keep, type Results, writeReadme } from './results.js';
import { idleText, meshText, packetText, processText } from './text.js';

const PARTS = ['packet', 'mesh', 'processes', 'idle', 'peers'];

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    json: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
  },
});
const parts = given.only?.split(',') ?? PARTS;
for (const part of parts) {
  if (!PARTS.includes(part)) throw new Error(`--only takes ${PARTS.join(', ')}, not ${part}`);
}

const results: Results = circumstances();
if (parts.includes('packet')) {
  results.packets = await benchPacketPath();
  show(packetText(results.packets));
}
if (parts.includes('mesh')) {
  results.mesh = await benchMesh();
  show(meshText(results.mesh));
}
if (parts.includes('processes')) {
  results.processes = await benchProcesses();
  show(processText(results.processes));
}
if (parts.includes('idle')) {
  results.idle = await benchIdle();
  show(idleText(results.idle));
}
if (parts.includes('peers')) {
  results.peers = await comparePeers(given.peers?.split(',') ?? [], tell);
  show(peersTable(results.peers));
}
if (given.json) process.stdout.write(`${JSON.stringify(results)}\n`);
if (given.only === undefined && given.peers === undefined) keep(results);
if (given.readme) writeReadme(results);

function show(text: string): void {
  if (!given.json) process.stdout.write(`${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
