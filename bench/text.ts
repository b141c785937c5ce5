/** The figures of this project's own benchmarks as text. */
import type { DecodeFigures } from './decode.js';
import type { DiagnosticsFigures } from './diagnostics.js';
import type { IdleFigures } from './idle.js';
import type { LatencyFigures, MeshFigures, NewsFigures } from './mesh.js';
import type { NewcomerFigures } from './newcomer.js';
import type { PacketFigure } from './packet.js';
import type { ProcessFigures } from './processes.js';
import type { SimulationFigures, SimulationRuns, UsedSeconds } from './simulation.js';
import type { StreamFigures } from './stream.js';

export function packetText(figures: PacketFigure[]): string {
  const lines = figures.map(({ packet, packetBytes, direction, pathPerSecond, ratio }) => {
    const rate = `${Math.round(pathPerSecond / 1000)} k/s`.padStart(9);
    const percent = `${Math.round(ratio * 100)} %`.padStart(6);
    return `  ${packet.padEnd(8)}${`${packetBytes} B`.padStart(7)}  ${direction.padEnd(8)}${rate}${percent}`;
  });
  return ['Packet path, and its rate by the bare libraries’ own:', ...lines, ''].join('\n');
}

export function diagnosticsText(figures: DiagnosticsFigures): string {
  const { silentPerSecond, listeningPerSecond, guardsNs } = figures;
  const part = ((guardsNs * silentPerSecond) / 1e9) * 100;
  return [
    'A sealed ping that a node’s driver takes in, and the channels of node:diagnostics_channel:',
    `  nobody listens                         ${Math.round(silentPerSecond / 1000)} k/s`,
    `  of it, at most, to find that out       ${guardsNs.toFixed(1)} ns, ${part.toFixed(2)} %`,
    `  somebody listens to all packets        ${Math.round(listeningPerSecond / 1000)} k/s`,
    '',
  ].join('\n');
}

export function decodeText(figures: DecodeFigures): string {
  const { packets, bytes, seconds, bareSeconds, grownBytes } = figures;
  const percent = Math.round((bareSeconds / seconds) * 100);
  return [
    `A capture of ${packets} sealed packets of ${bytes} B, decoded to lines:`,
    `  processor time, and the bare libraries’ ${seconds.toFixed(1)} s; ${bareSeconds.toFixed(1)} s`,
    `  rate by the bare libraries’ own         ${percent} %`,
    `  memory grew at most by                  ${megabytes(grownBytes)}`,
    '',
  ].join('\n');
}

export function meshText(figures: MeshFigures): string {
  const { nodes, allSeeAllMs, mebibyteMs, newcomerMs, idleCorePart } = figures;
  return [
    `${nodes} nodes in one process, real UDP and TCP, sealed, default options:`,
    `  all see all, after the last start      ${ms(allSeeAllMs)}`,
    `  set reaches the others                 ${latency(figures.set)}`,
    `  say reaches the others                 ${latency(figures.say)}`,
    `  1 MiB reaches all                      ${ms(mebibyteMs)}`,
    `  a newcomer has 1,000 keys of 1 KiB     ${ms(newcomerMs)}`,
    `  idle, part of a core for a node        ${(idleCorePart * 100).toFixed(2)} %`,
    '',
  ].join('\n');
}

export function newsText({ nodes, set, say }: NewsFigures): string {
  return [
    `${nodes} nodes in one process, real UDP and TCP, sealed, default options:`,
    `  set reaches the others                 ${latency(set)}`,
    `  say reaches the others                 ${latency(say)}`,
    '',
  ].join('\n');
}

