/**
 * The benchmarks: `npm run bench`; `--help` tells the parts. A run of everything is kept in
 * `bench/results/latest.json`, and the comparison shown in docs/EVALUATION.md.
 */
import { parseArgs } from 'node:util';
import { listed, readArguments } from '../test/support/arguments.js';
import { benchDecode } from './decode.js';
import { benchDiagnostics } from './diagnostics.js';
import { writeDocument } from './evaluate/write.js';
import { benchIdle } from './idle.js';
import { benchMesh, benchNews } from './mesh.js';
import { benchNewcomer } from './newcomer.js';
import { benchPacketPath } from './packet.js';
import { comparePeers } from './peers/compare.js';
import { PEERS } from './peers/peers.js';
import { peersTable } from './peers/rows.js';
import { benchProcesses } from './processes.js';
import { circumstances, keep, type Results, writeReadme } from './results.js';
import { benchSimulation } from './simulation.js';
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
  simulationText,
  streamText,
} from './text.js';

/** `stream` is short for both of them. */
const STREAM_PARTS = ['stream-one', 'stream-ten'];
const PARTS = [
  ...['packet', 'decode', 'diagnostics', 'mesh', 'news', ...STREAM_PARTS, 'newcomer'],
  ...['processes', 'idle', 'simulation', 'peers'],
];
const USAGE = `usage: npm run bench -- [--only PART,...] [--peers PEER,...] [--json] [--readme]

  --only    some parts; stream is short for stream-one,stream-ten
  --peers   some peers to compare with, beside telepathine
  --json    JSON in place of the text
  --readme  puts the comparison with the peers into README.md

parts:
${listed(PARTS)}
peers:
${listed(PEERS.map(({ name }) => name))}`;

const { given, parts, peers } = readArguments(USAGE, read);
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
if (parts.includes('simulation')) {
  results.simulation = await benchSimulation();
  show(simulationText(results.simulation));
}
if (parts.includes('peers')) {
  results.peers = await comparePeers(peers, tell);
  show(peersTable(results.peers));
}
if (given.json) process.stdout.write(`${JSON.stringify(results)}\n`);
if (given.only === undefined && given.peers === undefined) {
  keep(results);
  writeDocument();
}
if (given.readme) writeReadme(results);

/** All is known to be right before the first part is run. */
function read() {
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
  const wrongPart = parts.find((part) => !PARTS.includes(part));
  if (wrongPart !== undefined) throw new Error(`--only: there is no part '${wrongPart}'`);
  const peers = given.peers?.split(',') ?? [];
  const wrongPeer = peers.find((peer) => !PEERS.some(({ name }) => name === peer));
  if (wrongPeer !== undefined) throw new Error(`--peers: there is no peer '${wrongPeer}'`);
  if (given.readme && !parts.includes('peers')) throw new Error('--readme needs the part peers');
  return { given, parts, peers };
}

function show(text: string): void {
  if (!given.json) process.stdout.write(`${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
