import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf, TelepathineError } from '../../error.js';
import type { Sample, Totals } from '../../simulation/index.js';
import { Simulation } from '../../simulation/index.js';
import { ExitCode } from '../exit.js';
import { Output } from '../start/output.js';
import { checkMemory } from './memory.js';
import { Page } from './page.js';
import { ProgressBar } from './progress-bar.js';
import { reportLines, violationLines } from './report.js';
import { SecondSampler } from './second.js';
import type { SeedRange, SimulateOptions } from './simulate-options.js';

/** After so much work signals are looked at. */
const WORK_MS = 50;

/**
 * Simulates, and reports to standard output.
 *
 * @returns the exit code: 0; 1 if an invariant was broken; 130 after SIGINT.
 * @throws TelepathineError INVALID_ARGUMENT if it would not fit in memory.
 */
export async function runSimulation(options: SimulateOptions): Promise<ExitCode> {
  checkMemory(options.scenario);
  if (options.html !== undefined) writePage(options.html, '', 'a');
  return await new SimulationRun(options).run();
}

class SimulationRun {
  /** Why it ends early. */
  #stopped: ExitCode | undefined;
  /** When signals were looked at, whichever simulation runs: many are shorter than WORK_MS. */
  #restedAtMs = performance.now();
  readonly #output: Output;

  constructor(private readonly options: SimulateOptions) {
    const stop = (exitCode: ExitCode) => {
      this.#stopped ??= exitCode;
    };
    const onClosed = () => stop(ExitCode.done);
    this.#output = new Output(process.stdout, onClosed, (lines) => this.#lostLine(lines));
    process.on('SIGINT', () => stop(ExitCode.interrupted));
  }

  async run(): Promise<ExitCode> {
    const { seeds } = this.options;
    return seeds === undefined ? await this.#runOne() : await this.#runSeeds(seeds);
  }

  async #runOne(): Promise<ExitCode> {
    const { scenario, json, html } = this.options;
    const page = html === undefined ? undefined : new Page(scenario);
    const simulation = new Simulation(scenario);
    const seconds = new SecondSampler();
    const totals = await this.#finish(simulation, new ProgressBar(process.stderr), (sample) => {
      page?.add(sample);
      const second = json ? seconds.add(sample) : undefined;
      if (second !== undefined) this.#tell('sample', second);
    });
    if (json) this.#tell('totals', totals);
    else for (const line of reportLines(scenario, totals)) this.#output.write(line);
    if (page !== undefined) writePage(html as string, page.text(totals, simulation));
    if (this.#stopped !== undefined) return this.#stopped;
    return totals.violations.length > 0 ? ExitCode.failed : ExitCode.done;
  }

  async #runSeeds({ from, to }: SeedRange): Promise<ExitCode> {
    const { scenario, json } = this.options;
    let run = 0;
    for (let seed = from; seed <= to; seed++) {
      const bar = new ProgressBar(process.stderr, `seed ${seed} of ${from} to ${to} `);
      const totals = await this.#finish(new Simulation({ ...scenario, seed }), bar);
      if (json) this.#tell('totals', totals);
      if (this.#stopped !== undefined) {
        const lines = json ? [] : reportLines({ ...scenario, seed }, totals);
        for (const line of lines) this.#output.write(line);
        break;
      }
      run += 1;
      if (totals.violations.length === 0) continue;
      this.#tellSeeds({ from, to }, run, totals);
      return ExitCode.failed;
    }
    this.#tellSeeds({ from, to }, run);
    return this.#stopped ?? ExitCode.done;
  }

  /** Runs it to its end, or to the interruption. */
  async #finish(
    simulation: Simulation,
    bar: ProgressBar,
    onSample: (sample: Sample) => void = () => undefined,
  ): Promise<Totals> {
    for (const isStep of simulation.run()) {
      if (isStep) {
        const sample = simulation.sample();
        bar.show(sample);
        onSample(sample);
      }
      if (performance.now() < this.#restedAtMs + WORK_MS) continue;
      await nextTurn();
      this.#restedAtMs = performance.now();
      if (this.#stopped !== undefined) break;
    }
    bar.clear();
    return simulation.totals();
  }

  /** @param broken of the seed that broke an invariant. */
  #tellSeeds({ from, to }: SeedRange, run: number, broken?: Totals): void {
    const { commandFor, json } = this.options;
    const command = broken && commandFor(broken.seed);
    const firstBroken = broken?.seed;
    const runs = `${run} of ${to - from + 1} seeds were run`;
    if (json) {
      this.#tell('seeds', { from, to, run, firstBroken, command, violations: broken?.violations });
      return;
    }
    const lines =
      broken === undefined
        ? [`${runs}: no invariant was broken`]
        : [
            `seed ${firstBroken} breaks an invariant; ${runs}`,
            ...violationLines(broken),
            '',
            `again: ${command}`,
          ];
    for (const line of lines) this.#output.write(line);
  }

  #tell(type: string, content: object): void {
    this.#output.write(jsonLine(type, content));
  }

  #lostLine(lines: number): string {
    return this.options.json ? jsonLine('dropped', { lines }) : `${lines} lines were lost`;
  }
}

/** What is not known is null, so that all fields are always there. */
function jsonLine(type: string, content: object): string {
  const report = { schema: 1, type, ...content };
  return JSON.stringify(report, (_, value) => (value === undefined ? null : value));
}

/** @throws TelepathineError INVALID_ARGUMENT if the file cannot be written. */
function writePage(path: string, text: string, flag: 'a' | 'w' = 'w'): void {
  try {
    writeFileSync(path, text, { flag });
  } catch (cause) {
    throw new TelepathineError(
      'INVALID_ARGUMENT',
      `${path} cannot be written: ${messageOf(cause)}`,
    );
  }
}