export function streamText(figures: StreamFigures): string {
  const { nodes, speakers, perSecondEach, seconds, said, lost, doubled, disordered } = figures;
  const { p50Ms, p99Ms, maxMs, corePart } = figures;
  const amount = `${speakers} of them say ${perSecondEach} events/s of 100 B for ${seconds} s`;
  return [
    `${nodes} processes, sealed, profile lan; ${amount},`,
    `after ${figures.warmUpSeconds} s of the same:`,
    `  said; lost, doubled, disordered        ${said}; ${lost}, ${doubled}, ${disordered}`,
    `  until heard                            p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, max ${ms(maxMs)}`,
    `  slowest of each second, ms             ${figures.worstMs.map(Math.round).join(' ')}`,
    `  heap, each 5 s, the largest            ${figures.heapUsedBytes.map(megabytes).join(', ')}`,
    `  resident, each 5 s, the largest        ${figures.rssBytes.map(megabytes).join(', ')}`,
    `  of one core, all together              ${(corePart * 100).toFixed(0)} %`,
    '',
  ].join('\n');
}

export function newcomerText(figures: readonly NewcomerFigures[]): string {
  const blocks = figures.map((figure) => {
    const { owners, keysEach, valueBytes, newcomerMs, megabytesPerSecond } = figure;
    const { carrierBytes, carrierBytesMax, newcomerBytesMax } = figure;
    const rate = `${megabytesPerSecond.toFixed(1)} MB of values a second`;
    return [
      `A node that carries ${owners} owners of ${keysEach} keys of ${valueBytes} B, and a newcomer:`,
      `  the newcomer has them all after        ${ms(newcomerMs)}; ${rate}`,
      `  resident, the carrier; at most         ${megabytes(carrierBytes)}; ${megabytes(carrierBytesMax)}`,
      `  resident, the newcomer, at most        ${megabytes(newcomerBytesMax)}`,
      '',
    ].join('\n');
  });
  return blocks.join('\n');
}

export function processText(figures: ProcessFigures): string {
  const { killedLanMs, leftLanMs, killedDefaultMs } = figures;
  return [
    'Five processes, sealed, until every survivor reports it (slowest of the trials):',
    `  SIGKILL, profile lan                   ${ms(killedLanMs)}`,
    `  goodbye, profile lan                   ${ms(leftLanMs)}`,
    `  SIGKILL, default options               ${ms(killedDefaultMs)}`,
    '',
  ].join('\n');
}

export function idleText(figures: IdleFigures): string {
  const { peers, corePart, residentBytes, bareNodeBytes, privateBytes, heapUsedBytes } = figures;
  const libraries = megabytes(figures.librariesBytes);
  return [
    `One node in a process of its own with ${peers} peers, sealed, default options, idle:`,
    `  part of a core, over a minute          ${(corePart * 100).toFixed(2)} %`,
    `  resident memory; a bare Node has       ${megabytes(residentBytes)}; ${megabytes(bareNodeBytes)}`,
    `  a Node with the two libraries          ${libraries}: protobuf-es and libsodium, one sealing`,
    `  of it shared with no other process     ${privateBytes === null ? '?' : megabytes(privateBytes)}`,
    `  objects on V8's heap                   ${megabytes(heapUsedBytes)}`,
    '',
  ].join('\n');
}

export function simulationText({ speed, memory }: SimulationRuns<SimulationFigures>): string {
  const both = ({ real, cpu }: UsedSeconds) => `${real.toFixed(1)} s; ${cpu.toFixed(1)} s`;
  const blocks = [speed, memory].map(({ nodes, simulated, joining, idle, residentBytesMax }) => [
    `${nodes} simulated nodes, idle for ${simulated} virtual seconds after joining:`,
    `  joining, real; of all cores            ${both(joining)}`,
    `  idling, real; of all cores             ${both(idle)}`,
    `  resident, at most                      ${megabytes(residentBytesMax)}`,
    '',
  ]);
  return blocks.flat().join('\n');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function latency({ allP50Ms, p50Ms, p99Ms, maxMs }: LatencyFigures): string {
  const each = `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, max ${ms(maxMs)}`;
  return `${each}; all, p50 ${ms(allP50Ms)}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
