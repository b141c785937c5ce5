/**
 * What the simulator takes for meshes in which nothing happens, with Node's defaults: its time for a
 * thousand nodes, and its memory for two thousand. Each is a process of its own, so that none has the
 * memory or the compiled code of another.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROGRAM = fileURLToPath(new URL('simulation-run.js', import.meta.url));

/** How much is simulated: so many nodes, for so long after joining. */
export interface SimulationRun {
  nodes: number;
  durationMs: number;
}

/** The two that are measured. */
export interface SimulationRuns<Run> {
  /** Long enough to tell the time that it takes. */
  speed: Run;
  /** Joining is when most memory is taken; a few seconds more tell nothing new. */
  memory: Run;
}

const RUNS: SimulationRuns<SimulationRun> = {
  speed: { nodes: 1000, durationMs: 60_000 },
  memory: { nodes: 2000, durationMs: 5000 },
};

/** Seconds by the clock, and of all cores together. */
export interface UsedSeconds {
  real: number;
  cpu: number;
}

/** What one simulation took. */
export interface SimulationFigures {
  nodes: number;
  /** Virtual seconds after joining. */
  simulated: number;
  /** From nothing until all nodes see all. */
  joining: UsedSeconds;
  /** For the virtual seconds after that. */
  idle: UsedSeconds;
  /** The most that the process had. */
  residentBytesMax: number;
}

/** Measures, one after the other; takes some minutes. */
export async function benchSimulation(runs = RUNS): Promise<SimulationRuns<SimulationFigures>> {
  return { speed: await measure(runs.speed), memory: await measure(runs.memory) };
}

async function measure(run: SimulationRun): Promise<SimulationFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, JSON.stringify(run)]);
  return { nodes: run.nodes, ...(JSON.parse(stdout) as Omit<SimulationFigures, 'nodes'>) };
}
