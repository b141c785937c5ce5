/**
 * The benchmarks: `npm run bench`, with `--only` and some of the parts below, `--peers a,b` to take
 * some, `--json` for JSON in place of the text, `--readme` to put the comparison into README.md. A
 * run of everything is kept in `bench/results/latest.json`, and the comparison shown in
 * docs/EVALUATION.md.
 */
import { parseArgs } from 'node:util';
import { benchDecode } from './decode.js';
import { benchDiagnostics } from './diagnostics.js';
import { writeDocument } from './evaluate/write.js';
import { benchIdle } from './idle.js';
import { benchMesh, benchNews } from './mesh.js';
import { benchNewcomer } from './newcomer.js';
import { benchPacketPath } from './packet.js';
import { comparePeers } from './peers/compare.js';
import { peersTable } from './peers/rows.js';
import { benchProcesses } from './processes.js';
import { circumstances, keep, type Results, writeReadme } from './results.js';
import { benchStream, STREAMS } from './stream.js';
import {
  decodeText,
  diagnosticsText,
  idleText,
  meshText,
  newcomerText,
  newsText,
  packetText,
  processText,
  streamText,
} from './text.js';

/** `stream` is short for both of them. */
const STREAM_PARTS = ['stream-one', 'stream-ten'];
const PARTS = [
  ...['packet', 'decode', 'diagnostics', 'mesh', 'news', ...STREAM_PARTS, 'newcomer'],
  ...['processes', 'idle', 'peers'],
];

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    json: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
  },
});
const parts =
  given.only?.split(',').flatMap((part) => (part === 'stream' ? STREAM_PARTS : part)) ?? PARTS;
for (const part of parts) {
  if (!PARTS.includes(part))
    throw new Error(`--only takes ${PARTS.join(', ')}, stream, not ${part}`);
}

const results: Results = circumstances();
if (parts.includes('packet')) {
  results.packets = await benchPacketPath();
  show(packetText(results.packets));
}
if (parts.includes('decode')) {
  results.decode = await benchDecode();
  show(decodeText(results.decode));
}
if (parts.includes('diagnostics')) {
  results.diagnostics = await benchDiagnostics();
  show(diagnosticsText(results.diagnostics));
}
if (parts.includes('mesh')) {
  results.mesh = await benchMesh();
  show(meshText(results.mesh));
}
if (parts.includes('news')) {
  results.news = await benchNews();
  show(newsText(results.news));
}
for (const name of ['one', 'ten'] as const) {
  if (!parts.includes(`stream-${name}`)) continue;
  const figures = await benchStream(STREAMS[name]);
  results.stream = { ...results.stream, [name]: figures };
  show(streamText(figures));
}
if (parts.includes('newcomer')) {
  results.newcomers = await benchNewcomer();
  show(newcomerText(results.newcomers));
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
if (given.only === undefined && given.peers === undefined) {
  keep(results);
  writeDocument();
}
if (given.readme) writeReadme(results);

function show(text: string): void {
  if (!given.json) process.stdout.write(`${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
