/** What a run of the benchmarks gives, and where it is kept. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { DecodeFigures } from './decode.js';
import type { DiagnosticsFigures } from './diagnostics.js';
import type { IdleFigures } from './idle.js';
import type { MeshFigures, NewsFigures } from './mesh.js';
import type { NewcomerFigures } from './newcomer.js';
import type { PacketFigure } from './packet.js';
import { type Column, peersTable } from './peers/rows.js';
import type { ProcessFigures } from './processes.js';
import type { SimulationFigures, SimulationRuns } from './simulation.js';
import type { StreamFigures } from './stream.js';

/** The parts that were measured, and the machine. */
export interface Results {
  date: string;
  cores: number;
  memoryGiB: number;
  node: string;
  packets?: PacketFigure[];
  decode?: DecodeFigures;
  diagnostics?: DiagnosticsFigures;
  mesh?: MeshFigures;
  news?: NewsFigures;
  stream?: Partial<Record<'one' | 'ten', StreamFigures>>;
  newcomers?: NewcomerFigures[];
  processes?: ProcessFigures;
  idle?: IdleFigures;
  simulation?: SimulationRuns<SimulationFigures>;
  peers?: Column[];
}

const KEPT = 'bench/results/latest.json';
const BEGIN = '<!-- bench: written by `npm run bench -- --readme` -->';
const END = '<!-- /bench -->';

/** Where and when this runs. */
export function circumstances(): Results {
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
  };
}

/** Keeps a run in the file that is committed. */
export function keep(results: Results): void {
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(KEPT, `${JSON.stringify(results, null, 2)}\n`);
}

/** Puts the comparison with the peers between the markers of README.md. */
export function writeReadme(results: Results): void {
  const readme = readFileSync('README.md', 'utf8');
  writeFileSync('README.md', withComparison(readme, results));
}

/** A README with the comparison between its markers, in place of what is there. */
export function withComparison(readme: string, results: Results): string {
  if (results.peers === undefined) throw new Error('the peers have not been measured');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${BEGIN} or ${END}`);
  const { date, cores, memoryGiB, node } = results;
  const machine = `${cores} cores, ${memoryGiB} GiB, Node ${node.slice(1)}`;
  const text = [
    BEGIN,
    `Measured on ${date} with \`npm run bench\` (${machine}) over loopback, all in the same run.`,
    'Bold is the best of a row; × is the ratio to Telepathine. A change is a key here, in chitchat',
    'and in the original, and a broadcast or user event in memberlist and serf. Loss drops packets of',
    'UDP and TCP alike. Cells of other sizes of the mesh say so. Idle bytes are those of the network',
    'interface, headers included.',
    '',
    peersTable(results.peers),
  ];
  return readme.slice(0, begin) + text.join('\n') + readme.slice(end);
}
