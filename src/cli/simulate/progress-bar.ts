import type { Sample } from '../../simulation/index.js';
import { time } from './report.js';

const BAR_COLUMNS = 30;
const REDRAW_MS = 100;

/** How far a simulation is: a line that is written anew, where there is a terminal. */
export class ProgressBar {
  readonly #startedAtMs = performance.now();
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  /** @param prefix what stands before it. */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly prefix = '',
  ) {}

  show(sample: Sample): void {
    const nowMs = performance.now();
    if (!this.stream.isTTY || nowMs < this.#drawnAtMs + REDRAW_MS) return;
    this.#drawnAtMs = nowMs;
    this.#isDrawn = true;
    this.stream.write(`\r\x1b[K${this.#line(sample, nowMs)}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isDrawn) this.stream.write('\r\x1b[K');
    this.#isDrawn = false;
  }

  #line({ phase, progress, atMs, seeing }: Sample, nowMs: number): string {
    const full = Math.round(progress * BAR_COLUMNS);
    const bar = `${'#'.repeat(full)}${'.'.repeat(BAR_COLUMNS - full)}`;
    const state =
      phase === 'joining' ? `joining, ${Math.floor(seeing * 100)} % seen` : `at ${time(atMs)}`;
    const leftMs = ((nowMs - this.#startedAtMs) / progress) * (1 - progress);
    const left = progress > 0.02 ? `, ${time(leftMs)} left` : '';
    return `${this.prefix}[${bar}] ${state}${left}`;
  }
}
